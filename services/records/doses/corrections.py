"""Corrects or withdraws single doses: a new version is verified again, a withdrawal ends a dose."""

from enum import StrEnum

from contracts.topics import RECORDED
from contracts.words import Mark, State
from services.chassis.db import Transaction
from services.records.context import Context
from services.records.domain.doubts import remaining, with_doubts
from services.records.domain.parse_row import parse_row
from services.records.doses import store
from services.records.doses.errors import correction_invalid, dose_withdrawn
from services.records.doses.store import DoseWithStatus
from services.records.doses.versions import (
    NO_BATCH,
    doubts_of,
    new_version,
    publish_withdrawn,
    raw_row_of,
    recorded_event,
)
from services.records.pipeline.store import status
from services.records.supplements import store as supplements
from services.records.webhooks import occurrences


class WithdrawalReason(StrEnum):
    """Why a dose is withdrawn."""

    ENTERED_IN_ERROR = "entered_in_error"
    DUPLICATE = "duplicate"
    WRONG_PERSON = "wrong_person"
    NOT_GIVEN = "not_given"


async def correct(
    context: Context,
    tx: Transaction,
    stored: DoseWithStatus,
    changes: dict[str, str],
    subject: str,
    reason: str,
) -> None:
    """Changes typed fields of a dose that the caller has locked.

    The same content again is no new version. What was issued for the older version stays valid
    until the new one is judged. ServiceError 422, and nothing changes, where a rule is broken.
    """
    if stored.state == State.WITHDRAWN:
        raise dose_withdrawn()
    result = parse_row(
        raw_row_of(context.sealer, stored)._replace(**changes),
        today=context.today(),
        facilities=context.facilities,
    )
    if result.dose is None:
        raise correction_invalid(result.errors)
    dose = with_doubts(result.dose, remaining(doubts_of(stored), changes))
    if dose.content == stored.digest:
        return
    newer = new_version(context.sealer, stored.id, stored.version + 1, NO_BATCH, 0, dose)
    await store.add_versions(tx, [newer.row], subject, reason)
    event = recorded_event(NO_BATCH, [newer])
    await context.outbox.put(tx, RECORDED.lane(True), f"dose/{stored.id}", RECORDED.name, event)


async def withdraw(
    context: Context, tx: Transaction, stored: DoseWithStatus, subject: str, reason: str
) -> None:
    """Ends a dose that the caller has locked.

    A withdrawn dose stays withdrawn, and the first to withdraw it is remembered. `reason`: one of
    `WithdrawalReason`, or words of the caller's own.
    """
    if stored.state == State.WITHDRAWN:
        return
    await occurrences.dose_withdrawn(tx, stored.id)
    if Mark.SUPPLEMENTED in doubts_of(stored):
        await supplements.end(tx, stored.id)
    await status.set_withdrawn(tx, stored.id, stored.version, subject, reason)
    await publish_withdrawn(context.outbox, tx, [(stored.id, stored.version, reason)])
