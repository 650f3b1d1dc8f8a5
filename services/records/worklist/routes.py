"""`/worklist`: doses that people must put right, as a list, counts, assignments and files."""

from collections.abc import AsyncIterator
from typing import Annotated, Literal, NamedTuple

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse

from contracts.access import STAFF, callers_reach, sender_of
from contracts.refusals import RefusalCode
from contracts.words import Doubt, Grade, Reason
from services.chassis import audit
from services.chassis.auth import Allow, Principal
from services.chassis.db import Transaction
from services.chassis.http import problems
from services.chassis.paging import Page, Pages
from services.chassis.representations import KEPT_BY_CALLER
from services.chassis.volume import Look
from services.records.context import Context
from services.records.dependencies import Ctx
from services.records.disclosure.audit_acts import WORKLIST, WORKLIST_EXPORT, Why, scope_of_worklist
from services.records.disclosure.visibility import Masked, file_masked, list_masked
from services.records.doses.models import Dose
from services.records.doses.versions import person_of
from services.records.exports import service as exports
from services.records.exports.places import PAGE
from services.records.exports.responses import CSV, XLSX, csv_file, limit_rows, xlsx_file
from services.records.exports.service import Beside
from services.records.suggestions import store as suggestions
from services.records.suggestions.models import SuggestionKind
from services.records.suggestions.serializers import suggestions_out
from services.records.suggestions.store import StoredSuggestions
from services.records.supplements import store as supplements
from services.records.told_cases import store as told_cases
from services.records.told_cases.serializers import case_out, unheld_out
from services.records.told_cases.store import StoredCase
from services.records.uploads.formats.xlsx_writer import workbook_file
from services.records.worklist import models, store
from services.records.worklist.serializers import dose_fields, proposals
from services.records.worklist.store import UnlockedKey, WorklistFilter, WorklistRow
from vietnamese.dates import VIET_NAM

router = APIRouter(tags=["worklist"])
staff = Allow(*STAFF)
Staff = Annotated[Principal, Depends(staff)]
Code = Annotated[str | None, Query(pattern=r"^\d{2,5}$")]
Age = Annotated[int | None, Query(ge=0, le=150, description="years, by the year of birth")]


class WorklistQuery(NamedTuple):
    """Who calls, and which doses are chosen."""

    caller: Principal
    chosen: WorklistFilter


