"""`/findings`: impossible histories, and how they were settled."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from contracts.access import STAFF, Role, callers_reach
from contracts.ids import DoseId
from services.chassis import audit
from services.chassis.auth import Allow, Principal
from services.chassis.db import Transaction
from services.chassis.http import problems
from services.chassis.idempotency import Key
from services.chassis.paging import (
    Page,
    Pages,
)
from services.chassis.volume import Look
from services.records.context import Context
from services.records.dependencies import Ctx
from services.records.disclosure.audit_acts import FINDING_CLOSE, FINDINGS, Why, scope_of
from services.records.doses import corrections
from services.records.doses import store as doses
from services.records.doses.corrections import WithdrawalReason
from services.records.doses.routes import require_may_withdraw
from services.records.histories import errors, models
from services.records.histories.rules import MEANINGS, Code, FindingKind
from services.records.histories.serializers import (
    finding_item,
    may_settle,
    shown_doses,
    steers,
)
from services.records.histories.store import findings as store
from services.records.histories.store.findings import FindingFilter, StoredFinding
from services.records.pipeline.store import duplicates, status

router = APIRouter(tags=["findings"])
staff = Allow(*STAFF)
correctors = Allow(Role.FACILITY, Role.STATION, Role.PROVINCE, Role.MINISTRY, Role.SERVICE)
FindingId = Annotated[int, Path(ge=1, lt=1 << 63)]


@router.get(
    "/findings",
    summary="Doses that contradict each other",
    responses=problems(401, 403, 422, 429, 503),
)
async def list_findings(
    context: Ctx,
    pages: Pages,
    caller: Annotated[Principal, Depends(staff)],
    kind: FindingKind | None = None,
    code: Annotated[Code | None, Query(description="finer than the kind")] = None,
    facility: Annotated[str | None, Query(pattern=r"^[0-9]{5}$")] = None,
    province: Annotated[
        str | None, Query(pattern=r"^[0-9]{2}$", description="of residence")
    ] = None,
    closed: Annotated[bool, Query(description="the closed ones instead of the open ones")] = False,
    why: Why = None,
) -> Page[models.Finding]:
    """Where at least one of the two doses is within the caller's reach. Of the other one nothing is
    told but that there is one: no place, no day, no product.

    A number that was typed for many names (ONE_ID_MANY_NAMES) is for province and ministry. Every
    look is kept in the audit.
    """
    after = pages.after(int)
    chosen = FindingFilter(
        reach=callers_reach(caller),
        steering=steers(caller),
        codes=_codes(kind, code),
        facility=facility,
        province=province,
        closed=closed,
    )
    async with context.db.begin() as tx:
        rows = await store.findings(tx, chosen, after[0] if after else 0, pages.limit)
        await context.volumes.admit(caller, Look.LISTED, len(rows))
        seen = dict.fromkeys(dose_id for row in rows for dose_id in shown_doses(row, caller))
        await audit.note(tx, caller, FINDINGS, list(seen), why=why, scope=_scope(chosen))
    return pages.page([finding_item(row, caller) for row in rows], rows, lambda row: (row.id,))


def _scope(chosen: FindingFilter) -> str:
    return scope_of(
        None,
        codes=",".join(chosen.codes) if chosen.codes else None,
        facility=chosen.facility,
        province=chosen.province,
        closed=chosen.closed,
    )


@router.post(
    "/findings/{finding_id}/close",
    summary="Settle a finding",
    responses=problems(401, 403, 404, 409, 422, 429, 503),
)
async def close_finding(
    context: Ctx,
    finding_id: FindingId,
    closing: models.Closing,
    caller: Annotated[Principal, Depends(correctors)],
    why: Why = None,
    idempotency_key: Key = None,
) -> models.Finding:
    """A dose is withdrawn only where it is within the caller's own reach; its certificate is
    revoked. That nothing is wrong says who sees both doses, and never a facility, whose own they
    are.

    Where another record of the same injection waited for that, it gets the certificate by itself.
    With another outcome such a record is kept as it is, without a certificate, and nobody has to
    look at it.
    """
    body = closing.model_dump_json().encode()
    async with (
        context.idempotency.claim(
            caller.subject, f"POST /findings/{finding_id}/close", idempotency_key
        ) as claim,
        context.db.begin() as tx,
    ):
        row = await _visible(tx, finding_id, caller, lock=True)
        if claim is not None and claim.answer is not None:
            # as it is now, to who still may see it
            claim.replay(body)
            return await _settled(context, tx, row, caller, why)
        if row.outcome is not None:
            raise errors.finding_closed()
        two_doses = (row.dose.dose_id, row.other.dose_id)
        if (closing.outcome == "duplicate_withdrawn") != (closing.dose_id in two_doses):
            raise errors.dose_not_chosen()
        if closing.dose_id is None and not may_settle(row, caller):
            raise errors.finding_not_yours_to_settle()
        if closing.dose_id is not None:
            await _withdraw(context, tx, caller, closing.dose_id)
        elif row.kind == Code.DUPLICATE_DOSE:
            await duplicates.keep(tx, two_doses)
        await store.close(tx, finding_id, closing.outcome, caller.subject)
        if claim is not None:
            await claim.store(tx, body, None)
        settled = await _visible(tx, finding_id, caller)
        return await _settled(context, tx, settled, caller, why)


async def _visible(
    tx: Transaction, finding_id: int, caller: Principal, *, lock: bool = False
) -> StoredFinding:
    """The finding, where a dose of it is within reach; otherwise ServiceError 404."""
    row = await store.one(tx, finding_id, callers_reach(caller), steering=steers(caller), lock=lock)
    if row is None:
        raise errors.finding_not_found()
    return row


async def _settled(
    context: Context, tx: Transaction, row: StoredFinding, caller: Principal, why: str | None
) -> models.Finding:
    await context.volumes.admit(caller, Look.SINGLE)
    seen = shown_doses(row, caller)
    await audit.note(tx, caller, FINDING_CLOSE, seen, why=why, scope=f"outcome={row.outcome}")
    return finding_item(row, caller)


async def _withdraw(context: Context, tx: Transaction, caller: Principal, dose_id: DoseId) -> None:
    row = await doses.read_dose(tx, dose_id, lock=True)
    reach = callers_reach(caller)
    if row is None or not reach.covers(row.facility_code, row.residence):
        raise errors.dose_not_yours()
    require_may_withdraw(row, caller)
    await corrections.withdraw(context, tx, row, caller.subject, WithdrawalReason.DUPLICATE)
    await status.queue_neighbours(tx, row.id)


def _codes(kind: FindingKind | None, code: Code | None) -> list[Code] | None:
    """The codes to list; None: all."""
    if kind is None and code is None:
        return None
    return [
        known_code
        for known_code, meaning in MEANINGS.items()
        if kind in (None, meaning.kind) and code in (None, known_code)
    ]
