"""Issuing: each verified dose becomes one signed certificate.

It cannot be taken back, so its steps are numbered: `docs/issue_certificates.md` explains them.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple, TypeVar

from contracts.events import (
    MAX_CHUNK,
    CertificatesIssued,
    DosesVerified,
    IssuedDose,
    RefusedDose,
    VerifiedDose,
)
from contracts.ids import DoseId
from contracts.topics import ISSUED, VERIFIED
from contracts.words import Doubt
from services.chassis import trace
from services.chassis.bus import Event
from services.chassis.db import ConflictError, Transaction
from services.chassis.errors import TransientError
from services.signer.context import Context
from services.signer.hcert.cose import Kid, check_signatures, encode_kid
from services.signer.issuance.decided_before import commit_beside_others
from services.signer.issuance.intents import (
    CommittedIntents,
    IntentToSign,
    commit_intents,
    current_doses,
    draft_intents,
)
from services.signer.keys.port import KeyUnavailableError, Signer
from services.signer.keys.ring import Ring
from services.signer.store import aliases
from services.signer.store import intents as store
from services.signer.store.intents import NewSignature, RevokedVersion, StoredIntent, VersionKey

Traces = Mapping[int, Mapping[str, str]]
"""By dose id, the headers of the event that it came in: they name its trace."""
_Dose = TypeVar("_Dose", IssuedDose, RefusedDose)
_KEY_AND_TIMES = attrgetter("kid", "issued_at", "expires_at")


class EventRoute(NamedTuple):
    """On which lane events of doses leave, and under which key, chunk by chunk.

    `traces`: set where the doses did not all come in the present trace.
    """

    express: bool
    key: str
    traces: Traces | None = None


async def issue_verified(context: Context, tx: Transaction, events: Sequence[Event]) -> None:
    """Issues what events of `doses.verified` let through, within the consumer's transaction."""
    chunks = [DosesVerified.model_validate_json(event.value).doses for event in events]
    doses = [dose for chunk in chunks for dose in chunk]
    traces = None
    # nearly always all are of one upload, and of its trace
    if trace.several([event.headers for event in events]):
        traces = {
            dose.dose_id: event.headers
            for event, chunk in zip(events, chunks, strict=True)
            for dose in chunk
        }
    route = EventRoute(events[0].topic == VERIFIED.express, events[0].key, traces)
    await issue_certificates(context, tx, doses, route)


async def issue_certificates(
    context: Context, tx: Transaction, doses: Sequence[VerifiedDose], route: EventRoute
) -> None:
    """Issues a certificate for each eligible dose, and revokes those of corrected ones.

    `tx` also remembers the doses' events as handled, and whoever opened it commits it.
    TransientError where a key or another worker must be waited for.
    """
    # (1) Revoke what a correction made ineligible.
    # Before (2): the lock of a withdrawal can be shared afterwards, but not the other way round.
    ended = await _revoke_corrected(tx, doses)
    eligible = _eligible(doses, ended)
    if eligible:
        await _keep_old_numbers(context, eligible)
        # (2) Keep withdrawals out until the end.
        await store.keep_withdrawals_out(tx)
        committed: CommittedIntents | None = None
        # nearly always the doses were never seen; a second delivery is noticed by the primary key
        if all(dose.version == 1 for dose in eligible):
            with suppress(ConflictError):
                async with context.db.begin(optimistic=True) as intent_tx:
                    # (3) Fix the claims and lint them.
                    current = await current_doses(intent_tx, eligible)
                    drafted = await draft_intents(context, intent_tx, current)
                    # (4) Commit serial and intent.
                    # From here on a retry finishes this intent and never mints another serial.
                    await commit_intents(context, intent_tx, drafted.intents)
                committed = CommittedIntents(drafted.intents, drafted.refused, renewed=[])
        if committed is None:
            # something was decided before: the same two steps beside that
            committed = await commit_beside_others(context, eligible)
        for group in signed_together(committed.to_sign):
            signer = signing_key(context.ring, group[0].stored.kid)
            claims = [intent.cbor for intent in group]
            # (5) Sign with the key that the intent names.
            signatures = sign(signer, claims)
            # (6) Check the signatures.
            check_signatures(signer.public_key, signer.envelope, claims, signatures)
            # (7) Store the signatures together with their event.
            intents = [intent.stored for intent in group]
            await store.add_signatures(tx, _to_store(intents, signatures))
            await publish_issued(context, tx, intents, route)
        if committed.renewed:
            await _publish_renewed(context, tx, committed.renewed, route)
        if committed.refused:
            await _publish_refused(context, tx, committed.refused, route)
        # (8) Revoke superseded versions.
        # After (4): of two workers with two versions of a dose the later one then sees both.
        await store.supersede(tx, [dose.dose_id for dose in eligible])
        context.metrics.count("signed", "issued", len(committed.to_sign))
        context.metrics.count("signed", "refused", len(committed.refused))
    # (9) Free the injections of what ended.
    # After (4): the transaction of the intents would wait for this one for ever.
    await store.free_injections(tx, ended)


async def _keep_old_numbers(context: Context, doses: Sequence[VerifiedDose]) -> None:
    """Keeps under which old numbers these people may ask.

    In a transaction of its own, since two workers may add the same: neither waits for the other's
    signatures. Kept without a certificate they find nobody.
    """
    if had_others := [dose for dose in doses if dose.person is not None and dose.person.old_ids]:
        async with context.db.begin() as tx:
            await aliases.add(tx, aliases.aliases_of(context.sealer, had_others))


