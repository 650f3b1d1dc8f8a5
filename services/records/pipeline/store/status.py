"""The state of each dose, as the verifier's and the signer's events set it, in any order.

What follows from a state is kept with it: the worklist, and the histories to be searched.
"""

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ARRAY, BigInteger, cast, delete, func, insert, select

from contracts.events import IssuedDose, RefusedDose
from contracts.ids import DoseId
from contracts.refusals import NOT_DUE, RefusalCode
from contracts.words import Grade, State
from services.chassis.db import Transaction, affected
from services.records.pipeline.store import duplicates
from services.records.schema import (
    assignment,
    dose_status,
    history_news,
    problem,
    sql,
    suggestion,
    told_case,
    withdrawal,
)
from services.records.suggestions import store as suggestions
from services.records.told_cases import store as told_cases
from services.records.webhooks.store.news import CERTIFICATES_COME


class VerifiedStatus(NamedTuple):
    """What the verifier concluded of a dose, in the order of the columns.

    `person` is a blind index; None where nobody was confirmed.
    """

    dose_id: DoseId
    version: int
    state: State
    grade: Grade
    reasons: list[str]
    person: int | None


# a status never goes back: not to an older version, not from issued to eligible, not out of
# withdrawn
_UPSERT_VERIFIED = sql("""
INSERT INTO dose_status AS old (dose_id, version, state, grade, reasons, person)
SELECT dose_id, version, state, grade, string_to_array(reasons, ' '), person
FROM unnest($1::bigint[], $2::smallint[], $3::text[], $4::text[], $5::text[], $6::bigint[])
    AS new (dose_id, version, state, grade, reasons, person)
ON CONFLICT (dose_id) DO UPDATE SET
    version = excluded.version, grade = excluded.grade, reasons = excluded.reasons,
    person = excluded.person,
    state = CASE WHEN old.version = excluded.version AND old.state = {issued}
    AND excluded.state = {eligible} THEN {issued}
            ELSE excluded.state END,
    uvci = CASE WHEN old.version = excluded.version
    AND excluded.state = {eligible} THEN old.uvci END,
    refusal = CASE WHEN old.version = excluded.version
    AND excluded.state = {eligible} THEN old.refusal END
WHERE old.version < excluded.version OR (old.version = excluded.version
AND old.state <> {withdrawn})
RETURNING old.dose_id
""")

_PROBLEMS = sql("""
INSERT INTO problem AS old (dose_id, version, grade, reasons, facility_code, residence, in_review,
  birth_year, identity, case_open)
SELECT new.dose_id, new.version, new.grade, string_to_array(new.reasons, ' '), dose.facility_code,
       {residence}, new.state = {in_review},
       dose.birth_year, dose.identity, new.case_open
FROM unnest($1::bigint[], $2::smallint[], $3::text[], $4::text[], $5::text[], $6::bool[])
  AS new (dose_id, version, state, grade, reasons, case_open)
JOIN dose ON dose.id = new.dose_id AND dose.version = new.version
ON CONFLICT (dose_id) DO UPDATE SET
    version = excluded.version, grade = excluded.grade, reasons = excluded.reasons,
    in_review = excluded.in_review, case_open = excluded.case_open, since = now(),
    residence = excluded.residence, birth_year = excluded.birth_year, identity = excluded.identity
WHERE old.version <= excluded.version
""")
_SOLVED = """
DELETE FROM problem USING unnest($1::bigint[], $2::smallint[]) AS new (dose_id, version)
WHERE problem.dose_id = new.dose_id AND problem.version <= new.version
"""
# who was wrong before and passes now; in the facility and area where it was listed
_MENDED = sql("""
INSERT INTO mended AS old (dose_id, version, facility_code, residence)
SELECT new.dose_id, new.version, dose.facility_code, {residence}
FROM unnest($1::bigint[], $2::smallint[], $3::text[]) AS new (dose_id, version, state)
JOIN dose_status AS status ON status.dose_id = new.dose_id
JOIN dose ON dose.id = new.dose_id AND dose.version = new.version
WHERE new.state = {eligible} AND status.state IN ({needs_correction}, {in_review})
AND status.version <= new.version
ON CONFLICT (dose_id) DO UPDATE SET version = excluded.version, mended_at = now(),
    facility_code = excluded.facility_code, residence = excluded.residence
""")
_UNASSIGNED = """
DELETE FROM assignment WHERE dose_id = ANY($1::bigint[]) AND NOT EXISTS (SELECT FROM problem
WHERE problem.dose_id = assignment.dose_id)
"""

