"""Where each dose stands: written by the verifier's and the signer's events, in whatever order they
come.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ARRAY, BigInteger, cast, delete, func, insert, select, text

from contracts.refusals import NOT_DUE, RefusalCode
from services.chassis.db import Transaction, affected
from services.records.pipeline.store import duplicates
from services.records.schema import assignment, dose_status, history_news, problem, withdrawal

Verified = tuple[int, int, str, str, list[str], int | None]
"""(dose id, version, state, grade, reasons, person)"""

_COLUMNS = ("dose_id", "version", "state", "grade", "reasons", "person")

# a status never goes back: not to an older version, not from issued to eligible, not out of
# withdrawn
_UPSERT_VERIFIED = """
INSERT INTO dose_status AS old (dose_id, version, state, grade, reasons, person)
SELECT dose_id, version, state, grade, string_to_array(reasons, ' '), person
FROM unnest($1::bigint[], $2::smallint[], $3::text[], $4::text[], $5::text[], $6::bigint[])
    AS new (dose_id, version, state, grade, reasons, person)
ON CONFLICT (dose_id) DO UPDATE SET
    version = excluded.version, grade = excluded.grade, reasons = excluded.reasons,
    person = excluded.person,
    state = CASE WHEN old.version = excluded.version AND old.state = 'issued'
    AND excluded.state = 'eligible' THEN 'issued'
            ELSE excluded.state END,
    uvci = CASE WHEN old.version = excluded.version
    AND excluded.state = 'eligible' THEN old.uvci END,
    refusal = CASE WHEN old.version = excluded.version
    AND excluded.state = 'eligible' THEN old.refusal END
WHERE old.version < excluded.version OR (old.version = excluded.version
AND old.state <> 'withdrawn')
RETURNING old.dose_id
"""

_PROBLEMS = """
INSERT INTO problem AS old (dose_id, version, grade, reasons, facility_code, residence, in_review,
  birth_year, identity)
SELECT new.dose_id, new.version, new.grade, string_to_array(new.reasons, ' '), dose.facility_code,
       dose.province_code || dose.district_code || dose.commune_code, new.state = 'in_review',
       dose.birth_year, dose.identity
FROM unnest($1::bigint[], $2::smallint[], $3::text[], $4::text[], $5::text[]) AS new (dose_id,
  version, state, grade, reasons)
JOIN dose ON dose.id = new.dose_id AND dose.version = new.version
ON CONFLICT (dose_id) DO UPDATE SET
    version = excluded.version, grade = excluded.grade, reasons = excluded.reasons,
    in_review = excluded.in_review, since = now(),
    residence = excluded.residence, birth_year = excluded.birth_year, identity = excluded.identity
WHERE old.version <= excluded.version
"""
_SOLVED = """
DELETE FROM problem USING unnest($1::bigint[], $2::smallint[]) AS new (dose_id, version)
WHERE problem.dose_id = new.dose_id AND problem.version <= new.version
"""
_UNASSIGNED = """
DELETE FROM assignment WHERE dose_id = ANY($1::bigint[]) AND NOT EXISTS (SELECT FROM problem
WHERE problem.dose_id = assignment.dose_id)
"""

_ISSUED = """
UPDATE dose_status SET state = 'issued', uvci = new.uvci, refusal = NULL
FROM unnest($1::bigint[], $2::smallint[], $3::text[]) AS new (dose_id, version, uvci)
WHERE dose_status.dose_id = new.dose_id AND dose_status.version = new.version
AND dose_status.state IN ('eligible', 'issued')
"""
# the certificate's event came before the verification's: its grade follows with that one
_ISSUED_FIRST = """
INSERT INTO dose_status AS old (dose_id, version, state, uvci)
SELECT dose_id, version, 'issued', uvci FROM unnest($1::bigint[], $2::smallint[],
  $3::text[]) AS new (dose_id, version, uvci)
ON CONFLICT (dose_id) DO UPDATE SET version = excluded.version, state = 'issued',
  uvci = excluded.uvci, refusal = NULL
