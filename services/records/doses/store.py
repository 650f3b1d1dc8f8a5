"""Doses and their versions: uploads and rules write many at a time, a correction writes one."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple, cast

from sqlalchemy import ARRAY, BigInteger, any_, bindparam, delete, func, insert, select, update

from contracts.events import DoseKind
from contracts.ids import BatchId, DoseId
from contracts.words import Grade, State
from services.chassis.db import Transaction
from services.records.schema import dose, dose_history, dose_status, problem, sql, withdrawal

Key = tuple[str, str]
"""The natural key of a dose: (facility code, source id)"""


class DoseRow(NamedTuple):
    """One version of a dose as it is stored, in the order of the columns.

    `person` is sealed JSON, `digest` a signed 64-bit integer.
    """

    id: DoseId
    facility_code: str
    source_id: str
    version: int
    batch_id: BatchId
    row: int
    digest: int
    province_code: str
    district_code: str
    commune_code: str
    product: str
    lot: str
    dose_number: int
    dose_kind: DoseKind
    date_given: date
    person: bytes
    birth_year: int | None
    identity: int | None
    doubts: str | None = None
    namesake: int | None = None


_BLOCK = 500
"""Ids that one draw of the sequence gives (its increment)."""
_COLUMNS = DoseRow._fields
_FACTS = _COLUMNS[_COLUMNS.index("batch_id") :]
_KEPT = _FACTS[: _FACTS.index("namesake")]  # nobody is searched by an older version


class KnownDose(NamedTuple):
    """The dose on record under a natural key; `residence` is the area codes in one text."""

    id: DoseId
    version: int
    digest: int
    residence: str


class DoseContent(NamedTuple):
    """What a version of a dose says, as it can be read again; `person` is sealed JSON."""

    id: DoseId
    version: int
    facility_code: str
    source_id: str
    product: str
    lot: str
    dose_number: int
    dose_kind: DoseKind
    date_given: date
    person: bytes
    doubts: str | None


class NamedDose(NamedTuple):
    """A dose that a row of a returned file names, at its current version."""

    content: DoseContent
    residence: str


class ComparedDose(NamedTuple):
    """A dose with which a row of an upload is compared; `since` is when its version was stored."""

    content: DoseContent
    state: State | None
    since: datetime


class DoseWithStatus(NamedTuple):
    """A dose at its current version, and its status where it has one."""

    id: DoseId
    facility_code: str
    source_id: str
    version: int
    batch_id: BatchId
    row: int
    digest: int
    province_code: str
    district_code: str
    commune_code: str
    product: str
    lot: str
    dose_number: int
    dose_kind: DoseKind
    date_given: date
    person: bytes
    birth_year: int | None
    identity: int | None
    doubts: str | None
    namesake: int | None
    state: State | None
    grade: Grade | None
    reasons: list[str] | None
    uvci: str | None
    refusal: str | None

    @property
    def residence(self) -> str:
        """The codes of province, district and commune in one text."""
        return self.province_code + self.district_code + self.commune_code


class OlderVersion(NamedTuple):
    """A version that was replaced, without its data."""

    version: int
    replaced_at: datetime
    replaced_by: str
    reason: str


class WithdrawalRow(NamedTuple):
    """Who withdrew a dose, when and why."""

    version: int
    withdrawn_at: datetime
    withdrawn_by: str
    reason: str


async def take_ids(tx: Transaction, count: int) -> list[DoseId]:
    """Draws new dose ids; the sequence gives them in blocks of 500."""
    firsts = await tx.raw.fetch(
        "SELECT nextval('dose_id_block') AS first FROM generate_series(1, $1)", -(-count // _BLOCK)
    )
    ids = [number for row in firsts for number in range(row["first"], row["first"] + _BLOCK)]
    return cast(list[DoseId], ids[:count])


async def insert_new(tx: Transaction, rows: Sequence[DoseRow]) -> bool:
    """Writes doses that are believed to be new.

    False, and nothing is written, where one natural key is on record already.
    """
    return await tx.copy_new(dose, _COLUMNS, rows)


# Two arrays instead of a list of pairs. Pairs are planned as one condition each, which took as
# long as the rest of an upload that was sent again.
_KNOWN = sql("""
SELECT dose.facility_code, dose.source_id, dose.id, dose.version, dose.digest,
       {residence} AS residence
