"""`/verifications`: what was concluded of the doses of a batch, or of one dose."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from contracts.access import STAFF, callers_reach
from contracts.ids import BatchId, DoseId
from services.chassis import audit
from services.chassis.auth import Allow, Principal
from services.chassis.http import problems
from services.chassis.paging import (
    Page,
    Pages,
)
from services.chassis.volume import Look
from services.verifier import errors
from services.verifier.api import models
from services.verifier.api.audit_acts import READ, Why
from services.verifier.api.dependencies import Ctx
from services.verifier.api.verification_serializers import verification_item
from services.verifier.evidence import open_evidence
from services.verifier.store import verification_queries

router = APIRouter(tags=["verifications"])
staff = Allow(*STAFF)
BatchQuery = Annotated[BatchId | None, Query(ge=1, lt=1 << 63)]
DoseQuery = Annotated[DoseId | None, Query(ge=1, lt=1 << 63)]


@router.get(
    "/verifications",
    summary="Verifications of a batch or of a dose",
    responses=problems(401, 403, 422, 429, 503),
)
async def find_verifications(
    context: Ctx,
    pages: Pages,
    caller: Annotated[Principal, Depends(staff)],
    batch_id: BatchQuery = None,
    dose_id: DoseQuery = None,
    why: Why = None,
) -> Page[models.Verification]:
    """Within the caller's reach: of each dose of a batch the newest version, of one dose every
    version. What was replaced or suggested is whole for the police, a hint for others. Every look
    is written down.
    """
    if batch_id is None and dose_id is None:
        raise errors.filter_missing()
    after = pages.after(int, int)
    async with context.db.begin() as tx:
        rows = await verification_queries.find(
            tx,
            callers_reach(caller),
            batch_id=batch_id,
            dose_id=dose_id,
            after=(after[0], after[1]) if after else (0, 0),
            limit=pages.limit,
        )
        opened = [(row, open_evidence(context.sealer, row.dose_id, row.evidence)) for row in rows]
        if dose_id is None:
            await context.volumes.admit(caller, Look.LISTED, len(rows))
        else:
            await context.volumes.admit(caller, Look.SINGLE)
        # a grade alone is somebody's data: every dose that is shown is written down
        seen = list(dict.fromkeys(row.dose_id for row in rows))
        scope = f"batch={batch_id}" if batch_id is not None else ""
        await audit.note(tx, caller, READ, seen, why=why, scope=scope, shown=len(rows))
    return pages.page(
        [verification_item(row, evidence, caller) for row, evidence in opened],
        rows,
        lambda row: (
            row.dose_id,
            row.version,
        ),
    )
