"""Steps 3 and 4 of issuing where something was decided before.

That may be about the dose itself, an older version of it, or another record of the same injection.
"""

from collections.abc import Sequence
from contextlib import suppress

from contracts.events import RefusedDose, VerifiedDose
from contracts.ids import DoseId
from contracts.refusals import OF_SYSTEM, RefusalCode
from services.chassis.db import Transaction
from services.chassis.errors import TransientError
from services.signer.context import Context
from services.signer.issuance.intents import (
    CommittedIntents,
    IntentToSign,
    commit_intents,
    current_doses,
    draft_intents,
)
from services.signer.store import begun
from services.signer.store import intents as store
from services.signer.store.intents import StoredIntent, VersionKey, open_claims, person_index


class IntentOfAnotherError(Exception):
    """A dose's stored intent is for somebody or something else: its id was used twice, as after a
    restore that is not whole.
    """


async def commit_beside_others(context: Context, doses: Sequence[VerifiedDose]) -> CommittedIntents:
    """Finishes what was begun, and commits intents for the other doses.

    TransientError where another worker is issuing the same doses.
    """
    # an older version, or another record of the injection, may be decided on at this moment: then
    # it is seen the second time
    with suppress(TransientError):
        return await _commit_once(context, doses)
    return await _commit_once(context, doses)


async def _commit_once(context: Context, doses: Sequence[VerifiedDose]) -> CommittedIntents:
    async with context.db.begin() as intent_tx:
        current = await current_doses(intent_tx, doses)
        intents = await begun.intents_of(intent_tx, [dose.dose_id for dose in current])
        fresh: list[VerifiedDose] = []
        to_sign: list[IntentToSign] = []
        renewed_versions: list[VersionKey] = []
        for dose in current:
            version = _version(dose)
            if version not in intents:
                fresh.append(dose)
            elif (intent := intents[version]) is None:
                # it was renewed since: its event leaves once more
                renewed_versions.append(version)
            else:
                # it is finished under its serial and times
                to_sign.append(_unfinished(context, intent, dose))
        renewed: list[StoredIntent] = []
        if renewed_versions:
            renewed = await begun.newest_signed(intent_tx, renewed_versions)
        drafted = await draft_intents(context, intent_tx, fresh)
        # an older version makes room for a new one
        older = [VersionKey(DoseId(d.dose_id), d.version - 1) for d in fresh if d.version > 1]
        await store.free_injections(intent_tx, older)
        first, duplicates = await _one_each_injection(intent_tx, _newest(drafted.intents))
        if not await commit_intents(context, intent_tx, first):
            raise TransientError("another worker is issuing the same doses")
        refused = [*duplicates, *drafted.refused]
        await _outdate_older(intent_tx, refused)
    return CommittedIntents([*to_sign, *first], refused, renewed)


def _version(dose: VerifiedDose) -> VersionKey:
    return VersionKey(DoseId(dose.dose_id), dose.version)


def _unfinished(context: Context, intent: StoredIntent, dose: VerifiedDose) -> IntentToSign:
    """The stored intent of a dose; IntentOfAnotherError where it is another's."""
    person, facts = dose.person, dose.facts
    assert person is not None and facts is not None
    if intent.person != person_index(
        context.sealer, person.personal_id, person.passport_number, person.nationality
    ):
        raise IntentOfAnotherError("another person")
    if intent.date_given != facts.date_given:
        raise IntentOfAnotherError("another day")
    return IntentToSign(intent, open_claims(context.sealer, intent).cbor)


def _newest(intents: Sequence[IntentToSign]) -> list[IntentToSign]:
    """Two versions of a dose may come at once. Both cannot stand for its injection, and the older
    one is outdated already.
    """
    newest: dict[DoseId, int] = {}
    for drafted in intents:
        dose_id, version = drafted.stored.key
        newest[dose_id] = max(version, newest.get(dose_id, 0))
    return [
        drafted for drafted in intents if newest[drafted.stored.dose_id] == drafted.stored.version
    ]


async def _one_each_injection(
    tx: Transaction, intents: Sequence[IntentToSign]
) -> tuple[list[IntentToSign], list[RefusedDose]]:
    """One certificate an injection: a dose whose injection another record is certified for gets
    none.
    """
    holders = await begun.holders(tx, [drafted.stored for drafted in intents])
    first: list[IntentToSign] = []
    duplicates: list[RefusedDose] = []
    for drafted in intents:
        dose_id, version = drafted.stored.key
        if holders.setdefault(drafted.stored.injection, dose_id) == dose_id:
            first.append(drafted)
        else:
            duplicates.append(RefusedDose(dose_id, version, RefusalCode.DUPLICATE_DOSE))
    return first, duplicates


async def _outdate_older(tx: Transaction, refused: Sequence[RefusedDose]) -> None:
    """What older versions said of the person is no longer so, and a refused one gets nothing in
    their place: step 8 revokes them.
    """
    outdated = [
        VersionKey(DoseId(refusal.dose_id), refusal.version - 1)
        for refusal in refused
        if refusal.version > 1 and refusal.code not in OF_SYSTEM
    ]
    if outdated:
        await store.outdate(tx, outdated)
