"""The issuing desk: takes verified doses through the five steps of issuing (`hcert/issue.py`),
across two transactions.

The intent is committed before anything is signed, so that a crash at any point is finished by the
retry under the same serial and times.
"""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import TypeVar

from contracts.events import MAX_CHUNK, CertificatesIssued, IssuedDose, RefusedDose, VerifiedDose
from contracts.refusals import OF_SYSTEM, RefusalCode
from contracts.topics import ISSUED
from contracts.uvci import RANDOM_BYTES, serials
from contracts.words import Doubt
from services.chassis import trace
from services.chassis.db import ConflictError, Transaction
from services.chassis.errors import TransientError
from services.signer.context import Context
from services.signer.hcert.cose import encode_kid
from services.signer.issuance import injections
from services.signer.issuance.prepare import Intent, check, prepare, sign
from services.signer.keys.port import KeyUnavailableError
from services.signer.sealing import open_claims, seal_claims
from services.signer.store import certificates as store
from services.signer.store.certificates import StoredIntent

Traces = Mapping[int, Mapping[str, str]]
"""By dose id, the headers that tell of the trace it came in."""
_Told = TypeVar("_Told", IssuedDose, RefusedDose)
_SIGNED_TOGETHER = attrgetter("kid", "issued_at", "expires_at")


class IntentOfAnotherError(Exception):
    """A dose's stored intent is for somebody or something else: its id was used twice, as after a
    restore that is not whole.
    """


@dataclass(slots=True)
class Decided:
    """What step 2 left: claims to sign by stored intent, doses that get none, and the newest
    editions of those renewed since.
    """

    claims: list[tuple[StoredIntent, bytes]] = field(default_factory=list)
    refused: list[RefusedDose] = field(default_factory=list)
    renewed: list[StoredIntent] = field(default_factory=list)


async def end_corrected(tx: Transaction, doses: Sequence[VerifiedDose]) -> dict[int, int]:
    """Revokes what was issued for older versions of doses that were corrected into something that
    is not eligible (yet).

    Not of one that would become another person's: that waits for people, and nobody's certificate
    ends by it. Gives the doses of which something ended, with the newest version that has.
    """
    corrected = [
        dose
        for dose in doses
        if dose.person is None and dose.version > 1 and Doubt.PERSON_CHANGED not in dose.doubts
    ]
    ended = sorted((dose.dose_id, dose.version - 1, "corrected") for dose in corrected)
    if ended:
        await store.withdraw(tx, ended)
    return {dose_id: version for dose_id, version, _ in ended}


async def issue(
    context: Context,
    tx: Transaction,
    doses: Sequence[VerifiedDose],
    express: bool,
    key: str,
    traces: Traces | None = None,
) -> None:
    """Issues a certificate for each eligible dose; `tx` is the one that also remembers their events
    as handled.

    `key`: of the events that tell of it, chunk by chunk. `traces`: where the doses did not all come
    in the present trace.
    """
    # a dose that comes in two events at once is one
    eligible = list(
        {(dose.dose_id, dose.version): dose for dose in doses if dose.person is not None}.values()
    )
    if not eligible:
        return
    await store.issuing(tx)
    decided = await _decide(context, eligible)

    async def keep(intents: Sequence[StoredIntent], signatures: Sequence[bytes]) -> None:
        rows = [
            (intent.dose_id, intent.version, signature)
            for intent, signature in zip(intents, signatures, strict=True)
        ]
        await store.add_signatures(tx, rows)

    await conclude(context, tx, decided.claims, keep, express, key, traces)
    # signed and told long ago; a dose that comes once more may do so because that was lost
    for _, again in groupby(sorted(decided.renewed, key=_SIGNED_TOGETHER), key=_SIGNED_TOGETHER):
        await _tell_issued(context, tx, list(again), express, key, traces)
    for headers, at, refused in _chunks(decided.refused, traces):
        now = context.clock()
        with trace.continued(headers):
            await _tell(
                context,
                tx,
                express,
                f"{key}/{at}",
                context.ring.active.envelope.kid,
                now,
                now,
                [],
                refused,
            )
    await store.supersede(tx, [dose.dose_id for dose in eligible])
    context.metrics.count("signed", "issued", len(decided.claims))
    context.metrics.count("signed", "refused", len(decided.refused))


