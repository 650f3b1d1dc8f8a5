"""Progress of an area or a facility, of what the worker counted last."""

from dataclasses import dataclass
from datetime import date, timedelta

from contracts.access import Reach
from services.chassis.db import Transaction
from services.records.progress import errors
from services.records.progress import scope_models as models
from services.records.progress.rules import LOOKED_AT, forecast
from services.records.progress.serializers import (
    change_of,
    day_of,
    forecast_of,
    funnel_of,
    larger_places,
    place_of,
    reason_of,
)
from services.records.progress.store import scopes as store
from services.records.progress.store.scopes import (
    DIGITS,
    Level,
    ProgressScope,
    UnitOrder,
    UnitRow,
)

_BELOW: dict[int, Level] = {0: "province", 2: "district", 5: "commune", 10: "facility"}


@dataclass(frozen=True, slots=True)
class ChosenPlace:
    """A place that its caller may see."""

    scope: ProgressScope

    @property
    def place(self) -> models.ProgressPlace:
        """The place, with its name where one is known."""
        if self.scope.facility is not None:
            return place_of(self.scope.facility, facility=True)
        if len(self.scope.areas) != 1:
            return models.ProgressPlace(kind="areas", code="")
        return place_of(self.scope.areas[0])

    @property
    def within(self) -> list[models.ProgressPlace]:
        """The larger places that hold it."""
        if self.scope.facility is not None:
            return larger_places(self.scope.facility, facility=True)
        return larger_places(self.scope.areas[0]) if len(self.scope.areas) == 1 else []

    @property
    def level_below(self) -> Level:
        """What the place is made of."""
        if self.scope.facility is not None:
            return "commune"
        return _BELOW[min(map(len, self.scope.areas), default=0)]

    @property
    def suffix(self) -> str:
        """What the name of a file says of the place."""
        return "".join(f"-{code}" for code in self.scope.codes if code)[:60]


def chosen_place(reach: Reach, area: str | None, facility: str | None) -> ChosenPlace:
    """The place that is asked for, or all that the caller steers; ServiceError 403 beyond reach."""
    if area is not None and facility is not None:
        raise errors.one_place_only()
    if facility is not None:
        if not reach.may_record_for(facility):
            raise errors.place_not_yours()
        return ChosenPlace(ProgressScope(facility=facility))
    if area is not None:
        if not reach.everything and not area.startswith(reach.residences):
            raise errors.place_not_yours()
        return ChosenPlace(ProgressScope((area,)))
    if reach.everything:
        return ChosenPlace(ProgressScope(("",)))
    # an area within another one of the same caller is in that one's numbers
    own = tuple(
        code
        for code in reach.residences
        if not any(code != other and code.startswith(other) for other in reach.residences)
    )
    return ChosenPlace(ProgressScope(own))


async def overview(tx: Transaction, chosen: ChosenPlace, today: date) -> models.ProgressOverview:
    """The funnel, its change since the day before, the reasons, and the forecast."""
    moment = await store.last_count(tx)
    as_of = moment.day if moment else today
    first = as_of - timedelta(days=LOOKED_AT)
    known = {row.day: row for row in await store.days(tx, chosen.scope, first, as_of)}
    now = known.get(as_of)
    day_before = moment.day_before if moment else None
    before = known.get(day_before) if day_before else None
    waits = {day: row.waiting for day, row in known.items() if row.waiting is not None}
    return models.ProgressOverview(
        place=chosen.place,
        within=chosen.within,
        counted_at=moment.at if moment else None,
        funnel=funnel_of(now),
        change=change_of(now, before) if before else None,
        reasons=[reason_of(row) for row in await store.reasons(tx, chosen.scope)],
        forecast=forecast_of(forecast(waits, as_of)),
    )


async def days(
    tx: Transaction, chosen: ChosenPlace, first: date, last: date, today: date
) -> models.ProgressDays:
    """The days of a term that are known, with the forecast from the last count on."""
    moment = await store.last_count(tx)
    as_of = moment.day if moment else today
    looked_at = as_of - timedelta(days=LOOKED_AT)
    rows = await store.days(tx, chosen.scope, min(first, looked_at), max(last, as_of))
    waits = {row.day: row.waiting for row in rows if row.waiting is not None and row.day <= as_of}
    return models.ProgressDays(
        place=chosen.place,
        items=[day_of(row) for row in rows if first <= row.day <= last],
        forecast=forecast_of(forecast(waits, as_of)),
    )


async def units(
    tx: Transaction,
    chosen: ChosenPlace,
    level: Level | None,
    order: UnitOrder,
    after: tuple[int, str] | None,
    limit: int,
) -> list[UnitRow]:
    """A page of the units of a place; ServiceError 422 where the level is not below it."""
    wanted = level or chosen.level_below
    below = max(map(len, chosen.scope.areas), default=0)
    if wanted != "facility" and DIGITS[wanted] < below:
        raise errors.level_too_large()
    if wanted == "facility" and chosen.scope.facility is not None:
        raise errors.level_too_large()
    moment = await store.last_count(tx)
    if moment is None:
        return []
    return await store.units(tx, chosen.scope, wanted, order, moment, after, limit)
