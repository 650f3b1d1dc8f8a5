"""`/progress`: the funnel of a place, its map, its units, its days, and the files of them all."""

import asyncio
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from contracts.access import Role
from web.asking import answered
from web.clients.records.api.clusters import list_clusters
from web.clients.records.api.progress import (
    export_days,
    export_reasons,
    export_units,
    list_days,
    list_units,
    read_overview,
)
from web.clients.records.models import (
    ExportDaysLanguage,
    ExportReasonsLanguage,
    ExportUnitsLanguage,
    ExportUnitsLevel,
    ListUnitsLevel,
    ListUnitsOrder,
)
from web.clients.records.types import UNSET
from web.guards import signed_in
from web.languages import Language, language_of
from web.progress import tile_map
from web.progress.asked_place import (
    LEVEL_BELOW,
    AskedPlace,
    UnitSort,
    place_asked,
    place_name,
)
from web.progress.line_chart import draw
from web.progress.progress_views import LINES, crumbs, funnel_steps, unit_lines
from web.rendering import page
from web.sessions.session import Session

router = APIRouter()
Steering = Annotated[Session, Depends(signed_in(Role.PROVINCE, Role.MINISTRY))]
Place = Annotated[AskedPlace, Depends(place_asked)]
Cursor = Annotated[str | None, Query(max_length=500)]
_SLOWEST: Final = 5
_CLUSTERS: Final = 3


@router.get("/progress")
async def show_progress(
    request: Request,
    session: Steering,
    place: Place,
    sort: UnitSort = "waiting",
    cursor: Cursor = None,
) -> Response:
    """Everything about one place."""
    records, language = session.client("records"), language_of(request)
    overview = answered(await read_overview.asyncio_detailed(client=records, **place.asked))
    level = LEVEL_BELOW[str(overview.place.kind)]
    # a table of a country's 63 provinces is sorted by name here, a longer one by code there
    order = "code" if sort == "name" else sort
    units, days, slowest, clusters = await asyncio.gather(
        list_units.asyncio_detailed(
            client=records,
            level=ListUnitsLevel(level),
            order=ListUnitsOrder(order),
            cursor=cursor or UNSET,
            limit=100,
            **place.asked,
        ),
        list_days.asyncio_detailed(client=records, **place.asked),
        _slowest(records, place, level),
        list_clusters.asyncio_detailed(client=records, limit=_CLUSTERS),
    )
    told, term = answered(units), answered(days)
    is_map = level == "province" and cursor is None
    return page(
        request,
        "progress/index.html",
        asked=place,
        overview=overview,
        place_words=place_name(overview.place, language),
        crumbs=crumbs(overview, language, steers_all=Role.MINISTRY in session.roles),
        steps=funnel_steps(overview),
        level=level,
        sort=sort,
        lines=unit_lines(told.items, level, sort, language),
        next_cursor=told.next_ or None,
        tiles=tile_map.tiles_of(told.items) if is_map else None,
        tile_map=tile_map,
        days=term.items,
        chart=draw(term.items, term.forecast, LINES),
        chart_lines=LINES,
        slowest_lines=unit_lines(slowest, "commune", "slowness", language, wide=is_map),
        clusters=answered(clusters).items,
    )


async def _slowest(records: Any, place: AskedPlace, level: str) -> list[Any]:
    """The communes where most doses wait for each one worked on; none where they are all shown."""
    if level in ("commune", "facility"):
        return []
    told = answered(
        await list_units.asyncio_detailed(
            client=records,
            level=ListUnitsLevel.COMMUNE,
            order=ListUnitsOrder.SLOWNESS,
            limit=_SLOWEST,
            **place.asked,
        )
    )
    return [unit for unit in told.items if unit.funnel.waiting]


@router.get("/progress/live")
async def show_funnel(
    request: Request, session: Steering, place: Place, seen: str = ""
) -> Response:
    """The line of numbers again; 204 where nothing was counted since `seen`."""
    records = session.client("records")
    overview = answered(await read_overview.asyncio_detailed(client=records, **place.asked))
    if overview.counted_at is not None and overview.counted_at.isoformat() == seen:
        return Response(status_code=204)
    return page(
        request,
        "progress/funnel.html",
        asked=place,
        overview=overview,
        steps=funnel_steps(overview),
    )


@router.get("/progress/files/{table}.csv")
async def take_file(
    request: Request,
    session: Steering,
    place: Place,
    table: Literal["units", "days", "reasons"],
    level: Literal["province", "district", "commune", "facility"] | None = None,
) -> Response:
    """One of the page's tables as a file, in the reader's language."""
    records, language = session.client("records"), language_of(request)
    answer = await _file(records, place, table, level, language)
    answered(answer)
    return Response(
        answer.content,
        headers={
            name: answer.headers[name]
            for name in ("content-type", "content-disposition")
            if name in answer.headers
        },
    )


async def _file(
    records: Any, place: AskedPlace, table: str, level: str | None, language: Language
) -> Any:
    if table == "units":
        return await export_units.asyncio_detailed(
            client=records,
            level=ExportUnitsLevel(level) if level else UNSET,
            language=ExportUnitsLanguage(language),
            **place.asked,
        )
    if table == "days":
        return await export_days.asyncio_detailed(
            client=records, language=ExportDaysLanguage(language), **place.asked
        )
    return await export_reasons.asyncio_detailed(
        client=records, language=ExportReasonsLanguage(language), **place.asked
    )