def _chunks(
    told: Sequence[_Told], traces: Traces | None
) -> Iterator[tuple[Mapping[str, str], int, list[_Told]]]:
    """Doses that one event tells of, with the headers of their trace, and how many of it came
    before.
    """
    groups: defaultdict[str, list[_Told]] = defaultdict(list)
    if traces is None:
        groups[trace.told()[trace.HEADER]] += told
    else:
        for one in told:
            groups[traces[one.dose_id].get(trace.HEADER, "")].append(one)
    for traceparent, group in groups.items():
        for at in range(0, len(group), MAX_CHUNK):
            yield {trace.HEADER: traceparent}, at, group[at : at + MAX_CHUNK]


async def conclude(
    context: Context,
    tx: Transaction,
    decided: Sequence[tuple[StoredIntent, bytes]],
    keep: Callable[[Sequence[StoredIntent], Sequence[bytes]], Awaitable[None]],
    express: bool,
    key: str,
    traces: Traces | None = None,
) -> None:
    """Steps 3 to 5 of committed intents with their claims; `keep` stores signatures, `key` is that
    of the events, chunk by chunk.
    """
    chunks: dict[tuple[bytes, datetime, datetime], list[tuple[StoredIntent, bytes]]] = defaultdict(
        list
    )
    for intent, claims in decided:
        chunks[intent.kid, intent.issued_at, intent.expires_at].append((intent, claims))
    for (kid, *_), members in chunks.items():
        signatures = _signed(context, kid, [claims for _, claims in members])
        intents = [intent for intent, _ in members]
        await keep(intents, signatures)
        await _tell_issued(context, tx, intents, express, key, traces)


async def _tell_issued(
    context: Context,
    tx: Transaction,
    intents: Sequence[StoredIntent],
    express: bool,
    key: str,
    traces: Traces | None,
) -> None:
    """Of signed intents that have key and times in common."""
    kid, issued_at, expires_at = intents[0].kid, intents[0].issued_at, intents[0].expires_at
    for headers, at, certificates in _chunks(
        [IssuedDose(one.dose_id, one.version, one.uvci) for one in intents], traces
    ):
        with trace.continued(headers):
            await _tell(
                context, tx, express, f"{key}/{at}", kid, issued_at, expires_at, certificates, []
            )


def _signed(context: Context, kid: bytes, claims: Sequence[bytes]) -> list[bytes]:
    """Steps 3 and 4; TransientError where the key is gone: the intents wait until it is back, or
    `revoke key` forgets them.
    """
    gone = f"intents wait for the key {kid.hex()}, or for its revocation"
    try:
        signer = context.ring.signers[kid]
    except KeyError as error:
        raise TransientError(gone) from error
    try:
        signatures = sign(claims, signer)
    except KeyUnavailableError as error:
        raise TransientError(gone) from error
    check(claims, signatures, signer)
    return signatures


async def _tell(
    context: Context,
    tx: Transaction,
    express: bool,
    key: str,
    kid: bytes,
    issued_at: datetime,
    expires_at: datetime,
    certificates: list[IssuedDose],
    refused: list[RefusedDose],
) -> None:
    event = CertificatesIssued(
        kid=encode_kid(kid),
        issued_at=issued_at,
        expires_at=expires_at,
        certificates=certificates,
        refused=refused,
    )
    await context.outbox.put(
        tx, ISSUED.lane(express), key, ISSUED.name, event.model_dump_json().encode()
    )


async def _decide(context: Context, doses: Sequence[VerifiedDose]) -> Decided:
    """Steps 1 and 2, in a transaction of their own."""
    if all(dose.version == 1 for dose in doses):
        # nearly always: the doses were never seen; a second delivery is noticed by the primary key
        with suppress(ConflictError):
            async with context.db.begin(optimistic=True) as tx:
                decided = Decided()
                await _add(context, tx, await _current(tx, doses), decided, optimistic=True)
            return decided
    # an older version, or another record of the injection, may be decided on at this moment: then
    # it is seen the second time
    with suppress(TransientError):
        return await _decide_beside_others(context, doses)
    return await _decide_beside_others(context, doses)


async def _decide_beside_others(context: Context, doses: Sequence[VerifiedDose]) -> Decided:
    async with context.db.begin() as tx:
        return await _decide_again(context, tx, await _current(tx, doses))


async def _current(tx: Transaction, doses: Sequence[VerifiedDose]) -> Sequence[VerifiedDose]:
    """Those that were neither withdrawn nor superseded."""
    outdated = await store.outdated_versions(tx, [dose.dose_id for dose in doses])
    return (
        [dose for dose in doses if outdated.get(dose.dose_id, 0) < dose.version]
        if outdated
        else doses
    )