def signed_together(intents: Sequence[IntentToSign]) -> list[list[IntentToSign]]:
    """Intents by key and times: one event has the same for all of its doses."""
    groups: defaultdict[tuple[Kid, datetime, datetime], list[IntentToSign]] = defaultdict(list)
    for intent in intents:
        stored = intent.stored
        groups[stored.kid, stored.issued_at, stored.expires_at].append(intent)
    return list(groups.values())


def signing_key(ring: Ring, kid: Kid) -> Signer:
    """The key of an intent; TransientError where it is gone.

    The intents wait until it is back, or `revoke key` forgets them.
    """
    try:
        return ring.signers[kid]
    except KeyError as error:
        raise _waits_for(kid) from error


def sign(signer: Signer, claims: Sequence[bytes]) -> list[bytes]:
    """The signature of each claims; TransientError where the key cannot be used any more."""
    to_be_signed, sign_one = signer.envelope.to_be_signed, signer.sign
    try:
        return [sign_one(to_be_signed(cbor)) for cbor in claims]
    except KeyUnavailableError as error:
        raise _waits_for(signer.envelope.kid) from error


def _waits_for(kid: bytes) -> TransientError:
    return TransientError(f"intents wait for the key {kid.hex()}, or for its revocation")


def _eligible(doses: Sequence[VerifiedDose], ended: Sequence[VersionKey]) -> list[VerifiedDose]:
    """Doses with a person, each once though it come in two events, but for what `ended`: the
    transaction of the intents cannot see that yet.
    """
    ended_version = dict(ended)
    return list(
        {
            (dose.dose_id, dose.version): dose
            for dose in doses
            if dose.person is not None and dose.version > ended_version.get(DoseId(dose.dose_id), 0)
        }.values()
    )


async def _revoke_corrected(tx: Transaction, doses: Sequence[VerifiedDose]) -> list[VersionKey]:
    """Revokes what was issued for older versions of doses that are not eligible (any more, or yet),
    and gives those versions.

    Not of a dose that would become another person's: that waits for people, and nobody's
    certificate ends by it.
    """
    ended = sorted(
        VersionKey(DoseId(dose.dose_id), dose.version - 1)
        for dose in doses
        if dose.person is None and dose.version > 1 and Doubt.PERSON_CHANGED not in dose.doubts
    )
    if ended:
        await store.withdraw(tx, [RevokedVersion(*version, "corrected") for version in ended])
    # of each dose the newest
    return [VersionKey(dose_id, version) for dose_id, version in dict(ended).items()]


def _to_store(intents: Sequence[StoredIntent], signatures: Sequence[bytes]) -> list[NewSignature]:
    return [
        NewSignature(intent.dose_id, intent.version, signature)
        for intent, signature in zip(intents, signatures, strict=True)
    ]


async def publish_issued(
    context: Context, tx: Transaction, intents: Sequence[StoredIntent], route: EventRoute
) -> None:
    """Puts the events of signed intents, at least one, that have key and times in common."""
    first = intents[0]
    issued = [IssuedDose(intent.dose_id, intent.version, intent.uvci) for intent in intents]
    for headers, at, certificates in _chunks(issued, route.traces):
        event = CertificatesIssued(
            kid=encode_kid(first.kid),
            issued_at=first.issued_at,
            expires_at=first.expires_at,
            certificates=certificates,
            refused=[],
        )
        await _put(context, tx, event, route, headers, at)


async def _publish_renewed(
    context: Context, tx: Transaction, renewed: Sequence[StoredIntent], route: EventRoute
) -> None:
    """Their events left long ago; a dose that comes once more may do so because one was lost."""
    for _, intents in groupby(sorted(renewed, key=_KEY_AND_TIMES), key=_KEY_AND_TIMES):
        await publish_issued(context, tx, list(intents), route)


async def _publish_refused(
    context: Context, tx: Transaction, refused: Sequence[RefusedDose], route: EventRoute
) -> None:
    for headers, at, chunk in _chunks(refused, route.traces):
        now = context.clock()
        event = CertificatesIssued(
            kid=encode_kid(context.ring.active.envelope.kid),
            issued_at=now,
            expires_at=now,
            certificates=[],
            refused=chunk,
        )
        await _put(context, tx, event, route, headers, at)


def _chunks(
    doses: Iterable[_Dose], traces: Traces | None
) -> Iterator[tuple[Mapping[str, str], int, list[_Dose]]]:
    """The doses of each event, the headers of their trace, and how many of it came before."""
    groups: defaultdict[str, list[_Dose]] = defaultdict(list)
    if traces is None:
        groups[trace.told()[trace.HEADER]] += doses
    else:
        for dose in doses:
            groups[traces[dose.dose_id].get(trace.HEADER, "")].append(dose)
    for traceparent, group in groups.items():
        for at in range(0, len(group), MAX_CHUNK):
            yield {trace.HEADER: traceparent}, at, group[at : at + MAX_CHUNK]


async def _put(
    context: Context,
    tx: Transaction,
    event: CertificatesIssued,
    route: EventRoute,
    headers: Mapping[str, str],
    at: int,
) -> None:
    topic, key = ISSUED.lane(route.express), f"{route.key}/{at}"
    with trace.continued(headers):
        await context.outbox.put(tx, topic, key, ISSUED.name, event.model_dump_json().encode())
