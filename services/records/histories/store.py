"""Histories of verified persons: who a dose is of, whose histories have news, and the findings."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Row,
    Select,
    and_,
    cast,
    func,
    or_,
    select,
    text,
    update,
)

from contracts.access import Reach
from services.chassis.db import Transaction
from services.records.disclosure.store import within
from services.records.histories.rules import INTERVALS, MANY_NAMES, Spacing
from services.records.schema import dose, dose_status, finding, history_news

_LOCK = 4_206_202_207
_AT_ONCE = 16  # chunks of news a round: up to 32,000 doses
# doses of one number that are looked at: a filler that no rule knows is typed a thousand times
_CROWD = 50


class News(NamedTuple):
    """Whose histories are to be looked at, and which doses' typed numbers."""

    persons: set[int]
    unconfirmed: set[int]


async def take_news(tx: Transaction) -> News | None:
    """The oldest news, taken off the queue; None where there is none, or another process is at
    it.
    """
    if not (await tx.execute(select(func.pg_try_advisory_xact_lock(_LOCK)))).scalar_one():
        return None
    oldest = select(history_news.c.id).order_by(history_news.c.id).limit(_AT_ONCE).scalar_subquery()
    taken = list(
        await tx.execute(
            history_news.delete()
            .where(history_news.c.id.in_(oldest))
            .returning(history_news.c.persons, history_news.c.unconfirmed)
        )
    )
    if not taken:
        return None
    return News(
        {one for row in taken for one in row.persons},
        {one for row in taken for one in row.unconfirmed},
    )


# each dose beside the one before it, and beside the last one of the same number and kind, which
# other doses may lie between: whatever is wrong in a history is wrong in one of these pairs, and a
# number on a thousand doses costs two thousand comparisons, not half a million. The condition of
# the first part holds back what can break no rule
_NEIGHBOURS = text("""
WITH known AS (
    SELECT dose_id, version, person, count(*) OVER (PARTITION BY person) AS doses
    FROM dose_status WHERE person = ANY(CAST(:persons AS bigint[])) AND state IN ('eligible',
      'issued')
), history AS (
    SELECT known.person, dose.id, dose.version, dose.facility_code, dose.product, dose.dose_number,
      dose.dose_kind, dose.date_given,
           dose.province_code || dose.district_code || dose.commune_code AS residence
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
       dose.province_code || dose.district_code || dose.commune_code, alike
FROM pair JOIN dose ON dose.id = pair.alike WHERE pair.alike <> pair.b_id
""")


async def neighbours(tx: Transaction, persons: set[int], spacing: Spacing) -> list[Row[Any]]:
    """Pairs of doses of each person that may contradict each other: the later one, and the earlier
    one as `b_…`.
    """
    days = spacing._asdict()
    given = {
        "products": list(INTERVALS),
        "intervals": list(INTERVALS.values()),
        "kinds": list(days),
        "spacing": list(days.values()),
    }
    return list(await tx.execute(_NEIGHBOURS, {"persons": list(persons), **given}))


async def typed_persons(tx: Transaction, dose_ids: set[int]) -> list[Row[Any]]:
    """(id, version, person as typed and sealed) of doses."""
    ids = select(func.unnest(cast(list(dose_ids), ARRAY(BigInteger)))).scalar_subquery()
    return list(
        await tx.execute(select(dose.c.id, dose.c.version, dose.c.person).where(dose.c.id.in_(ids)))
    )


_UPSERT_NUMBERS = """
INSERT INTO typed_number AS old (dose_id, version, number) SELECT * FROM unnest($1::bigint[],
  $2::smallint[], $3::bigint[])
ON CONFLICT (dose_id) DO UPDATE SET version = excluded.version, number = excluded.number
WHERE old.version <= excluded.version
"""


async def note_numbers(tx: Transaction, rows: Sequence[tuple[int, int, int]]) -> None:
    """Keeps (dose id, version, typed number's blind index)."""
    if rows:
        await tx.raw.execute(_UPSERT_NUMBERS, *(list(column) for column in zip(*rows, strict=True)))


_CROWDS = (
    "SELECT number FROM typed_number WHERE number = ANY($1::bigint[]) GROUP BY number HAVING"
    " count(*) > 1"
)

# the doses of the number's true owner stand under the same blind index: a number and a person are
# one. The few numbers are given as values: joined with the query that finds them, every dose on
# record would be read for each round of news
_CROWDED = text("""
WITH typed AS (
    SELECT dose_id, version, number FROM typed_number WHERE number = ANY(CAST(:numbers AS bigint[]))
    UNION SELECT dose_id, version, person FROM dose_status
    WHERE person = ANY(CAST(:numbers AS bigint[]))
), ranked AS (
    SELECT typed.number, dose.id, dose.version, dose.person, dose.facility_code,
           dose.province_code || dose.district_code || dose.commune_code AS residence,
           row_number() OVER (PARTITION BY typed.number ORDER BY dose.id) AS place,
           count(*) OVER (PARTITION BY typed.number) AS doses
    FROM typed
    JOIN dose ON dose.id = typed.dose_id AND dose.version = typed.version
    LEFT JOIN dose_status AS status ON status.dose_id = dose.id AND status.version = dose.version
    WHERE status.state IS DISTINCT FROM 'withdrawn'
)
SELECT * FROM ranked WHERE doses >= :many AND place <= :crowd ORDER BY number, id
""")


