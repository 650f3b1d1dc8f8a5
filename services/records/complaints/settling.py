"""The correction that settles a complaint: made in the transaction of its answer."""

from contracts.access import callers_reach
from contracts.ids import DoseId
from contracts.purposes import Purpose
from services.chassis import audit
from services.chassis.auth import Principal
from services.chassis.db import Transaction
from services.records.complaints import errors, models, store
from services.records.complaints.store import ComplaintRow
from services.records.context import Context
from services.records.disclosure.audit_acts import DOSE_CORRECT
from services.records.doses import corrections
from services.records.doses.errors import version_changed
from services.records.doses.routes import visible
from services.records.pipeline.store import status


async def settle(
    context: Context,
    tx: Transaction,
    caller: Principal,
    complaint: ComplaintRow,
    answer: models.Answer,
    why: Purpose | None,
) -> None:
    """Corrects the dose of a complaint that is locked, by the rules of any correction.

    ServiceError where no dose is named, another one, one beyond reach, or where a rule is broken.
    """
    correction, dose_id = answer.correction, complaint.dose_id or answer.dose_id
    assert correction is not None
    if dose_id is None:
        raise errors.dose_not_named()
    if answer.dose_id not in (None, dose_id):
        raise errors.dose_of_another_complaint()
    row = await visible(tx, DoseId(dose_id), callers_reach(caller), lock=True)
    if correction.version is not None and correction.version != row.version:
        raise version_changed(row.version)
    changes = correction.changes()
    await corrections.correct(context, tx, row, changes, caller.subject, correction.reason)
    await audit.note(tx, caller, DOSE_CORRECT, [dose_id], why=why or Purpose.COMPLAINT)
    await status.queue_neighbours(tx, DoseId(dose_id))
    before = (complaint.corrected or "").split()
    fields = " ".join(dict.fromkeys([*before, *changes]))
    await store.set_corrected(tx, complaint.id, dose_id, fields)
