"""`/doses/{id}/accept-suggestion`, `/dismiss-suggestion`: what people make of a suggestion."""

from typing import Annotated

from fastapi import APIRouter, Depends

from contracts.acceptance import acting_role
from contracts.access import Role, callers_reach
from contracts.ids import DoseId
from services.chassis import audit
from services.chassis.auth import Allow, Principal
from services.chassis.db import Transaction
from services.chassis.http import problems
from services.chassis.idempotency import Key
from services.chassis.volume import counted
from services.records.context import Context
from services.records.dependencies import Ctx
from services.records.disclosure.audit_acts import (
    SUGGESTION_ACCEPT,
    SUGGESTION_DISMISS,
    SUGGESTION_UNDO,
    Why,
)
from services.records.domain.guidance import WAITING
from services.records.domain.row_error import RowError
from services.records.doses.errors import version_changed
from services.records.doses.routes import DoseIdPath, visible
from services.records.doses.store import DoseWithStatus
from services.records.suggestions import errors, models, service, store
from services.records.suggestions.check import check_acceptance
from services.records.suggestions.serializers import people_of
from services.records.suggestions.service import TOLD, Accepting
from services.records.suggestions.store import StoredSuggestions

router = APIRouter(tags=["suggestions"])
cleaners = Allow(Role.FACILITY, Role.STATION, Role.POLICE)
Cleaner = Annotated[Principal, Depends(counted(cleaners))]

UNDONE = RowError(
    "",
    "UNDONE",
    "Đã hoàn tác; mũi tiêm trở lại danh sách.",
    "It was taken back; the dose is on the list again.",
)
DISMISSED = RowError(
    "",
    "DISMISSED",
    "Đã bỏ qua gợi ý này; mũi tiêm vẫn trong danh sách cần sửa.",
    "The suggestion is passed over; the dose stays on the worklist.",
)


@router.post(
    "/doses/{dose_id}/accept-suggestion",
    summary="Accept whom the registry suggests",
    responses=problems(401, 403, 404, 409, 422, 429, 503),
)
async def accept_suggestion(
    context: Ctx,
    dose_id: DoseIdPath,
    body: models.Acceptance,
    caller: Cleaner,
    why: Why = None,
    idempotency_key: Key = None,
) -> models.AcceptedAnswer:
    """By one table: facility and station by the scanned card of the person, or the guardian's; the
    police by sight. Where the number is somebody else's, or where a station accepts a certain one
    by sight, a second officer of the police must confirm it.

    The card's number, name and birth date must be the suggested person's. The dose is verified
    again by itself; where the registry has changed meanwhile it comes back with what holds now.
    """
    who = _accepting(caller)
    # keyed, for a card is in it
    fingerprint = b"%d" % context.sealer.blind(body.model_dump_json())
    route = f"POST /doses/{dose_id}/accept-suggestion"
    wrong: RowError | None = None
    async with (
        context.idempotency.claim(caller.subject, route, idempotency_key) as claim,
        context.db.begin() as tx,
    ):
        if claim is not None and claim.answer is not None:
            await visible(tx, dose_id, callers_reach(caller))
            answer = models.AcceptedAnswer.model_validate(claim.replay(fingerprint))
            await audit.note(tx, caller, SUGGESTION_ACCEPT, [dose_id], why=why)
            return answer
        await service.require_tries_left(context, who, dose_id)
        dose = await visible(tx, dose_id, callers_reach(caller), lock=True)
        stored = await _suggested(tx, dose, body.version)
        if stored.accepted_by is not None:
            raise errors.refused(errors.ALREADY_ACCEPTED)
        people = people_of(context.sealer, stored)
        checked = check_acceptance(people, who.role, body.place, body.proof, body.card)
        await audit.note(tx, caller, SUGGESTION_ACCEPT, [dose_id], why=why)
        if isinstance(checked, RowError):
            wrong = checked
        else:
            step = await service.accept(context, tx, who, stored, checked)
            answer = _answer(dose_id, body.version, step, TOLD[step])
            if claim is not None:
                await claim.store(tx, fingerprint, answer.model_dump(mode="json"))
    if wrong is not None:
        # outside of the transaction, which keeps who tried
        await service.note_wrong_card(context, who, dose_id, wrong)
        raise errors.refused(wrong)
    return answer