WHERE old.version < excluded.version OR (old.version = excluded.version
AND old.state <> 'withdrawn')
"""
_REFUSED = """
INSERT INTO dose_status AS old (dose_id, version, state, refusal)
SELECT dose_id, version, 'eligible', code FROM unnest($1::bigint[], $2::smallint[],
  $3::text[]) AS new (dose_id, version, code)
ON CONFLICT (dose_id) DO UPDATE SET version = excluded.version, state = 'eligible',
  refusal = excluded.refusal
WHERE old.version < excluded.version OR (old.version = excluded.version AND old.state = 'eligible')
"""
# what the signer refuses comes back to people, unless nothing is wrong with it; of a dose whose
# verification is not told yet no grade is known, so its event puts it there
_REFUSED_PROBLEMS = """
INSERT INTO problem AS old (dose_id, version, grade, reasons, facility_code, residence, in_review,
  birth_year, identity)
SELECT dose.id, dose.version, status.grade, ARRAY[status.refusal], dose.facility_code,
       dose.province_code || dose.district_code || dose.commune_code, false, dose.birth_year,
       dose.identity
FROM dose_status AS status JOIN dose ON dose.id = status.dose_id AND dose.version = status.version
WHERE status.dose_id = ANY($1::bigint[]) AND status.state = 'eligible'
AND status.refusal <> ALL($2::text[]) AND status.grade IS NOT NULL
ORDER BY dose.id
ON CONFLICT (dose_id) DO UPDATE SET
    version = excluded.version, grade = excluded.grade, reasons = excluded.reasons,
    in_review = excluded.in_review, since = now(),
    residence = excluded.residence, birth_year = excluded.birth_year, identity = excluded.identity
WHERE old.version <= excluded.version
"""


async def set_verified(tx: Transaction, rows: Sequence[Verified]) -> Sequence[Verified]:
    """Takes in what the verifier concluded; answers what of it stands: nothing that was told of a
    withdrawn dose or an older version.
    """
    fresh = all(row[1] == 1 for row in rows) and await tx.copy_new(dose_status, _COLUMNS, rows)
    if not fresh:
        taken = {row["dose_id"] for row in await tx.raw.fetch(_UPSERT_VERIFIED, *_columns(rows))}
        rows = [row for row in rows if row[0] in taken]
    people_needed = [row for row in rows if row[2] != "eligible"]
    if people_needed:
        await tx.raw.execute(_PROBLEMS, *_columns(people_needed)[:5])
    if not fresh:
        solved = [row for row in rows if row[2] == "eligible"]
        await tx.raw.execute(_SOLVED, [row[0] for row in solved], [row[1] for row in solved])
        await _refused_to_people(tx, [row[0] for row in solved])
        await tx.raw.execute(_UNASSIGNED, [row[0] for row in solved])
    return rows


def _columns(rows: Sequence[Verified]) -> tuple[list[Any], ...]:
    """Column by column; the reasons as one text each, because PostgreSQL's unnest would flatten an
    array of arrays.
    """
    ids, numbers, states, grades, reasons, persons = zip(*rows, strict=True)
    return (
        list(ids),
        list(numbers),
        list(states),
        list(grades),
        [" ".join(one) for one in reasons],
        list(persons),
    )


async def set_issued(tx: Transaction, rows: Sequence[tuple[int, int, str]]) -> None:
    """Takes in (dose id, version, uvci) of signed certificates."""
    if not rows:
        return
    columns = [list(column) for column in zip(*rows, strict=True)]
    if affected(await tx.raw.execute(_ISSUED, *columns)) < len(rows):
        await tx.raw.execute(_ISSUED_FIRST, *columns)


async def set_refused(tx: Transaction, rows: Sequence[tuple[int, int, str]]) -> None:
    """Takes in (dose id, version, code) of eligible doses that get no certificate."""
    if rows:
        await tx.raw.execute(_REFUSED, *(list(column) for column in zip(*rows, strict=True)))
        await _refused_to_people(tx, [row[0] for row in rows])
        if again := [row[0] for row in rows if row[2] == RefusalCode.DUPLICATE_DOSE]:
            await duplicates.keep_those_kept_before(tx, again)


async def _refused_to_people(tx: Transaction, dose_ids: Sequence[int]) -> None:
    await tx.raw.execute(_REFUSED_PROBLEMS, dose_ids, list(NOT_DUE))


async def set_withdrawn(
    tx: Transaction, dose_id: int, version: int, withdrawn_by: str, reason: str
) -> None:
    """Ends a dose at its current version, and keeps who did so and why."""
    trace = {"dose_id": dose_id, "version": version, "withdrawn_by": withdrawn_by, "reason": reason}
    await tx.execute(insert(withdrawal).values(trace))
    await tx.execute(
        text(
            "INSERT INTO dose_status (dose_id, version, state) VALUES (:dose_id, :version,"
            " 'withdrawn') ON CONFLICT (dose_id) DO UPDATE SET version = excluded.version, state ="
            " 'withdrawn', uvci = NULL"
        ),
        {"dose_id": dose_id, "version": version},
    )
    for table in (problem, assignment):
        await tx.execute(delete(table).where(table.c.dose_id == dose_id))


async def note_news(tx: Transaction, persons: Sequence[int], unconfirmed: Sequence[int]) -> None:
    """Keeps that the histories of these persons, and these doses' typed numbers, have news."""
    if persons or unconfirmed:
        await tx.execute(
            insert(history_news).values(persons=list(persons), unconfirmed=list(unconfirmed))
        )


