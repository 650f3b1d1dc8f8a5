"""Bulk runs, their pages and rows, and the stops, as they are stored."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import exists, func, insert, or_, select, update
from sqlalchemy.sql.elements import ColumnElement

from contracts.ids import DoseId
from services.chassis.db import Transaction
from services.verifier.bulk.rules import HELD_FOR, RowState, RunState
from services.verifier.schema import bulk_page, bulk_row, bulk_run, bulk_stop, dose_case

# in: kind, area, how many; by the index `dose_case_certain`, whose order it keeps. Rows on a page
# that somebody has in hand are left out, without waiting for anybody.
_FREE = """
SELECT c.dose_id FROM dose_case AS c
WHERE c.certain = $1 AND c.state = 'open' AND starts_with(c.residence, $2)
AND c.residence >= $2 AND c.residence < $2 || ':'
AND NOT EXISTS (
    SELECT 1 FROM bulk_row AS r JOIN bulk_page AS p ON p.id = r.page_id
    WHERE r.dose_id = c.dose_id AND r.state = 'shown' AND p.shown_at > now() - $4::interval
)
{order} LIMIT $3
"""
_ONE_PAGE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtextextended($1, 4206202207))"
_FREE_IN_ORDER = _FREE.format(order="ORDER BY c.residence, c.dose_id")
_FREE_AT_RANDOM = _FREE.format(order="ORDER BY random()")
# in: dose ids. Out: the cases with their sealed evidence, in the order of their ids.
_SUBJECTS = """
SELECT c.dose_id, c.version, c.state, c.certain, c.facility_code, c.residence, v.evidence, v.doubts
FROM dose_case AS c
JOIN verification AS v ON v.dose_id = c.dose_id AND v.version = c.version
WHERE c.dose_id = ANY($1) ORDER BY c.dose_id
"""
_PENDING = """
SELECT dose_id, max(id) AS id FROM decision
WHERE dose_id = ANY($1) AND kind = 'confirm' AND NOT in_force AND undone_at IS NULL
GROUP BY dose_id
"""


class BulkRunRow(NamedTuple):
    """A stored run."""

    id: int
    kind: str
    area: str
    started_by: str
    started_at: datetime
    state: RunState
    sample_left: int


class BulkPageRow(NamedTuple):
    """A stored page. `second_by`: who has it in hand, or confirmed it."""

    id: int
    run_id: int
    sample: bool
    first_by: str
    shown_at: datetime
    first_at: datetime | None
    second_by: str | None
    second_at: datetime | None


class BulkPageLine(NamedTuple):
    """A row of a page. `seen`: the blind index of what was shown."""

    page_id: int
    dose_id: DoseId
    version: int
    seen: int
    state: RowState
    decision_id: int | None


class SubjectRow(NamedTuple):
    """A case with the sealed evidence of its version."""

    dose_id: DoseId
    version: int
    state: str
    certain: str | None
    facility_code: str
    residence: str
    evidence: bytes | None
    doubts: list[str] | None


_RUNS = select(*(bulk_run.c[name] for name in BulkRunRow._fields))
_PAGES = select(*(bulk_page.c[name] for name in BulkPageRow._fields))
_ROWS = select(*(bulk_row.c[name] for name in BulkPageLine._fields))


def _within(column: ColumnElement[str], areas: Sequence[str] | None) -> ColumnElement[bool]:
    """Whether the area of `column` lies in one of `areas`; None: anywhere."""
    if areas is None:
        return column.is_not(None)
    return or_(column.in_([]), *(column.startswith(area, autoescape=True) for area in areas))


async def count_open(tx: Transaction, areas: Sequence[str] | None) -> dict[str, int]:
    """How many certain cases wait for a first confirmation, by kind."""
    rows = await tx.execute(
        select(dose_case.c.certain.label("kind"), func.count().label("rows"))
        .where(
            dose_case.c.certain.is_not(None),
            dose_case.c.state == "open",
            _within(dose_case.c.residence, areas),
        )
        .group_by(dose_case.c.certain)
    )
    return {row.kind: row.rows for row in rows}


async def count_second(
    tx: Transaction, areas: Sequence[str] | None, officer: str
) -> dict[str, int]:
    """How many rows wait for a second person other than the officer, by kind."""
    rows = await tx.execute(
        select(bulk_run.c.kind, func.count().label("rows"))
        .join(bulk_page, bulk_page.c.run_id == bulk_run.c.id)
        .join(bulk_row, bulk_row.c.page_id == bulk_page.c.id)
        .where(
            bulk_page.c.first_at.is_not(None),
            bulk_page.c.second_at.is_(None),
            bulk_page.c.first_by != officer,
            bulk_row.c.state == "first",
            _within(bulk_run.c.area, areas),
        )
        .group_by(bulk_run.c.kind)
    )
    return {row.kind: row.rows for row in rows}


async def add_run(tx: Transaction, kind: str, area: str, officer: str, sample: int) -> BulkRunRow:
    """Stores a new run."""
    values = {
        "kind": kind,
        "area": area,
        "started_by": officer,
        "state": "sample",
        "sample_left": sample,
    }
    statement = insert(bulk_run).values(values).returning(*_RUNS.selected_columns)
    return BulkRunRow._make((await tx.execute(statement)).one())


async def own_run(tx: Transaction, kind: str, area: str, officer: str) -> BulkRunRow | None:
    """The officer's newest run of this kind and area that is going on."""
    query = _RUNS.where(
        bulk_run.c.kind == kind,
        bulk_run.c.area == area,
        bulk_run.c.started_by == officer,
        bulk_run.c.state.in_(("sample", "pages")),
    )
    row = (await tx.execute(query.order_by(bulk_run.c.id.desc()).limit(1))).one_or_none()
    return None if row is None else BulkRunRow._make(row)


