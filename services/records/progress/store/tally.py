"""The tally: doses of each facility and commune by what became of them, and each day's last state.

Counted anew from the doses by a worker, and merged: a row that did not change is not written.
Whoever keeps these counts by events one day replaces `recount`; what reads them stays.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import TextClause, func, select, text

from contracts.refusals import NOT_DUE
from contracts.words import ELIGIBLE_GRADES, Grade
from services.chassis.db import Transaction
from services.records.pipeline.store.duplicates import RELEASED
from services.records.schema import PROGRESS_COUNTS, RecordsLock, progress_day, sql

COUNT_TIMEOUT_S: Final = 1800
WORK_DAYS: Final = 7
"""Days of work by people that `worked` counts."""

_NO_WORK = ("registry changed", "decision undone", RELEASED)
"""Reasons of versions that nobody's work made, or that take work back."""

_NAMES = ", ".join(PROGRESS_COUNTS)


def _listed(pattern: str, *more: str) -> str:
    """The counts, each as the pattern has it, `#` standing for its name."""
    return ", ".join(pattern.replace("#", name) for name in (*PROGRESS_COUNTS, *more))


def _quoted(codes: Iterable[StrEnum]) -> str:
    return ", ".join(f"'{code}'" for code in sorted(codes))


_PARTS = {
    "names": _NAMES,
    "sums": _listed("sum(#)::integer AS #"),
    "sums of any": _listed("coalesce(sum(#), 0)::integer AS #"),
    "counts": _listed("coalesce(#, 0) AS #"),
    "taken": _listed("# = excluded.#"),
    "old": _listed("old.#"),
    "new": _listed("excluded.#"),
    "lives": "status.state IS DISTINCT FROM {withdrawn}",
    "waits": (
        "(status.state IN ({needs_correction}, {in_review}) OR (status.state = {eligible}"
        " AND status.refusal NOT IN ({not due})))"
    ),
    "not due": _quoted(NOT_DUE),
    "no number": _quoted((Grade.MISSING_ID, Grade.ILL_FORMED_ID)),
    "right": _quoted((Grade.EXACT, Grade.EQUIVALENT)),
    "repaired": _quoted((Grade.REPAIRED,)),
    "exempt": _quoted((Grade.EXEMPT,)),
    "eligible grades": _quoted(ELIGIBLE_GRADES),
}


def _statement(template: str) -> TextClause:
    """A statement of one that names counts, grades, states and residence in braces."""
    for name, part in _PARTS.items():
        template = template.replace(f"{{{name}}}", part)
    return text(sql(template))


# one pass over doses and states; the oldest of the worklist and the work of the last days are added
# from their own small tables
_TALLY = _statement("""
WITH counted AS (
    SELECT {residence} AS residence, dose.facility_code,
        count(*) FILTER (WHERE {lives}) AS recorded,
        count(*) FILTER (WHERE status.state = {withdrawn}) AS withdrawn,
        count(*) FILTER (WHERE status.state IS NULL OR status.state = {pending}) AS pending,
        count(*) FILTER (WHERE {lives}
            AND status.grade IN ({no number})) AS not_sendable,
        count(*) FILTER (WHERE {lives}
            AND status.grade IN ({right})) AS confirmed,
        count(*) FILTER (WHERE {lives} AND status.grade IN ({repaired})) AS repaired,
        count(*) FILTER (WHERE {lives} AND status.grade IN ({exempt})) AS exempt,
        count(*) FILTER (WHERE {waits}) AS waiting,
        count(*) FILTER (WHERE status.state = {issued}) AS issued,
        0::bigint AS worked, NULL::timestamptz AS oldest
    FROM dose LEFT JOIN dose_status AS status
        ON status.dose_id = dose.id AND status.version = dose.version
    GROUP BY 1, 2
    UNION ALL
    SELECT residence, facility_code, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, min(since)
    FROM problem GROUP BY 1, 2
    UNION ALL
    SELECT {residence}, dose.facility_code, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        count(DISTINCT history.dose_id), NULL
    FROM dose_history AS history JOIN dose ON dose.id = history.dose_id
    WHERE history.replaced_at > :work_since AND history.person IS NOT NULL
        AND history.reason <> ALL(:no_work) AND history.reason NOT LIKE 'undo of %'
    GROUP BY 1, 2
), fresh AS MATERIALIZED (
    SELECT residence, facility_code, {sums},
        CASE WHEN sum(waiting) > 0 THEN min(oldest) END AS oldest
    FROM counted GROUP BY 1, 2
), gone AS (
    DELETE FROM progress_tally AS old WHERE NOT EXISTS (
        SELECT FROM fresh
        WHERE fresh.residence = old.residence AND fresh.facility_code = old.facility_code)
)
INSERT INTO progress_tally AS old (residence, facility_code, {names}, oldest)
SELECT residence, facility_code, {names}, oldest FROM fresh
ON CONFLICT (residence, facility_code) DO UPDATE SET {taken}, oldest = excluded.oldest
WHERE ({old}, old.oldest) IS DISTINCT FROM ({new}, excluded.oldest)
""")