_ISSUED = sql("""
UPDATE dose_status SET state = {issued}, uvci = new.uvci, refusal = NULL
FROM unnest($1::bigint[], $2::smallint[], $3::text[]) AS new (dose_id, version, uvci)
WHERE dose_status.dose_id = new.dose_id AND dose_status.version = new.version
AND dose_status.state IN ({eligible}, {issued})
""")
# the certificate's event came before the verification's: its grade follows with that one
_ISSUED_FIRST = sql("""
INSERT INTO dose_status AS old (dose_id, version, state, uvci)
SELECT dose_id, version, {issued}, uvci FROM unnest($1::bigint[], $2::smallint[],
  $3::text[]) AS new (dose_id, version, uvci)
ON CONFLICT (dose_id) DO UPDATE SET version = excluded.version, state = {issued},
  uvci = excluded.uvci, refusal = NULL
WHERE old.version < excluded.version OR (old.version = excluded.version
AND old.state <> {withdrawn})
""")
_REFUSED = sql("""
INSERT INTO dose_status AS old (dose_id, version, state, refusal)
SELECT dose_id, version, {eligible}, code FROM unnest($1::bigint[], $2::smallint[],
  $3::text[]) AS new (dose_id, version, code)
ON CONFLICT (dose_id) DO UPDATE SET version = excluded.version, state = {eligible},
  refusal = excluded.refusal
WHERE old.version < excluded.version OR (old.version = excluded.version AND old.state = {eligible})
""")
# what the signer refuses comes back to people, unless nothing is wrong with it; of a dose whose
# verification is not told yet no grade is known, so its event puts it there
_REFUSED_PROBLEMS = sql("""
INSERT INTO problem AS old (dose_id, version, grade, reasons, facility_code, residence, in_review,
  birth_year, identity)
SELECT dose.id, dose.version, status.grade, ARRAY[status.refusal], dose.facility_code,
       {residence}, false, dose.birth_year,
       dose.identity
FROM dose_status AS status JOIN dose ON dose.id = status.dose_id AND dose.version = status.version
WHERE status.dose_id = ANY($1::bigint[]) AND status.state = {eligible}
AND status.refusal <> ALL($2::text[]) AND status.grade IS NOT NULL
ORDER BY dose.id
ON CONFLICT (dose_id) DO UPDATE SET
    version = excluded.version, grade = excluded.grade, reasons = excluded.reasons,
    in_review = excluded.in_review, case_open = excluded.case_open, since = now(),
    residence = excluded.residence, birth_year = excluded.birth_year, identity = excluded.identity
WHERE old.version <= excluded.version
""")


async def set_verified(
    tx: Transaction, rows: Sequence[VerifiedStatus], opened: Collection[int] = ()
) -> Sequence[VerifiedStatus]:
    """Stores what the verifier concluded, and answers which of it was stored.

    `opened`: ids of the doses with which it opened a case. Nothing is stored of a withdrawn dose or
    an older version.
    """
    columns = VerifiedStatus._fields
    fresh = all(row.version == 1 for row in rows) and await tx.copy_new(dose_status, columns, rows)
    if not fresh:
        ids, versions, states, *_ = _columns(rows)
        await tx.raw.execute(_MENDED, ids, versions, states)
        stored = {row["dose_id"] for row in await tx.raw.fetch(_UPSERT_VERIFIED, *_columns(rows))}
        rows = [row for row in rows if row.dose_id in stored]
    if problems := [row for row in rows if row.state != State.ELIGIBLE]:
        with_case = [row.dose_id in opened for row in problems]
        await tx.raw.execute(_PROBLEMS, *_columns(problems)[:5], with_case)
    if not fresh:
        solved = [row for row in rows if row.state == State.ELIGIBLE]
        dose_ids = [row.dose_id for row in solved]
        await tx.raw.execute(_SOLVED, dose_ids, [row.version for row in solved])
        await suggestions.end(tx, [(row.dose_id, row.version) for row in solved])
        await told_cases.forget_older(tx, [(row.dose_id, row.version) for row in rows])
        await _refused_to_people(tx, dose_ids)
        await tx.raw.execute(_UNASSIGNED, dose_ids)
    return rows


def _columns(rows: Sequence[VerifiedStatus]) -> tuple[list[Any], ...]:
    """The rows column by column, the reasons of each as one text.

    PostgreSQL's unnest would flatten an array of arrays.
    """
    ids, versions, states, grades, reasons, persons = zip(*rows, strict=True)
    return (
        list(ids),
        list(versions),
        list(states),
        list(grades),
        [" ".join(codes) for codes in reasons],
        list(persons),
    )


async def set_issued(tx: Transaction, issued: Sequence[IssuedDose]) -> None:
    """Stores that these doses have their certificate, and notes it for who wants to be told."""
    if not issued:
        return
    columns = (
        [dose.dose_id for dose in issued],
        [dose.version for dose in issued],
        [dose.uvci for dose in issued],
    )
    await tx.raw.execute(CERTIFICATES_COME, *columns)
    if affected(await tx.raw.execute(_ISSUED, *columns)) < len(issued):
        await tx.raw.execute(_ISSUED_FIRST, *columns)


