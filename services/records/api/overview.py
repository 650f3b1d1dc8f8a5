"""`/worklist`: what people must put right, to look at, to count, to hand out, and to take along as a file."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import StreamingResponse

from contracts.access import STAFF, reach_of
from contracts.refusals import RefusalCode
from contracts.words import Grade, Reason
from services.chassis.auth import Allow, Principal
from services.chassis.http import problems
from services.chassis.paging import Cursor, Limit, Page, link_next, make_cursor, read_cursor
from services.records import export
from services.records.api import worklist_models as models
from services.records.api.files import CSV, XLSX, csv_file, limit_rows, xlsx_file
from services.records.api.models import Dose
from services.records.api.present import dose_fields, proposals
from services.records.context import Context
from services.records.intake.sheet import workbook_file
from services.records.store import overview as store
from services.records.store.overview import Wanted

router = APIRouter(tags=["worklist"])
staff = Allow(*STAFF)
Staff = Annotated[Principal, Depends(staff)]
Code = Annotated[str | None, Query(pattern=r"^\d{2,5}$")]
Age = Annotated[int | None, Query(ge=0, le=150, description="years, by the year of birth")]


def _wanted(
    request: Request,
    caller: Staff,
    province: Code = None,
    district: Code = None,
    commune: Code = None,
    facility: Code = None,
    grade: Grade | None = None,
    reason: Annotated[
        Reason | RefusalCode | None, Query(description="of the verification, or the code with which the signer refused")
    ] = None,
    min_age: Age = None,
    max_age: Age = None,
    assignee: Annotated[str | None, Query(max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$")] = None,
) -> Wanted:
    context: Context = request.app.state.context
    return Wanted(
        reach_of(caller.roles, caller.claims), context.today().year, province, district, commune, facility, grade, reason,
        min_age, max_age, assignee,
    )  # fmt: skip


Filters = Annotated[Wanted, Depends(_wanted)]


@router.get("/worklist", summary="Doses that people must put right", responses=problems(401, 403, 422, 503))
async def worklist(
    request: Request,
    response: Response,
    wanted: Filters,
    order: Annotated[
        Literal["recorded", "unlocked"], Query(description="`unlocked`: first whose typed person has most wrong doses")
    ] = "recorded",
    cursor: Cursor = None,
    limit: Limit = 100,
) -> Page[models.WorklistItem]:
    """Within the caller's reach: a facility sees its own doses, a station and the police the people of their areas.

    Beside what was not verified, what was and the signer refused all the same: its state is `eligible`, its error the signer's.
    """
    context: Context = request.app.state.context
    kinds = (int,) if order == "recorded" else (int, int, int)
    after = read_cursor(cursor, *kinds)
    async with context.db.begin() as tx:
        if order == "recorded":
            rows = await store.worklist(tx, wanted, after[0] if after else 0, limit)
        else:
            rows = await store.by_unlocked(tx, wanted, (after[0], after[1], after[2]) if after else None, limit)
        unlocked = await store.unlocked(tx, wanted, [row.of for row in rows])
    following = None
    if len(rows) == limit:
        last = rows[-1]
        following = make_cursor(last.id) if order == "recorded" else make_cursor(unlocked[last.of], last.of, last.id)
    link_next(request, response, following)
    return Page(items=[_item(context, row, unlocked[row.of]) for row in rows], next=following)


def _item(context: Context, row: Any, unlocked: int) -> models.WorklistItem:
    return models.WorklistItem(
        dose=Dose(**dose_fields(context.sealer, row)),
        since=row.since,
        assignee=row.assignee,
        doses_unlocked=unlocked,
        proposals=proposals(context.sealer, row, row.reasons),
    )


@router.get("/worklist/summary", summary="How many doses wait, by commune, facility or reason", responses=problems(401, 403, 422, 503))
async def summary(
    request: Request, wanted: Filters, by: Literal["commune", "facility", "reason"] = "reason", limit: Limit = 100
) -> models.WorklistSummary:
    """Within the caller's reach, the largest groups first."""
    context: Context = request.app.state.context
    async with context.db.begin() as tx:
        rows = await store.summary(tx, wanted, by, limit)
    return models.WorklistSummary(by=by, items=[models.WorklistCount(group=row.group, doses=row.doses, people=row.people) for row in rows])


@router.post("/worklist/assign", summary="Hand doses to somebody", responses=problems(401, 403, 422, 503))
async def assign(request: Request, caller: Staff, assignment: models.Assignment) -> models.Assigned:
    """They stay with the assignee until they are right. Sent twice it is done once."""
    context: Context = request.app.state.context
    reach, asked = reach_of(caller.roles, caller.claims), list(dict.fromkeys(assignment.dose_ids))
    async with context.db.begin() as tx:
        found = await store.assign(tx, reach, asked, assignment.assignee, caller.subject)
    return models.Assigned(assigned=len(found), not_found=[one for one in asked if one not in found])


@router.get(
    "/worklist.csv",
    summary="The worklist as CSV",
    responses={**CSV, **problems(401, 403, 422, 503)},
    response_class=StreamingResponse,
)
async def as_csv(request: Request, wanted: Filters) -> StreamingResponse:
    """As typed, with what is wrong and what may be right; edited, it can be posted as a batch: only changed rows run."""
    return csv_file(export.as_csv(_answers(request.app.state.context, wanted)), "worklist")


@router.get(
    "/worklist.xlsx",
    summary="The worklist as XLSX",
    responses={**XLSX, **problems(401, 403, 413, 422, 503)},
    response_class=StreamingResponse,
)
async def as_xlsx(request: Request, wanted: Filters) -> StreamingResponse:
    """The same as a workbook whose cells are texts; 413 for more rows than could be posted again."""
    context: Context = request.app.state.context
    async with context.db.begin() as tx:
        limit_rows(await store.count(tx, wanted))
    return xlsx_file(workbook_file(_answers(context, wanted)), "worklist")


async def _answers(context: Context, wanted: Wanted) -> export.Answers:
    async with context.db.begin() as tx:
        async for part in export.of_worklist(context.sealer, store.every(tx, wanted)):
            yield part
