"""`/bulk`: certain suggestions are confirmed by the page, by two people.

The first may be of the commune's station where the kind allows it; one of the two is of the police.
"""

from collections import Counter
from typing import Annotated

from fastapi import APIRouter, Depends, Path

from contracts.access import Role, callers_reach
from services.chassis import audit
from services.chassis.auth import Allow, Principal
from services.chassis.db import Transaction
from services.chassis.http import problems
from services.chassis.idempotency import Key
from services.chassis.paging import Page, Pages
from services.chassis.volume import Look
from services.verifier.api.audit_acts import BULK_CONFIRM, BULK_LIFT, BULK_PAGE, BULK_UNDO, Why
from services.verifier.api.dependencies import Ctx
from services.verifier.bulk import errors, models, service, store
from services.verifier.bulk.rules import SAMPLE, UNDONE_AT_ONCE, may_be_first
from services.verifier.bulk.serializers import page_shown, run_shown, stop_shown, words_of
from services.verifier.bulk.service import OpenedPage, Verdict
from services.verifier.bulk.shown_rows import shown_rows
from services.verifier.bulk.store import BulkPageRow, BulkRunRow
from services.verifier.context import Context
from services.verifier.store import bulk_stops

router = APIRouter(prefix="/bulk", tags=["bulk"])
readers = Allow(Role.POLICE, Role.STATION, Role.PROVINCE, Role.MINISTRY)
firsts = Allow(Role.POLICE, Role.STATION)
seconds = Allow(Role.POLICE)
undoers = Allow(Role.POLICE, Role.STATION, Role.MINISTRY)
lifters = Allow(Role.PROVINCE, Role.MINISTRY)
Id = Annotated[int, Path(ge=1, lt=1 << 63)]


@router.get(
    "/kinds", summary="What can be confirmed by the page", responses=problems(401, 403, 503)
)
async def list_bulk_kinds(
    context: Ctx, caller: Annotated[Principal, Depends(readers)]
) -> models.BulkKinds:
    """Certain suggestions of people who live in the caller's areas, counted by kind."""
    areas = _areas(caller)
    async with context.db.begin() as tx:
        first = await store.count_open(tx, areas)
        second = await store.count_second(tx, areas, caller.subject)
        stopped = await bulk_stops.stopped_kinds(tx, areas)
    counts = Counter(first) + Counter(second)
    items = []
    for kind, _ in counts.most_common():
        label, label_en = words_of(kind)
        items.append(
            models.BulkKind(
                kind=kind,
                label=label,
                label_en=label_en,
                waiting=first.get(kind, 0),
                waiting_second=second.get(kind, 0),
                stopped=kind in stopped,
                may_be_first=may_be_first(caller.roles, kind),
            )
        )
    return models.BulkKinds(items=items)


@router.post("/runs", summary="Begin a bulk run", responses=problems(401, 403, 409, 422, 503))
async def start_bulk_run(
    context: Ctx, new: models.NewBulkRun, caller: Annotated[Principal, Depends(firsts)]
) -> models.BulkRun:
    """Over one kind in one area. Where the caller has such a run, it goes on. Up to five rows that
    are drawn at random are shown singly first. One that is wrong stops the run, and its kind in the
    area.
    """
    if not may_be_first(caller.roles, new.kind):
        raise errors.kind_not_yours()
    area = new.area or _own_area(caller)
    areas = _areas(caller)
    if area is None or (areas is not None and not area.startswith(areas)):
        raise errors.area_out_of_reach()
    async with context.db.begin() as tx:
        if await bulk_stops.is_stopped(tx, new.kind, area):
            raise errors.stopped()
        run = await store.own_run(tx, new.kind, area, caller.subject)
        if run is None:
            waiting = await store.free_rows(tx, new.kind, area, SAMPLE, at_random=False)
            if not waiting:
                raise errors.nothing_waits()
            run = await store.add_run(tx, new.kind, area, caller.subject, len(waiting))
        return await _shown(tx, run)


@router.get("/runs", summary="Bulk runs", responses=problems(401, 403, 422, 503))
async def list_bulk_runs(
    context: Ctx, pages: Pages, caller: Annotated[Principal, Depends(readers)]
) -> Page[models.BulkRun]:
    """In the caller's areas, the newest first."""
    after = pages.after(int)
    async with context.db.begin() as tx:
        rows = await store.runs(tx, _areas(caller), after[0] if after else 0, pages.limit)
        counts = await store.count_rows(tx, [run.id for run in rows])
    return pages.page([run_shown(run, counts[run.id]) for run in rows], rows, lambda run: (run.id,))