@router.delete(
    "/doses/{dose_id}/accept-suggestion",
    summary="Take an acceptance back",
    responses=problems(401, 403, 404, 409, 422, 429, 503),
)
async def undo_acceptance(
    context: Ctx, dose_id: DoseIdPath, caller: Cleaner, why: Why = None
) -> models.AcceptedAnswer:
    """One's own; the police anybody's. What was issued by it is revoked, unless the dose passes
    without.
    """
    who = _accepting(caller)
    async with context.db.begin() as tx:
        await visible(tx, dose_id, callers_reach(caller), lock=True)
        row = await store.accepted(tx, dose_id)
        if row is None or (row.accepted_by != caller.subject and who.role != Role.POLICE):
            raise errors.nothing_accepted()
        await service.undo(context, tx, who, row)
        await audit.note(tx, caller, SUGGESTION_UNDO, [dose_id], why=why)
    return _answer(dose_id, row.version, "undone", UNDONE)


@router.post(
    "/doses/{dose_id}/dismiss-suggestion",
    summary="Say that the dose is not the suggested person's",
    responses=problems(401, 403, 404, 409, 422, 429, 503),
)
async def dismiss_suggestion(
    context: Ctx,
    dose_id: DoseIdPath,
    body: models.Dismissal,
    caller: Cleaner,
    why: Why = None,
) -> models.AcceptedAnswer:
    """It decides nothing, and stays so while the same person is suggested. Sent twice it is done
    once.
    """
    return await _dismiss(context, dose_id, body.version, caller, why, dismissed=True)


@router.delete(
    "/doses/{dose_id}/dismiss-suggestion",
    summary="Take that back",
    responses=problems(401, 403, 404, 409, 422, 429, 503),
)
async def restore_suggestion(
    context: Ctx, dose_id: DoseIdPath, caller: Cleaner, why: Why = None
) -> models.AcceptedAnswer:
    """The suggestion of the dose as it stands is shown as one again."""
    return await _dismiss(context, dose_id, None, caller, why, dismissed=False)


async def _dismiss(
    context: Context,
    dose_id: DoseId,
    version: int | None,
    caller: Principal,
    why: str | None,
    *,
    dismissed: bool,
) -> models.AcceptedAnswer:
    async with context.db.begin() as tx:
        dose = await visible(tx, dose_id, callers_reach(caller), lock=True)
        stored = await _suggested(tx, dose, version or dose.version)
        if stored.accepted_by is not None:
            raise errors.refused(errors.ALREADY_ACCEPTED)
        subject = caller.subject if dismissed else None
        await store.dismiss(tx, dose_id, dose.version, subject)
        await audit.note(tx, caller, SUGGESTION_DISMISS, [dose_id], why=why)
    if dismissed:
        return _answer(dose_id, dose.version, "dismissed", DISMISSED)
    return _answer(dose_id, dose.version, "open", UNDONE)


async def _suggested(tx: Transaction, dose: DoseWithStatus, version: int) -> StoredSuggestions:
    """The suggestions of a dose as it stands; ServiceError 409 where it has changed, or none."""
    if dose.version != version:
        raise version_changed(dose.version)
    stored = (await store.of_doses(tx, [dose.id])).get((dose.id, dose.version))
    if stored is None or dose.state not in WAITING:
        raise errors.refused(errors.NO_SUCH_PERSON)
    return stored


def _accepting(caller: Principal) -> Accepting:
    role = acting_role(caller.roles)
    assert role is not None  # `cleaners` let the caller in
    return Accepting(caller.subject, role)


def _answer(dose_id: DoseId, version: int, step: object, told: RowError) -> models.AcceptedAnswer:
    return models.AcceptedAnswer.model_validate(
        {
            "dose_id": dose_id,
            "version": version,
            "next_step": step,
            "message": told.message_vi,
            "message_en": told.message_en,
        }
    )
