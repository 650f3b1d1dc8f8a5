"""Cases as the verifier told them, one row a dose that people did something with.

How a case was opened stands in `problem`: most of them nobody ever touches.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, case, false, func, null

from contracts.case_states import CaseAct, CaseState, WaitsFor
from contracts.events import ChangedCase, RefusedAcceptance
from contracts.ids import DoseId
from services.chassis.db import Transaction
from services.records.schema import problem, sql, told_case

# of the version that is recorded now alone; of a withdrawn dose there is nothing to tell
_PUT = sql("""
INSERT INTO told_case AS old (dose_id, version, step, state, act, waiting_for, since)
SELECT new.dose_id, new.version, new.step, new.state, new.act, new.waiting_for, new.since
FROM unnest($1::bigint[], $2::smallint[], $3::int[], $4::text[], $5::text[], $6::text[],
  $7::timestamptz[]) AS new (dose_id, version, step, state, act, waiting_for, since)
JOIN dose ON dose.id = new.dose_id AND dose.version = new.version
WHERE NOT EXISTS (SELECT FROM dose_status AS status
  WHERE status.dose_id = new.dose_id AND status.state = {withdrawn})
ORDER BY new.dose_id
ON CONFLICT (dose_id) DO UPDATE SET version = excluded.version, step = excluded.step,
    state = excluded.state, act = excluded.act, waiting_for = excluded.waiting_for,
    since = excluded.since
WHERE (old.version, old.step) < (excluded.version, excluded.step)
RETURNING old.dose_id
""")
_OLDER = """
DELETE FROM told_case USING unnest($1::bigint[], $2::smallint[]) AS told (dose_id, version)
WHERE told_case.dose_id = told.dose_id AND told_case.version < told.version
"""
_REFUSE = """
UPDATE acceptance SET refused = new.code, refused_at = now()
FROM unnest($1::bigint[], $2::smallint[], $3::timestamptz[], $4::text[])
    AS new (dose_id, version, at, code)
WHERE acceptance.dose_id = new.dose_id AND acceptance.version = new.version
AND acceptance.accepted_at <= new.at AND acceptance.undone_at IS NULL
AND acceptance.refused IS NULL
"""
# a refused acceptance made the next version; after that one people have seen it
_OF_DOSES = """
SELECT problem.dose_id, problem.version,
       CASE WHEN opened THEN coalesce(told.state, 'open') END AS state,
       CASE WHEN opened THEN coalesce(told.act, 'opened') END AS act,
       CASE WHEN told.dose_id IS NOT NULL THEN told.waiting_for
            WHEN opened THEN 'police' END AS waiting_for,
       CASE WHEN opened THEN coalesce(told.since, problem.since) END AS since,
       last.refused, last.refused_at
FROM problem
LEFT JOIN told_case AS told
    ON told.dose_id = problem.dose_id AND told.version = problem.version
LEFT JOIN LATERAL (
    SELECT refused, refused_at FROM acceptance
    WHERE acceptance.dose_id = problem.dose_id AND acceptance.undone_at IS NULL
    AND acceptance.version BETWEEN problem.version - 1 AND problem.version
    ORDER BY acceptance.version DESC LIMIT 1
) AS last ON true,
LATERAL (SELECT problem.case_open OR problem.in_review OR told.dose_id IS NOT NULL AS opened)
    AS whether
WHERE problem.dose_id = ANY($1::bigint[])
AND (opened OR last.refused IS NOT NULL)
"""


class StoredCase(NamedTuple):
    """What is known of a dose's case; and why its last acceptance did not hold.

    Without a case `state`, `act` and `since` are None.
    """

    dose_id: DoseId
    version: int
    state: CaseState | None
    act: CaseAct | None
    waiting_for: WaitsFor | None
    since: datetime | None
    refused: str | None
    refused_at: datetime | None


CURRENT = (told_case.c.dose_id == problem.c.dose_id) & (told_case.c.version == problem.c.version)
_IS_TOLD = told_case.c.dose_id.is_not(None)
waiting_for: ColumnElement[str | None] = case(
    (_IS_TOLD, told_case.c.waiting_for),
    (problem.c.in_review | problem.c.case_open, "police"),
    else_=null(),
)
"""Whom the case of a dose of `problem` waits for, joined by `CURRENT` from outside."""
FOR_POLICE = func.coalesce(waiting_for.in_(("police", "second_officer")), false())
FOR_SECOND = func.coalesce(waiting_for == "second_officer", false())
FOR_STATION = func.coalesce(waiting_for == "station", false())
SHARED = (
    FOR_POLICE
    & ~problem.c.in_review
    & func.coalesce(told_case.c.act.in_(("opened", "undone")), ~_IS_TOLD)
)
"""Waits for the police, though nobody gave it to them: a desk may still put it right."""


async def put(tx: Transaction, cases: Sequence[ChangedCase]) -> set[int]:
    """Keeps the newest of each dose at its current version; answers of which doses it was news."""
    if not cases:
        return set()
    rows = await tx.raw.fetch(
        _PUT,
        [one.dose_id for one in cases],
        [one.version for one in cases],
        [one.step for one in cases],
        [one.state for one in cases],
        [one.act for one in cases],
        [one.waiting_for for one in cases],
        [one.since for one in cases],
    )
    return {row["dose_id"] for row in rows}


async def refuse(tx: Transaction, refused: Sequence[RefusedAcceptance]) -> None:
    """Keeps why acceptances did not hold, unless they were taken back or made anew since."""
    if refused:
        await tx.raw.execute(
            _REFUSE,
            [one.dose_id for one in refused],
            [one.version for one in refused],
            [one.at for one in refused],
            [one.code for one in refused],
        )


async def forget_older(tx: Transaction, verified: Sequence[tuple[DoseId, int]]) -> None:
    """Removes the cases of older versions than those that were verified."""
    if verified:
        await tx.raw.execute(_OLDER, *map(list, zip(*verified, strict=True)))


async def of_doses(
    tx: Transaction, dose_ids: Iterable[DoseId | None]
) -> dict[tuple[DoseId, int], StoredCase]:
    """The cases of doses that people must put right, by (dose id, version)."""
    ids = [dose_id for dose_id in dose_ids if dose_id is not None]
    rows = await tx.raw.fetch(_OF_DOSES, ids) if ids else ()
    stored = [StoredCase(*row) for row in rows]
    return {(row.dose_id, row.version): row for row in stored}