FROM unnest($1::text[], $2::text[]) AS given (facility_code, source_id)
JOIN dose ON dose.facility_code = given.facility_code AND dose.source_id = given.source_id
ORDER BY dose.id FOR UPDATE OF dose
""")


async def lock_known(tx: Transaction, keys: Collection[Key]) -> dict[Key, KnownDose]:
    """Finds and locks the doses on record under these natural keys."""
    rows = await tx.raw.fetch(_KNOWN, *_columns(keys))
    return {(facility, source_id): KnownDose(*rest) for facility, source_id, *rest in rows}


# Joins, because their plan stays good whatever the planner believed of the tables. A subquery
# for each row read all of the history each time.
_COMPARED = """
SELECT dose.id, dose.version, dose.facility_code, dose.source_id, dose.product, dose.lot,
       dose.dose_number, dose.dose_kind, dose.date_given, dose.person, dose.doubts,
       status.state, coalesce(newer.replaced_at, batch.created_at) AS since
FROM unnest($1::bigint[]) AS given (id) JOIN dose ON dose.id = given.id
LEFT JOIN dose_status AS status ON status.dose_id = dose.id AND status.version = dose.version
LEFT JOIN dose_history AS newer ON newer.dose_id = dose.id AND newer.version = dose.version - 1
LEFT JOIN batch ON batch.id = dose.batch_id
"""
_BEFORE = """
SELECT DISTINCT ON (dose.id, old.digest)
       dose.id, old.version, dose.facility_code, dose.source_id, old.product, old.lot,
       old.dose_number, old.dose_kind, old.date_given, old.person, old.doubts
FROM unnest($1::bigint[]) AS given (id) JOIN dose ON dose.id = given.id
JOIN dose_history AS old ON old.dose_id = dose.id
WHERE old.person IS NOT NULL
ORDER BY dose.id, old.digest
"""
_NAMED = sql("""
SELECT dose.id, dose.version, dose.facility_code, dose.source_id, dose.product, dose.lot,
       dose.dose_number, dose.dose_kind, dose.date_given, dose.person, dose.doubts,
       {residence} AS residence
FROM """)
_NAMED_BY_ID = _NAMED + "unnest($1::bigint[]) AS given (id) JOIN dose ON dose.id = given.id"
_NAMED_BY_KEY = _NAMED + (
    "unnest($1::text[], $2::text[]) AS given (facility_code, source_id) "
    "JOIN dose ON dose.facility_code = given.facility_code AND dose.source_id = given.source_id"
)
_VERSIONS = """
SELECT dose.id, old.version, dose.facility_code, dose.source_id, old.product, old.lot,
       old.dose_number, old.dose_kind, old.date_given, old.person, old.doubts
