"""Renewal: what is about to expire, its next editions, what could not be renewed, and how far
everything was dealt with.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from contracts.ids import DoseId
from services.chassis.db import Transaction
from services.signer.store.intents import INTENT_COLUMNS, PersonIndex, StoredIntent

KEY_COMPROMISED = "key compromised"
"""The reason of a revocation that a key brings about, not the dose: such a dose is issued anew."""
RETRY_AFTER = timedelta(days=1)
"""What was refused is tried again after so long."""

_EXPIRING = (
    "SELECT dose_id, version, edition FROM intent WHERE expires_at > $1 AND expires_at <= $2"
    " LIMIT $3"
)
# no newer edition, not withdrawn, and no newer version: that one's certificate is the dose's
_DUE = f"""
SELECT {", ".join(INTENT_COLUMNS)}, edition
FROM unnest($1::bigint[], $2::smallint[], $3::smallint[]) AS given (dose_id, version, edition)
JOIN intent USING (dose_id, version, edition) JOIN signature USING (dose_id, version, edition)
WHERE NOT EXISTS (SELECT FROM signature AS newer WHERE newer.dose_id = given.dose_id
AND newer.version = given.version
                  AND newer.edition > given.edition)
AND NOT EXISTS (SELECT FROM intent AS newer WHERE newer.dose_id = given.dose_id
AND newer.version > given.version)
AND NOT EXISTS (SELECT FROM withdrawn WHERE withdrawn.dose_id = given.dose_id
AND withdrawn.version >= given.version)
AND NOT EXISTS (SELECT FROM revocation WHERE revocation.uvci = intent.uvci
AND revocation.reason <> $4)
ORDER BY dose_id, version
"""  # noqa: S608
_ADD = f"""
INSERT INTO intent (edition, {", ".join(INTENT_COLUMNS)})
SELECT * FROM unnest($1::smallint[], $2::bigint[], $3::smallint[], $4::text[], $5::bytea[],
  $6::bigint[], $7::date[], $8::bytea[],
                     $9::timestamptz[], $10::timestamptz[], $11::smallint[],
                     $12::text[], $13::text[])
ON CONFLICT DO NOTHING
"""  # noqa: S608
_STORED = f"""
SELECT {", ".join(INTENT_COLUMNS)}, edition
FROM unnest($1::bigint[], $2::smallint[], $3::smallint[]) AS given (dose_id, version, edition)
JOIN intent USING (dose_id, version, edition)
"""  # noqa: S608
_SIGN = """
INSERT INTO signature (dose_id, version, edition, signature)
SELECT * FROM unnest($1::bigint[], $2::smallint[], $3::smallint[], $4::bytea[]) ON CONFLICT
  DO NOTHING
"""
_FORGET = """
DELETE FROM unrenewed USING unnest($1::bigint[], $2::smallint[]) AS given (dose_id, version)
WHERE unrenewed.dose_id = given.dose_id AND unrenewed.version = given.version
"""
_REFUSE = """
INSERT INTO unrenewed (dose_id, version, edition, code, tried_at)
SELECT *, $5 FROM unnest($1::bigint[], $2::smallint[], $3::smallint[], $4::text[]) ON CONFLICT
  DO NOTHING
"""
_RETRY = (
    "SELECT dose_id, version, edition FROM unrenewed WHERE tried_at <= $1 ORDER BY tried_at"
    " LIMIT $2"
)
_SERIES_CHANGED = """
INSERT INTO unrenewed (dose_id, version, edition, code, tried_at)
SELECT dose_id, version, edition, 'SERIES_CHANGED', $2 FROM intent
WHERE person = ANY($1::bigint[]) AND dose_number > 2
ON CONFLICT DO NOTHING
"""
_REACH = (
    "INSERT INTO renewal_position (one, reached) VALUES (1, $1) ON CONFLICT (one) DO UPDATE SET"
    " reached = excluded.reached"
)
_BEHIND = (
    "SELECT count(*) FROM (SELECT FROM intent WHERE expires_at > $1 AND expires_at <= $2 LIMIT $3)"
    " AS late"
)


class EditionKey(NamedTuple):
    """One edition of one dose's certificate."""

    dose_id: DoseId
    version: int
    edition: int

    @property
    def following(self) -> "EditionKey":
        """The edition after it."""
        return self._replace(edition=self.edition + 1)


