"""`/progress` and `/reports`: how far the doses are, and the daily totals that facilities report.

The totals show what was never uploaded.
"""

from collections import defaultdict
from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path

from contracts.access import STAFF, Role, callers_reach
from contracts.words import Reason, State
from services.chassis.auth import Allow, Principal
from services.chassis.http import problems
from services.chassis.representations import KEPT_BY_CALLER
from services.records.complaints.service import check_office
from services.records.dependencies import Ctx
from services.records.progress import errors, models
from services.records.progress.store import lines as store
from services.records.progress.store.lines import ProgressRow, ReportedRow
from vietnamese.dates import PROGRAMME_BEGAN

_REASONS = frozenset(map(str, Reason))
router = APIRouter(tags=["progress"])
staff = Allow(*STAFF)
reporters = Allow(Role.FACILITY, Role.PROVINCE, Role.MINISTRY)


@router.get(
    "/progress",
    summary="How far the doses of each area, facility or day are",
    responses=problems(401, 403, 422, 503),
    dependencies=[Depends(KEPT_BY_CALLER)],
)
async def read_progress(
    context: Ctx,
    caller: Annotated[Principal, Depends(staff)],
    by: Literal["province", "district", "commune", "facility", "day"] = "province",
) -> models.Progress:
    """Within the caller's reach: reported, recorded, sent, right, repaired, waiting by reason,
    issued.
    """
    reach = callers_reach(caller)
    async with context.db.begin() as tx:
        rows = {str(row.group): row for row in await store.progress(tx, reach, by)}
        waits: dict[str, dict[Reason, int]] = defaultdict(dict)
        refused: dict[str, dict[str, int]] = defaultdict(dict)
        other_reasons: dict[str, dict[str, int]] = defaultdict(dict)
        for row in await store.waiting(tx, reach, by):
            if row.refused:
                refused[str(row.group)][row.reason] = row.doses
            elif row.reason in _REASONS:
                waits[str(row.group)][Reason(row.reason)] = row.doses
            else:
                other_reasons[str(row.group)][row.reason] = row.doses
        totals = (
            {str(total.group): total for total in await store.reported(tx, reach, by)}
            if by in store.REPORTED
            else None
        )
    groups = sorted({*rows, *(totals or ())})
    items = [
        _line(group, rows.get(group), waits[group], totals).model_copy(
            update={
                "refused": dict(sorted(refused[group].items())),
                "held": dict(sorted(other_reasons[group].items())),
            }
        )
        for group in groups
    ]
    return models.Progress(by=by, items=items)


def _line(
    group: str,
    row: ProgressRow | None,
    waiting: dict[Reason, int],
    totals: dict[str, ReportedRow] | None,
) -> models.ProgressLine:
    """One group's line.

    A group with a daily total and no dose on record has one too: most of it is missing.
    """
    total = (totals or {}).get(group)
    counts = {
        name: getattr(row, name, 0)
        for name in ("recorded", "sent", "right", "repaired", "exempt", "supplemented", "issued")
    }
    return models.ProgressLine(
        group=group,
        reported=None if totals is None else total.administered if total else 0,
        missing=None if totals is None else total.missing if total else 0,
        waiting=dict(sorted(waiting.items())),
        states={state: getattr(row, state.value, 0) for state in State},
        **counts,
    )


@router.put(
    "/reports/{facility}/{day}",
    summary="Report how many doses a facility gave on a day",
    responses=problems(401, 403, 422, 503),
)
async def report_day(
    context: Ctx,
    facility: Annotated[str, Path(pattern=r"^[0-9]{5}$")],
    day: date,
    body: models.ReportIn,
    caller: Annotated[Principal, Depends(reporters)],
) -> models.Report:
    """Sent again, it takes the older total's place."""
    if not callers_reach(caller).may_record_for(facility):
        raise errors.facility_not_yours()
    check_office(context.facilities, facility, None)
    if not PROGRAMME_BEGAN <= day <= context.today():
        raise errors.day_out_of_range()
    async with context.db.begin() as tx:
        recorded = await store.report(tx, facility, day, body.administered, caller.subject)
    return models.Report(
        facility_code=facility,
        day=day,
        administered=body.administered,
        recorded=recorded,
        missing=max(0, body.administered - recorded),
    )