async def _worklist_query(
    context: Ctx,
    caller: Staff,
    province: Code = None,
    district: Code = None,
    commune: Code = None,
    facility: Code = None,
    grade: Grade | None = None,
    reason: Annotated[
        Reason | Doubt | RefusalCode | None,
        Query(description="of the verification, or the code with which the signer refused"),
    ] = None,
    min_age: Age = None,
    max_age: Age = None,
    assignee: Annotated[str | None, Query(max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$")] = None,
    suggestion: Annotated[
        SuggestionKind | None, Query(description="the kind of suggestion that a dose has")
    ] = None,
    accepted: Annotated[
        bool | None,
        Query(description="whether its suggestion was accepted, and waits for a second officer"),
    ] = None,
    waiting_for: Annotated[
        Literal["police", "station"] | None,
        Query(description="whom the case of a dose waits for"),
    ] = None,
) -> WorklistQuery:
    chosen = WorklistFilter(
        callers_reach(caller), context.today().year, province, district, commune,
        facility, grade, reason,
        min_age, max_age, assignee, suggestion, accepted, waiting_for,
    )  # fmt: skip
    return WorklistQuery(caller, chosen)


Filters = Annotated[WorklistQuery, Depends(_worklist_query)]


async def _export_query(context: Ctx, query: Filters) -> AsyncIterator[WorklistQuery]:
    """Holds a place until the last byte has left, or the client has."""
    with context.exports.hold(sender_of(query.caller)):
        yield query


ExportFilters = Annotated[WorklistQuery, Depends(_export_query)]


@router.get(
    "/worklist",
    summary="Doses that people must put right",
    responses=problems(401, 403, 422, 429, 503),
)
async def list_worklist(
    context: Ctx,
    pages: Pages,
    query: Filters,
    order: Annotated[
        Literal["recorded", "unlocked"],
        Query(description="`unlocked`: first whose typed person has most wrong doses"),
    ] = "recorded",
    masked: Masked = None,
    why: Why = None,
) -> Page[models.WorklistItem]:
    """Within the caller's reach: a facility sees its own doses, a station and the police the people
    of their areas.

    It holds doses that were not verified, and verified ones that the signer refused. The state of
    these is `eligible`, and their error is the signer's.

    Province and ministry see it masked. They see it whole (`masked=false`) where they state that it
    is for a correction, a complaint or an identity.
    """
    caller, chosen = query
    hidden = list_masked(caller, masked, why)
    kinds = (int,) if order == "recorded" else (int, int, int)
    after = pages.after(*kinds)
    async with context.db.begin() as tx:
        if order == "recorded":
            rows = await store.worklist(tx, chosen, after[0] if after else 0, pages.limit)
        else:
            rows = await store.by_unlocked(
                tx, chosen, UnlockedKey(*after) if after else None, pages.limit
            )
        unlocked = await store.unlocked(tx, chosen, [row.identity for row in rows])
        suggested = await suggestions.of_doses(tx, [row.id for row in rows])
        cases = await told_cases.of_doses(tx, [row.id for row in rows])
        await context.volumes.admit(caller, Look.LISTED, len(rows))
        await audit.note(
            tx,
            caller,
            WORKLIST,
            [row.id for row in rows],
            why=why,
            scope=scope_of_worklist(hidden, chosen),
        )
    items = [
        _item(
            context,
            caller,
            row,
            unlocked[row.identity],
            suggested.get((row.id, row.version)),
            cases.get((row.id, row.version)),
            hidden,
        )
        for row in rows
    ]

    def key(row: WorklistRow) -> tuple[int, ...]:
        by_people = (unlocked[row.identity], row.identity) if order == "unlocked" else ()
        return *by_people, row.id

    return pages.page(items, rows, key)


def _item(
    context: Context,
    caller: Principal,
    row: WorklistRow,
    unlocked: int,
    suggested: StoredSuggestions | None,
    case: StoredCase | None,
    masked: bool,
) -> models.WorklistItem:
    return models.WorklistItem(
        dose=Dose(**dose_fields(context.sealer, row, masked)),
        since=row.since,
        assignee=row.assignee,
        doses_unlocked=unlocked,
        proposals=proposals(context.sealer, row, row.reasons, masked),
        suggestions=suggestions_out(
            context.sealer, suggested, person_of(context.sealer, row), caller, masked
        )
        if suggested
        else None,
        case=case_out(case),
        unheld=unheld_out(case),
    )


@router.get(
    "/worklist/summary",
    summary="How many doses wait, by commune, facility or reason",
    responses=problems(401, 403, 422, 503),
    dependencies=[Depends(KEPT_BY_CALLER)],
)
async def summarize_worklist(
    context: Ctx,
    query: Filters,
    by: Literal["commune", "facility", "reason"] = "reason",
    limit: Annotated[int, Query(ge=1, le=1000, description="groups to show")] = 100,
) -> models.WorklistSummary:
    """Within the caller's reach, the largest groups first; and the whole worklist's own counts.

    `certain` and `likely` say how many doses one act each would mend.
    """
    midnight = context.clock().astimezone(VIET_NAM).replace(hour=0, minute=0, second=0)
    async with context.db.begin() as tx:
        rows = await store.summary(tx, query.chosen, by, limit)
        totals = await store.totals(tx, query.chosen)
        mended = await store.mended_since(tx, query.chosen.reach, midnight)
        waiting = await supplements.count_waiting(tx, query.chosen.reach)
    return models.WorklistSummary(
        by=by,
        items=[models.WorklistCount(**row._asdict()) for row in rows],
        **totals._asdict(),
        mended_today=mended,
        supplements_waiting=waiting,
    )


@router.post(
    "/worklist/assign", summary="Hand doses to somebody", responses=problems(401, 403, 422, 503)
)
async def assign_rows(
    context: Ctx, caller: Staff, assignment: models.Assignment
) -> models.Assigned:
    """They stay with the assignee until they are right. Sent twice it is done once."""
    reach, dose_ids = callers_reach(caller), dict.fromkeys(assignment.dose_ids)
    async with context.db.begin() as tx:
        assigned = await store.assign(
            tx, reach, list(dose_ids), assignment.assignee, caller.subject
        )
    return models.Assigned(
        assigned=len(assigned),
        not_found=[dose_id for dose_id in dose_ids if dose_id not in assigned],
    )


@router.get(
    "/worklist.csv",
    summary="The worklist as CSV",
    responses={**CSV, **problems(401, 403, 422, 429, 503)},
    response_class=StreamingResponse,
)
async def download_worklist_csv(
    context: Ctx, query: ExportFilters, masked: Masked = None, why: Why = None
) -> StreamingResponse:
    """As typed, with what is wrong and what may be right. Edited, it can be posted as a batch: only
    changed rows run.

    Province and ministry take it masked: such a file corrects nothing, its masked cells are
    refused.
    """
    hidden = file_masked(query.caller, masked)
    await _begun(context, query, hidden, why)
    return csv_file(exports.as_csv(_answers(context, query, hidden)), _name(hidden))


@router.get(
    "/worklist.xlsx",
    summary="The worklist as XLSX",
    responses={**XLSX, **problems(401, 403, 413, 422, 429, 503)},
    response_class=StreamingResponse,
)
async def download_worklist_xlsx(
    context: Ctx, query: ExportFilters, masked: Masked = None, why: Why = None
) -> StreamingResponse:
    """The same as a workbook whose cells are texts; 413 for more rows than could be posted
    again.
    """
    hidden = file_masked(query.caller, masked)
    await _begun(context, query, hidden, why, limited=True)
    return xlsx_file(workbook_file(_answers(context, query, hidden)), _name(hidden))


async def _begun(
    context: Context, query: WorklistQuery, masked: bool, why: str | None, *, limited: bool = False
) -> None:
    """Counts an export and keeps it in the audit before its first byte leaves.

    One that breaks off was seen, too.
    """
    async with context.db.begin() as tx:
        rows = await store.count(tx, query.chosen)
        if limited:
            limit_rows(rows)
        await context.volumes.admit(query.caller, Look.EXPORTED, rows)
        await audit.note(
            tx,
            query.caller,
            WORKLIST_EXPORT,
            [],
            why=why,
            scope=scope_of_worklist(masked, query.chosen),
            shown=rows,
        )


def _name(masked: bool) -> str:
    return "worklist-masked" if masked else "worklist"


def _answers(context: Context, query: WorklistQuery, masked: bool) -> exports.Answers:
    caller, chosen = query

    async def page(tx: Transaction, after: int) -> list[tuple[WorklistRow, Beside]]:
        rows = await store.worklist(tx, chosen, after, PAGE)
        beside = await exports.beside(tx, [(row.id, row.version) for row in rows])
        return list(zip(rows, beside, strict=True))

    rows = context.exports.rows(context.db, page, lambda pair: pair[0].id)
    return exports.of_worklist(context.sealer, caller, rows, masked=masked)
