"""What an audit found: how often each thing is off, with the first few examples; bounded, however
much is off.
"""

from dataclasses import dataclass, field

EXAMPLES = 5


@dataclass(slots=True)
class Finding:
    """One kind of thing that is off."""

    code: str
    vi: str
    en: str
    count: int = 0
    examples: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Report:
    """The findings of one audit, and how much it looked at."""

    doses: int = 0
    batches: int = 0
    audited: int = 0
    findings: dict[str, Finding] = field(default_factory=dict)

    def add(self, code: str, vi: str, en: str, example: str, count: int = 1) -> None:
        """Takes one finding in."""
        finding = self.findings.setdefault(code, Finding(code, vi, en))
        finding.count += count
        if len(finding.examples) < EXAMPLES:
            finding.examples.append(example)

    @property
    def clean(self) -> bool:
        """Whether nothing is off."""
        return not self.findings
