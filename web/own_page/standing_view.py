"""What the own page shows of a dose, and of a complaint."""

from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from contracts.standing import FIELDS, STAGES, WAY, Stage, Words
from vietnamese.province_names import PROVINCE_NAMES
from web.languages import Language, chosen

_SHAPES: Final = MappingProxyType(
    {
        Stage.RECORDED: ("◐", "wait"),
        Stage.IDENTITY: ("▲", "wrong"),
        Stage.SIGNING: ("◐", "wait"),
        Stage.ISSUED: ("●", "right"),
        Stage.WITHDRAWN: ("✕", "gone"),
        Stage.NOT_DUE: ("●", "gone"),
    }
)
_PROVINCE: Final = 2


@dataclass(frozen=True, slots=True)
class DoseView:
    """One dose and its line of stations; `at`: how many lie behind, None where it is off the way.

    `token` stands for it in an address.
    """

    token: str
    number: int
    product: str
    given: Any
    facility: str
    stage: Stage
    shape: str
    tone: str
    at: int | None
    title: str
    explanation: str
    holder: str
    place: str
    since: datetime | None
    bring: list[str]
    next: str
    reasons: list[str]

    @property
    def waits(self) -> bool:
        """Whether somebody still has it in hand."""
        return self.at is not None and self.stage is not Stage.ISSUED


@dataclass(frozen=True, slots=True)
class ComplaintView:
    """One complaint, and what was done."""

    number: int
    kind: str
    state: str
    text: str
    answer: str | None
    corrected: str
    created: datetime
    due: datetime


def stops(language: Language) -> list[str]:
    """The stations of every dose, in words."""
    return [_said(STAGES[stage], language) for stage in WAY]


def dose_view(dose: Any, token: str, language: Language) -> DoseView:
    """A dose as records answers it."""
    stage = Stage(dose.stage.value)
    shape, tone = _SHAPES[stage]
    at = None
    if stage in WAY:
        at = len(WAY) if stage is Stage.ISSUED else WAY.index(stage)
    return DoseView(
        token=token,
        number=dose.dose_number,
        product=dose.product_name,
        given=dose.date_given,
        facility=dose.facility_code,
        stage=stage,
        shape=shape,
        tone=tone,
        at=at,
        title=_both(dose.title, language),
        explanation=_both(dose.explanation, language),
        holder=_both(dose.holder.name, language),
        place=_place(dose.holder, language),
        since=dose.since,
        bring=[_both(paper.name, language) for paper in dose.bring],
        next=_both(dose.next_, language),
        reasons=list(dose.reasons),
    )


def complaint_view(complaint: Any, language: Language) -> ComplaintView:
    """A complaint as records answers it."""
    fields = [_said(FIELDS[name], language) for name in complaint.corrected if name in FIELDS]
    return ComplaintView(
        complaint.complaint_id,
        complaint.kind.value,
        complaint.state.value,
        complaint.text,
        complaint.answer,
        ", ".join(fields),
        complaint.created_at,
        complaint.due_at,
    )


def _place(holder: Any, language: Language) -> str:
    """Where the office is, as far as its codes tell."""
    if holder.facility_code:
        province = PROVINCE_NAMES.get(holder.facility_code[:_PROVINCE], "")
        code = chosen(language, f"mã {holder.facility_code}", f"code {holder.facility_code}")
        return ", ".join(filter(None, (code, province)))
    residence = holder.residence or ""
    commune = residence[-5:] if len(residence) == 10 else ""
    said = chosen(language, f"mã xã {commune}", f"commune {commune}") if commune else ""
    return ", ".join(filter(None, (said, PROVINCE_NAMES.get(residence[:_PROVINCE], ""))))


def _both(words: Any, language: Language) -> str:
    return chosen(language, words.vi, words.en)


def _said(words: Words, language: Language) -> str:
    return chosen(language, words.vi, words.en)
