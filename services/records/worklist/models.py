"""What `/worklist` takes and answers."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field

from contracts.ids import DoseId
from services.records.doses.models import Dose
from services.records.suggestions.models import Suggestions
from services.records.told_cases.models import CaseOfDose, UnheldAcceptance

Assignee = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$")]


class ProposedChange(BaseModel):
    """One field as typed, and as a rule would have it."""

    field: str
    before: str
    after: str


class Proposal(BaseModel):
    """What a rule makes of the typed row alone; the registry is not asked, so it may be wrong."""

    rule: str
    name: str = Field(description="in Vietnamese")
    name_en: str
    changes: list[ProposedChange]


class WorklistItem(BaseModel):
    """A dose that people must put right."""

    dose: Dose
    since: datetime
    assignee: str | None
    doses_unlocked: int = Field(
        description=(
            "doses of the same typed person on this worklist: one finding out serves them all"
        )
    )
    proposals: list[Proposal]
    suggestions: Suggestions | None = Field(
        None, description="whom the registry's data suggest; null: nobody"
    )
    case: CaseOfDose | None = Field(None, description="where the police are with it; null: nowhere")
    unheld: UnheldAcceptance | None = Field(
        None, description="why the acceptance that somebody made of it did not hold"
    )


class WorklistCount(BaseModel):
    """Doses and typed people of one commune, facility or reason."""

    group: str
    doses: int
    people: int
    certain: int = Field(
        0, description="of these doses, those with a certain suggestion that nobody accepted yet"
    )
    likely: int = Field(0, description="those with another suggestion that nobody accepted yet")


class WorklistSummary(BaseModel):
    """The largest groups first; a dose with several reasons counts under each."""

    by: str
    items: list[WorklistCount]
    doses: int = Field(0, description="on the worklist, each counted once")
    in_review: int = Field(0, description="of these, those that only the police can decide")
    certain: int = Field(0, description="of these, those with a certain suggestion")
    likely: int = Field(0, description="of these, those with another suggestion")
    accepted: int = Field(0, description="of these, those accepted that wait for a second officer")
    waiting_police: int = Field(
        0, description="of these, those whose case waits for the police, first officer or second"
    )
    waiting_second: int = Field(0, description="of those, the ones for the second officer")
    waiting_station: int = Field(
        0, description="of these, those of which the police want papers, or that they sent back"
    )
    shared: int = Field(
        0, description="of `waiting_police`, those that a desk may put right before they decide"
    )
    mended_today: int = Field(0, description="doses that were wrong and passed today")
    supplements_waiting: int = Field(
        0,
        description="beside the worklist: doses that stations recorded from slips, which wait for"
        " the answer of the facility that gave them",
    )


class Assignment(BaseModel):
    """Who takes which doses in hand; null: nobody any more."""

    dose_ids: list[Annotated[DoseId, Field(ge=1, lt=1 << 63)]] = Field(
        min_length=1, max_length=1000
    )
    assignee: Assignee | None


class Assigned(BaseModel):
    """`not_found`: doses that are not on the worklist within the caller's reach."""

    assigned: int
    not_found: list[int]
