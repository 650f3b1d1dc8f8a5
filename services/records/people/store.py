"""Whose doses fit a number, or a name and a birth date."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Select,
    any_,
    bindparam,
    cast,
    func,
    or_,
    select,
    tuple_,
    union,
)

from contracts.access import Reach
from contracts.ids import DoseId
from services.chassis.db import Transaction
from services.records.disclosure.store import within
from services.records.doses.store import DoseWithStatus
from services.records.schema import (
    RESIDENCE,
    batch,
    dose,
    dose_history,
    dose_status,
    old_number,
    problem,
    registered_namesake,
    supplement,
    typed_number,
)

MOST_HITS = 2_000
"""Doses that one search looks through."""
MOST_DOSES = 200
"""Doses of the people of one page that are shown."""


class DoseHit(NamedTuple):
    """A dose that fits: whose it is, by the registry and as typed."""

    dose_id: DoseId
    person: int | None
    identity: int | None


class StandingDose(NamedTuple):
    """A dose with its status, and since when it stands so."""

    dose: DoseWithStatus
    person: int | None
    since: datetime


class OldNumber(NamedTuple):
    """A number that a person had before; both are blind indexes."""

    number: int
    person: int


class RegisteredNamesake(NamedTuple):
    """How the registry calls the person of a dose for whom something else was typed."""

    dose_id: DoseId
    version: int
    namesake: int


_CURRENT = (dose_status.c.dose_id == dose.c.id) & (dose_status.c.version == dose.c.version)
_HIT = select(dose.c.id, dose_status.c.person, dose.c.identity).outerjoin(dose_status, _CURRENT)


def _among(column: ColumnElement[Any], numbers: Sequence[int]) -> ColumnElement[bool]:
    return column == any_(cast(list(numbers), ARRAY(BigInteger)))


async def by_person(tx: Transaction, reach: Reach, person: int) -> list[DoseHit]:
    """Doses of a person, by the blind index of the number, or of an earlier one.

    And those for which it was typed, though nobody has confirmed it.
    """
    persons = union(
        select(cast(person, BigInteger).label("person")),
        select(old_number.c.person).where(old_number.c.number == person),
    ).scalar_subquery()
    fitting = union(
        select(dose_status.c.dose_id, dose_status.c.version).where(
            dose_status.c.person == any_(func.array(persons))
        ),
        select(typed_number.c.dose_id, typed_number.c.version).where(
            typed_number.c.number == person
        ),
    ).subquery("fitting")
    at_version = tuple_(dose.c.id, dose.c.version) == tuple_(fitting.c.dose_id, fitting.c.version)
    return await _hits(tx, reach, _HIT.join(fitting, at_version))


async def by_namesake(
    tx: Transaction, reach: Reach, namesakes: Sequence[int], place: Mapping[str, str]
) -> list[DoseHit]:
    """Doses of namesakes, as typed or by the registry; `place`: codes of where all of them live."""
    fitting = union(
        select(dose.c.id).where(_among(dose.c.namesake, namesakes)),
        select(dose.c.id)
        .join(
            registered_namesake,
            (registered_namesake.c.dose_id == dose.c.id)
            & (registered_namesake.c.version == dose.c.version),
        )
        .where(_among(registered_namesake.c.namesake, namesakes)),
    ).subquery("fitting")
    query = _HIT.join(fitting, fitting.c.id == dose.c.id)
    living_there = (dose.c[name] == code for name, code in place.items())
    return await _hits(tx, reach, query.where(*living_there))


async def _hits(tx: Transaction, reach: Reach, query: Select[Any]) -> list[DoseHit]:
    """Those within reach, one more than are looked through where there are too many."""
    near = query.where(within(reach, dose.c.facility_code, RESIDENCE))
    rows = await tx.execute(near.order_by(dose.c.id).limit(MOST_HITS + 1))
    return [DoseHit._make(row) for row in rows]


_SINCE = func.coalesce(
    problem.c.since,
    dose_history.c.replaced_at,
    batch.c.created_at,
    supplement.c.recorded_at,
    func.now(),
)
_STANDING = (
    select(
        *dose.c,
        dose_status.c.state,
        dose_status.c.grade,
        dose_status.c.reasons,
        dose_status.c.uvci,
        dose_status.c.refusal,
        dose_status.c.person.label("whose"),
        _SINCE.label("since"),
    )
    .outerjoin(dose_status, _CURRENT)
    .outerjoin(problem, (problem.c.dose_id == dose.c.id) & (problem.c.version == dose.c.version))
    .outerjoin(
        dose_history,
        (dose_history.c.dose_id == dose.c.id) & (dose_history.c.version == dose.c.version - 1),
    )
    .outerjoin(batch, batch.c.id == dose.c.batch_id)
    .outerjoin(supplement, supplement.c.dose_id == dose.c.id)
)
_OF_PERSONS = select(dose_status.c.dose_id).where(
    dose_status.c.person == any_(bindparam("persons", type_=ARRAY(BigInteger)))
)


async def standing_doses(
    tx: Transaction, reach: Reach, dose_ids: Sequence[int], persons: Sequence[int]
) -> list[StandingDose]:
    """These doses and all of these persons, within reach, in the order they were given."""
    wanted = or_(_among(dose.c.id, dose_ids), dose.c.id.in_(_OF_PERSONS))
    query = (
        _STANDING.where(wanted, within(reach, dose.c.facility_code, RESIDENCE))
        .order_by(dose.c.date_given, dose.c.dose_number, dose.c.id)
        .limit(MOST_DOSES)
    )
    rows = await tx.execute(query, {"persons": list(persons)})
    return [StandingDose(DoseWithStatus._make(row[:-2]), row.whose, row.since) for row in rows]


_ADD_OLD = """
INSERT INTO old_number (number, person) SELECT * FROM unnest($1::bigint[], $2::bigint[])
ON CONFLICT DO NOTHING
"""
_ADD_REGISTERED = """
INSERT INTO registered_namesake AS old (dose_id, version, namesake)
SELECT * FROM unnest($1::bigint[], $2::smallint[], $3::bigint[])
ON CONFLICT (dose_id) DO UPDATE SET version = excluded.version, namesake = excluded.namesake
WHERE old.version <= excluded.version
"""


async def add_old_numbers(tx: Transaction, rows: Sequence[OldNumber]) -> None:
    """Keeps numbers that people had before; at least one."""
    await tx.raw.execute(_ADD_OLD, *(list(column) for column in zip(*rows, strict=True)))


async def add_registered(tx: Transaction, rows: Sequence[RegisteredNamesake]) -> None:
    """Keeps how the registry calls people for whom something else was typed; at least one."""
    columns = (list(column) for column in zip(*rows, strict=True))
    await tx.raw.execute(_ADD_REGISTERED, *columns)


class UnnamedDose(NamedTuple):
    """A dose without the index by name and birth date; `person` is sealed JSON."""

    id: DoseId
    person: bytes


# a dose that is being corrected gets its index with the new version
_UNNAMED = """
SELECT id, person FROM dose WHERE namesake IS NULL ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED
"""
_NAME = """
UPDATE dose SET namesake = named.namesake FROM unnest($1::bigint[], $2::bigint[])
  AS named (id, namesake)
WHERE dose.id = named.id
"""


async def take_unnamed(tx: Transaction, most: int) -> list[UnnamedDose]:
    """Locks the oldest doses that lack the index, but for those that somebody else holds."""
    return [UnnamedDose(*row) for row in await tx.raw.fetch(_UNNAMED, most)]


async def set_namesakes(tx: Transaction, named: Mapping[DoseId, int]) -> None:
    """Keeps the index of each of these locked doses."""
    if named:
        await tx.raw.execute(_NAME, list(named), list(named.values()))
