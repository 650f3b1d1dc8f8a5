"""Intents, signatures and revocations: what was decided, what was signed, and what is no longer
valid.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import ARRAY, BigInteger, Row, and_, any_, bindparam, select
from sqlalchemy.dialects.postgresql import insert

from services.chassis.db import Transaction
from services.signer.schema import intent, revocation, signature

WITHDRAWING = 4_206_202_205
"""The advisory lock that keeps issuing and withdrawing apart."""

_OUTDATED = """
SELECT dose_id, max(version) AS version FROM (
    SELECT dose_id, version FROM withdrawn WHERE dose_id = ANY($1::bigint[])
    UNION ALL SELECT dose_id, version - 1 FROM intent WHERE dose_id = ANY($1::bigint[])
    AND version > 1
) AS gone GROUP BY dose_id
"""
_WITHDRAW = """
WITH ended AS (
    SELECT dose_id, max(version) AS version, min(reason) AS reason
    FROM unnest($1::bigint[], $2::smallint[], $3::text[]) AS one (dose_id, version,
      reason) GROUP BY dose_id
), kept AS (
    INSERT INTO withdrawn AS old (dose_id, version) SELECT dose_id, version FROM ended
    ON CONFLICT (dose_id) DO UPDATE SET version = excluded.version
    WHERE old.version < excluded.version
)
INSERT INTO revocation (uvci, reason, expires_at)
SELECT intent.uvci, ended.reason, intent.expires_at
FROM ended JOIN intent ON intent.dose_id = ended.dose_id AND intent.version <= ended.version
ON CONFLICT DO NOTHING
"""

_OUTDATE = """
INSERT INTO withdrawn AS old (dose_id, version)
SELECT dose_id, max(version) FROM unnest($1::bigint[], $2::smallint[]) AS one (dose_id,
  version) GROUP BY dose_id ORDER BY dose_id
