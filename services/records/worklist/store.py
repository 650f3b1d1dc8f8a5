"""What is left to do: the worklist, its counts, and who takes a dose in hand."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import (
    ARRAY,
    Row,
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
    select,
    true,
    tuple_,
)
from sqlalchemy.dialects.postgresql import insert

from contracts.access import Reach
from contracts.words import ELIGIBLE_GRADES, State
from services.chassis.db import Transaction
from services.records.disclosure.store import within
from services.records.schema import assignment, dose, dose_status, problem

Unlocked = tuple[int, int, int]
"""Where a page by doses unlocked ended: (doses unlocked, identity, dose id)"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which doses of the worklist; ages in whole years by the year of birth, `year` the present
    one.
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


# what the signer refused stands beside under its eligible grade; what it issued after all need not
# be taken off the list, which would cost every issued dose a look: a scalar query, for EXISTS could
# become one over all statuses
REFUSED = problem.c.grade.in_(ELIGIBLE_GRADES)
_REFUSAL = (
    select(dose_status.c.refusal)
    .where(dose_status.c.dose_id == problem.c.dose_id, dose_status.c.version == problem.c.version)
    .correlate(problem)
    .scalar_subquery()
)
STILL = case((REFUSED, _REFUSAL.is_not(None)), else_=true())
"""Whether a dose of `problem` is still one."""

# a dose whose identity is not known stands for itself
_IDENTITY = func.coalesce(problem.c.identity, problem.c.dose_id)
_OPEN = problem.join(
    dose, (dose.c.id == problem.c.dose_id) & (dose.c.version == problem.c.version)
).outerjoin(assignment, assignment.c.dose_id == problem.c.dose_id)
_GROUPS = {
    "commune": dose.c.commune_code,
    "facility": problem.c.facility_code,
    "reason": func.unnest(problem.c.reasons),
}


def _chosen(wanted: Wanted, *columns: Any) -> Select[Any]:
    query = (
        select(*columns)
        .select_from(_OPEN)
        .where(STILL, within(wanted.reach, problem.c.facility_code, problem.c.residence))
    )
    for column, value in (
        (dose.c.province_code, wanted.province),
        (dose.c.district_code, wanted.district),
        (dose.c.commune_code, wanted.commune),
        (problem.c.facility_code, wanted.facility),
        (problem.c.grade, wanted.grade),
        (assignment.c.assignee, wanted.assignee),
    ):
        if value is not None:
            query = query.where(column == value)
    if wanted.reason is not None:
        query = query.where(literal(wanted.reason) == any_(problem.c.reasons))
    if wanted.min_age is not None:
        query = query.where(problem.c.birth_year <= wanted.year - wanted.min_age)
    if wanted.max_age is not None:
        query = query.where(problem.c.birth_year >= wanted.year - wanted.max_age)
    return query


def _items(wanted: Wanted, *more: Any) -> Select[Any]:
    return _chosen(
        wanted,
        dose,
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
        _IDENTITY.label("of"),
        *more,
    )


async def worklist(tx: Transaction, wanted: Wanted, after: int, limit: int) -> list[Row[Any]]:
    """Doses that people must put right, in the order of their ids; `of` is whose they are."""
    query = _items(wanted).where(problem.c.dose_id > after).order_by(problem.c.dose_id).limit(limit)
    return list(await tx.execute(query))


async def by_unlocked(
    tx: Transaction, wanted: Wanted, after: Unlocked | None, limit: int
) -> list[Row[Any]]:
    """The same, those first whose person has most wrong doses, one person's doses side by side."""
    counted = _chosen(
        wanted,
        problem.c.dose_id,
        _IDENTITY.label("of"),
        func.count().over(partition_by=_IDENTITY).label("unlocked"),
    ).subquery()
    place = tuple_(-counted.c.unlocked, counted.c.of, counted.c.dose_id)
    page = (
        select(counted).order_by(-counted.c.unlocked, counted.c.of, counted.c.dose_id).limit(limit)
    )
    if after is not None:
        page = page.where(place > tuple_(literal(-after[0]), literal(after[1]), literal(after[2])))
    found = {row.dose_id: index for index, row in enumerate(await tx.execute(page))}
    rows = await tx.execute(_items(wanted).where(problem.c.dose_id.in_(found)))
    return sorted(rows, key=lambda row: found[row.id])


async def unlocked(tx: Transaction, wanted: Wanted, identities: Sequence[int]) -> dict[int, int]:
    """How many of the wanted doses each person has."""
    query = (
        _chosen(wanted, _IDENTITY.label("of"), func.count().label("doses"))
        .where(_IDENTITY.in_(identities))
        .group_by(_IDENTITY)
    )
    return {row.of: row.doses for row in await tx.execute(query)}


async def every(tx: Transaction, wanted: Wanted) -> AsyncIterator[Row[Any]]:
    """All doses of the worklist, page by page, so that memory stays flat."""
    after = 0
    while page := await worklist(tx, wanted, after, 1000):
        for row in page:
            yield row
        after = page[-1].id


async def count(tx: Transaction, wanted: Wanted) -> int:
    """How many doses the worklist has."""
    return int((await tx.execute(_chosen(wanted, func.count()))).scalar_one())


async def summary(
    tx: Transaction, wanted: Wanted, by: Literal["commune", "facility", "reason"], limit: int
) -> list[Row[Any]]:
    """(group, doses, people), the largest first."""
    group, doses = _GROUPS[by], func.count().label("doses")
    query = _chosen(
        wanted, group.label("group"), doses, func.count(distinct(_IDENTITY)).label("people")
    )
    return list(await tx.execute(query.group_by(group).order_by(doses.desc(), group).limit(limit)))


async def assign(
    tx: Transaction, reach: Reach, dose_ids: Sequence[int], assignee: str | None, subject: str
) -> set[int]:
    """Hands the doses on the worklist within reach to `assignee` (None: to nobody); answers which
    these were.
    """
    mine = within(reach, problem.c.facility_code, problem.c.residence)
    found = {
        row.dose_id
        for row in await tx.execute(
            select(problem.c.dose_id).where(problem.c.dose_id.in_(dose_ids), mine)
        )
    }
    if assignee is None:
        await tx.execute(delete(assignment).where(assignment.c.dose_id.in_(found)))
    elif found:
        values = {"assignee": assignee, "assigned_by": subject}
        given = insert(assignment).values(
            [{"dose_id": dose_id, **values} for dose_id in sorted(found)]
        )
        await tx.execute(
            given.on_conflict_do_update(
                index_elements=["dose_id"], set_={**values, "assigned_at": func.now()}
            )
        )
    return found
