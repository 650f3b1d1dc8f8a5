"""The search for contradictions: what is queued, which doses are compared, what is found."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import ARRAY, BigInteger, Row, cast, func, select, text

from services.chassis.db import Transaction
from services.records.histories.rules import INTERVALS, MANY_NAMES, HistoryDose, Spacing
from services.records.schema import RecordsLock, dose, history_news, sql

_AT_ONCE = 16  # chunks of news a round: up to 32,000 doses
# doses of one number that are looked at: a filler that no rule knows is typed a thousand times
_CROWD = 50


class HistoryNews(NamedTuple):
    """Persons whose histories are to be searched, and doses whose typed numbers are."""

    persons: set[int]
    unconfirmed: set[int]


class PairedDose(NamedTuple):
    """One of two doses that may contradict each other."""

    dose: HistoryDose
    version: int
    residence: str


class DosePair(NamedTuple):
    """Two doses of one person, the later one first."""

    later: PairedDose
    earlier: PairedDose


class TypedPerson(NamedTuple):
    """The person of a dose as typed; `person` is sealed JSON."""

    id: int
    version: int
    person: bytes


class TypedNumber(NamedTuple):
    """The blind index of the ID number that was typed for a dose."""

    dose_id: int
    version: int
    number: int


class CrowdedDose(NamedTuple):
    """A dose whose typed number other doses have too; `person` is sealed JSON."""

    number: int
    id: int
    version: int
    person: bytes
    facility_code: str
    residence: str


class FindingRow(NamedTuple):
    """A finding as it is kept: the rule that is broken, and the two doses."""

    kind: str
    dose_id: int
    version: int
    facility_code: str
    residence: str
    other_dose_id: int
    other_version: int
    other_facility_code: str
    other_residence: str


async def take_news(tx: Transaction) -> HistoryNews | None:
    """Takes the oldest news off the queue.

    None where there is none, or while another process searches.
    """
    lock = select(func.pg_try_advisory_xact_lock(int(RecordsLock.HISTORY_SEARCH)))
    if not (await tx.execute(lock)).scalar_one():
        return None
    oldest = select(history_news.c.id).order_by(history_news.c.id).limit(_AT_ONCE).scalar_subquery()
    queued = list(
        await tx.execute(
            history_news.delete()
            .where(history_news.c.id.in_(oldest))
            .returning(history_news.c.persons, history_news.c.unconfirmed)
        )
    )
    if not queued:
        return None
    return HistoryNews(
        {person for chunk in queued for person in chunk.persons},
        {dose_id for chunk in queued for dose_id in chunk.unconfirmed},
    )


# each dose beside the one before it, and beside the last one of the same number and kind, which
# other doses may lie between: whatever is wrong in a history is wrong in one of these pairs, and a
# number on a thousand doses costs two thousand comparisons, not half a million. The condition of
# the first part holds back what can break no rule
_NEIGHBOURS = text(
    sql("""
WITH known AS (
    SELECT dose_id, version, person, count(*) OVER (PARTITION BY person) AS doses
    FROM dose_status WHERE person = ANY(CAST(:persons AS bigint[])) AND state IN ({eligible},
      {issued})
), history AS (
    SELECT known.person, dose.id, dose.version, dose.facility_code, dose.product, dose.dose_number,
      dose.dose_kind, dose.date_given,
           {residence} AS residence
    FROM known
    JOIN dose ON dose.id = known.dose_id AND dose.version = known.version
    WHERE known.doses > 1
), pair AS (
    SELECT *, lag(id) OVER earlier AS b_id, lag(version) OVER earlier AS b_version,
      lag(facility_code) OVER earlier AS b_facility_code,
           lag(product) OVER earlier AS b_product, lag(dose_number) OVER earlier AS b_dose_number,
           lag(dose_kind) OVER earlier AS b_dose_kind, lag(date_given) OVER earlier AS b_date_given,
           lag(residence) OVER earlier AS b_residence, lag(id) OVER alike AS alike
    FROM history
    WINDOW earlier AS (PARTITION BY person ORDER BY date_given, dose_number, id),
           alike AS (PARTITION BY person, dose_number, dose_kind ORDER BY date_given, id)
)
SELECT pair.* FROM pair
JOIN unnest(CAST(:products AS text[]), CAST(:intervals AS int[])) AS close (product, days)
  ON close.product = pair.b_product
LEFT JOIN unnest(CAST(:kinds AS text[]), CAST(:spacing AS int[])) AS further (kind, days)
  ON further.kind = pair.dose_kind
WHERE date_given - b_date_given < greatest(close.days, further.days,
  1) OR dose_number < b_dose_number OR alike = b_id
UNION ALL
SELECT pair.person, pair.id, pair.version, pair.facility_code, pair.product, pair.dose_number,
  pair.dose_kind, pair.date_given,
       pair.residence, dose.id, dose.version, dose.facility_code, dose.product, dose.dose_number,
       dose.dose_kind, dose.date_given,
       {residence}, alike