@router.get("/runs/{run_id}", summary="One bulk run", responses=problems(401, 403, 404, 422, 503))
async def read_bulk_run(
    context: Ctx, run_id: Id, caller: Annotated[Principal, Depends(readers)]
) -> models.BulkRun:
    """What came of its rows so far."""
    async with context.db.begin() as tx:
        return await _shown(tx, await _visible_run(tx, run_id, caller))


@router.post(
    "/runs/{run_id}/pages",
    summary="Take the next page as the first",
    responses=problems(401, 403, 404, 409, 422, 429, 503),
)
async def take_bulk_page(
    context: Ctx,
    run_id: Id,
    caller: Annotated[Principal, Depends(firsts)],
    wanted: models.WantedPage,
    why: Why = None,
) -> models.TakenPage:
    """The caller's open page of the run, or the next 50 rows; while the sample lasts, one. A page
    is its reader's alone for 15 minutes. Every look is written down.
    """
    async with context.db.begin() as tx:
        run = await _visible_run(tx, run_id, caller, lock=True)
        if run.started_by != caller.subject:
            raise errors.run_not_found()
        opened = await service.take_first_page(context, tx, run, caller.subject, wanted.beside or 0)
        left = (await store.count_open(tx, (run.area,))).get(run.kind, 0)
        return await _taken(context, tx, opened, left, caller, why)


@router.post(
    "/pages/next",
    summary="Take the next page as the second",
    responses=problems(401, 403, 422, 429, 503),
)
async def take_second_page(
    context: Ctx,
    caller: Annotated[Principal, Depends(seconds)],
    wanted: models.WantedPage,
    why: Why = None,
) -> models.TakenPage:
    """The oldest page in the caller's areas that somebody else confirmed first, with the rows that
    are still as that one saw them.
    """
    async with context.db.begin() as tx:
        areas = _areas(caller)
        opened = await service.take_second_page(
            context, tx, areas, caller.subject, wanted.beside or 0
        )
        left = sum((await store.count_second(tx, areas, caller.subject)).values())
        return await _taken(context, tx, opened, left, caller, why)


@router.post(
    "/pages/{page_id}/confirm",
    summary="Confirm a page",
    responses=problems(401, 403, 404, 409, 422, 429, 503),
)
async def confirm_bulk_page(
    context: Ctx,
    page_id: Id,
    said: models.PageVerdict,
    caller: Annotated[Principal, Depends(firsts)],
    idempotency_key: Key = None,
    why: Why = None,
) -> models.PageOutcome:
    """Each row by itself: one whose dose, evidence or registered person has changed since it was
    shown is not confirmed, and will be shown again. Sent again it changes nothing.
    """
    route = f"POST /bulk/pages/{page_id}/confirm"
    async with context.idempotency.claim(caller.subject, route, idempotency_key) as claim:
        body = b"%d" % context.sealer.blind(said.model_dump_json())
        if claim is not None and claim.answer is not None:
            return models.PageOutcome.model_validate(claim.replay(body))
        async with context.db.begin() as tx:
            page, run = await _visible_page(tx, page_id, caller)
            service.stage_of(page, caller, run.kind)
            rows = await shown_rows(context.sealer, tx, [row.id for row in said.rows], run.kind)
        # outside of a transaction, so that nobody waits for the registry
        holders = await context.registry.lookup([row.candidate.person.personal_id for row in rows])
        verdict = Verdict(
            {row.id: (row.version, int(row.seen)) for row in said.rows}, said.taken_out, said.wrong
        )
        async with context.db.begin() as tx:
            page, run = await _visible_page(tx, page_id, caller, lock=True)
            stage = service.stage_of(page, caller, run.kind)
            await service.require_going_on(tx, run)
            outcomes = await service.confirm_page(
                context, tx, run, page, stage, verdict, holders.people, caller
            )
            await audit.note(
                tx, caller, BULK_CONFIRM, sorted(outcomes), why=why, scope=f"page={page_id}"
            )
            after = await store.run(tx, run.id)
            assert after is not None
            answer = models.PageOutcome(
                page_id=page_id,
                run=await _shown(tx, after),
                items=[
                    models.BulkOutcome(id=dose_id, outcome=outcome)
                    for dose_id, outcome in outcomes.items()
                ],
            )
            if claim is not None:
                await claim.store(tx, body, answer.model_dump(mode="json"))
        return answer


@router.delete(
    "/pages/{page_id}", summary="Take a page back", responses=problems(401, 403, 404, 409, 422, 503)
)
async def undo_bulk_page(
    context: Ctx, page_id: Id, caller: Annotated[Principal, Depends(undoers)], why: Why = None
) -> models.Undone:
    """What was issued by its rows is revoked, unless a dose passes without. From then on they are
    decided singly.
    """
    async with context.db.begin() as tx:
        page, _ = await _visible_page(tx, page_id, caller, lock=True)
        rows = [
            row
            for row in (await store.rows_of(tx, page_id)).values()
            if row.state in ("first", "confirmed")
        ]
        service.require_may_undo(caller, page.first_by, rows)
        undone = await service.undo_rows(context, tx, rows, caller.subject)
        await _note_undone(tx, caller, [row.dose_id for row in rows], why, f"page={page_id}")
    return models.Undone(undone=undone, left=0)