ON CONFLICT (dose_id) DO UPDATE SET version = excluded.version WHERE old.version < excluded.version
"""
_ENDED = """
SELECT dose_id FROM intent WHERE dose_id = ANY($1::bigint[]) AND version > 1
UNION SELECT dose_id FROM withdrawn WHERE dose_id = ANY($1::bigint[])
"""
_SUPERSEDE = """
INSERT INTO revocation (uvci, reason, expires_at)
SELECT uvci, 'superseded', expires_at FROM intent WHERE dose_id = ANY($1::bigint[]) AND (
    EXISTS (SELECT FROM intent AS newer WHERE newer.dose_id = intent.dose_id
    AND newer.version > intent.version)
    OR EXISTS (SELECT FROM withdrawn WHERE withdrawn.dose_id = intent.dose_id
    AND withdrawn.version >= intent.version)
) ON CONFLICT DO NOTHING
"""

_FREE = """
UPDATE intent SET dose_number = NULL, single_series = false
FROM unnest($1::bigint[], $2::smallint[]) AS gone (dose_id, version)
WHERE intent.dose_id = gone.dose_id AND intent.version <= gone.version
AND (intent.dose_number IS NOT NULL OR intent.single_series)
"""
_HOLDERS = """
SELECT intent.person, intent.date_given, intent.dose_number, intent.dose_id
FROM unnest($1::bigint[], $2::date[], $3::smallint[]) AS given (person, date_given, dose_number)
JOIN intent USING (person, date_given, dose_number)
"""
_SINGLE = "SELECT DISTINCT person FROM intent WHERE person = ANY($1::bigint[]) AND single_series"
_NOTE_SINGLE = """
UPDATE intent SET single_series = true
FROM unnest($1::bigint[], $2::smallint[]) AS given (dose_id, version)
WHERE intent.dose_id = given.dose_id AND intent.version = given.version
"""

KEY_COMPROMISED = "key compromised"
"""The reason of a revocation that a key brings about, not the dose: such a dose is issued anew."""


class StoredIntent(NamedTuple):
    """What was decided to be signed; `claims` is sealed. Which edition it is, only its key says.

    `dose_number`: null in next editions, and once another version or record stands for the
    injection.
    """

    dose_id: int
    version: int
    uvci: str
    kid: bytes
    person: int
    date_given: date
    claims: bytes
    issued_at: datetime
    expires_at: datetime
    dose_number: int | None = None

    @property
    def injection(self) -> tuple[int, date, int | None]:
        """The injection that it certifies: whose, on which day, which dose."""
        return self.person, self.date_given, self.dose_number


class Replaced(NamedTuple):
    """The edition before: its identifier, and until when it stays valid beside the new one."""

    uvci: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class StoredCertificate:
    """An intent with its signature, why it is no longer valid where that is so, and what it
    replaces where it is a renewal.
    """

    intent: StoredIntent
    signature: bytes
    revoked: str | None
    replaced: Replaced | None = None


INTENT_COLUMNS = StoredIntent._fields
_NEWEST_SIGNED = f"""
SELECT DISTINCT ON (dose_id, version) {", ".join(INTENT_COLUMNS)}
FROM unnest($1::bigint[], $2::smallint[]) AS given (dose_id, version)
JOIN intent USING (dose_id, version) JOIN signature USING (dose_id, version, edition)
ORDER BY dose_id, version, edition DESC
"""  # noqa: S608


def _intent_of(row: Row[Any]) -> StoredIntent:
    return StoredIntent(*(getattr(row, name) for name in INTENT_COLUMNS))


async def issuing(tx: Transaction) -> None:
    """Keeps withdrawals out until `tx` ends: one that came between deciding and signing would not
    see what it must revoke.
    """
    await tx.raw.execute("SELECT pg_advisory_xact_lock_shared($1)", WITHDRAWING)


async def outdated_versions(tx: Transaction, dose_ids: Sequence[int]) -> dict[int, int]:
    """For those of `dose_ids` that have one, the highest version for which nothing may be issued
    any more: withdrawn, or superseded.
    """
    return {row["dose_id"]: row["version"] for row in await tx.raw.fetch(_OUTDATED, dose_ids)}


async def intents_of(
    tx: Transaction, dose_ids: Sequence[int]
) -> dict[tuple[int, int], StoredIntent | None]:
    """The intent of each version of the given doses that has one; None where it was renewed since,
    so that nothing is to be finished.
    """
    given = intent.c.dose_id == any_(bindparam("ids", type_=ARRAY(BigInteger)))
    rows = await tx.execute(
        select(*(intent.c[name] for name in INTENT_COLUMNS), intent.c.edition)
        .where(given)
        .order_by(intent.c.edition),
        {"ids": dose_ids},
    )
    return {
        (row.dose_id, row.version): _intent_of(row) if row.edition == 1 else None for row in rows
    }


async def newest_signed(tx: Transaction, keys: Sequence[tuple[int, int]]) -> list[StoredIntent]:
    """The newest signed edition of each (dose id, version), at least one, that has any."""
    columns = [list(column) for column in zip(*keys, strict=True)]
    return [StoredIntent(*row) for row in await tx.raw.fetch(_NEWEST_SIGNED, *columns)]


async def add_intents(tx: Transaction, intents: Sequence[StoredIntent]) -> bool:
    """Stores intents; False, and nothing stored, where one of their doses has an intent of that
    version already.

    So it is where another dose's intent stands for the same injection.
    """
    return await tx.copy_new(intent, INTENT_COLUMNS, intents)


async def free(tx: Transaction, ended: Sequence[tuple[int, int]]) -> None:
    """Lets (dose id, version) and older versions stand for no injection any more.

    Never before intents are decided on in another transaction: that one would wait for this.
    """
    if ended:
        await tx.raw.execute(_FREE, *(list(column) for column in zip(*ended, strict=True)))


async def holders(
    tx: Transaction, intents: Sequence[StoredIntent]
) -> dict[tuple[int, date, int | None], int]:
    """Which dose stands for each of these injections, where one does."""
    wanted = [list(column) for column in zip(*(one.injection for one in intents), strict=True)]
    rows = await tx.raw.fetch(_HOLDERS, *wanted) if intents else ()
    return {(row["person"], row["date_given"], row["dose_number"]): row["dose_id"] for row in rows}


async def single_series(tx: Transaction, persons: Sequence[int]) -> set[int]:
    """Those of `persons` whose primary series was of one dose."""
    return (
        {row["person"] for row in await tx.raw.fetch(_SINGLE, list(persons))} if persons else set()
    )


async def note_single_series(tx: Transaction, doses: Sequence[tuple[int, int]]) -> None:
    """Notes that these doses (id, version) were their persons' whole series."""
    await tx.raw.execute(_NOTE_SINGLE, *(list(column) for column in zip(*doses, strict=True)))


async def add_signatures(tx: Transaction, signatures: Sequence[tuple[int, int, bytes]]) -> None:
    """Stores (dose id, version, signature); one that is there already stays as it is."""
    if not await tx.copy_new(signature, ("dose_id", "version", "signature"), signatures):
        rows = [
            {"dose_id": dose_id, "version": version, "signature": signed}
            for dose_id, version, signed in signatures
        ]
        await tx.execute(insert(signature).on_conflict_do_nothing(), rows)


