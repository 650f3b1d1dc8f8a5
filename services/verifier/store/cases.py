"""Cases: doses that people must decide, one row a dose. An older version never wins."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import any_, false, func, literal, or_, select, update

from contracts.case_states import CaseAct, CaseState
from contracts.ids import DoseId
from services.chassis.db import Transaction
from services.verifier.schema import dose_case

_PUT = """
INSERT INTO dose_case AS old (dose_id, version, state, grade, reasons, residence, facility_code,
  certain)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (dose_id) DO UPDATE SET
    version = excluded.version, state = excluded.state, grade = excluded.grade,
    reasons = excluded.reasons,
    residence = excluded.residence, facility_code = excluded.facility_code, opened_at = now(),
    certain = CASE WHEN NOT old.left_bulk THEN excluded.certain END,
    step = 0, act = NULL, moved_at = NULL,
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


class NewCase(NamedTuple):
    """The case of one version of a dose as it is opened: `state` is `open` or `closed`.

    `certain`: the kind by which the suggestion may be confirmed by the page.
    """

    dose_id: DoseId
    version: int
    state: CaseState
    grade: str
    reasons: list[str]
    residence: str
    facility_code: str
    certain: str | None = None


class CaseRow(NamedTuple):
    """A stored case. `assigned_to`: the officer who acted on it last. `certain`: as opened."""

    dose_id: DoseId
    version: int
    state: CaseState
    grade: str
    reasons: list[str]
    residence: str
    facility_code: str
    opened_at: datetime
    assigned_to: str | None
    certain: str | None
    claimed_by: str | None = None
    claimed_until: datetime | None = None


class CaseStanding(NamedTuple):
    """How a case stands; `step` grows with each change at one version."""

    dose_id: DoseId
    version: int
    step: int
    state: CaseState
    act: CaseAct
    since: datetime


_ROWS = select(*(dose_case.c[name] for name in CaseRow._fields))


async def open_new(tx: Transaction, cases: Sequence[NewCase]) -> None:
    """Stores cases of doses that are believed to have none."""
    if not cases:
        return
    if not await tx.copy_new(dose_case, NewCase._fields, cases):
        await put(tx, cases)


async def put(tx: Transaction, cases: Iterable[NewCase]) -> None:
    """Stores each case in the place of one of an older version, and locks it.

    A closed one keeps older versions from coming late.
    """
    rows = sorted(cases, key=lambda case: (case.dose_id, case.version))
    if rows:
        await tx.raw.executemany(_PUT, rows)


async def close(tx: Transaction, ended: Mapping[DoseId, int]) -> None:
    """Ends the cases of doses up to the given version."""
    if ended:
        doses = sorted(ended)
        await tx.raw.execute(_CLOSE, doses, [ended[dose_id] for dose_id in doses])


async def one(tx: Transaction, case_id: DoseId, *, lock: bool = False) -> CaseRow | None:
    """The case of a dose."""
    query = _ROWS.where(dose_case.c.dose_id == case_id)
    row = (await tx.execute(query.with_for_update() if lock else query)).one_or_none()
    return None if row is None else CaseRow._make(row)


async def find(
    tx: Transaction,
    residences: tuple[str, ...] | None,
    states: Sequence[CaseState],
    *,
    reason: str | None,
    after: int,
    limit: int,
) -> list[CaseRow]:
    """Cases in one of `states`, in the order of their ids.

    `residences`: of people who live in one of these areas; None: anywhere.
    """
    query = _ROWS.where(
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
        query = query.where(literal(reason) == any_(dose_case.c.reasons))
    rows = await tx.execute(query.order_by(dose_case.c.dose_id).limit(limit))
    return [CaseRow._make(row) for row in rows]


async def move(
    tx: Transaction, case_id: DoseId, state: CaseState, act: CaseAct, officer: str
) -> None:
    """Puts a case that the caller has locked into another state, in the officer's hands.

    Whoever moves it tells so by `case_news`.
    """
    await tx.execute(
        update(dose_case)
        .where(dose_case.c.dose_id == case_id)
        .values(
            state=state,
            act=act,
            step=dose_case.c.step + 1,
            moved_at=func.now(),
            assigned_to=officer,
            claimed_by=None,
            claimed_until=None,
        )
    )


async def standing(tx: Transaction, dose_ids: Sequence[DoseId]) -> list[CaseStanding]:
    """How these cases stand, in the order of their ids."""
    if not dose_ids:
        return []
    query = select(
        *(dose_case.c[name] for name in ("dose_id", "version", "step", "state")),
        func.coalesce(dose_case.c.act, "opened"),
        func.coalesce(dose_case.c.moved_at, dose_case.c.opened_at),
    ).where(dose_case.c.dose_id.in_(dose_ids))
    return [CaseStanding._make(row) for row in await tx.execute(query.order_by("dose_id"))]


async def leave_bulk(tx: Transaction, dose_ids: Sequence[DoseId]) -> None:
    """From now on these are decided singly, whatever becomes of them."""
    if dose_ids:
        await tx.execute(
            update(dose_case)
            .where(dose_case.c.dose_id.in_(dose_ids))
            .values(certain=None, left_bulk=True)
        )
