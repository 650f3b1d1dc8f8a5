"""Single doses put right: a correction makes a new version that is verified again, a withdrawal ends the dose."""

from typing import Any

from contracts.topics import RECORDED
from contracts.words import State
from services.chassis.db import Transaction
from services.chassis.errors import ServiceError
from services.records.context import Context
from services.records.domain.reading import read_row
from services.records.store import doses, status
from services.records.versions import NO_BATCH, doses_recorded, end_older, stored, tell_withdrawn, typed


async def correct(context: Context, tx: Transaction, row: Any, changes: dict[str, str], subject: str, reason: str) -> None:
    """Changes typed fields of a dose that the caller has locked; ServiceError 422 where the outcome breaks a rule, and nothing changes.

    The same content again is no new version.
    """
    if row.state == State.WITHDRAWN:
        raise ServiceError(
            409, "DOSE_WITHDRAWN", "Mũi tiêm này đã bị rút; hãy nhập mũi tiêm mới.", "This dose was withdrawn; record a new one."
        )
    found = read_row(typed(context.sealer, row)._replace(**changes), today=context.today(), facilities=context.facilities)
    if found.dose is None:
        raise ServiceError(
            422, "CORRECTION_INVALID", "Bản sửa chưa đúng; xem từng lỗi.", "The correction breaks rules; see the errors.",
            errors=[error.as_json() for error in found.errors],
        )  # fmt: skip
    dose = found.dose
    if dose.content == row.digest:
        return
    newer = stored(context.sealer, row.id, row.version + 1, NO_BATCH, 0, dose)
    await doses.add_versions(tx, [newer.row], subject, reason)
    await end_older(context, tx, [newer.row], "corrected")
    await context.outbox.put(tx, RECORDED.lane(True), f"dose/{row.id}", RECORDED.name, doses_recorded(NO_BATCH, [newer]))


async def withdraw(context: Context, tx: Transaction, row: Any, reason: str) -> None:
    """Ends a dose that the caller has locked; once ended, it stays so."""
    if row.state == State.WITHDRAWN:
        return
    await status.set_withdrawn(tx, row.id, row.version)
    await tell_withdrawn(context, tx, [(row.id, row.version, reason)])
