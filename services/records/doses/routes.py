"""`/doses/{id}`: read, correct or withdraw one dose."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from contracts.access import STAFF, Reach, Role, callers_reach
from contracts.ids import DoseId
from contracts.words import Mark
from services.chassis import audit
from services.chassis.auth import Allow, Principal
from services.chassis.db import Transaction
from services.chassis.http import problems
from services.chassis.idempotency import Key
from services.chassis.volume import counted
from services.records.context import Context
from services.records.dependencies import Ctx
from services.records.disclosure.audit_acts import (
    DOSE_CORRECT,
    DOSE_READ,
    DOSE_WITHDRAW,
    Why,
    scope_of,
)
from services.records.disclosure.visibility import Masked, single_masked
from services.records.doses import corrections, models, store
from services.records.doses.corrections import WithdrawalReason
from services.records.doses.errors import dose_not_found, version_changed
from services.records.doses.store import DoseWithStatus
from services.records.doses.versions import doubts_of, person_of
from services.records.histories.serializers import finding_item, steers
from services.records.histories.store import findings
from services.records.pipeline.store import status
from services.records.suggestions import store as suggestions
from services.records.suggestions.serializers import suggestions_out
from services.records.supplements.errors import contest_instead
from services.records.told_cases import store as told_cases
from services.records.told_cases.serializers import case_out, unheld_out
from services.records.worklist.serializers import dose_fields

router = APIRouter(tags=["doses"])
staff = Allow(*STAFF)
correctors = Allow(Role.FACILITY, Role.STATION, Role.PROVINCE, Role.MINISTRY, Role.SERVICE)
DoseIdPath = Annotated[DoseId, Path(ge=1, lt=1 << 63)]


@router.get(
    "/doses/{dose_id}",
    summary="A dose at its current version, and its history",
    responses=problems(401, 403, 404, 422, 429, 503),
)
async def read_dose(
    context: Ctx,
    dose_id: DoseIdPath,
    caller: Annotated[Principal, Depends(counted(staff))],
    masked: Masked = None,
    why: Why = None,
) -> models.DoseWithHistory:
    """A dose that the caller may not see is told as not found. Every look is kept in the audit.

    Province and ministry see it whole where they state that it is for a correction, a complaint or
    an identity. How many doses one caller may look at is limited.
    """
    hidden = single_masked(caller, masked, why)
    async with context.db.begin() as tx:
        row = await visible(tx, dose_id, callers_reach(caller))
        await audit.note(tx, caller, DOSE_READ, [dose_id], why=why, scope=scope_of(hidden))
        return await _shown(context, tx, row, caller, hidden)


@router.patch(
    "/doses/{dose_id}",
    summary="Correct a dose: a new version",
    responses=problems(401, 403, 404, 409, 422, 429, 503),
)
async def correct_dose(
    context: Ctx,
    dose_id: DoseIdPath,
    correction: models.Correction,
    caller: Annotated[Principal, Depends(counted(correctors))],
    why: Why = None,
    idempotency_key: Key = None,
) -> models.DoseWithHistory:
    """The new version is verified again; what was issued for the older one is revoked.

    Sent again with the same key, it is answered with the dose as it is by then. The answer is
    masked as if the dose were read.
    """
    hidden = single_masked(caller, None, why)
    # keyed, and the answer is not kept: both hold a person
    body = b"%d" % context.sealer.blind(correction.model_dump_json())
    async with (
        context.idempotency.claim(
            caller.subject, f"PATCH /doses/{dose_id}", idempotency_key
        ) as claim,
        context.db.begin() as tx,
    ):
        row = await visible(tx, dose_id, callers_reach(caller), lock=True)
        if claim is not None and claim.answer is not None:
            claim.replay(body)
            await audit.note(tx, caller, DOSE_READ, [dose_id], why=why, scope=scope_of(hidden))
            return await _shown(context, tx, row, caller, hidden)
        if correction.version is not None and correction.version != row.version:
            raise version_changed(row.version)
        await corrections.correct(
            context, tx, row, correction.changes(), caller.subject, correction.reason
        )
        await audit.note(tx, caller, DOSE_CORRECT, [dose_id], why=why, scope=scope_of(hidden))
        await status.queue_neighbours(tx, dose_id)
        if claim is not None:
            await claim.store(tx, body, None)
        after = await visible(tx, dose_id, Reach(everything=True))
        return await _shown(context, tx, after, caller, hidden)


@router.delete(
    "/doses/{dose_id}",
    summary="Withdraw a dose that was entered in error",
    responses=problems(401, 403, 404, 422, 503),
)
async def withdraw_dose(
    context: Ctx,
    dose_id: DoseIdPath,
    caller: Annotated[Principal, Depends(correctors)],
    code: Annotated[WithdrawalReason | None, Query(description="why")] = None,
    reason: Annotated[
        str,
        Query(
            min_length=3,
            max_length=200,
            pattern=r"^[^\d\x00]*$",
            description=(
                "why, in words without personal data; addresses are logged on their way, so give a"
                " `code` instead"
            ),
            deprecated=True,
        ),
    ] = "entered in error",
    why: Why = None,
) -> models.Withdrawal:
    """Its certificate is revoked, and who did it is kept. Withdrawing twice is withdrawing once; a
    withdrawn dose never comes back.
    """
    async with context.db.begin() as tx:
        row = await visible(tx, dose_id, callers_reach(caller), lock=True)
        require_may_withdraw(row, caller)
        await corrections.withdraw(context, tx, row, caller.subject, code or reason)
        await status.queue_neighbours(tx, dose_id)
        await audit.note(tx, caller, DOSE_WITHDRAW, [dose_id], why=why)
        after = await visible(tx, dose_id, Reach(everything=True))
    return models.Withdrawal(dose_id=after.id, version=after.version, state=after.state)


def require_may_withdraw(row: DoseWithStatus, caller: Principal) -> None:
    """ServiceError 403 where a facility would withdraw what a station recorded from its slip."""
    if Role.FACILITY in caller.roles and Mark.SUPPLEMENTED in doubts_of(row):
        raise contest_instead()


async def visible(
    tx: Transaction, dose_id: DoseId, reach: Reach, *, lock: bool = False
) -> DoseWithStatus:
    """Reads a dose; ServiceError 404 where it does not exist, or the caller may not see it."""
    dose = await store.read_dose(tx, dose_id, lock=lock)
    if dose is None or not reach.covers(dose.facility_code, dose.residence):
        raise dose_not_found()
    return dose


async def _shown(
    context: Context, tx: Transaction, dose: DoseWithStatus, caller: Principal, masked: bool
) -> models.DoseWithHistory:
    older = await store.older_versions(tx, dose.id)
    withdrawal = await store.withdrawal_of(tx, dose.id, dose.version)
    suggested = (await suggestions.of_doses(tx, [dose.id])).get((dose.id, dose.version))
    case = (await told_cases.of_doses(tx, [dose.id])).get((dose.id, dose.version))
    return models.DoseWithHistory(
        **dose_fields(context.sealer, dose, masked),
        history=[models.DoseVersion(**version._asdict()) for version in older],
        withdrawal=models.WithdrawnBy(**withdrawal._asdict()) if withdrawal else None,
        findings=[
            finding_item(finding, caller)
            for finding in await findings.of_dose(tx, dose.id, steering=steers(caller))
        ],
        suggestions=suggestions_out(
            context.sealer, suggested, person_of(context.sealer, dose), caller, masked
        )
        if suggested
        else None,
        case=case_out(case),
        unheld=unheld_out(case),
    )