async def _decide_again(
    context: Context, tx: Transaction, doses: Sequence[VerifiedDose]
) -> Decided:
    """Where doses have intents: one of the same version is finished, or was renewed since; an older
    one makes room for a new one.
    """
    stored = await store.intents_of(tx, [dose.dose_id for dose in doses])
    begun = [
        _of_this(context, intent, dose)
        for dose in doses
        if (intent := stored.get((dose.dose_id, dose.version)))
    ]
    fresh = [dose for dose in doses if (dose.dose_id, dose.version) not in stored]
    renewed = [
        key
        for key in ((dose.dose_id, dose.version) for dose in doses)
        if key in stored and stored[key] is None
    ]
    decided = Decided([(intent, open_claims(context, intent)[0]) for intent in begun])
    decided.renewed += await store.newest_signed(tx, renewed) if renewed else ()
    if not await _add(context, tx, fresh, decided, optimistic=False):
        raise TransientError("another worker is issuing the same doses")
    return decided


def _of_this(context: Context, intent: StoredIntent, dose: VerifiedDose) -> StoredIntent:
    person, facts = dose.person, dose.facts
    assert person is not None and facts is not None
    if intent.person != context.person_key(
        person.personal_id, person.passport_number, person.nationality
    ):
        raise IntentOfAnotherError("another person")
    if intent.date_given != facts.date_given:
        raise IntentOfAnotherError("another day")
    return intent


async def _add(
    context: Context,
    tx: Transaction,
    doses: Sequence[VerifiedDose],
    decided: Decided,
    *,
    optimistic: bool,
) -> bool:
    """Prepares and stores intents; False where another intent of the same version, or injection,
    was stored meanwhile.

    `optimistic`: where none can be there already. Otherwise a dose gets nothing whose injection
    another record is certified for.
    """
    active = context.ring.active
    now = context.clock()
    minted = serials(int(now.timestamp()), context.random(RANDOM_BYTES * len(doses)))
    single = await injections.after_single_series(context, tx, doses)
    prepared = prepare(doses, now, minted, active.window, context.profile, single)
    pairs = [
        (
            _stored(context, intent, active.envelope.kid, prepared.issued_at, prepared.expires_at),
            intent,
        )
        for intent in prepared.intents
    ]
    if not optimistic:
        await store.free(
            tx, [(dose.dose_id, dose.version - 1) for dose in doses if dose.version > 1]
        )
        # two versions of a dose may come at once: both cannot stand for its injection, and the
        # older one is outdated already
        newest = {stored.dose_id: stored.version for stored, _ in sorted(pairs, key=_by_version)}
        pairs = [
            (stored, intent) for stored, intent in pairs if newest[stored.dose_id] == stored.version
        ]
        pairs, duplicates = await injections.first_of_each(tx, pairs)
        decided.refused += [
            RefusedDose(one.dose_id, one.version, RefusalCode.DUPLICATE_DOSE)
            for one, _ in duplicates
        ]
    intents = [stored for stored, _ in pairs]
    if intents and not await store.add_intents(tx, intents):
        return False
    await injections.note_single_series(
        context, tx, [(stored, intent.dose) for stored, intent in pairs]
    )
    decided.claims += [(stored, intent.claims) for stored, intent in pairs]
    decided.refused += [
        RefusedDose(dose_id=r.dose.dose_id, version=r.dose.version, code=r.code)
        for r in prepared.refusals
    ]
    # what older versions said of the person is no longer so, and this one gets nothing in their
    # place: `supersede` revokes them
    if outdated := [
        (one.dose_id, one.version - 1)
        for one in decided.refused
        if one.version > 1 and one.code not in OF_SYSTEM
    ]:
        await store.outdate(tx, outdated)
    return True


def _by_version(pair: injections.Pair) -> int:
    return pair[0].version


def _stored(
    context: Context, intent: Intent, kid: bytes, issued_at: datetime, expires_at: datetime
) -> StoredIntent:
    person, facts = intent.person, intent.dose.facts
    assert facts is not None
    return StoredIntent(
        intent.dose.dose_id,
        intent.dose.version,
        intent.uvci,
        kid,
        context.person_key(person.personal_id, person.passport_number, person.nationality),
        facts.date_given,
        seal_claims(context, intent.uvci, intent.claims, person.sex, person.nationality),
        issued_at,
        expires_at,
        facts.dose_number,
    )