class Edition(NamedTuple):
    """An intent, and which edition of its dose's certificate it is."""

    number: int
    intent: StoredIntent

    @property
    def key(self) -> EditionKey:
        """What names it."""
        return EditionKey(self.intent.dose_id, self.intent.version, self.number)


class EditionSignature(NamedTuple):
    """The signature of one edition, as it is stored."""

    dose_id: DoseId
    version: int
    edition: int
    signature: bytes


class RefusedRenewal(NamedTuple):
    """A certificate that was not renewed, and the code of the rule that says why."""

    key: EditionKey
    code: str


class Overdue(NamedTuple):
    """Certificates that were not renewed in time: nobody came to them, or they were refused."""

    behind: int
    refused: int


async def reached(tx: Transaction) -> datetime | None:
    """Until when everything that expires was dealt with; None before the first time."""
    moment: datetime | None = await tx.raw.fetchval("SELECT reached FROM renewal_position")
    return moment


async def reach(tx: Transaction, until: datetime) -> None:
    """Notes that everything that expires until then was dealt with."""
    await tx.raw.execute(_REACH, until)


async def expiring(
    tx: Transaction, after: datetime, until: datetime, most: int | None
) -> list[EditionKey]:
    """What expires after `after` and not after `until`, in no order; `most` of it, or all."""
    return [EditionKey(*row) for row in await tx.raw.fetch(_EXPIRING, after, until, most)]


async def due(tx: Transaction, keys: Sequence[EditionKey]) -> list[Edition]:
    """Those of `keys` that are to be renewed: signed, the newest of their dose, not withdrawn, nor
    revoked but for their key's sake.
    """
    return _editions(await tx.raw.fetch(_DUE, *_columns(keys), KEY_COMPROMISED))


async def add(tx: Transaction, editions: Sequence[Edition]) -> None:
    """Stores intents of next editions, at least one; one that is there already stays as it is."""
    await tx.raw.execute(
        _ADD, *_columns([(edition.number, *edition.intent) for edition in editions])
    )


async def stored(tx: Transaction, keys: Sequence[EditionKey]) -> list[Edition]:
    """Those of `keys`, at least one, that have an intent, signed or not."""
    return _editions(await tx.raw.fetch(_STORED, *_columns(keys)))


async def add_signatures(tx: Transaction, signatures: Sequence[EditionSignature]) -> None:
    """Stores the signatures of next editions, at least one; one that is there already stays as it
    is.
    """
    await tx.raw.execute(_SIGN, *_columns(signatures))


async def settle(
    tx: Transaction, keys: Sequence[EditionKey], refused: Sequence[RefusedRenewal], now: datetime
) -> None:
    """Remembers those of `keys`, at least one, that were `refused`, and forgets the others."""
    dose_ids, versions, _ = _columns(keys)
    await tx.raw.execute(_FORGET, dose_ids, versions)
    if refused:
        rows = [(*refusal.key, refusal.code) for refusal in refused]
        await tx.raw.execute(_REFUSE, *_columns(rows), now)


async def series_changed(
    tx: Transaction, persons: Sequence[PersonIndex], tried_at: datetime
) -> None:
    """Asks for next editions of these persons' later doses, whose place in the series is another
    one now.
    """
    await tx.raw.execute(_SERIES_CHANGED, list(persons), tried_at)


async def to_retry(tx: Transaction, before: datetime, most: int) -> list[EditionKey]:
    """What was refused at that time or earlier, the longest ago first."""
    return [EditionKey(*row) for row in await tx.raw.fetch(_RETRY, before, most)]


async def overdue(tx: Transaction, after: datetime, until: datetime, most: int) -> Overdue:
    """How many expire after `after` and not after `until`, counted up to `most`; and how many were
    refused.
    """
    behind = await tx.raw.fetchval(_BEHIND, after, until, most)
    refused = await tx.raw.fetchval("SELECT count(*) FROM unrenewed")
    return Overdue(int(behind), int(refused))


def _editions(rows: Iterable[Iterable[Any]]) -> list[Edition]:
    """From rows of `INTENT_COLUMNS` and the edition behind them."""
    return [Edition(edition, StoredIntent(*columns)) for *columns, edition in rows]


def _columns(rows: Sequence[Sequence[Any]]) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)]
