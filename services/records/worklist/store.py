"""The worklist: doses that people must put right, their counts, and to whom they are assigned."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal, NamedTuple

from sqlalchemy import (
    ARRAY,
    Select,
    String,
    any_,
    case,
    cast,
    delete,
    distinct,
    func,
    literal,
    null,
    or_,
    select,
    true,
    tuple_,
)
from sqlalchemy.dialects.postgresql import insert

from contracts.access import Reach
from contracts.events import DoseKind
from contracts.ids import BatchId, DoseId
from contracts.words import ELIGIBLE_GRADES, Grade, State
from services.chassis.db import Transaction
from services.records.disclosure.store import within
from services.records.schema import (
    acceptance,
    assignment,
    dose,
    dose_status,
    mended,
    problem,
    suggestion,
    told_case,
)
from services.records.suggestions import store as suggestions
from services.records.told_cases import store as told_cases


class UnlockedKey(NamedTuple):
    """Where a page ended that is ordered by doses unlocked."""

    unlocked: int
    identity: int
    dose_id: DoseId


class WorklistRow(NamedTuple):
    """A dose of the worklist; `identity` is whose it is, `refusal` why the signer refused it."""

    id: DoseId
    facility_code: str
    source_id: str
    version: int
    batch_id: BatchId
    product: str
    lot: str
    dose_number: int
    dose_kind: DoseKind
    date_given: date
    person: bytes
    doubts: str | None
    state: str
    grade: Grade
    reasons: list[str]
    since: datetime
    uvci: str | None
    refusal: str | None
    assignee: str | None
    identity: int


class WorklistGroup(NamedTuple):
    """How many doses, and how many typed people, a group has."""

    group: str
    doses: int
    people: int
    certain: int
    likely: int


_OF_DOSE = [dose.c[name] for name in WorklistRow._fields[: WorklistRow._fields.index("state")]]


@dataclass(frozen=True, slots=True)
class WorklistFilter:
    """Which doses of the worklist.

    Ages are whole years by the year of birth; `year` is the present one.
    """

    reach: Reach
    year: int
    province: str | None = None
    district: str | None = None
    commune: str | None = None
    facility: str | None = None
    grade: str | None = None
    reason: str | None = None
    min_age: int | None = None
    max_age: int | None = None
    assignee: str | None = None
    suggestion: str | None = None
    accepted: bool | None = None
    waiting_for: str | None = None


# What the signer refused is listed under its eligible grade. What it issued after all is not taken
# off the list, which would cost every issued dose a look. A scalar query, since EXISTS could become
# one over all statuses.
REFUSED = problem.c.grade.in_(ELIGIBLE_GRADES)
_REFUSAL = (
    select(dose_status.c.refusal)
    .where(dose_status.c.dose_id == problem.c.dose_id, dose_status.c.version == problem.c.version)
    .correlate(problem)
    .scalar_subquery()
)
STILL = case((REFUSED, _REFUSAL.is_not(None)), else_=true())
"""Whether a dose of `problem` still waits for people."""

# a dose whose identity is not known stands for itself
_IDENTITY = func.coalesce(problem.c.identity, problem.c.dose_id)
_OPEN = problem.join(
    dose, (dose.c.id == problem.c.dose_id) & (dose.c.version == problem.c.version)
).outerjoin(assignment, assignment.c.dose_id == problem.c.dose_id)
_ACCEPTED = acceptance.c.dose_id.is_not(None)
_GROUPS = {
    "commune": dose.c.commune_code,
    "facility": problem.c.facility_code,
    "reason": func.unnest(problem.c.reasons),
}


def _select(
    chosen: WorklistFilter, *columns: Any, suggested: bool = False, told: bool = False
) -> Select[Any]:
    """`suggested`, `told`: the columns are of suggestions, or of cases, too."""
    source = _OPEN
    if suggested or chosen.suggestion is not None or chosen.accepted is not None:
        source = source.outerjoin(suggestion, suggestions.CURRENT)
        source = source.outerjoin(acceptance, suggestions.IN_FORCE)
    if told or chosen.waiting_for is not None:
        source = source.outerjoin(told_case, told_cases.CURRENT)
    query = (
        select(*columns)
        .select_from(source)
        .where(STILL, within(chosen.reach, problem.c.facility_code, problem.c.residence))
    )
    for column, value in (
        (dose.c.province_code, chosen.province),
        (dose.c.district_code, chosen.district),
        (dose.c.commune_code, chosen.commune),
        (problem.c.facility_code, chosen.facility),
        (problem.c.grade, chosen.grade),
        (assignment.c.assignee, chosen.assignee),
    ):
        if value is not None:
            query = query.where(column == value)
    if chosen.reason is not None:
        query = query.where(literal(chosen.reason) == any_(problem.c.reasons))
    if chosen.suggestion is not None:
        query = query.where(suggestions.suggested_kind == chosen.suggestion)
    if chosen.accepted is not None:
        query = query.where(_ACCEPTED if chosen.accepted else ~_ACCEPTED)
    if chosen.waiting_for is not None:
        query = query.where(
            told_cases.FOR_POLICE if chosen.waiting_for == "police" else told_cases.FOR_STATION
        )
    if chosen.min_age is not None:
        query = query.where(problem.c.birth_year <= chosen.year - chosen.min_age)
    if chosen.max_age is not None:
        query = query.where(problem.c.birth_year >= chosen.year - chosen.max_age)
    return query


def _items(chosen: WorklistFilter) -> Select[Any]:
    return _select(
        chosen,
        *_OF_DOSE,
        case(
            (REFUSED, State.ELIGIBLE),
            (problem.c.in_review, State.IN_REVIEW),
            else_=State.NEEDS_CORRECTION,
        ).label("state"),
        problem.c.grade,
        case((REFUSED, cast([], ARRAY(String))), else_=problem.c.reasons).label("reasons"),
        problem.c.since,
        null().label("uvci"),
        case((REFUSED, problem.c.reasons[1])).label("refusal"),
        assignment.c.assignee,
        _IDENTITY.label("identity"),
    )


async def worklist(
    tx: Transaction, chosen: WorklistFilter, after: int, limit: int
) -> list[WorklistRow]:
    """Doses that people must put right, in the order of their ids."""
    query = _items(chosen).where(problem.c.dose_id > after).order_by(problem.c.dose_id).limit(limit)
    return [WorklistRow._make(row) for row in await tx.execute(query)]


async def by_unlocked(
    tx: Transaction, chosen: WorklistFilter, after: UnlockedKey | None, limit: int
) -> list[WorklistRow]:
    """The same, but first those whose person has most wrong doses, one person's side by side."""
    counted = _select(
        chosen,
        problem.c.dose_id,
        _IDENTITY.label("identity"),
        func.count().over(partition_by=_IDENTITY).label("unlocked"),
    ).subquery()
    order = (-counted.c.unlocked, counted.c.identity, counted.c.dose_id)
    page = select(counted).order_by(*order).limit(limit)
    if after is not None:
        last = (literal(-after.unlocked), literal(after.identity), literal(after.dose_id))
        page = page.where(tuple_(*order) > tuple_(*last))
    places = {row.dose_id: place for place, row in enumerate(await tx.execute(page))}
    rows = await tx.execute(_items(chosen).where(problem.c.dose_id.in_(places)))
    return sorted((WorklistRow._make(row) for row in rows), key=lambda row: places[row.id])