@router.delete(
    "/runs/{run_id}", summary="Take a run back", responses=problems(401, 403, 404, 422, 503)
)
async def undo_bulk_run(
    context: Ctx, run_id: Id, caller: Annotated[Principal, Depends(undoers)], why: Why = None
) -> models.Undone:
    """Up to 200 rows at a time: ask again until none is left. Nothing more is confirmed in the run
    from the first time on.
    """
    async with context.db.begin() as tx:
        run = await _visible_run(tx, run_id, caller, lock=True)
        rows = await store.rows_to_undo(tx, run_id, UNDONE_AT_ONCE)
        undone, left = await service.undo_some(context, tx, run, caller)
        await _note_undone(tx, caller, [row.dose_id for row in rows], why, f"run={run_id}")
    return models.Undone(undone=undone, left=left)


@router.get("/stops", summary="Kinds that are stopped", responses=problems(401, 403, 422, 503))
async def list_bulk_stops(
    context: Ctx, pages: Pages, caller: Annotated[Principal, Depends(readers)]
) -> Page[models.BulkStop]:
    """Those that concern the caller's areas, the newest first, ended ones too."""
    after = pages.after(int)
    async with context.db.begin() as tx:
        rows = await bulk_stops.stops(tx, _areas(caller), after[0] if after else 0, pages.limit)
        await audit.note(tx, caller, BULK_PAGE, [stop.dose_id for stop in rows], scope="stops")
    return pages.page([stop_shown(stop) for stop in rows], rows, lambda stop: (stop.id,))


@router.post(
    "/stops/{stop_id}/lift", summary="Let a kind go on", responses=problems(401, 403, 404, 422, 503)
)
async def lift_bulk_stop(
    context: Ctx, stop_id: Id, caller: Annotated[Principal, Depends(lifters)], why: Why = None
) -> models.BulkStop:
    """By the province or the ministry, who have looked at the wrong row. Done again it changes
    nothing.
    """
    async with context.db.begin() as tx:
        stop = await bulk_stops.lift(tx, stop_id, _areas(caller), caller.subject)
        if stop is None:
            raise errors.stop_not_found()
        await audit.note(tx, caller, BULK_LIFT, [stop.dose_id], why=why, scope=f"stop={stop_id}")
    return stop_shown(stop)


def _areas(caller: Principal) -> tuple[str, ...] | None:
    """The areas whose people the caller answers for, None for all."""
    reach = callers_reach(caller)
    return None if reach.everything else reach.residences


def _own_area(caller: Principal) -> str | None:
    areas = _areas(caller)
    return areas[0] if areas is not None and len(areas) == 1 else None


async def _visible_run(
    tx: Transaction, run_id: int, caller: Principal, *, lock: bool = False
) -> BulkRunRow:
    run = await store.run(tx, run_id, lock=lock)
    areas = _areas(caller)
    if run is None or (areas is not None and not run.area.startswith(areas)):
        raise errors.run_not_found()
    return run


async def _visible_page(
    tx: Transaction, page_id: int, caller: Principal, *, lock: bool = False
) -> tuple[BulkPageRow, BulkRunRow]:
    """A page with its run, which is locked first: so nobody waits for who waits for them."""
    page = await store.page(tx, page_id)
    if page is None:
        raise errors.run_not_found()
    run = await _visible_run(tx, page.run_id, caller, lock=lock)
    if lock:
        page = await store.page(tx, page_id, lock=True)
        assert page is not None
    return page, run


async def _shown(tx: Transaction, run: BulkRunRow) -> models.BulkRun:
    return run_shown(run, (await store.count_rows(tx, [run.id]))[run.id])


async def _taken(
    context: Context,
    tx: Transaction,
    opened: OpenedPage | None,
    left: int,
    caller: Principal,
    why: str | None,
) -> models.TakenPage:
    if opened is None:
        return models.TakenPage(page=None)
    look = Look.SINGLE if opened.stage == "sample" else Look.LISTED
    await context.volumes.admit(caller, look, len(opened.rows))
    doses = [row.dose_id for row in opened.rows]
    await audit.note(tx, caller, BULK_PAGE, doses, why=why, scope=f"page={opened.page.id}")
    return models.TakenPage(page=page_shown(opened, left, caller))


async def _note_undone(
    tx: Transaction, caller: Principal, doses: list[int], why: str | None, scope: str
) -> None:
    await audit.note(tx, caller, BULK_UNDO, doses, why=why, scope=scope)