# what the signer refused and issued after all stays among the problems: its refusal says which
_REASONS = _statement("""
WITH fresh AS MATERIALIZED (
    SELECT problem.residence, problem.facility_code, reason, problem.grade IN ({eligible grades})
        AS refused, count(*)::integer AS doses
    FROM problem, unnest(problem.reasons) AS reason
    WHERE problem.grade NOT IN ({eligible grades}) OR (
        SELECT status.refusal NOT IN ({not due}) FROM dose_status AS status
        WHERE status.dose_id = problem.dose_id AND status.version = problem.version)
    GROUP BY 1, 2, 3, 4
), gone AS (
    DELETE FROM progress_reason AS old WHERE NOT EXISTS (
        SELECT FROM fresh
        WHERE fresh.residence = old.residence AND fresh.facility_code = old.facility_code
            AND fresh.reason = old.reason AND fresh.refused = old.refused)
)
INSERT INTO progress_reason AS old (residence, facility_code, reason, refused, doses)
SELECT residence, facility_code, reason, refused, doses FROM fresh
ON CONFLICT (residence, facility_code, reason, refused) DO UPDATE SET doses = excluded.doses
WHERE old.doses <> excluded.doses
""")

# what one day lacks is never made up by another day's surplus. Without any total the doses are not
# counted for that
_DAY = _statement("""
WITH reported AS MATERIALIZED (
    SELECT report.facility_code, sum(report.administered)::integer AS reported,
        sum(greatest(report.administered - coalesce(there.doses, 0), 0))::integer AS missing
    FROM daily_report AS report LEFT JOIN (
        SELECT dose.facility_code, dose.date_given, count(*) AS doses
        FROM dose LEFT JOIN dose_status AS status
            ON status.dose_id = dose.id AND status.version = dose.version
        WHERE status.state IS DISTINCT FROM {withdrawn}
            AND EXISTS (SELECT FROM daily_report)
        GROUP BY 1, 2
    ) AS there ON there.facility_code = report.facility_code AND there.date_given = report.day
    GROUP BY 1
), grounds AS (
    SELECT 'area' AS kind, left(facility_code, digits) AS code, sum(reported)::integer AS reported,
        sum(missing)::integer AS missing
    FROM reported, unnest(ARRAY[0, 2]) AS digits GROUP BY 2
    UNION ALL
    SELECT 'facility', facility_code, reported, missing FROM reported
), scopes AS (
    SELECT 'area' AS kind, '' AS code, {sums of any} FROM progress_tally
    UNION ALL
    SELECT 'area', left(residence, digits), {sums}
    FROM progress_tally, unnest(ARRAY[2, 5, 10]) AS digits
    WHERE length(residence) >= digits GROUP BY 2
    UNION ALL
    SELECT 'facility', facility_code, {sums} FROM progress_tally GROUP BY 2
), fresh AS MATERIALIZED (
    SELECT kind, code, {counts},
        reported, missing
    FROM scopes FULL JOIN grounds USING (kind, code)
), gone AS (
    DELETE FROM progress_day AS old WHERE day = :day AND NOT EXISTS (
        SELECT FROM fresh WHERE fresh.kind = old.kind AND fresh.code = old.code)
)
INSERT INTO progress_day AS old (kind, code, day, {names}, reported, missing, counted_at)
SELECT kind, code, :day, {names}, reported, missing, :counted_at FROM fresh
ON CONFLICT (kind, code, day) DO UPDATE SET {taken}, reported = excluded.reported,
    missing = excluded.missing, counted_at = excluded.counted_at
WHERE ({old}, old.reported, old.missing)
    IS DISTINCT FROM ({new}, excluded.reported, excluded.missing)
    OR (excluded.kind = 'area' AND excluded.code = '')
""")

