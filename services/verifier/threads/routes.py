"""`/cases/{id}/thread`, and who has a case in hand: `/cases/next`, claim and hand-over."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response

from contracts.access import Role, callers_reach
from contracts.case_states import WAITS_FOR, CaseState
from contracts.ids import DoseId
from services.chassis import audit
from services.chassis.auth import Allow, Principal
from services.chassis.db import Transaction
from services.chassis.gate import BodySize, MaxBody
from services.chassis.http import problems
from services.chassis.idempotency import Key
from services.chassis.volume import counted
from services.verifier.api.audit_acts import CASE_CLAIM, THREAD_READ, THREAD_SAY, Why
from services.verifier.api.case_serializers import case_item
from services.verifier.api.dependencies import Ctx
from services.verifier.context import Context
from services.verifier.store.cases import CaseRow
from services.verifier.threads import errors, models, store
from services.verifier.threads.rules import CLAIMED_FOR, HANDED_FOR
from services.verifier.threads.service import require_unclaimed, say, visible_case

router = APIRouter(tags=["cases"])
talkers = Allow(Role.POLICE, Role.STATION)
officers = Allow(Role.POLICE)
CaseId = Annotated[DoseId, Path(ge=1, lt=1 << 63, description="the dose's id")]
_MOST = 200


@router.get(
    "/cases/{case_id}/thread",
    summary="What was said of a dose",
    responses=problems(401, 403, 404, 422, 429, 503),
)
async def read_thread(
    context: Ctx,
    case_id: CaseId,
    caller: Annotated[Principal, Depends(counted(talkers))],
    why: Why = None,
) -> models.CaseThread:
    """By the station and the police, the last 200 messages. A dose that waits for correction has a
    thread before it has a case that waits for anybody.
    """
    async with context.db.begin() as tx:
        case = await visible_case(tx, case_id, _areas(caller))
        thread = await _thread(context, tx, case, caller)
        await audit.note(tx, caller, THREAD_READ, [case_id], why=why)
    return thread


@router.post(
    "/cases/{case_id}/thread",
    summary="Say something of a dose",
    responses=problems(401, 403, 404, 409, 422, 503),
    dependencies=[Depends(MaxBody(BodySize.ATTACHMENT))],
)
async def say_in_thread(
    context: Ctx,
    case_id: CaseId,
    said: models.NewMessage,
    caller: Annotated[Principal, Depends(talkers)],
    idempotency_key: Key = None,
    why: Why = None,
) -> models.CaseThread:
    """A station answers, notes, or sends a dose to the police that has no case yet. The police
    note, ask for papers, or send a dose back. Text and picture are kept sealed.
    """
    route = f"POST /cases/{case_id}/thread"
    async with context.idempotency.claim(caller.subject, route, idempotency_key) as claim:
        body = b"%d" % context.sealer.blind(said.model_dump_json())
        if claim is not None and claim.answer is not None:
            claim.replay(body)
            return await read_thread(context, case_id, caller, why)
        async with context.db.begin() as tx:
            case = await visible_case(tx, case_id, _areas(caller), lock=True)
            await say(context, tx, case, said, caller)
            await audit.note(tx, caller, THREAD_SAY, [case_id], why=why, scope=said.kind)
            case = await visible_case(tx, case_id, _areas(caller))
            thread = await _thread(context, tx, case, caller)
            if claim is not None:
                await claim.store(tx, body, {})
    return thread


@router.get(
    "/cases/{case_id}/thread/{message_id}/picture",
    summary="The picture of a message",
    response_class=Response,
    responses={
        200: {
            "content": {
                kind: {"schema": {"type": "string", "format": "binary"}}
                for kind in ("image/jpeg", "image/png", "image/webp")
            }
        },
        **problems(401, 403, 404, 422, 429, 503),
    },
)
async def read_thread_picture(
    context: Ctx,
    case_id: CaseId,
    message_id: Annotated[int, Path(ge=1, lt=1 << 63)],
    caller: Annotated[Principal, Depends(counted(talkers))],
    why: Why = None,
) -> Response:
    """The papers as somebody photographed them. The access is kept in the audit."""
    async with context.db.begin() as tx:
        await visible_case(tx, case_id, _areas(caller))
        messages = await store.of_dose(tx, case_id, _MOST)
        found = next((message for message in messages if message.id == message_id), None)
        content = store.picture_of(context.sealer, found) if found is not None else None
        if found is None or content is None:
            raise errors.message_not_found()
        await audit.note(tx, caller, THREAD_READ, [case_id], why=why, scope="picture")
    headers = {"Cache-Control": "no-store"}
    return Response(content, media_type=found.picture_type, headers=headers)


@router.post(
    "/cases/next", summary="Take the next case in hand", responses=problems(401, 403, 422, 503)
)
async def take_next_case(
    context: Ctx,
    wanted: models.WantedCase,
    caller: Annotated[Principal, Depends(officers)],
    why: Why = None,
) -> models.TakenCase:
    """The oldest of those that unlock a person, whom nobody else has in hand. A claim ends by
    itself after 15 minutes. What can be confirmed by the page is left to the page.
    """
    areas = _areas(caller)
    state: CaseState = "awaiting_second" if wanted.second else "open"
    async with context.db.begin() as tx:
        taken = await store.take_next(tx, areas, state, caller.subject, CLAIMED_FOR, wanted.beside)
        left = await store.count_waiting(tx, areas, state, caller.subject)
        second = (
            left
            if wanted.second
            else await store.count_waiting(tx, areas, "awaiting_second", caller.subject)
        )
        if taken is not None:
            await audit.note(tx, caller, CASE_CLAIM, [taken[0]], why=why)
    return models.TakenCase(
        case_id=taken[0] if taken is not None else None,
        claimed_until=taken[1] if taken is not None else None,
        left=left,
        waiting_second=second,
    )


@router.post(
    "/cases/{case_id}/claim",
    summary="Take a case in hand",
    responses=problems(401, 403, 404, 409, 422, 503),
)
async def claim_case(
    context: Ctx,
    case_id: CaseId,
    caller: Annotated[Principal, Depends(officers)],
    why: Why = None,
) -> models.Claimed:
    """For 15 minutes; again, it lasts as long again."""
    async with context.db.begin() as tx:
        case = await visible_case(tx, case_id, _areas(caller), lock=True)
        require_unclaimed(case, caller.subject)
        until = await store.claim(tx, case_id, caller.subject, CLAIMED_FOR)
        await audit.note(tx, caller, CASE_CLAIM, [case_id], why=why)
    return models.Claimed(case_id=case_id, claimed_by=caller.subject, claimed_until=until)


@router.post(
    "/cases/{case_id}/hand-over",
    summary="Hand a case over",
    responses=problems(401, 403, 404, 409, 422, 503),
)
async def hand_over_case(
    context: Ctx,
    case_id: CaseId,
    to: models.HandOver,
    caller: Annotated[Principal, Depends(officers)],
    why: Why = None,
) -> models.Claimed:
    """To another officer, who has it for a day, or back to whoever is next."""
    async with context.db.begin() as tx:
        case = await visible_case(tx, case_id, _areas(caller), lock=True)
        require_unclaimed(case, caller.subject)
        until = await store.claim(tx, case_id, to.officer, HANDED_FOR)
        await audit.note(tx, caller, CASE_CLAIM, [case_id], why=why, scope="hand_over")
    return models.Claimed(case_id=case_id, claimed_by=to.officer, claimed_until=until)


def _areas(caller: Principal) -> tuple[str, ...] | None:
    """The areas whose people the caller answers for, None for all."""
    reach = callers_reach(caller)
    return None if reach.everything else reach.residences


async def _thread(
    context: Context, tx: Transaction, case: CaseRow, caller: Principal
) -> models.CaseThread:
    rows = await store.of_dose(tx, case.dose_id, _MOST)
    return models.CaseThread(
        case=case_item(case, caller),
        waiting_for=WAITS_FOR[case.state],
        claimed_by=case.claimed_by,
        claimed_until=case.claimed_until,
        messages=[
            models.Message(
                id=row.id,
                kind=row.kind,
                said_by=row.said_by,
                role=row.role,
                said_at=row.said_at,
                text=store.text_of(context.sealer, row),
                has_picture=row.picture_type is not None,
            )
            for row in rows
        ],
    )
