"""Cases: doses that people must decide, one row a dose; an older version never wins."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, false, or_, select, update

from services.chassis.db import Transaction
from services.verifier.schema import dose_case

_COLUMNS = ("dose_id", "version", "state", "grade", "reasons", "residence", "facility_code")
_PUT = """
INSERT INTO dose_case AS old (dose_id, version, state, grade, reasons, residence, facility_code)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (dose_id) DO UPDATE SET
    version = excluded.version, state = excluded.state, grade = excluded.grade,
    reasons = excluded.reasons,
    residence = excluded.residence, facility_code = excluded.facility_code, opened_at = now(),
    assigned_to = CASE WHEN excluded.state = 'closed' THEN old.assigned_to END
WHERE old.version < excluded.version
"""
_CLOSE = """
INSERT INTO dose_case AS old (dose_id, version, state)
SELECT dose_id, version, 'closed' FROM unnest($1::bigint[], $2::smallint[]) AS ended (dose_id,
  version)
ON CONFLICT (dose_id) DO UPDATE SET version = excluded.version, state = 'closed'
WHERE old.version <= excluded.version
"""


@dataclass(slots=True)
class StoredCase:
    """The case of one version of a dose, `open` or `closed`."""

    dose_id: int
    version: int
    state: str
    grade: str
    reasons: list[str]
    residence: str
    facility_code: str


def _values(case: StoredCase) -> tuple[Any, ...]:
    return tuple(getattr(case, name) for name in _COLUMNS)


async def open_new(tx: Transaction, cases: Sequence[StoredCase]) -> None:
    """Stores cases of doses that are believed to have none."""
    if not cases:
        return
    if not await tx.copy_new(dose_case, _COLUMNS, [_values(case) for case in cases]):
        await put(tx, cases)


async def put(tx: Transaction, cases: Iterable[StoredCase]) -> None:
    """Stores each case in the place of one of an older version; a closed one keeps older versions
    from coming late.
    """
    rows = sorted(map(_values, cases), key=lambda row: row[:2])
    if rows:
        await tx.raw.executemany(_PUT, rows)


async def close(tx: Transaction, ended: Mapping[int, int]) -> None:
    """Ends the cases of doses up to the given version."""
    if ended:
        doses = sorted(ended)
        await tx.raw.execute(_CLOSE, doses, [ended[dose_id] for dose_id in doses])


async def one(tx: Transaction, case_id: int, *, lock: bool = False) -> Row[Any] | None:
    """The case of a dose."""
    query = select(dose_case).where(dose_case.c.dose_id == case_id)
    return (await tx.execute(query.with_for_update() if lock else query)).one_or_none()


async def find(
    tx: Transaction,
    residences: tuple[str, ...] | None,
    states: Sequence[str],
    *,
    reason: str | None,
    after: int,
    limit: int,
) -> list[Row[Any]]:
    """Cases in one of `states`, of people who live in one of the areas (None: anywhere), in the
    order of their ids.
    """
    query = select(dose_case).where(
        dose_case.c.dose_id > after, dose_case.c.state.in_(states), dose_case.c.grade != ""
    )
    if residences is not None:
        query = query.where(
            or_(
                false(),
                *(dose_case.c.residence.startswith(area, autoescape=True) for area in residences),
            )
        )
    if reason is not None:
        query = query.where(dose_case.c.reasons.any(reason))
    return list(await tx.execute(query.order_by(dose_case.c.dose_id).limit(limit)))


async def move(tx: Transaction, case_id: int, state: str, officer: str) -> None:
    """Puts a case that the caller has locked into another state, in the officer's hands."""
    await tx.execute(
        update(dose_case)
        .where(dose_case.c.dose_id == case_id)
        .values(state=state, assigned_to=officer)
    )
