"""What was decided before about doses that come again, and which dose certifies an injection."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ARRAY, BigInteger, any_, bindparam, select

from services.chassis.db import Transaction
from services.signer.schema import intent
from services.signer.store.intents import (
    INTENT_COLUMNS,
    Injection,
    PersonIndex,
    StoredIntent,
    VersionKey,
)

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
_NEWEST_SIGNED = f"""
SELECT DISTINCT ON (dose_id, version) {", ".join(INTENT_COLUMNS)}
FROM unnest($1::bigint[], $2::smallint[]) AS given (dose_id, version)
JOIN intent USING (dose_id, version) JOIN signature USING (dose_id, version, edition)
ORDER BY dose_id, version, edition DESC
"""  # noqa: S608
_INTENTS_OF = (
    select(*(intent.c[name] for name in INTENT_COLUMNS), intent.c.edition)
    .where(intent.c.dose_id == any_(bindparam("ids", type_=ARRAY(BigInteger))))
    .order_by(intent.c.edition)
)


async def intents_of(
    tx: Transaction, dose_ids: Sequence[int]
) -> dict[VersionKey, StoredIntent | None]:
    """The intent of each version of these doses that has one; None where it was renewed since, so
    that nothing is to be finished.
    """
    intents: dict[VersionKey, StoredIntent | None] = {}
    rows: Iterable[Sequence[Any]] = await tx.execute(_INTENTS_OF, {"ids": dose_ids})
    for *columns, edition in rows:
        stored = StoredIntent(*columns)
        intents[stored.key] = stored if edition == 1 else None
    return intents


async def newest_signed(tx: Transaction, versions: Sequence[VersionKey]) -> list[StoredIntent]:
    """The newest signed edition of each of these versions, at least one, that has any."""
    columns = [list(column) for column in zip(*versions, strict=True)]
    return [StoredIntent(*row) for row in await tx.raw.fetch(_NEWEST_SIGNED, *columns)]


async def holders(tx: Transaction, intents: Sequence[StoredIntent]) -> dict[Injection, int]:
    """Which dose is certified for the injection of each of these intents, where one is."""
    if not intents:
        return {}
    injections = [stored.injection for stored in intents]
    columns = [list(column) for column in zip(*injections, strict=True)]
    rows = await tx.raw.fetch(_HOLDERS, *columns)
    return {Injection(*injection): dose_id for *injection, dose_id in rows}


async def single_series(tx: Transaction, persons: Sequence[PersonIndex]) -> set[PersonIndex]:
    """Those of `persons` whose primary series was of one dose."""
    if not persons:
        return set()
    return {PersonIndex(row["person"]) for row in await tx.raw.fetch(_SINGLE, list(persons))}


async def note_single_series(tx: Transaction, versions: Sequence[VersionKey]) -> None:
    """Notes that each of these doses was its person's whole series."""
    await tx.raw.execute(_NOTE_SINGLE, *(list(column) for column in zip(*versions, strict=True)))
