"""What `/progress` and `/reports` take and answer."""

from datetime import date

from pydantic import BaseModel, Field

from contracts.words import Reason, State


class ProgressLine(BaseModel):
    """How far the doses of one area, one facility or one day are.

    An area's doses are those of its residents; what was reported, and what is missing of it, is
    that of the facilities on its ground.
    """

    group: str
    reported: int | None = Field(
        None,
        description=(
            "doses administered, by the facilities' daily totals; null: not counted by this group"
        ),
    )
    missing: int | None = Field(
        None,
        description=(
            "doses of reported days that were never uploaded, day by day and facility by facility"
        ),
    )
    recorded: int
    sent: int = Field(
        0,
        description=(
            "of these not withdrawn and with a number that the registry could be asked for, or"
            " judged soon"
        ),
    )
    right: int = Field(0, description="confirmed as typed, or in another spelling")
    repaired: int
    exempt: int = Field(0, description="foreigners, by passport number")
    supplemented: int = Field(
        0, description="recorded by stations from the slips of who gave them; not withdrawn"
    )
    waiting: dict[Reason, int] = Field(
        {}, description="doses that wait for people, by reason; one dose may have several"
    )
    refused: dict[str, int] = Field(
        {},
        description=(
            "eligible doses that wait for people because the signer refused them, by its code"
        ),
    )
    held: dict[str, int] = Field(
        {},
        description=(
            "doses that wait for people for another reason than the person's data, by its code"
        ),
    )
    issued: int = 0
    states: dict[State, int]


class ReportIn(BaseModel):
    """A facility's total of one day."""

    administered: int = Field(ge=0, le=100_000)


class Report(ReportIn):
    """What was reported, beside what is on record of that day."""

    facility_code: str
    day: date
    recorded: int
    missing: int


class Progress(BaseModel):
    """Progress, one line a group."""

    by: str
    items: list[ProgressLine]
