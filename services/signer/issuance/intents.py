"""Steps 3 and 4 of issuing: claims are drafted, and committed as intents before they are signed."""

from collections.abc import Sequence
from typing import NamedTuple

from contracts.events import RefusedDose, VerifiedDose
from contracts.ids import DoseId
from contracts.uvci import RANDOM_BYTES, serials
from services.chassis.db import Transaction
from services.signer.context import Context
from services.signer.domain.claims import draft_certificates, follows_a_series, is_whole_series
from services.signer.hcert.cose import claims_encoder
from services.signer.issuance.series import doses_after_single_series, note_single_series
from services.signer.store import intents as store
from services.signer.store.intents import StoredIntent, person_index, seal_claims


class IntentToSign(NamedTuple):
    """An intent as it is stored, and its claims in CBOR, which are what is signed.

    `whole_series`: whether the dose alone is its person's whole primary series.
    """

    stored: StoredIntent
    cbor: bytes
    whole_series: bool = False


class DraftedIntents(NamedTuple):
    """What step 3 makes of doses: intents that are not stored yet, and doses that get none."""

    intents: list[IntentToSign]
    refused: list[RefusedDose]


class CommittedIntents(NamedTuple):
    """What step 4 leaves: intents to sign, doses that get none, and the newest editions of those
    that were renewed since.
    """

    to_sign: list[IntentToSign]
    refused: list[RefusedDose]
    renewed: list[StoredIntent]


async def current_doses(
    intent_tx: Transaction, doses: Sequence[VerifiedDose]
) -> Sequence[VerifiedDose]:
    """Those that were neither withdrawn nor superseded."""
    outdated = await store.outdated_versions(intent_tx, [dose.dose_id for dose in doses])
    if not outdated:
        return doses
    return [dose for dose in doses if outdated.get(dose.dose_id, 0) < dose.version]


async def draft_intents(
    context: Context, intent_tx: Transaction, doses: Sequence[VerifiedDose]
) -> DraftedIntents:
    """Fixes the claims of each dose, lints them and seals them."""
    signer, now = context.ring.active, context.clock()
    minted = serials(int(now.timestamp()), context.random(RANDOM_BYTES * len(doses)))
    single: set[int] = set()
    if any(map(follows_a_series, doses)):
        single = await doses_after_single_series(context, intent_tx, doses)
    chunk = draft_certificates(doses, now, minted, signer.window, context.profile, single)
    encode, kid, sealer = claims_encoder(), signer.envelope.kid, context.sealer
    intents: list[IntentToSign] = []
    for dose, person, facts, uvci, claims in chunk.drafts:
        cbor = encode(claims)
        stored = StoredIntent(
            DoseId(dose.dose_id),
            dose.version,
            uvci,
            kid,
            person_index(sealer, person.personal_id, person.passport_number, person.nationality),
            facts.date_given,
            seal_claims(sealer, uvci, cbor, person.sex, person.nationality),
            chunk.issued_at,
            chunk.expires_at,
            facts.dose_number,
            dose.facility_code,
            dose.residence,
        )
        intents.append(IntentToSign(stored, cbor, is_whole_series(dose)))
    return DraftedIntents(intents, chunk.refused)


async def commit_intents(
    context: Context, intent_tx: Transaction, intents: Sequence[IntentToSign]
) -> bool:
    """Stores intents; False where another one of the same version, or of the same injection, was
    stored meanwhile.

    In an optimistic transaction ConflictError instead.
    """
    if intents and not await store.add_intents(intent_tx, [drafted.stored for drafted in intents]):
        return False
    if whole_series := [drafted.stored for drafted in intents if drafted.whole_series]:
        await note_single_series(context, intent_tx, whole_series)
    return True