FROM unnest($1::bigint[], $2::smallint[]) AS given (id, version) JOIN dose ON dose.id = given.id
JOIN dose_history AS old ON old.dose_id = dose.id AND old.version = given.version
WHERE old.person IS NOT NULL
"""


async def named_doses(
    tx: Transaction, ids: Collection[int], keys: Collection[Key]
) -> list[NamedDose]:
    """Reads doses by id or by natural key, without a lock; a dose may come twice."""
    rows = list(await tx.raw.fetch(_NAMED_BY_ID, list(ids))) if ids else []
    rows += list(await tx.raw.fetch(_NAMED_BY_KEY, *_columns(keys))) if keys else []
    return [NamedDose(DoseContent(*content), residence) for *content, residence in rows]


async def older_contents(
    tx: Transaction, versions: Collection[tuple[int, int]]
) -> list[DoseContent]:
    """Reads older versions by (dose id, version); those whose data was deleted are left out."""
    if not versions:
        return []
    return [DoseContent(*row) for row in await tx.raw.fetch(_VERSIONS, *_columns(versions))]


async def compared_doses(tx: Transaction, ids: Collection[int]) -> list[ComparedDose]:
    """Reads locked doses at their current versions, with their states."""
    rows = await tx.raw.fetch(_COMPARED, list(ids))
    return [ComparedDose(DoseContent(*content), state, since) for *content, state, since in rows]


async def contents_before(tx: Transaction, ids: Collection[int]) -> list[DoseContent]:
    """Reads what older versions of these doses said, each content once."""
    return [DoseContent(*row) for row in await tx.raw.fetch(_BEFORE, list(ids))]


_ids = any_(bindparam("ids", type_=ARRAY(BigInteger)))
_KEEP_OLD = insert(dose_history).from_select(
    ["dose_id", "version", *_KEPT, "replaced_by", "reason"],
    select(
        dose.c.id,
        dose.c.version,
        *(dose.c[name] for name in _KEPT),
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
    """Replaces current versions by newer ones; the replaced ones move to the history.

    The caller has locked the doses.
    """
    columns = zip(_COLUMNS, _columns(rows), strict=True)
    parameters = {f"given_{name}": values for name, values in columns}
    ids = {"ids": parameters["given_id"]}
    await tx.execute(_KEEP_OLD, {"replaced_by": replaced_by, "reason": reason, **ids})
    await tx.execute(_NEWER, parameters)
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


async def read_dose(tx: Transaction, dose_id: int, *, lock: bool = False) -> DoseWithStatus | None:
    """Reads a dose at its current version; None where there is none."""
    if lock:
        await lock_all(tx, [dose_id])
    row = (await tx.execute(_WITH_STATUS.where(dose.c.id == dose_id))).one_or_none()
    return None if row is None else DoseWithStatus._make(row)


async def lock_doses(tx: Transaction, dose_ids: Sequence[int]) -> list[DoseWithStatus]:
    """Locks doses against other writers and reads their current versions, in the order of ids."""
    await lock_all(tx, dose_ids)
    query = _WITH_STATUS.where(dose.c.id == _ids).order_by(dose.c.id)
    return [DoseWithStatus._make(row) for row in await tx.execute(query, {"ids": list(dose_ids)})]


async def lock_all(tx: Transaction, dose_ids: Sequence[int]) -> None:
    """Locks doses against other writers; a later statement reads them.

    A statement that waits for a lock does not see the status that it waited for. A dose that was
    withdrawn meanwhile would seem to live.
    """
    await tx.execute(
        select(dose.c.id).where(dose.c.id == _ids).order_by(dose.c.id).with_for_update(),
        {"ids": list(dose_ids)},
    )


async def older_versions(tx: Transaction, dose_id: int) -> list[OlderVersion]:
    """Lists the older versions of a dose, newest first."""
    query = select(
        dose_history.c.version,
        dose_history.c.replaced_at,
        dose_history.c.replaced_by,
        dose_history.c.reason,
    )
    query = query.where(dose_history.c.dose_id == dose_id).order_by(dose_history.c.version.desc())
    return [OlderVersion._make(row) for row in await tx.execute(query)]


async def withdrawal_of(tx: Transaction, dose_id: int, version: int) -> WithdrawalRow | None:
    """Reads who withdrew a dose at this version.

    None where it lives, or was withdrawn before this was kept.
    """
    query = select(
        withdrawal.c.version,
        withdrawal.c.withdrawn_at,
        withdrawal.c.withdrawn_by,
        withdrawal.c.reason,
    ).where((withdrawal.c.dose_id == dose_id) & (withdrawal.c.version == version))
    row = (await tx.execute(query)).one_or_none()
    return None if row is None else WithdrawalRow._make(row)