# the day on which a dose's first version came; how it was judged on a past day nobody knows
_PAST = _statement("""
WITH came AS (
    SELECT (batch.created_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date AS day,
        {residence} AS residence, dose.facility_code, count(*) AS doses
    FROM dose
    LEFT JOIN dose_history AS first ON first.dose_id = dose.id AND first.version = 1
    JOIN batch ON batch.id = coalesce(first.batch_id, dose.batch_id)
    LEFT JOIN dose_status AS status ON status.dose_id = dose.id AND status.version = dose.version
    WHERE status.state IS DISTINCT FROM {withdrawn}
    GROUP BY 1, 2, 3
), scoped AS (
    SELECT 'area' AS kind, left(residence, digits) AS code, day, sum(doses) AS doses
    FROM came, unnest(ARRAY[0, 2, 5, 10]) AS digits WHERE length(residence) >= digits GROUP BY 2, 3
    UNION ALL
    SELECT 'facility', facility_code, day, sum(doses) FROM came GROUP BY 2, 3
)
INSERT INTO progress_day (kind, code, day, recorded, counted_at)
SELECT * FROM (
    SELECT kind, code, day, sum(doses) OVER (PARTITION BY kind, code ORDER BY day)::integer, now()
    FROM scoped
) AS past WHERE day < :day
ON CONFLICT DO NOTHING
""")

_WRITES = text(
    "SELECT sum(n_tup_ins + n_tup_upd + n_tup_del)::bigint FROM pg_stat_user_tables"
    " WHERE schemaname = 'public'"
    " AND relname IN ('dose', 'dose_status', 'problem', 'daily_report', 'dose_history')"
)


async def writes(tx: Transaction) -> int:
    """How many rows were ever written to what is counted, as the server's statistics have it."""
    return int((await tx.execute(_WRITES)).scalar_one() or 0)


async def try_count_lock(tx: Transaction) -> bool:
    """Whether no other transaction counts; this one may take longer than others."""
    await tx.execute(text(f"SET LOCAL statement_timeout = {COUNT_TIMEOUT_S * 1000}"))
    await tx.execute(text("SET LOCAL work_mem = '256MB'"))
    # nothing is known of how many rows a count gives: believed to be few, they would be compared
    # with each kept one
    await tx.execute(text("SET LOCAL enable_nestloop = off"))
    lock = select(func.pg_try_advisory_xact_lock(int(RecordsLock.PROGRESS_COUNT)))
    return bool((await tx.execute(lock)).scalar_one())


async def counted_at(tx: Transaction) -> datetime | None:
    """When the tally was last counted; None where it never was."""
    query = select(func.max(progress_day.c.counted_at)).where(
        progress_day.c.kind == "area", progress_day.c.code == ""
    )
    found: datetime | None = (await tx.execute(query)).scalar_one()
    return found


async def recount(tx: Transaction, day: date, now: datetime) -> None:
    """Counts anew, and keeps what the day comes to so far."""
    work_since = now - timedelta(days=WORK_DAYS)
    await tx.execute(_TALLY, {"work_since": work_since, "no_work": list(_NO_WORK)})
    await tx.execute(_REASONS)
    await tx.execute(_DAY, {"day": day, "counted_at": now})


async def derive_past(tx: Transaction, day: date) -> None:
    """Keeps of the days before `day` what can be derived: how many doses were on record."""
    await tx.execute(_PAST, {"day": day})
