"""What `/clusters` and `/rule-runs` take and answer."""

from datetime import datetime

from pydantic import BaseModel, Field

from contracts.ids import DoseId
from services.records.worklist.models import Proposal, ProposedChange


class RuleName(BaseModel):
    """A rule that may mend a cluster."""

    code: str
    name: str = Field(description="in Vietnamese")
    name_en: str
    any_reason: bool = Field(
        False,
        description=(
            "whether it looks at all that waits of the facility or batch, whatever the reason"
        ),
    )


class ClusterExample(BaseModel):
    """One dose of a cluster: the field that the reason is about, as typed, and what the rule makes
    of the row.
    """

    dose_id: DoseId
    source_id: str
    facility_code: str
    field: str
    typed: str
    proposals: list[Proposal]


class Cluster(BaseModel):
    """Errors that seem to have one cause, counted when clusters were last searched for."""

    cluster_id: str
    facility_code: str | None = Field(description="the facility whose doses these are")
    batch_id: int | None = Field(
        description="the batch that brought them, where it is not a facility's cluster"
    )
    reason: str = Field(description="of a verification, or why people must decide; more may come")
    message: str
    message_en: str
    doses: int = Field(
        description="doses with the reason, those that were repaired by themselves too"
    )
    waiting: int = Field(description="of these, waiting for people")
    total: int = Field(description="doses of the facility or batch")
    share: float = Field(description="doses of total")
    share_elsewhere: float = Field(description="share with this reason in the rest of the country")
    score: float = Field(
        description="how improbable by chance, about in standard deviations; at least 5"
    )
    found_at: datetime
    rule: RuleName | None = Field(description="null: people must look")
    examples: list[ClusterExample]


class RuleChosen(BaseModel):
    """The rule to preview."""

    rule: str = Field(min_length=1, max_length=40, pattern=r"^[A-Z_]+$")


class PreviewedDose(BaseModel):
    """One dose before and after the rule."""

    dose_id: DoseId
    version: int
    source_id: str
    changes: list[ProposedChange]


class Preview(BaseModel):
    """What a rule would do; `preview_token` applies exactly this."""

    cluster_id: str
    rule: RuleName
    waiting: int = Field(description="doses that were looked at")
    would_change: int
    examples: list[PreviewedDose]
    preview_token: str


class RuleApplied(RuleChosen):
    """The rule to apply, as it was previewed."""

    preview_token: str = Field(pattern=r"^[0-9a-f]{16}$")


class RuleRun(BaseModel):
    """One application of a rule."""

    run_id: int
    cluster_id: str
    rule: str
    applied_by: str
    applied_at: datetime
    changed: int
    undone_by: str | None
    undone_at: datetime | None
    restored: int = Field(
        description=(
            "doses put back; not those that somebody changed since, or whose older version is"
            " forgotten"
        )
    )
