"""Suggestions beside the problems they belong to, sealed, one row a dose."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    any_,
    bindparam,
    case,
    func,
    insert,
    select,
    update,
)

from contracts.ids import DoseId
from services.chassis.db import Transaction
from services.records.schema import acceptance, problem, suggestion

# a replaced suggestion of the same person stays dismissed
_PUT = """
INSERT INTO suggestion AS old (dose_id, version, certain, person, people)
SELECT * FROM unnest($1::bigint[], $2::smallint[], $3::text[], $4::bigint[], $5::bytea[])
ON CONFLICT (dose_id) DO UPDATE SET
    version = excluded.version, certain = excluded.certain, people = excluded.people,
    person = excluded.person,
    dismissed_by = CASE WHEN old.person = excluded.person THEN old.dismissed_by END,
    dismissed_at = CASE WHEN old.person = excluded.person THEN old.dismissed_at END
WHERE old.version <= excluded.version
"""
_GONE = """
DELETE FROM suggestion USING unnest($1::bigint[], $2::smallint[]) AS told (dose_id, version)
WHERE suggestion.dose_id = told.dose_id AND suggestion.version <= told.version
"""


class SuggestionRow(NamedTuple):
    """The suggestions of one verification; `person` is a blind index, `people` sealed JSON."""

    dose_id: DoseId
    version: int
    certain: str | None
    person: int
    people: bytes


class StoredSuggestions(NamedTuple):
    """What is kept of a dose's suggestions, and of their acceptance where it stands."""

    dose_id: DoseId
    version: int
    certain: str | None
    people: bytes
    dismissed_by: str | None
    proof: str | None
    next_step: str | None
    accepted_by: str | None
    accepted_at: datetime | None


IN_FORCE = (
    (acceptance.c.dose_id == problem.c.dose_id)
    & (acceptance.c.version == problem.c.version)
    & acceptance.c.undone_at.is_(None)
    & acceptance.c.refused.is_(None)
)
CURRENT = (suggestion.c.dose_id == problem.c.dose_id) & (suggestion.c.version == problem.c.version)
suggested_kind: ColumnElement[str] = case(
    (suggestion.c.dose_id.is_(None) | suggestion.c.dismissed_by.is_not(None), "none"),
    (suggestion.c.certain.is_not(None), "certain"),
    else_="likely",
)
"""What kind of suggestion a dose of `problem` has, joined by `CURRENT` from outside."""


async def replace(
    tx: Transaction, verified: Sequence[tuple[DoseId, int]], rows: Sequence[SuggestionRow]
) -> None:
    """Puts the suggestions of these verifications in the place of older ones.

    `verified`: every (dose id, version) that was verified; those without a row have none any more.
    """
    suggested = {row.dose_id for row in rows}
    ended = [dose for dose in verified if dose[1] > 1 and dose[0] not in suggested]
    await end(tx, ended)
    if rows:
        await tx.raw.execute(_PUT, *map(list, zip(*rows, strict=True)))


async def end(tx: Transaction, ended: Sequence[tuple[DoseId, int]]) -> None:
    """Removes the suggestions of doses up to the given version."""
    if ended:
        await tx.raw.execute(_GONE, *map(list, zip(*ended, strict=True)))


_OF_DOSES = (
    select(
        suggestion.c.dose_id,
        suggestion.c.version,
        suggestion.c.certain,
        suggestion.c.people,
        suggestion.c.dismissed_by,
        acceptance.c.proof,
        acceptance.c.next_step,
        acceptance.c.accepted_by,
        acceptance.c.accepted_at,
    )
    .outerjoin(
        acceptance,
        (acceptance.c.dose_id == suggestion.c.dose_id)
        & (acceptance.c.version == suggestion.c.version)
        & acceptance.c.undone_at.is_(None)
        & acceptance.c.refused.is_(None),
    )
    .join(problem, CURRENT)
    .where(suggestion.c.dose_id == any_(bindparam("ids", type_=ARRAY(BigInteger))))
)


async def of_doses(
    tx: Transaction, dose_ids: Iterable[DoseId | None]
) -> dict[tuple[DoseId, int], StoredSuggestions]:
    """The suggestions of these doses, by (dose id, version)."""
    ids = [dose_id for dose_id in dose_ids if dose_id is not None]
    rows = await tx.execute(_OF_DOSES, {"ids": ids}) if ids else ()
    stored = [StoredSuggestions._make(row) for row in rows]
    return {(row.dose_id, row.version): row for row in stored}


class NewAcceptance(NamedTuple):
    """A suggestion as somebody accepts it; `person` is the sealed number."""

    dose_id: DoseId
    version: int
    person: bytes
    proof: str
    role: str
    next_step: str
    accepted_by: str
    accepted_at: datetime


async def accept(tx: Transaction, new: NewAcceptance) -> None:
    """Keeps who accepted; in the place of an acceptance that was taken back or refused."""
    values = new._asdict()
    old = (acceptance.c.dose_id == new.dose_id) & (acceptance.c.version == new.version)
    again = {**values, **dict.fromkeys(("undone_by", "undone_at", "refused", "refused_at"))}
    done = await tx.execute(update(acceptance).where(old).values(again))
    if not done.rowcount:
        await tx.execute(insert(acceptance).values(values))


class AcceptanceRow(NamedTuple):
    """The last acceptance of a dose that was not taken back."""

    dose_id: DoseId
    version: int
    person: bytes
    proof: str
    role: str
    next_step: str
    accepted_by: str
    accepted_at: datetime


async def accepted(tx: Transaction, dose_id: DoseId) -> AcceptanceRow | None:
    """The last acceptance of a dose that stands; None where there is none."""
    query = (
        select(*(acceptance.c[name] for name in AcceptanceRow._fields))
        .where(
            acceptance.c.dose_id == dose_id,
            acceptance.c.undone_at.is_(None),
            acceptance.c.refused.is_(None),
        )
        .order_by(acceptance.c.version.desc())
        .limit(1)
    )
    row = (await tx.execute(query)).one_or_none()
    return None if row is None else AcceptanceRow._make(row)


async def undo(tx: Transaction, dose_id: DoseId, version: int, subject: str) -> None:
    """Takes an acceptance back."""
    of = (acceptance.c.dose_id == dose_id) & (acceptance.c.version == version)
    values = {"undone_by": subject, "undone_at": func.now()}
    await tx.execute(update(acceptance).where(of).values(values))


async def dismiss(tx: Transaction, dose_id: DoseId, version: int, subject: str | None) -> bool:
    """Says that the dose is not the first suggested person's, or (None) that nobody says so.

    False where there is no such suggestion any more.
    """
    of = (suggestion.c.dose_id == dose_id) & (suggestion.c.version == version)
    at = func.now() if subject is not None else None
    values = {"dismissed_by": subject, "dismissed_at": at}
    return bool((await tx.execute(update(suggestion).where(of).values(values))).rowcount)
