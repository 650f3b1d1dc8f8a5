"""Whose primary series was of one dose: it decides how their later doses are written."""

from collections.abc import Sequence
from datetime import timedelta

from contracts.events import VerifiedDose
from services.chassis.db import Transaction
from services.signer.context import Context
from services.signer.domain.claims import follows_a_series, is_whole_series
from services.signer.store import begun, renewals
from services.signer.store.intents import PersonIndex, StoredIntent, person_index
from services.signer.store.renewals import RETRY_AFTER

_SOON = timedelta(minutes=1)


async def doses_after_single_series(
    context: Context, tx: Transaction, doses: Sequence[VerifiedDose]
) -> set[int]:
    """Ids of those later doses whose person's primary series was of one dose."""
    later = {dose.dose_id: _person(context, dose) for dose in doses if follows_a_series(dose)}
    single = {_person(context, dose) for dose in doses if is_whole_series(dose)}
    single |= await begun.single_series(tx, list(set(later.values())))
    return {dose_id for dose_id, person in later.items() if person in single}


async def note_single_series(
    context: Context, tx: Transaction, issued: Sequence[StoredIntent]
) -> None:
    """Notes that each of these doses was its person's whole series.

    Later doses of theirs that say otherwise get a next edition.
    """
    await begun.note_single_series(tx, [stored.key for stored in issued])
    # soon, but not before what is being signed beside this is signed
    tried_at = context.clock() - RETRY_AFTER + _SOON
    await renewals.series_changed(tx, [stored.person for stored in issued], tried_at)


def _person(context: Context, dose: VerifiedDose) -> PersonIndex:
    person = dose.person
    assert person is not None
    return person_index(
        context.sealer, person.personal_id, person.passport_number, person.nationality
    )
