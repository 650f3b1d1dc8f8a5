"""`/findings`: impossible histories, and how they were settled."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from contracts.access import STAFF, Role, callers_reach
from contracts.ids import DoseId
from services.chassis.auth import Allow, Principal
from services.chassis.db import Transaction
from services.chassis.http import problems
from services.chassis.idempotency import Key
from services.chassis.paging import (
    Page,
    Pages,
)
from services.records.context import Context
from services.records.dependencies import Ctx
from services.records.doses import corrections
from services.records.doses import store as doses
from services.records.doses.corrections import WithdrawalReason
from services.records.histories import errors, models
from services.records.histories.rules import MEANINGS, Code, FindingKind
from services.records.histories.store import findings as store
from services.records.histories.store.findings import StoredFinding
from services.records.pipeline.store import duplicates, status

router = APIRouter(tags=["findings"])
staff = Allow(*STAFF)
correctors = Allow(Role.FACILITY, Role.STATION, Role.PROVINCE, Role.MINISTRY, Role.SERVICE)
FindingId = Annotated[int, Path(ge=1, lt=1 << 63)]


@router.get(
    "/findings", summary="Doses that contradict each other", responses=problems(401, 403, 422, 503)
)
async def findings(
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
) -> Page[models.Finding]:
    """Where at least one of the two doses is within the caller's reach."""
    after = pages.after(int)
    reach = callers_reach(caller)
    async with context.db.begin() as tx:
        rows = await store.findings(
            tx,
            reach,
            codes=_codes(kind, code),
            facility=facility,
            province=province,
            closed=closed,
            after=after[0] if after else 0,
            limit=pages.limit,
        )
    return pages.page([shown(row) for row in rows], rows, lambda row: (row.id,))


@router.post(
    "/findings/{finding_id}/close",
    summary="Settle a finding",
    responses=problems(401, 403, 404, 409, 422, 503),
)
async def close(
    context: Ctx,
    finding_id: FindingId,
    closing: models.Closing,
    caller: Annotated[Principal, Depends(correctors)],
    idempotency_key: Key = None,
) -> models.Finding:
    """A dose is withdrawn only where it is within the caller's own reach; its certificate is
    revoked.

    Where another record of the same injection waited for that, it gets the certificate by itself.
    With another outcome such a record is kept as it is, without a certificate, and nobody has to
    look at it.
    """
    reach, body = callers_reach(caller), closing.model_dump_json().encode()
    async with (
        context.idempotency.claim(
            caller.subject, f"POST /findings/{finding_id}/close", idempotency_key
        ) as claim,
        context.db.begin() as tx,
    ):
        if claim is not None and claim.answer is not None:
            return models.Finding.model_validate(claim.replay(body))
        row = await store.one(tx, finding_id, reach, lock=True)
        if row is None:
            raise errors.finding_not_found()
        if row.outcome is not None:
            raise errors.finding_closed()
        two_doses = (row.dose.dose_id, row.other.dose_id)
        if (closing.outcome == "duplicate_withdrawn") != (closing.dose_id in two_doses):
            raise errors.dose_not_chosen()
        if closing.dose_id is not None:
            await _withdraw(context, tx, caller, closing.dose_id)
        elif row.kind == Code.DUPLICATE_DOSE:
            await duplicates.keep(tx, two_doses)
        await store.close(tx, finding_id, closing.outcome, caller.subject)
        settled = await store.one(tx, finding_id, reach)
        assert settled is not None
        closed = shown(settled)
        if claim is not None:
            await claim.store(tx, body, closed.model_dump(mode="json"))
    return closed


async def _withdraw(context: Context, tx: Transaction, caller: Principal, dose_id: DoseId) -> None:
    row = await doses.read_dose(tx, dose_id, lock=True)
    reach = callers_reach(caller)
    if row is None or not reach.covers(row.facility_code, row.residence):
        raise errors.dose_not_yours()
    await corrections.withdraw(context, tx, row, caller.subject, WithdrawalReason.DUPLICATE)
    await status.queue_neighbours(tx, row.id)


def shown(finding: StoredFinding) -> models.Finding:
    """A stored finding as the REST answers it."""
    meaning = MEANINGS[finding.kind]
    return models.Finding(
        finding_id=finding.id,
        kind=meaning.kind,
        code=finding.kind,
        severity=meaning.severity,
        message=meaning.vi,
        message_en=meaning.en,
        since=finding.since,
        dose=models.FindingDose(**finding.dose._asdict()),
        other=models.FindingDose(**finding.other._asdict()),
        outcome=finding.outcome,
    )


def _codes(kind: FindingKind | None, code: Code | None) -> list[Code] | None:
    """The codes to list; None: all."""
    if kind is None and code is None:
        return None
    return [
        known_code
        for known_code, meaning in MEANINGS.items()
        if kind in (None, meaning.kind) and code in (None, known_code)
    ]
