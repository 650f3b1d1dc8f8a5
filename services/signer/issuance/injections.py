"""What is known of injections across record codes: one certificate each, and whose primary series
was of one dose.
"""

from collections.abc import Sequence
from datetime import timedelta

from contracts.events import VerifiedDose
from contracts.products import PRODUCTS
from services.chassis.db import Transaction
from services.signer.context import Context
from services.signer.domain.claims import is_single
from services.signer.issuance.prepare import Intent
from services.signer.store import certificates as store
from services.signer.store import renewals
from services.signer.store.certificates import StoredIntent
from services.signer.store.renewals import RETRY_AFTER

_SOON = timedelta(minutes=1)
Pair = tuple[StoredIntent, Intent]
"""What is stored of an intent, and the intent."""


async def first_of_each(tx: Transaction, pairs: Sequence[Pair]) -> tuple[list[Pair], list[Pair]]:
    """Intents that stand for their injections, and those whose injection another dose is certified
    for.
    """
    holders = await store.holders(tx, [stored for stored, _ in pairs])
    first: list[Pair] = []
    duplicates: list[Pair] = []
    for pair in pairs:
        dose_id = pair[0].dose_id
        (first if holders.setdefault(pair[0].injection, dose_id) == dose_id else duplicates).append(
            pair
        )
    return first, duplicates


async def after_single_series(
    context: Context, tx: Transaction, doses: Sequence[VerifiedDose]
) -> set[int]:
    """Ids of those later doses whose person's primary series was of one dose."""
    later: dict[int, int] = {}
    whole = set()
    for dose in doses:
        if dose.person is None or dose.facts is None:
            continue
        if dose.facts.dose_kind != "primary" and dose.facts.dose_number > 2:
            later[dose.dose_id] = _person_key(context, dose)
        elif _is_whole_series(dose):
            whole.add(_person_key(context, dose))
    if not later:
        return set()
    whole |= await store.single_series(tx, list(set(later.values())))
    return {dose_id for dose_id, person in later.items() if person in whole}


async def note_single_series(
    context: Context, tx: Transaction, issued: Sequence[tuple[StoredIntent, VerifiedDose]]
) -> None:
    """Notes whose series was of one dose; later doses of theirs that say otherwise get a next
    edition.
    """
    whole = [stored for stored, dose in issued if _is_whole_series(dose)]
    if whole:
        await store.note_single_series(tx, [(stored.dose_id, stored.version) for stored in whole])
        # soon, but not before what is being signed beside this is signed
        await renewals.series_changed(
            tx, [stored.person for stored in whole], context.clock() - RETRY_AFTER + _SOON
        )


def _is_whole_series(dose: VerifiedDose) -> bool:
    facts = dose.facts
    return (
        facts is not None
        and facts.dose_kind == "primary"
        and facts.product in PRODUCTS
        and is_single(PRODUCTS[facts.product])
    )


def _person_key(context: Context, dose: VerifiedDose) -> int:
    assert dose.person is not None
    return context.person_key(
        dose.person.personal_id, dose.person.passport_number, dose.person.nationality
    )