async def run(
    tx: Transaction, run_id: int, *, share: bool = False, lock: bool = False
) -> BulkRunRow | None:
    """A run. `share`: it must not be stopped or undone meanwhile; `lock`: it will be changed."""
    query = _RUNS.where(bulk_run.c.id == run_id)
    if share or lock:
        query = query.with_for_update(read=not lock)
    row = (await tx.execute(query)).one_or_none()
    return None if row is None else BulkRunRow._make(row)


async def runs(
    tx: Transaction, areas: Sequence[str] | None, after: int, limit: int
) -> list[BulkRunRow]:
    """Runs in the areas, the newest first; `after`: the last one seen, 0 at the beginning."""
    query = _RUNS.where(_within(bulk_run.c.area, areas))
    if after:
        query = query.where(bulk_run.c.id < after)
    rows = await tx.execute(query.order_by(bulk_run.c.id.desc()).limit(limit))
    return [BulkRunRow._make(row) for row in rows]


async def set_run(tx: Transaction, run_id: int, state: RunState, sample_left: int) -> None:
    """Moves a run that the caller has locked."""
    values = {"state": state, "sample_left": sample_left}
    await tx.execute(update(bulk_run).where(bulk_run.c.id == run_id).values(values))


async def count_rows(tx: Transaction, run_ids: Sequence[int]) -> dict[int, dict[str, int]]:
    """By run and state: how many rows."""
    rows = await tx.execute(
        select(bulk_page.c.run_id, bulk_row.c.state, func.count().label("rows"))
        .join(bulk_row, bulk_row.c.page_id == bulk_page.c.id)
        .where(bulk_page.c.run_id.in_(run_ids))
        .group_by(bulk_page.c.run_id, bulk_row.c.state)
    )
    counts: dict[int, dict[str, int]] = {run_id: {} for run_id in run_ids}
    for row in rows:
        counts[row.run_id][row.state] = row.rows
    return counts


async def free_rows(
    tx: Transaction, kind: str, area: str, most: int, *, at_random: bool
) -> list[DoseId]:
    """Cases of a kind and area that are on nobody's page.

    Until the transaction ends nobody else makes a page of the kind.
    """
    await tx.raw.execute(_ONE_PAGE_AT_A_TIME, kind)
    query = _FREE_AT_RANDOM if at_random else _FREE_IN_ORDER
    return [row["dose_id"] for row in await tx.raw.fetch(query, kind, area, most, HELD_FOR)]


async def subjects(
    tx: Transaction, dose_ids: Sequence[DoseId], *, lock: bool = False
) -> dict[DoseId, SubjectRow]:
    """The cases with their evidence, locked in the order of their ids where that is asked for."""
    query = _SUBJECTS + ("FOR UPDATE OF c" if lock else "")
    return {row["dose_id"]: SubjectRow._make(row) for row in await tx.raw.fetch(query, dose_ids)}


async def add_page(
    tx: Transaction, run_id: int, officer: str, rows: Mapping[DoseId, tuple[int, int]], sample: bool
) -> BulkPageRow:
    """Stores a page. `rows`: by dose the version, and the blind index of what is shown."""
    statement = (
        insert(bulk_page)
        .values(run_id=run_id, sample=sample, first_by=officer)
        .returning(*_PAGES.selected_columns)
    )
    page = BulkPageRow._make((await tx.execute(statement)).one())
    await tx.copy(
        bulk_row,
        ("page_id", "dose_id", "version", "seen", "state"),
        [(page.id, dose_id, version, seen, "shown") for dose_id, (version, seen) in rows.items()],
    )
    return page