async def withdraw(tx: Transaction, doses: Sequence[tuple[int, int, str]]) -> None:
    """Marks (dose id, version, reason) as withdrawn, and revokes the certificates of that version
    and older ones.

    They stand for their injections until `free`.
    """
    await tx.raw.execute("SELECT pg_advisory_xact_lock($1)", WITHDRAWING)
    await tx.raw.execute(_WITHDRAW, *(list(column) for column in zip(*doses, strict=True)))


async def outdate(tx: Transaction, versions: Sequence[tuple[int, int]]) -> None:
    """Lets nothing be issued any more for these (dose id, version) and older ones; what was issued
    is `supersede`'s.
    """
    await tx.raw.execute(_OUTDATE, *(list(column) for column in zip(*versions, strict=True)))
    await free(tx, versions)


async def supersede(tx: Transaction, dose_ids: Sequence[int]) -> None:
    """Revokes, of each dose, every version that a newer one followed, with a certificate or
    without.

    Asked after the intents were committed, so that of two workers that issued two versions at once
    the later one sees both.
    """
    # nearly never any; the whole statement would read the whole table for it
    if ended := [row["dose_id"] for row in await tx.raw.fetch(_ENDED, dose_ids)]:
        await tx.raw.execute(_SUPERSEDE, ended)


_signed = and_(
    signature.c.dose_id == intent.c.dose_id,
    signature.c.version == intent.c.version,
    signature.c.edition == intent.c.edition,
)
_CERTIFICATE = (
    select(
        *(intent.c[name] for name in INTENT_COLUMNS),
        intent.c.edition,
        signature.c.signature,
        revocation.c.reason,
    )
    .join(signature, _signed)
    .outerjoin(revocation, revocation.c.uvci == intent.c.uvci)
)
# every edition of each dose: a person has few of them, and so a look costs what it did before there
# were any
_CERTIFICATES_OF = (
    _CERTIFICATE.where(
        intent.c.person == any_(bindparam("persons", type_=ARRAY(BigInteger))),
        revocation.c.uvci.is_(None),
    )
    .order_by(intent.c.date_given, intent.c.dose_id, intent.c.version, intent.c.edition)
    .limit(500)
)


async def certificate(tx: Transaction, uvci: str) -> StoredCertificate | None:
    """The certificate with that identifier, revoked and replaced ones included."""
    row = (await tx.execute(_CERTIFICATE.where(intent.c.uvci == uvci))).one_or_none()
    if row is None:
        return None
    same = and_(
        intent.c.dose_id == row.dose_id,
        intent.c.version == row.version,
        intent.c.edition == row.edition - 1,
    )
    valid = ~select(revocation.c.id).where(revocation.c.uvci == intent.c.uvci).exists()
    earlier = (
        (
            await tx.execute(select(intent.c.uvci, intent.c.expires_at).where(same, valid))
        ).one_or_none()
        if row.edition > 1
        else None
    )
    return StoredCertificate(
        _intent_of(row),
        row.signature,
        row.reason,
        Replaced(earlier.uvci, earlier.expires_at) if earlier else None,
    )


async def certificates_of(tx: Transaction, persons: Sequence[int]) -> list[StoredCertificate]:
    """The valid certificates, newest editions alone, of whoever has one of these blind indexes, the
    dose given first before the others.
    """
    newest: dict[tuple[int, int], StoredCertificate] = {}
    for row in await tx.execute(_CERTIFICATES_OF, {"persons": persons}):
        earlier = newest.get((row.dose_id, row.version))
        replaced = Replaced(earlier.intent.uvci, earlier.intent.expires_at) if earlier else None
        newest[row.dose_id, row.version] = StoredCertificate(
            _intent_of(row), row.signature, None, replaced
        )
    return list(newest.values())


async def is_revoked(tx: Transaction, uvci: str) -> bool:
    """Whether a certificate was revoked."""
    return (
        await tx.execute(select(revocation.c.id).where(revocation.c.uvci == uvci))
    ).first() is not None


async def revocations(tx: Transaction, now: datetime, after: int, limit: int) -> list[Row[Any]]:
    """Entries (id, uvci, kid, signature, expires_at) of certificates that have not expired, in the
    order they were revoked.

    Of one that was not signed here kid and signature are None.
    """
    query = (
        select(
            revocation.c.id,
            revocation.c.uvci,
            intent.c.kid,
            signature.c.signature,
            revocation.c.expires_at,
        )
        .outerjoin(intent, intent.c.uvci == revocation.c.uvci)
        .outerjoin(signature, _signed)
        .where(revocation.c.expires_at > now, revocation.c.id > after)
        .order_by(revocation.c.id)
        .limit(limit)
    )
    return list(await tx.execute(query))
