"""What the REST of records answers about impossible histories."""

from datetime import date, datetime
from typing import Literal

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


class Finding(BaseModel):
    """Two doses that cannot both be right, or hardly. Neither is held up by it."""

    finding_id: int
    kind: FindingKind
    code: str = Field(
        "",
        description=(
            "the rule that is broken, finer than the kind; a later version may know more of them"
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