async def page(tx: Transaction, page_id: int, *, lock: bool = False) -> BulkPageRow | None:
    """A page."""
    query = _PAGES.where(bulk_page.c.id == page_id)
    row = (await tx.execute(query.with_for_update() if lock else query)).one_or_none()
    return None if row is None else BulkPageRow._make(row)


async def own_page(tx: Transaction, run_id: int, officer: str, beside: int) -> BulkPageRow | None:
    """A page of the run that the officer was shown and has not confirmed, but for `beside`."""
    query = _PAGES.where(
        bulk_page.c.run_id == run_id,
        bulk_page.c.first_by == officer,
        bulk_page.c.first_at.is_(None),
        bulk_page.c.id != beside,
    )
    row = (await tx.execute(query.order_by(bulk_page.c.id).limit(1).with_for_update())).first()
    return None if row is None else BulkPageRow._make(row)


async def take_second(
    tx: Transaction, areas: Sequence[str] | None, officer: str, beside: int
) -> BulkPageRow | None:
    """Takes in hand the oldest page that waits for a second person other than its first."""
    runs_here = select(bulk_run.c.id).where(
        _within(bulk_run.c.area, areas),
        bulk_run.c.state != "undone",
        ~exists().where(
            bulk_stop.c.kind == bulk_run.c.kind,
            bulk_stop.c.lifted_at.is_(None),
            or_(
                func.starts_with(bulk_stop.c.area, bulk_run.c.area),
                func.starts_with(bulk_run.c.area, bulk_stop.c.area),
            ),
        ),
    )
    query = (
        _PAGES.where(
            bulk_page.c.first_at.is_not(None),
            bulk_page.c.second_at.is_(None),
            bulk_page.c.first_by != officer,
            bulk_page.c.id != beside,
            or_(
                bulk_page.c.second_by.is_(None),
                bulk_page.c.second_by == officer,
                bulk_page.c.second_shown_at < func.now() - HELD_FOR,
            ),
            bulk_page.c.run_id.in_(runs_here),
        )
        .order_by(bulk_page.c.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    row = (await tx.execute(query)).one_or_none()
    if row is None:
        return None
    taken = BulkPageRow._make(row)._replace(second_by=officer)
    await tx.execute(
        update(bulk_page)
        .where(bulk_page.c.id == taken.id)
        .values(second_by=officer, second_shown_at=func.now())
    )
    return taken


async def end_stage(tx: Transaction, page_id: int, stage: str, officer: str) -> None:
    """The page's first or second stage is over."""
    values = (
        {"first_at": func.now()}
        if stage == "first"
        else {"second_by": officer, "second_at": func.now()}
    )
    await tx.execute(update(bulk_page).where(bulk_page.c.id == page_id).values(values))


async def rows_of(tx: Transaction, page_id: int) -> dict[DoseId, BulkPageLine]:
    """The rows of a page."""
    rows = await tx.execute(_ROWS.where(bulk_row.c.page_id == page_id))
    return {row.dose_id: BulkPageLine._make(row) for row in rows}


async def rows_to_undo(tx: Transaction, run_id: int, most: int) -> list[BulkPageLine]:
    """Rows of a run that were confirmed and not taken back."""
    query = (
        _ROWS.join(bulk_page, bulk_page.c.id == bulk_row.c.page_id)
        .where(bulk_page.c.run_id == run_id, bulk_row.c.state.in_(("first", "confirmed")))
        .order_by(bulk_row.c.dose_id)
        .limit(most)
    )
    return [BulkPageLine._make(row) for row in await tx.execute(query)]


async def set_rows(
    tx: Transaction, page_id: int, states: Mapping[DoseId, RowState], decisions: Mapping[int, int]
) -> None:
    """Stores what became of rows; `decisions`: by dose the decision that was written."""
    await tx.raw.executemany(
        "UPDATE bulk_row SET state = $3, decision_id = coalesce($4, decision_id)"
        " WHERE page_id = $1 AND dose_id = $2",
        [
            (page_id, dose_id, state, decisions.get(dose_id))
            for dose_id, state in sorted(states.items())
        ],
    )


async def note_undone(tx: Transaction, decision_id: int) -> None:
    """The row that this decision stands for was taken back, alone or with its run."""
    await tx.execute(
        update(bulk_row).where(bulk_row.c.decision_id == decision_id).values(state="undone")
    )


async def pending(tx: Transaction, dose_ids: Sequence[DoseId]) -> dict[int, int]:
    """By dose the confirmation that waits for a second person."""
    return {row["dose_id"]: row["id"] for row in await tx.raw.fetch(_PENDING, dose_ids)}
