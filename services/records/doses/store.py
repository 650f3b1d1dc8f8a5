"""Doses and their versions: written in bulk by an upload or a rule, one at a time by a
correction.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ARRAY, BigInteger, Row, any_, bindparam, delete, func, insert, select, update

from services.chassis.db import Transaction
from services.records.schema import dose, dose_history, dose_status, problem, withdrawal

Key = tuple[str, str]
"""The natural key of a dose: (facility code, source id)"""


class DoseRow(NamedTuple):
    """One version of a dose as it is stored, in the order of the columns; `person` is sealed JSON,
    `digest` a signed 64-bit integer.
    """

    id: int
    facility_code: str
    source_id: str
    version: int
    batch_id: int
    row: int
    digest: int
    province_code: str
    district_code: str
    commune_code: str
    product: str
    lot: str
    dose_number: int
    dose_kind: str
    date_given: date
    person: bytes
    birth_year: int | None
    identity: int | None
    doubts: str | None = None


_BLOCK = 500
"""Ids that one draw of the sequence gives (its increment)."""
_COLUMNS = DoseRow._fields
_FACTS = _COLUMNS[_COLUMNS.index("batch_id") :]


@dataclass(frozen=True, slots=True)
class KnownDose:
    """What is on record under a natural key."""

    id: int
    version: int
    digest: int
    residence: str


async def take_ids(tx: Transaction, count: int) -> list[int]:
    """So many new dose ids, of as many blocks of 500 as it takes."""
    firsts = await tx.raw.fetch(
        "SELECT nextval('dose_id_block') AS first FROM generate_series(1, $1)", -(-count // _BLOCK)
    )
    return [dose_id for row in firsts for dose_id in range(row["first"], row["first"] + _BLOCK)][
        :count
    ]


async def insert_new(tx: Transaction, rows: Sequence[DoseRow]) -> bool:
    """Writes doses that are believed to be new; False, and nothing written, where one natural key
    is on record already.
    """
    return await tx.copy_new(dose, _COLUMNS, rows)


# a list of pairs in the statement's text is planned as so many conditions, which took as long as
# all else of an upload sent again
_KNOWN = """
SELECT dose.facility_code, dose.source_id, dose.id, dose.version, dose.digest,
       dose.province_code || dose.district_code || dose.commune_code AS residence
FROM unnest($1::text[], $2::text[]) AS given (facility_code, source_id)
JOIN dose ON dose.facility_code = given.facility_code AND dose.source_id = given.source_id
ORDER BY dose.id FOR UPDATE OF dose
"""


async def known(tx: Transaction, keys: Collection[Key]) -> dict[Key, KnownDose]:
    """The doses on record under the given (facility code, source id), locked against other
    writers.
    """
    rows = await tx.raw.fetch(_KNOWN, *_columns(keys))
    return {(facility, source_id): KnownDose(*rest) for facility, source_id, *rest in rows}


# joins, whose plan holds whatever the planner believed of the tables when it made it: a subquery a
# row read all of the history each time
_STANDING = """
SELECT dose.*, status.state, status.grade, coalesce(newer.replaced_at, batch.created_at) AS since
FROM unnest($1::bigint[]) AS given (id) JOIN dose ON dose.id = given.id
LEFT JOIN dose_status AS status ON status.dose_id = dose.id AND status.version = dose.version
LEFT JOIN dose_history AS newer ON newer.dose_id = dose.id AND newer.version = dose.version - 1
LEFT JOIN batch ON batch.id = dose.batch_id
"""
_BEFORE = """
SELECT DISTINCT ON (dose.id, old.digest) dose.id, dose.facility_code, dose.source_id, old.product,
  old.lot,
       old.dose_number, old.dose_kind, old.date_given, old.person, old.doubts
FROM unnest($1::bigint[]) AS given (id) JOIN dose ON dose.id = given.id
JOIN dose_history AS old ON old.dose_id = dose.id
WHERE old.person IS NOT NULL
ORDER BY dose.id, old.digest
"""


_NAMED = """
SELECT dose.*, status.state,
       dose.province_code || dose.district_code || dose.commune_code AS residence
FROM {given} LEFT JOIN dose_status AS status ON status.dose_id = dose.id
AND status.version = dose.version
"""
_NAMED_BY_ID = _NAMED.format(
    given="unnest($1::bigint[]) AS given (id) JOIN dose ON dose.id = given.id"
)
_NAMED_BY_KEY = _NAMED.format(
    given=(
        "unnest($1::text[], $2::text[]) AS given (facility_code, source_id) "
        "JOIN dose ON dose.facility_code = given.facility_code AND dose.source_id = given.source_id"
    )
)
_VERSIONS = """
SELECT dose.id, old.version, dose.facility_code, dose.source_id, old.product, old.lot,
       old.dose_number, old.dose_kind, old.date_given, old.person, old.doubts