async def crowded(tx: Transaction, numbers: set[int]) -> list[Row[Any]]:
    """The doses of those numbers that were typed on several, with their sealed persons, number by
    number.
    """
    crowds = [row["number"] for row in await tx.raw.fetch(_CROWDS, list(numbers))]
    return (
        list(await tx.execute(_CROWDED, {"numbers": crowds, "many": MANY_NAMES, "crowd": _CROWD}))
        if crowds
        else []
    )


Found = tuple[str, int, int, str, str, int, int, str, str]
"""(code, dose id, version, facility code, residence, and the same four of the other dose)"""

# verified again with the same content (people decided, or the registry changed), a finding stays as
# it was settled
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


async def add_findings(tx: Transaction, found: Sequence[Found]) -> None:
    """Keeps what was found; what is known of the same content stays as it is, closed or not."""
    if found:
        columns = [list(column) for column in zip(*found, strict=True)]
        await tx.raw.execute(_FOLLOW, columns[0], columns[1], columns[5])
        await tx.raw.execute(_FOUND, *columns)


_OTHER, _OTHERS = dose.alias("other"), dose_status.alias("other_status")
_HERE = (dose_status.c.dose_id == dose.c.id) & (dose_status.c.version == dose.c.version)
_THERE = (_OTHERS.c.dose_id == _OTHER.c.id) & (_OTHERS.c.version == _OTHER.c.version)


def _findings() -> Select[Any]:
    """Findings whose two doses are still at the versions that were found, and not withdrawn; the
    other dose's columns as `other_…`.
    """
    facts = ("product", "lot", "dose_number", "dose_kind", "date_given")
    return (
        select(
            finding,
            *(dose.c[name] for name in facts),
            func.coalesce(dose_status.c.state, "pending").label("state"),
            *(_OTHER.c[name].label(f"other_{name}") for name in facts),
            func.coalesce(_OTHERS.c.state, "pending").label("other_state"),
        )
        .join(dose, (dose.c.id == finding.c.dose_id) & (dose.c.version == finding.c.version))
        .join(
            _OTHER,
            (_OTHER.c.id == finding.c.other_dose_id)
            & (_OTHER.c.version == finding.c.other_version),
        )
        .outerjoin(dose_status, _HERE)
        .outerjoin(_OTHERS, _THERE)
        .order_by(finding.c.id)
    )


def _open() -> ColumnElement[bool]:
    lives = (status.c.state.is_distinct_from("withdrawn") for status in (dose_status, _OTHERS))
    return and_(finding.c.outcome.is_(None), *lives)


async def findings(
    tx: Transaction,
    reach: Reach,
    *,
    codes: Sequence[str] | None,
    facility: str | None,
    province: str | None,
    closed: bool,
    after: int,
    limit: int,
) -> list[Row[Any]]:
    """Findings of which one dose at least is within reach, in the order in which they were
    found.
    """
    query = _findings().where(finding.c.id > after, _within(reach)).limit(limit)
    query = query.where(finding.c.outcome.is_not(None) if closed else _open())
    if codes is not None:
        query = query.where(finding.c.kind.in_(codes))
    if facility is not None:
        query = query.where(
            or_(finding.c.facility_code == facility, finding.c.other_facility_code == facility)
        )
    if province is not None:
        query = query.where(
            or_(
                finding.c.residence.startswith(province),
                finding.c.other_residence.startswith(province),
            )
        )
    return list(await tx.execute(query))


async def of_dose(tx: Transaction, dose_id: int) -> list[Row[Any]]:
    """The open findings of one dose."""
    about = or_(finding.c.dose_id == dose_id, finding.c.other_dose_id == dose_id)
    return list(await tx.execute(_findings().where(about, _open())))


async def one(
    tx: Transaction, finding_id: int, reach: Reach, *, lock: bool = False
) -> Row[Any] | None:
    """One finding, open or closed, where a dose of it is within reach."""
    query = _findings().where(finding.c.id == finding_id, _within(reach))
    return (await tx.execute(query.with_for_update(of=finding) if lock else query)).one_or_none()


async def close(tx: Transaction, finding_id: int, outcome: str, closed_by: str) -> None:
    """Closes a finding that the caller has locked."""
    values = {"outcome": outcome, "closed_by": closed_by, "closed_at": func.now()}
    await tx.execute(update(finding).where(finding.c.id == finding_id).values(values))


def _within(reach: Reach) -> ColumnElement[bool]:
    return or_(
        within(reach, finding.c.facility_code, finding.c.residence),
        within(reach, finding.c.other_facility_code, finding.c.other_residence),
    )
