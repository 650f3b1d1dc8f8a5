"""What the REST of records answers about impossible histories."""

from datetime import date, datetime
from typing import Final, Literal

from pydantic import BaseModel, Field

from contracts.events import DoseKind
from contracts.ids import DoseId
from contracts.words import State
from services.records.histories.rules import FindingKind, Severity

Outcome = Literal["duplicate_withdrawn", "correct", "accepted"]


class FindingDose(BaseModel):
    """One of the two doses: its facts alone.

    Its person is shown with the dose, to those who may see it.
    """

    dose_id: DoseId
    version: int
    facility_code: str
    product: str
    lot: str
    dose_number: int
    dose_kind: DoseKind
    date_given: date
    state: State
    within_reach: bool = Field(
        True,
        description=(
            "false: a dose beyond the caller's reach; all its other members are the same whatever"
            " the dose is, and say nothing"
        ),
    )


BEYOND_REACH: Final = FindingDose(
    dose_id=DoseId(0),
    version=0,
    facility_code="",
    product="",
    lot="",
    dose_number=0,
    dose_kind="primary",
    date_given=date.min,
    state=State.PENDING,
    within_reach=False,
)
"""Stands for any dose that the caller may not see; v1 promised that no member is null."""


class Finding(BaseModel):
    """Two doses that cannot both be right, or hardly. Neither is held up by it."""

    finding_id: int
    kind: FindingKind
    code: str = Field(
        "",
        description=(
            "the rule that is broken, finer than the kind; a later version may know more of them;"
            " BEYOND_REACH: which one is not the caller's to know"
        ),
    )
    severity: Severity
    message: str = Field(description="in Vietnamese")
    message_en: str
    since: datetime
    dose: FindingDose
    other: FindingDose = Field(
        description=(
            "the earlier dose; the first one of the number, where the kind is ONE_ID_MANY_NAMES"
        )
    )
    outcome: Outcome | None = Field(description="null: open")


class Closing(BaseModel):
    """How a finding was settled."""

    outcome: Outcome = Field(
        description=(
            "duplicate_withdrawn: one dose is withdrawn; correct: both are right; accepted: a known"
            " deviation"
        )
    )
    dose_id: DoseId | None = Field(
        None,
        ge=1,
        lt=1 << 63,
        description="which of the two is withdrawn: with `duplicate_withdrawn`, and only then",
    )