async def unlocked(
    tx: Transaction, chosen: WorklistFilter, identities: Sequence[int]
) -> dict[int, int]:
    """How many of the chosen doses each person has."""
    query = (
        _select(chosen, _IDENTITY.label("identity"), func.count().label("doses"))
        # not by the coalesced value, which no index knows
        .where(
            or_(
                problem.c.identity.in_(identities),
                problem.c.identity.is_(None) & problem.c.dose_id.in_(identities),
            )
        )
        .group_by(_IDENTITY)
    )
    return {row.identity: row.doses for row in await tx.execute(query)}


async def count(tx: Transaction, chosen: WorklistFilter) -> int:
    """How many doses the worklist has."""
    return int((await tx.execute(_select(chosen, func.count()))).scalar_one())


class WorklistTotals(NamedTuple):
    """How many doses there are in all, each counted once."""

    doses: int
    in_review: int
    certain: int
    likely: int
    accepted: int
    waiting_police: int
    waiting_second: int
    waiting_station: int
    shared: int


_OF_KINDS = [
    func.count().filter(suggestions.suggested_kind == kind, ~_ACCEPTED).label(kind)
    for kind in ("certain", "likely")
]


async def totals(tx: Transaction, chosen: WorklistFilter) -> WorklistTotals:
    """The counts of the whole worklist."""
    in_review = func.count().filter(problem.c.in_review).label("in_review")
    accepted = func.count().filter(_ACCEPTED).label("accepted")
    of_cases = [
        func.count().filter(which)
        for which in (
            told_cases.FOR_POLICE,
            told_cases.FOR_SECOND,
            told_cases.FOR_STATION,
            told_cases.SHARED,
        )
    ]
    columns = (func.count(), in_review, *_OF_KINDS, accepted, *of_cases)
    query = _select(chosen, *columns, suggested=True, told=True)
    return WorklistTotals._make((await tx.execute(query)).one())


async def mended_since(tx: Transaction, reach: Reach, since: datetime) -> int:
    """How many doses within reach were wrong and passed since then."""
    query = select(func.count()).where(
        mended.c.mended_at >= since, within(reach, mended.c.facility_code, mended.c.residence)
    )
    return int((await tx.execute(query)).scalar_one())


async def summary(
    tx: Transaction,
    chosen: WorklistFilter,
    by: Literal["commune", "facility", "reason"],
    limit: int,
) -> list[WorklistGroup]:
    """The groups of the worklist, the largest first."""
    group, doses = _GROUPS[by], func.count().label("doses")
    people = func.count(distinct(_IDENTITY)).label("people")
    query = _select(chosen, group.label("group"), doses, people, *_OF_KINDS, suggested=True)
    ordered = query.group_by(group).order_by(doses.desc(), group).limit(limit)
    return [WorklistGroup._make(row) for row in await tx.execute(ordered)]


async def assign(
    tx: Transaction, reach: Reach, dose_ids: Sequence[DoseId], assignee: str | None, subject: str
) -> set[int]:
    """Assigns the doses on the worklist within reach; answers which these were.

    `assignee`: None where nobody is to have them any more.
    """
    in_reach = within(reach, problem.c.facility_code, problem.c.residence)
    listed = {
        row.dose_id
        for row in await tx.execute(
            select(problem.c.dose_id).where(problem.c.dose_id.in_(dose_ids), in_reach)
        )
    }
    if assignee is None:
        await tx.execute(delete(assignment).where(assignment.c.dose_id.in_(listed)))
    elif listed:
        values = {"assignee": assignee, "assigned_by": subject}
        assigned = insert(assignment).values(
            [{"dose_id": dose_id, **values} for dose_id in sorted(listed)]
        )
        await tx.execute(
            assigned.on_conflict_do_update(
                index_elements=["dose_id"], set_={**values, "assigned_at": func.now()}
            )
        )
    return listed
