"""`/progress/…` of an area or a facility: overview, days and units, as JSON and as CSV.

All of it is what the worker counted last, so that an answer costs the same with ten doses and with
two hundred million.
"""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse

from contracts.access import Role, callers_reach
from services.chassis.auth import Allow, Principal
from services.chassis.http import problems
from services.chassis.paging import Page, PageRequest, Pages
from services.records.context import Context
from services.records.dependencies import Ctx
from services.records.exports.responses import CSV, csv_file
from services.records.progress import scope_models as models
from services.records.progress import service
from services.records.progress.count_tables import (
    TableLanguage,
    days_table,
    reasons_table,
    units_table,
)
from services.records.progress.serializers import unit_of
from services.records.progress.service import ChosenPlace
from services.records.progress.store.scopes import Level, UnitOrder, UnitRow

router = APIRouter(tags=["progress"])
steering = Allow(Role.PROVINCE, Role.MINISTRY)
ALL_UNITS: Final = 1000
"""Rows that are read at a time for a file."""
_YEAR = timedelta(days=365)

Language = Annotated[TableLanguage, Query(description="of the headings")]
Order = Annotated[
    UnitOrder,
    Query(
        description=(
            "waiting, recorded: most first; slowness: first where most doses wait for each one"
            " that people worked on in the last 7 days; oldest: first who waits longest"
        )
    ),
]
AtLevel = Annotated[Level | None, Query(description="left out: the level below the chosen place")]


async def _chosen(
    caller: Annotated[Principal, Depends(steering)],
    area: Annotated[
        str | None,
        Query(
            pattern=r"^([0-9]{2}|[0-9]{5}|[0-9]{10})$",
            description="people who live there: province, or with its district, or its commune",
        ),
    ] = None,
    facility: Annotated[
        str | None, Query(pattern=r"^[0-9]{5}$", description="doses given there, instead")
    ] = None,
) -> ChosenPlace:
    return service.chosen_place(callers_reach(caller), area, facility)


Place = Annotated[ChosenPlace, Depends(_chosen)]


@router.get(
    "/progress/overview",
    summary="The funnel of a place, what changed, why doses wait, and until when",
    responses=problems(401, 403, 422, 503),
)
async def read_overview(context: Ctx, place: Place) -> models.ProgressOverview:
    """Without area and facility: all that the caller steers, the country or a province."""
    async with context.db.begin() as tx:
        return await service.overview(tx, place, context.today())


@router.get(
    "/progress/days",
    summary="What each day of a place came to, with the forecast",
    responses=problems(401, 403, 422, 503),
)
async def list_days(
    context: Ctx,
    place: Place,
    first: Annotated[date | None, Query(description="left out: a year ago")] = None,
    last: Annotated[date | None, Query(description="left out: today")] = None,
) -> models.ProgressDays:
    """As the last count of each day left it; `docs/progress.md` says what is known of earlier
    days.
    """
    async with context.db.begin() as tx:
        return await service.days(tx, place, *_term(context.today(), first, last), context.today())


@router.get(
    "/progress/units",
    summary="The provinces, districts, communes or facilities of a place",
    responses=problems(401, 403, 422, 503),
)
async def list_units(
    context: Ctx,
    pages: Pages,
    place: Place,
    level: AtLevel = None,
    order: Order = "waiting",
) -> Page[models.ProgressUnit]:
    """Facilities of a province, or of the country, are those on its ground with all their doses.

    Of a smaller area they are those that gave doses to its residents, with these alone.
    """
    rows = await _rows(context, pages, place, level, order)
    return pages.page([unit_of(row) for row in rows], rows, lambda row: (row.key, row.code))


async def _rows(
    context: Context, pages: PageRequest, place: ChosenPlace, level: Level | None, order: UnitOrder
) -> list[UnitRow]:
    after = pages.after(int, str)
    async with context.db.begin() as tx:
        key = (after[0], after[1]) if after else None
        return await service.units(tx, place, level, order, key, pages.limit)


@router.get(
    "/progress/units.csv",
    summary="The same as CSV, all units",
    responses={**CSV, **problems(401, 403, 422, 503)},
    response_class=StreamingResponse,
)
async def export_units(
    context: Ctx,
    place: Place,
    level: AtLevel = None,
    order: Order = "waiting",
    language: Language = "vi",
) -> StreamingResponse:
    """Counts alone: nothing of any person."""

    async def rows_after(after: tuple[int, str] | None) -> list[UnitRow]:
        async with context.db.begin() as tx:
            return await service.units(tx, place, level, order, after, ALL_UNITS)

    # what cannot be answered is refused before the first byte has left
    rows = await rows_after(None)

    async def parts() -> AsyncIterator[bytes]:
        yield units_table.head(language)
        part = rows
        while True:
            yield units_table.lines([unit_of(row) for row in part])
            if len(part) < ALL_UNITS:
                return
            part = await rows_after((part[-1].key, part[-1].code))

    return csv_file(parts(), f"progress-units{place.suffix}")


@router.get(
    "/progress/days.csv",
    summary="The days of a place as CSV",
    responses={**CSV, **problems(401, 403, 422, 503)},
    response_class=StreamingResponse,
)
async def export_days(
    context: Ctx,
    place: Place,
    first: Annotated[date | None, Query(description="left out: a year ago")] = None,
    last: Annotated[date | None, Query(description="left out: today")] = None,
    language: Language = "vi",
) -> StreamingResponse:
    """One line a day, oldest first."""
    term = _term(context.today(), first, last)
    async with context.db.begin() as tx:
        known = await service.days(tx, place, *term, context.today())
    return csv_file(days_table.parts(known.items, language), f"progress-days{place.suffix}")


@router.get(
    "/progress/reasons.csv",
    summary="Why doses of a place wait, as CSV",
    responses={**CSV, **problems(401, 403, 422, 503)},
    response_class=StreamingResponse,
)
async def export_reasons(
    context: Ctx, place: Place, language: Language = "vi"
) -> StreamingResponse:
    """One line a reason, the most frequent first."""
    async with context.db.begin() as tx:
        told = await service.overview(tx, place, context.today())
    return csv_file(reasons_table.parts(told.reasons, language), f"progress-reasons{place.suffix}")


def _term(today: date, first: date | None, last: date | None) -> tuple[date, date]:
    until = last or today
    return first or until - _YEAR, until
