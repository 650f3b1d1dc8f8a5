"""The doses that were verified as a person's, and those that bear the person's number."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from contracts.events import DoseKind
from contracts.ids import DoseId
from contracts.words import Grade, State
from services.chassis.db import Transaction
from services.records.schema import sql

MOST = 100
"""Doses of one number: who has more is no person, but a filler that no rule knows."""
MOST_NAMESAKES = 500
"""Doses of people of one name and birth date that are looked through."""

# what was judged last may be older than what is recorded: `judged` says which version it was of
_DOSES = sql("""
WITH known AS (
    SELECT dose_id FROM dose_status WHERE person = $1
    UNION SELECT dose_id FROM typed_number WHERE number = $1
    UNION SELECT unnest($2::bigint[])
)
SELECT dose.id, dose.version, dose.facility_code, {residence} AS residence, dose.commune_code,
       dose.product, dose.dose_number, dose.dose_kind, dose.date_given, dose.person,
       CASE WHEN status.version = dose.version THEN dose.person ELSE verified.person END
           AS judged_person,
       status.version = dose.version AS judged,
       coalesce(status.person = $1, false) AS confirmed,
       status.state, status.grade, status.reasons, status.uvci, status.refusal,
       coalesce(told.since, problem.since, CASE WHEN status.version IS DISTINCT FROM dose.version
           THEN coalesce(older.replaced_at, batch.created_at) END) AS since,
       told.act
FROM known JOIN dose ON dose.id = known.dose_id
LEFT JOIN dose_status AS status ON status.dose_id = dose.id
LEFT JOIN problem ON problem.dose_id = dose.id AND problem.version = dose.version
LEFT JOIN told_case AS told
    ON told.dose_id = problem.dose_id AND told.version = problem.version
LEFT JOIN dose_history AS older
    ON older.dose_id = dose.id AND older.version = dose.version - 1
LEFT JOIN dose_history AS verified
    ON verified.dose_id = dose.id AND verified.version = status.version
LEFT JOIN batch ON batch.id = dose.batch_id
ORDER BY dose.date_given DESC, dose.id DESC LIMIT $3
""")


class NumberedDose(NamedTuple):
    """A dose that is known under a number; `person` is sealed JSON, as typed.

    `judged_person`: as it was typed at the version that was judged; None where that is forgotten.
    `judged`: the state is of the current version. `confirmed`: the verifier called it the person's,
    at this version or an older one. `act`: what people did last with its case.
    """

    id: DoseId
    version: int
    facility_code: str
    residence: str
    commune_code: str
    product: str
    dose_number: int
    dose_kind: DoseKind
    date_given: date
    person: bytes
    judged_person: bytes | None
    judged: bool | None
    confirmed: bool
    state: State | None
    grade: Grade | None
    reasons: list[str] | None
    uvci: str | None
    refusal: str | None
    since: datetime | None
    act: str | None = None


class UnconfirmedNamesake(NamedTuple):
    """A dose of somebody with this name and birth date. `certain`: the verifier calls the holder of
    the number the only person whom it can mean.
    """

    id: DoseId
    certain: bool


# by the index of what was typed, because a dose without its first judgement has none by its number
_NAMESAKES = """
SELECT dose.id, coalesce(suggestion.person = $2, false)
FROM dose
LEFT JOIN dose_status AS status ON status.dose_id = dose.id AND status.version = dose.version
LEFT JOIN suggestion ON suggestion.dose_id = dose.id AND suggestion.version = dose.version
    AND suggestion.certain IS NOT NULL AND suggestion.dismissed_by IS NULL
WHERE dose.namesake = ANY($1::bigint[]) AND status.person IS NULL
ORDER BY dose.id DESC LIMIT $3
"""


async def unconfirmed_namesakes(
    tx: Transaction, namesakes: Sequence[int], number: int
) -> list[UnconfirmedNamesake]:
    """Doses of these namesakes whose person is not confirmed, the newest first; `number`: the blind
    index of the person's.
    """
    if not namesakes:
        return []
    rows = await tx.raw.fetch(_NAMESAKES, list(namesakes), number, MOST_NAMESAKES)
    return [UnconfirmedNamesake(*row) for row in rows]


async def doses_by_id(tx: Transaction, ids: Sequence[int]) -> list[NumberedDose]:
    """Reads these doses, newest injection first; `confirmed` is not told of them."""
    if not ids:
        return []
    return [NumberedDose(*row) for row in await tx.raw.fetch(_DOSES, None, list(ids), len(ids))]


async def doses_of_number(tx: Transaction, number: int) -> list[NumberedDose]:
    """Reads the doses known under the blind index of a number, newest injection first."""
    return [NumberedDose(*row) for row in await tx.raw.fetch(_DOSES, number, [], MOST)]