FROM unnest($1::bigint[], $2::smallint[]) AS given (id, version) JOIN dose ON dose.id = given.id
JOIN dose_history AS old ON old.dose_id = dose.id AND old.version = given.version
WHERE old.person IS NOT NULL
"""


async def named(tx: Transaction, ids: Collection[int], keys: Collection[Key]) -> list[Any]:
    """Doses at their current versions by id or by (facility code, source id), not locked; one may
    come twice.
    """
    by_id = list(await tx.raw.fetch(_NAMED_BY_ID, list(ids))) if ids else []
    return by_id + (list(await tx.raw.fetch(_NAMED_BY_KEY, *_columns(keys))) if keys else [])


async def older(tx: Transaction, versions: Collection[tuple[int, int]]) -> list[Any]:
    """These older versions (dose id, version), as rows that can be read as typed; forgotten ones
    are left out.
    """
    return list(await tx.raw.fetch(_VERSIONS, *_columns(versions))) if versions else []


async def standing(tx: Transaction, ids: Collection[int]) -> list[Any]:
    """Locked doses at their current versions, with their state and grade, and since when they are
    so.
    """
    return list(await tx.raw.fetch(_STANDING, list(ids)))


async def contents_before(tx: Transaction, ids: Collection[int]) -> list[Any]:
    """What older versions of these doses held, each content once, as rows that can be read as
    typed.
    """
    return list(await tx.raw.fetch(_BEFORE, list(ids)))


_ids = any_(bindparam("ids", type_=ARRAY(BigInteger)))
_KEEP_OLD = insert(dose_history).from_select(
    ["dose_id", "version", *_FACTS, "replaced_by", "reason"],
    select(
        dose.c.id,
        dose.c.version,
        *(dose.c[name] for name in _FACTS),
        bindparam("replaced_by"),
        bindparam("reason"),
    ).where(dose.c.id == _ids),
)
_SETTLED = delete(problem).where(problem.c.dose_id == _ids)
_lists = (bindparam(f"given_{name}", type_=ARRAY(dose.c[name].type)) for name in _COLUMNS)
_given = func.unnest(*_lists).table_valued(*_COLUMNS).render_derived("given")
_NEWER = (
    update(dose)
    .where(dose.c.id == _given.c.id)
    .values({dose.c[name]: _given.c[name] for name in ("version", *_FACTS)})
)


async def add_versions(
    tx: Transaction, rows: Sequence[DoseRow], replaced_by: str, reason: str
) -> None:
    """Puts newer versions in place of the current ones, which move to the history; the doses are
    locked by the caller.
    """
    given = {f"given_{name}": values for name, values in zip(_COLUMNS, _columns(rows), strict=True)}
    ids = {"ids": given["given_id"]}
    await tx.execute(_KEEP_OLD, {"replaced_by": replaced_by, "reason": reason, **ids})
    await tx.execute(_NEWER, given)
    await tx.execute(_SETTLED, ids)


def _columns(rows: Collection[tuple[Any, ...]]) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)]


_WITH_STATUS = select(
    *dose.c,
    dose_status.c.state,
    dose_status.c.grade,
    dose_status.c.reasons,
    dose_status.c.uvci,
    dose_status.c.refusal,
).outerjoin(
    dose_status, (dose_status.c.dose_id == dose.c.id) & (dose_status.c.version == dose.c.version)
)


async def one(tx: Transaction, dose_id: int, *, lock: bool = False) -> Row[Any] | None:
    """A dose at its current version with its status, where it has one."""
    if lock:
        await lock_all(tx, [dose_id])
    return (await tx.execute(_WITH_STATUS.where(dose.c.id == dose_id))).one_or_none()


async def locked(tx: Transaction, dose_ids: Sequence[int]) -> list[Row[Any]]:
    """Doses at their current versions with their statuses, locked against other writers, in the
    order of their ids.
    """
    await lock_all(tx, dose_ids)
    return list(
        await tx.execute(
            _WITH_STATUS.where(dose.c.id == _ids).order_by(dose.c.id), {"ids": list(dose_ids)}
        )
    )


async def lock_all(tx: Transaction, dose_ids: Sequence[int]) -> None:
    """Locks doses against other writers; what is read of them is read by a later statement.

    A statement that waits for a lock does not see the status that it waited for: a dose withdrawn
    meanwhile would seem to live.
    """
    await tx.execute(
        select(dose.c.id).where(dose.c.id == _ids).order_by(dose.c.id).with_for_update(),
        {"ids": list(dose_ids)},
    )


async def versions(tx: Transaction, dose_id: int) -> list[Row[Any]]:
    """The older versions of a dose, newest first, without their data: version, when it was
    replaced, by whom and why.
    """
    query = select(
        dose_history.c.version,
        dose_history.c.replaced_at,
        dose_history.c.replaced_by,
        dose_history.c.reason,
    )
    return list(
        await tx.execute(
            query.where(dose_history.c.dose_id == dose_id).order_by(dose_history.c.version.desc())
        )
    )


async def withdrawal_of(tx: Transaction, dose_id: int, version: int) -> Row[Any] | None:
    """Who withdrew a dose at its current version, when and why; None for one that lives, or was
    withdrawn before this was kept.
    """
    here = (withdrawal.c.dose_id == dose_id) & (withdrawal.c.version == version)
    return (await tx.execute(select(withdrawal).where(here))).one_or_none()
