"""What was decided to be signed and what was signed: intents, signatures, and what ends them.

Two columns of an intent hide a person, and are declared here alone. `person` is a blind index.
`claims` is sealed, bound to the intent's identifier.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple, NewType

from sqlalchemy.dialects.postgresql import insert

from contracts.ids import DoseId
from contracts.passports import read_passport
from contracts.uvci import Uvci
from services.chassis.db import Transaction
from services.chassis.encryption import Sealer
from services.signer.hcert.cose import Kid
from services.signer.schema import intent, signature
from services.signer.store.locks import SignerLock
from vietnamese.cells import bare_number
from vietnamese.countries import COUNTRIES

PersonIndex = NewType("PersonIndex", int)
"""The blind index under which a person's certificates are found."""

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

_SEX: dict[str | None, bytes] = {"male": b"m", "female": b"f", None: b"-"}
_SEX_OF = {letter[0]: sex for sex, letter in _SEX.items()}


class VersionKey(NamedTuple):
    """One version of one dose."""

    dose_id: DoseId
    version: int


class Injection(NamedTuple):
    """One injection, whoever recorded it: whose, on which day, which dose."""

    person: PersonIndex
    date_given: date
    dose_number: int | None


class StoredIntent(NamedTuple):
    """What was decided to be signed; `claims` is sealed. Its edition is in the row's key alone.

    `dose_number`: null in next editions, and once another version or record is certified for the
    injection. `facility_code` and `residence`: who may see it; empty where the event did not say.
    """

    dose_id: DoseId
    version: int
    uvci: Uvci
    kid: Kid
    person: PersonIndex
    date_given: date
    claims: bytes
    issued_at: datetime
    expires_at: datetime
    dose_number: int | None = None
    facility_code: str = ""
    residence: str = ""

    @property
    def key(self) -> VersionKey:
        """The dose's version that it certifies."""
        return VersionKey(self.dose_id, self.version)

    @property
    def injection(self) -> Injection:
        """The injection that it certifies."""
        return Injection(self.person, self.date_given, self.dose_number)


class NewSignature(NamedTuple):
    """The signature of a first edition, as it is stored."""

    dose_id: DoseId
    version: int
    signature: bytes


class RevokedVersion(NamedTuple):
    """A dose's version that is no longer valid, and why."""

    dose_id: DoseId
    version: int
    reason: str


class OpenedClaims(NamedTuple):
    """Unsealed claims as CBOR; beside them the person's sex and nationality."""

    cbor: bytes
    sex: str | None
    nationality: str


INTENT_COLUMNS = StoredIntent._fields


def person_index(
    sealer: Sealer, personal_id: str, passport_number: str = "", nationality: str = ""
) -> PersonIndex:
    """A person's index: by personal ID, or a foreigner's by nationality and passport.

    The passport's number alone would not do: countries number alike.
    """
    return PersonIndex(
        sealer.blind(personal_id or f"passport:{nationality}:{read_passport(passport_number)}")
    )


def indexes_of_number(sealer: Sealer, number: str) -> tuple[PersonIndex, ...]:
    """The indexes of whoever has this number, in any way of writing it.

    The first is that of a personal ID; the others are those of passports of any country.
    """
    number = read_passport(bare_number(number))
    passports = [person_index(sealer, "", number, code) for code in ("", *COUNTRIES)]
    # those that were stored when the number alone was the key
    number_alone = PersonIndex(sealer.blind(f"passport:{number}"))
    return person_index(sealer, number), *passports, number_alone


def seal_claims(
    sealer: Sealer, uvci: Uvci, cbor: bytes, sex: str | None, nationality: str
) -> bytes:
    """Claims as they are stored: before them, in three bytes, sex and nationality."""
    return sealer.seal(_SEX[sex] + nationality.encode("ascii")[:2].ljust(2) + cbor, uvci.encode())


def open_claims(sealer: Sealer, stored: StoredIntent) -> OpenedClaims:
    """The claims of a stored intent; ValueError where they do not open."""
    opened = sealer.unseal(stored.claims, stored.uvci.encode())
    return OpenedClaims(opened[3:], _SEX_OF[opened[0]], opened[1:3].decode("ascii"))


async def keep_withdrawals_out(tx: Transaction) -> None:
    """Until `tx` ends; others may issue meanwhile.

    A withdrawal that came between deciding and signing would not see what it must revoke.
    """
    await tx.raw.execute("SELECT pg_advisory_xact_lock_shared($1)", SignerLock.WITHDRAWAL)


async def keep_issuing_out(tx: Transaction) -> None:
    """Until `tx` ends, after waiting for those who are issuing."""
    await tx.raw.execute("SELECT pg_advisory_xact_lock($1)", SignerLock.WITHDRAWAL)


async def outdated_versions(tx: Transaction, dose_ids: Sequence[int]) -> dict[int, int]:
    """For those of `dose_ids` that have one, the highest version for which nothing may be issued
    any more: withdrawn, or superseded.
    """
    return {row["dose_id"]: row["version"] for row in await tx.raw.fetch(_OUTDATED, dose_ids)}


async def add_intents(tx: Transaction, intents: Sequence[StoredIntent]) -> bool:
    """Stores intents; False, and nothing stored, where one is there already.

    That is an intent of the same dose and version, or another dose's intent for the same injection.
    In an optimistic transaction ConflictError instead.
    """
    return await tx.copy_new(intent, INTENT_COLUMNS, intents)


async def add_signatures(tx: Transaction, signatures: Sequence[NewSignature]) -> None:
    """Stores the signatures of first editions; one that is there already stays as it is."""
    if not await tx.copy_new(signature, NewSignature._fields, signatures):
        rows = [added._asdict() for added in signatures]
        await tx.execute(insert(signature).on_conflict_do_nothing(), rows)


async def free_injections(tx: Transaction, ended: Sequence[VersionKey]) -> None:
    """Lets another version or record be certified for the injections of these and older versions.

    Never before intents are decided on in another transaction: that one would wait for this.
    """
    if ended:
        await tx.raw.execute(_FREE, *(list(column) for column in zip(*ended, strict=True)))


async def withdraw(tx: Transaction, doses: Sequence[RevokedVersion]) -> None:
    """Marks versions as withdrawn, and revokes the certificates of them and of older ones.

    Their injections stay theirs until `free_injections`.
    """
    await keep_issuing_out(tx)
    await tx.raw.execute(_WITHDRAW, *(list(column) for column in zip(*doses, strict=True)))


async def outdate(tx: Transaction, versions: Sequence[VersionKey]) -> None:
    """Lets nothing be issued any more for these versions and older ones; what was issued is
    `supersede`'s.
    """
    await tx.raw.execute(_OUTDATE, *(list(column) for column in zip(*versions, strict=True)))
    await free_injections(tx, versions)


async def supersede(tx: Transaction, dose_ids: Sequence[int]) -> None:
    """Revokes, of each dose, every version that a newer one followed, certified or not.

    Called after the intents were committed: of two workers that issued two versions at once the
    later one then sees both.
    """
    # nearly never any; the whole statement would read the whole table for it
    if ended := [row["dose_id"] for row in await tx.raw.fetch(_ENDED, dose_ids)]:
        await tx.raw.execute(_SUPERSEDE, ended)