FROM pair JOIN dose ON dose.id = pair.alike WHERE pair.alike <> pair.b_id
""")
)


async def neighbours(tx: Transaction, persons: set[int], spacing: Spacing) -> list[DosePair]:
    """Pairs of doses of each person that may contradict each other."""
    days = spacing._asdict()
    intervals = {
        "products": list(INTERVALS),
        "intervals": list(INTERVALS.values()),
        "kinds": list(days),
        "spacing": list(days.values()),
    }
    rows = await tx.execute(_NEIGHBOURS, {"persons": list(persons), **intervals})
    return [DosePair(_paired(row), _paired(row, "b_")) for row in rows]


def _paired(row: Row[Any], prefix: str = "") -> PairedDose:
    def column(name: str) -> Any:
        return getattr(row, prefix + name)

    facts = (column(name) for name in HistoryDose._fields[1:])
    return PairedDose(HistoryDose(column("id"), *facts), column("version"), column("residence"))


async def typed_persons(tx: Transaction, dose_ids: set[int]) -> list[TypedPerson]:
    """The persons of these doses as typed."""
    ids = select(func.unnest(cast(list(dose_ids), ARRAY(BigInteger)))).scalar_subquery()
    query = select(dose.c.id, dose.c.version, dose.c.person).where(dose.c.id.in_(ids))
    return [TypedPerson._make(row) for row in await tx.execute(query)]


_UPSERT_NUMBERS = """
INSERT INTO typed_number AS old (dose_id, version, number) SELECT * FROM unnest($1::bigint[],
  $2::smallint[], $3::bigint[])
ON CONFLICT (dose_id) DO UPDATE SET version = excluded.version, number = excluded.number
WHERE old.version <= excluded.version
"""


async def store_numbers(tx: Transaction, rows: Sequence[TypedNumber]) -> None:
    """Stores the typed numbers of doses whose person was not confirmed."""
    if rows:
        columns = (list(column) for column in zip(*rows, strict=True))
        await tx.raw.execute(_UPSERT_NUMBERS, *columns)


_CROWDS = (
    "SELECT number FROM typed_number WHERE number = ANY($1::bigint[]) GROUP BY number HAVING"
    " count(*) > 1"
)

# the doses of the number's true owner stand under the same blind index: a number and a person are
# one. The few numbers are given as values: joined with the query that finds them, every dose on
# record would be read for each round of news
_CROWDED = text(
    sql("""
WITH typed AS (
    SELECT dose_id, version, number FROM typed_number WHERE number = ANY(CAST(:numbers AS bigint[]))
    UNION SELECT dose_id, version, person FROM dose_status
    WHERE person = ANY(CAST(:numbers AS bigint[]))
), ranked AS (
    SELECT typed.number, dose.id, dose.version, dose.person, dose.facility_code,
           {residence} AS residence,
           row_number() OVER (PARTITION BY typed.number ORDER BY dose.id) AS place,
           count(*) OVER (PARTITION BY typed.number) AS doses
    FROM typed
    JOIN dose ON dose.id = typed.dose_id AND dose.version = typed.version
    LEFT JOIN dose_status AS status ON status.dose_id = dose.id AND status.version = dose.version
    WHERE status.state IS DISTINCT FROM {withdrawn}
)
SELECT number, id, version, person, facility_code, residence FROM ranked
WHERE doses >= :many AND place <= :crowd ORDER BY number, id
""")
)


async def crowded(tx: Transaction, numbers: set[int]) -> list[CrowdedDose]:
    """The doses of those numbers that were typed on several, number by number."""
    crowds = [row["number"] for row in await tx.raw.fetch(_CROWDS, list(numbers))]
    if not crowds:
        return []
    limits = {"numbers": crowds, "many": MANY_NAMES, "crowd": _CROWD}
    return [CrowdedDose._make(row) for row in await tx.execute(_CROWDED, limits)]


_FOLLOW = """
UPDATE finding SET version = dose.version, other_version = other.version
FROM unnest($1::text[], $2::bigint[], $3::bigint[]) AS new (kind, dose_id, other_dose_id), dose,
  dose AS other
WHERE finding.kind = new.kind AND finding.dose_id = new.dose_id
AND finding.other_dose_id = new.other_dose_id
  AND dose.id = new.dose_id AND other.id = new.other_dose_id AND (finding.version,
    finding.other_version) <> (dose.version, other.version)
  AND dose.digest = coalesce((SELECT digest FROM dose_history AS old
  WHERE old.dose_id = dose.id AND old.version = finding.version),
                             dose.digest)
  AND other.digest = coalesce((SELECT digest FROM dose_history AS old
  WHERE old.dose_id = other.id AND old.version = finding.other_version),
                              other.digest)
"""
_FOUND = """
INSERT INTO finding AS old (kind, dose_id, version, facility_code, residence,
                            other_dose_id, other_version, other_facility_code, other_residence)
SELECT * FROM unnest($1::text[], $2::bigint[], $3::smallint[], $4::text[], $5::text[],
  $6::bigint[], $7::smallint[], $8::text[], $9::text[])
ON CONFLICT (kind, dose_id, other_dose_id) DO UPDATE SET
    version = excluded.version, facility_code = excluded.facility_code,
    residence = excluded.residence,
    other_version = excluded.other_version, other_facility_code = excluded.other_facility_code,
    other_residence = excluded.other_residence,
    since = now(), outcome = NULL, closed_by = NULL, closed_at = NULL
WHERE (old.version, old.other_version) <> (excluded.version, excluded.other_version)
"""


async def add_findings(tx: Transaction, rows: Sequence[FindingRow]) -> None:
    """Keeps findings; one on the same content stays as it is, closed or not."""
    if rows:
        kinds, ids = [row.kind for row in rows], [row.dose_id for row in rows]
        await tx.raw.execute(_FOLLOW, kinds, ids, [row.other_dose_id for row in rows])
        await tx.raw.execute(_FOUND, *(list(column) for column in zip(*rows, strict=True)))
