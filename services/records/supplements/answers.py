"""What becomes of a supplement: the facility answers, the province rules, or the time is over.

Whoever moves one on locks its dose first, and the supplement after.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from contracts.access import Reach
from services.chassis.db import Transaction
from services.records.context import Context
from services.records.doses import store as doses
from services.records.doses.corrections import WithdrawalReason, withdraw
from services.records.doses.store import DoseWithStatus
from services.records.pipeline.store import status
from services.records.schema import SUPPLEMENT_WORDS
from services.records.supplements import errors, store
from services.records.supplements.holding import set_held
from services.records.supplements.models import Contest
from services.records.supplements.rules import ENDED, OPEN, STANDING, SupplementState
from services.records.supplements.store import SupplementRow

_BY = "records"
_AT_ONCE = 200


class LockedSupplement(NamedTuple):
    """A supplement and its dose, both locked."""

    row: SupplementRow
    dose: DoseWithStatus


async def lock_supplement(tx: Transaction, supplement_id: int, reach: Reach) -> LockedSupplement:
    """Locks a supplement within reach; ServiceError 404 where there is none."""
    found = await store.one(tx, supplement_id, reach)
    if found is None:
        raise errors.supplement_not_found()
    dose = await doses.read_dose(tx, found.dose.id, lock=True)
    row = await store.lock(tx, found.dose.id)
    assert dose is not None and row is not None
    return LockedSupplement(row, dose)


async def confirm(
    context: Context, tx: Transaction, locked: LockedSupplement, subject: str
) -> None:
    """The facility says that it gave the dose, or takes its contest back."""
    if locked.row.state == SupplementState.CONFIRMED:
        return
    if locked.row.state not in OPEN:
        raise errors.supplement_settled(locked.row.state)
    answered = {"answered_by": subject, "answered_at": context.clock()}
    await _let_stand(context, tx, locked, SupplementState.CONFIRMED, subject, **answered)


async def contest(
    context: Context, tx: Transaction, locked: LockedSupplement, said: Contest, subject: str
) -> None:
    """The facility says that the dose is not right: no certificate, until a province rules."""
    if locked.row.state != SupplementState.WAITING:
        raise errors.supplement_settled(locked.row.state)
    now = context.clock()
    if now > locked.row.contest_until:
        raise errors.contest_time_over()
    words = said.words.strip()
    sealed = SUPPLEMENT_WORDS.seal(context.sealer, words.encode(), locked.dose.id)
    await store.set_state(
        tx,
        locked.dose.id,
        SupplementState.CONTESTED,
        answered_by=subject,
        answered_at=now,
        reason=said.reason,
        words=sealed if words else None,
    )
    await set_held(context, tx, locked.dose, subject, "supplement contested", held=True)


async def rule(
    context: Context, tx: Transaction, locked: LockedSupplement, subject: str, *, upheld: bool
) -> None:
    """A province rules on a contest: the dose is withdrawn, or stands."""
    if locked.row.state != SupplementState.CONTESTED:
        raise errors.supplement_settled(locked.row.state)
    ruled = {"ruled_by": subject, "ruled_at": context.clock()}
    if not upheld:
        await _let_stand(context, tx, locked, SupplementState.DISMISSED, subject, **ruled)
        return
    await withdraw(context, tx, locked.dose, subject, WithdrawalReason.NOT_GIVEN)
    await status.queue_neighbours(tx, locked.dose.id)
    await store.set_state(tx, locked.dose.id, SupplementState.UPHELD, **ruled)


async def expire(context: Context, now: datetime) -> None:
    """Lets supplements stand whose time is over without an answer."""
    async with context.db.begin() as tx:
        due = await store.due(tx, now, _AT_ONCE)
        for locked in await _lock_all(tx, due):
            waiting = locked.row.state == SupplementState.WAITING
            if waiting and locked.row.contest_until <= now:
                await _let_stand(context, tx, locked, SupplementState.UNANSWERED, _BY)


async def yield_to_own(context: Context, now: datetime) -> None:
    """Withdraws supplements of which the facility's own record came, and was refused beside them,
    or they beside it.
    """
    async with context.db.begin() as tx:
        met = await store.met_by_duplicates(tx, sorted({*OPEN, *STANDING}), _AT_ONCE)
        await _replace_all(context, tx, met)


async def yield_while_open(context: Context, now: datetime) -> None:
    """The same for those that are held, and so are never refused beside another record."""
    after = 0
    while True:
        async with context.db.begin() as tx:
            dose_ids = await store.open_ones(tx, after, _AT_ONCE)
            await _replace_all(context, tx, dose_ids)
        if len(dose_ids) < _AT_ONCE:
            return
        after = dose_ids[-1]


async def _let_stand(
    context: Context,
    tx: Transaction,
    locked: LockedSupplement,
    state: SupplementState,
    subject: str,
    **values: object,
) -> None:
    """Moves a supplement to a state in which it stands, unless the facility's own record does."""
    for own in await store.own_records(tx, [locked.dose.id]):
        await _replace(context, tx, locked, own.own_dose_id)
        return
    await store.set_state(tx, locked.dose.id, state, **values)
    await set_held(context, tx, locked.dose, subject, f"supplement {state}", held=False)


async def _replace_all(context: Context, tx: Transaction, dose_ids: Sequence[int]) -> None:
    own = {found.dose_id: found.own_dose_id for found in await store.own_records(tx, dose_ids)}
    for locked in await _lock_all(tx, sorted(own)):
        if locked.row.state not in ENDED:
            await _replace(context, tx, locked, own[locked.dose.id])


async def _replace(
    context: Context, tx: Transaction, locked: LockedSupplement, own_dose_id: int
) -> None:
    """The facility's own record wins: the supplement is withdrawn and says which record that is."""
    await withdraw(context, tx, locked.dose, _BY, WithdrawalReason.DUPLICATE)
    await status.queue_neighbours(tx, locked.dose.id)
    await store.set_state(tx, locked.dose.id, SupplementState.REPLACED, own_dose_id=own_dose_id)


async def _lock_all(tx: Transaction, dose_ids: Sequence[int]) -> list[LockedSupplement]:
    locked = []
    for dose in await doses.lock_doses(tx, dose_ids) if dose_ids else []:
        row = await store.lock(tx, dose.id)
        if row is not None:
            locked.append(LockedSupplement(row, dose))
    return locked