async def set_refused(tx: Transaction, refused: Sequence[RefusedDose]) -> None:
    """Stores by which code the signer gave these eligible doses no certificate."""
    if not refused:
        return
    ids = [DoseId(dose.dose_id) for dose in refused]
    versions, codes = [dose.version for dose in refused], [dose.code for dose in refused]
    await tx.raw.execute(_REFUSED, ids, versions, codes)
    await _refused_to_people(tx, ids)
    twice = [DoseId(dose.dose_id) for dose in refused if dose.code == RefusalCode.DUPLICATE_DOSE]
    if twice:
        await duplicates.keep_those_kept_before(tx, twice)


async def _refused_to_people(tx: Transaction, dose_ids: Sequence[DoseId]) -> None:
    await tx.raw.execute(_REFUSED_PROBLEMS, dose_ids, list(NOT_DUE))


_WITHDRAWN = sql("""
INSERT INTO dose_status (dose_id, version, state) VALUES ($1, $2, {withdrawn})
ON CONFLICT (dose_id) DO UPDATE SET version = excluded.version, state = {withdrawn}, uvci = NULL
""")


async def set_withdrawn(
    tx: Transaction, dose_id: DoseId, version: int, withdrawn_by: str, reason: str
) -> None:
    """Ends a dose at its current version, and keeps who did so and why."""
    row = {"dose_id": dose_id, "version": version, "withdrawn_by": withdrawn_by, "reason": reason}
    await tx.execute(insert(withdrawal).values(row))
    await tx.raw.execute(_WITHDRAWN, dose_id, version)
    for table in (problem, assignment, suggestion, told_case):
        await tx.execute(delete(table).where(table.c.dose_id == dose_id))


async def queue_histories(
    tx: Transaction, persons: Sequence[int], unconfirmed: Sequence[int]
) -> None:
    """Queues the histories of these persons, and the typed numbers of these doses, for a search."""
    if persons or unconfirmed:
        await tx.execute(
            insert(history_news).values(persons=list(persons), unconfirmed=list(unconfirmed))
        )


async def queue_neighbours(tx: Transaction, *dose_ids: DoseId) -> None:
    """Queues the histories that these doses leave: the doses beside them are neighbours now."""
    persons = func.array_agg(dose_status.c.person)
    left = select(persons, cast([], ARRAY(BigInteger))).where(
        dose_status.c.dose_id.in_(dose_ids), dose_status.c.person.is_not(None)
    )
    await tx.execute(
        insert(history_news).from_select(["persons", "unconfirmed"], left.having(func.count() > 0))
    )


_PERSON_CHANGED = sql("""
INSERT INTO finding AS old (kind, dose_id, version, facility_code, residence,
                            other_dose_id, other_version, other_facility_code, other_residence)
SELECT 'PERSON_CHANGED', dose.id, dose.version, dose.facility_code, place.residence,
       dose.id, dose.version, dose.facility_code, place.residence
FROM unnest($1::bigint[], $2::smallint[]) AS given (id, version) JOIN dose USING (id, version),
     LATERAL (
         SELECT {residence} AS residence
     ) AS place
ON CONFLICT (kind, dose_id, other_dose_id) DO UPDATE SET
    version = excluded.version, facility_code = excluded.facility_code,
    residence = excluded.residence,
    other_version = excluded.version, other_facility_code = excluded.facility_code,
    other_residence = excluded.residence,
    since = now(), outcome = NULL, closed_by = NULL, closed_at = NULL
WHERE old.version < excluded.version
""")
# decided by people, such a dose has the same content in a newer version: whoever oversees them
# still sees it
_STILL_CHANGED = """
UPDATE finding SET version = dose.version, other_version = dose.version
FROM dose JOIN dose_history AS old ON old.dose_id = dose.id AND old.digest = dose.digest
WHERE dose.id = ANY($1::bigint[]) AND finding.kind = 'PERSON_CHANGED' AND finding.dose_id = dose.id
  AND finding.version = old.version AND finding.version <> dose.version
"""


async def note_changed_persons(
    tx: Transaction, changed: Sequence[VerifiedStatus], corrected: Sequence[VerifiedStatus]
) -> None:
    """Keeps a finding where a correction would make a dose somebody else's.

    `corrected`: all newer versions that were judged; of an older finding on them that still
    holds, the version follows.
    """
    if corrected:
        await tx.raw.execute(_STILL_CHANGED, [row.dose_id for row in corrected])
    if changed:
        ids, versions = [row.dose_id for row in changed], [row.version for row in changed]
        await tx.raw.execute(_PERSON_CHANGED, ids, versions)
