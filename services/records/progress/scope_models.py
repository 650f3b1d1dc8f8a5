"""What progress of an area or a facility answers: funnel, reasons, days, units, forecast."""

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, Field

from services.records.progress.rules import Outlook

_FORETOLD = "doses a day by which those that wait become fewer; below zero they become more"


class ProgressPlace(BaseModel):
    """An area by its code, or a facility; the country's code is empty."""

    kind: Literal["country", "province", "district", "commune", "facility", "areas"] = Field(
        description="areas: several, where a caller's reach is no single one"
    )
    code: str
    name: str | None = Field(None, description="null: no name is known, the code stands for it")


class Funnel(BaseModel):
    """Doses by what became of them, each once. `given` is `recorded` and `missing`.

    `recorded` is `sent` and `not_sendable`. `sent` is `right`, `repaired`, `exempt`, `wrong` and
    `pending`. Of people who live in an area; `reported` and `missing` are of facilities on its
    ground.
    """

    given: int = Field(description="on record, and reported but never uploaded")
    reported: int | None = Field(description="by daily totals; null: not counted for such a place")
    missing: int | None = Field(description="of reported days, never uploaded")
    recorded: int = Field(description="on record and not withdrawn")
    sent: int = Field(description="of these, with a number that the registry could be asked for")
    not_sendable: int = Field(description="number missing or ill-formed")
    pending: int = Field(description="judged soon")
    right: int = Field(description="confirmed as typed, or in another spelling")
    repaired: int = Field(description="confirmed after a safe repair")
    exempt: int = Field(description="foreigners, by passport number")
    wrong: int = Field(description="sent, and not confirmed")
    waiting: int = Field(description="wait for people: wrong, not sendable, or refused")
    issued: int = Field(description="have their certificate")
    withdrawn: int = Field(description="on record and no longer valid; in no other number")
    worked: int = Field(description="doses that people corrected or decided in the last 7 days")


class FunnelChange(BaseModel):
    """By how much each number of the funnel changed since the end of an earlier day."""

    since: date = Field(description="the last day before today that was counted")
    given: int
    recorded: int
    sent: int
    not_sendable: int
    pending: int
    right: int
    repaired: int
    exempt: int
    wrong: int
    waiting: int
    issued: int


class ReasonCount(BaseModel):
    """Doses that wait for one reason; one with two reasons is in both."""

    reason: str
    refused: bool = Field(description="the code with which the signer refused an eligible dose")
    field: str = Field(description="that it is about; empty: none")
    message: str = Field(description="in Vietnamese")
    message_en: str
    doses: int


class ForecastAnswer(BaseModel):
    """When nobody waits any more, at the pace of the last 28 days.

    The pace is the median of the seven-day changes; the band is between their tenth and ninetieth
    percentile.
    """

    outlook: Outlook
    from_day: date
    waiting: int
    days_known: int = Field(description="of the last 28, and today")
    pace: float | None = Field(description=_FORETOLD)
    slow_pace: float | None
    fast_pace: float | None
    gone_on: date | None = Field(description="null: no day can be named; `outlook` says why")
    earliest: date | None
    latest: date | None = Field(description="null: at the slow pace it never ends")


class ProgressOverview(BaseModel):
    """How far the doses of a place are: one line of numbers, and what they mean."""

    place: ProgressPlace
    within: list[ProgressPlace] = Field(description="the larger places that hold it, largest first")
    counted_at: datetime | None = Field(description="null: nothing was counted yet")
    funnel: Funnel
    change: FunnelChange | None = Field(description="null: no earlier day was counted")
    reasons: list[ReasonCount]
    forecast: ForecastAnswer


class ProgressDay(BaseModel):
    """What a day came to, by its last count.

    Of days before the first count only `recorded` is known, by the days of the uploads.
    """

    day: date
    recorded: int
    sent: int | None
    pending: int | None
    right: int | None
    repaired: int | None
    exempt: int | None
    wrong: int | None
    not_sendable: int | None
    waiting: int | None
    issued: int | None
    withdrawn: int | None


class ProgressDays(BaseModel):
    """The days of a place, oldest first; days that were not counted are left out."""

    place: ProgressPlace
    items: list[ProgressDay]
    forecast: ForecastAnswer


class ProgressUnit(BaseModel):
    """One province, district, commune or facility in a list."""

    code: str = Field(description="shorter than its level: people whose unit is not known")
    name: str | None = Field(description="null: no name is known")
    funnel: Funnel
    change: int | None = Field(description="of `waiting`, since the end of the day before")
    slowness: float | None = Field(
        description=(
            "doses that wait for each one worked on in the last 7 days; null: nobody worked on any"
        )
    )
    oldest: datetime | None = Field(description="since when the first of them waits")