async def note_again(tx: Transaction, *dose_ids: int) -> None:
    """Keeps that doses leave the histories they stood in: those beside them are neighbours now."""
    persons = func.array_agg(dose_status.c.person)
    left = select(persons, cast([], ARRAY(BigInteger))).where(
        dose_status.c.dose_id.in_(dose_ids), dose_status.c.person.is_not(None)
    )
    await tx.execute(
        insert(history_news).from_select(["persons", "unconfirmed"], left.having(func.count() > 0))
    )


_PERSON_CHANGED = """
INSERT INTO finding AS old (kind, dose_id, version, facility_code, residence,
                            other_dose_id, other_version, other_facility_code, other_residence)
SELECT 'PERSON_CHANGED', dose.id, dose.version, dose.facility_code, place.residence,
       dose.id, dose.version, dose.facility_code, place.residence
FROM unnest($1::bigint[], $2::smallint[]) AS given (id, version) JOIN dose USING (id, version),
     LATERAL (
         SELECT dose.province_code || dose.district_code || dose.commune_code AS residence
     ) AS place
ON CONFLICT (kind, dose_id, other_dose_id) DO UPDATE SET
    version = excluded.version, facility_code = excluded.facility_code,
    residence = excluded.residence,
    other_version = excluded.version, other_facility_code = excluded.facility_code,
    other_residence = excluded.residence,
    since = now(), outcome = NULL, closed_by = NULL, closed_at = NULL
WHERE old.version < excluded.version
"""
# decided by people, such a dose has the same content in a newer version: whoever oversees them
# still sees it
_STILL_CHANGED = """
UPDATE finding SET version = dose.version, other_version = dose.version
FROM dose JOIN dose_history AS old ON old.dose_id = dose.id AND old.digest = dose.digest
WHERE dose.id = ANY($1::bigint[]) AND finding.kind = 'PERSON_CHANGED' AND finding.dose_id = dose.id
  AND finding.version = old.version AND finding.version <> dose.version
"""


async def note_changed_persons(
    tx: Transaction, changed: Sequence[tuple[int, int]], others: Sequence[int]
) -> None:
    """Keeps that corrections would make these doses (id, version) somebody else's; `others`: doses
    judged beside them.
    """
    if others:
        await tx.raw.execute(_STILL_CHANGED, list(others))
    if changed:
        await tx.raw.execute(
            _PERSON_CHANGED, *(list(column) for column in zip(*changed, strict=True))
        )
