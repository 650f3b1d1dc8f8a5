"""Single doses put right: a correction makes a new version that is verified again, a withdrawal
ends the dose.
"""

from enum import StrEnum
from typing import Any

from contracts.topics import RECORDED
from contracts.words import State
from services.chassis.db import Transaction
from services.chassis.errors import ServiceError
from services.records.context import Context
from services.records.domain.doubts import remaining
from services.records.domain.parse_row import parse_row
from services.records.doses import store as doses
from services.records.doses.versions import (
    NO_BATCH,
    doubts_of,
    new_version,
    publish_withdrawn,
    raw_row_of,
    recorded_event,
)
from services.records.pipeline.store import status


class WithdrawalReason(StrEnum):
    """Why a dose is withdrawn."""

    ENTERED_IN_ERROR = "entered_in_error"
    DUPLICATE = "duplicate"
    WRONG_PERSON = "wrong_person"
    NOT_GIVEN = "not_given"


async def correct(
    context: Context, tx: Transaction, row: Any, changes: dict[str, str], subject: str, reason: str
) -> None:
    """Changes typed fields of a dose that the caller has locked.

    The same content again is no new version. What was issued for the older one holds until the new
    one is judged: a correction alone ends nobody's certificate. ServiceError 422 where the outcome
    breaks a rule, and nothing changes.
    """
    if row.state == State.WITHDRAWN:
        raise ServiceError(
            409,
            "DOSE_WITHDRAWN",
            "Mũi tiêm này đã bị rút; nếu mũi tiêm có thật, hãy gửi mũi mới với một mã bản ghi mới.",
            "This dose was withdrawn and stays so; if it was given after all, send a new one with a"
            " new record code.",
        )
    found = parse_row(
        raw_row_of(context.sealer, row)._replace(**changes),
        today=context.today(),
        facilities=context.facilities,
    )
    if found.dose is None:
        raise ServiceError(
            422, "CORRECTION_INVALID", "Bản sửa chưa đúng; xem từng lỗi.",
            "The correction breaks rules; see the errors.",
            errors=[error.as_json() | {"message_vi": error.message_vi} for error in found.errors],
        )  # fmt: skip
    dose = found.dose.doubted(remaining(doubts_of(row), changes))
    if dose.content == row.digest:
        return
    newer = new_version(context.sealer, row.id, row.version + 1, NO_BATCH, 0, dose)
    await doses.add_versions(tx, [newer.row], subject, reason)
    await context.outbox.put(
        tx, RECORDED.lane(True), f"dose/{row.id}", RECORDED.name, recorded_event(NO_BATCH, [newer])
    )


async def withdraw(context: Context, tx: Transaction, row: Any, subject: str, reason: str) -> None:
    """Ends a dose that the caller has locked; once ended, it stays so, and the first to do it is
    remembered.

    `reason`: one of `WithdrawalReason`, or words of the caller's own.
    """
    if row.state == State.WITHDRAWN:
        return
    await status.set_withdrawn(tx, row.id, row.version, subject, reason)
    await publish_withdrawn(context.outbox, tx, [(row.id, row.version, reason)])
