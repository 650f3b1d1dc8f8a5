"""Findings: two doses that contradict each other, to be looked at and closed by people."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Row, Select, and_, func, not_, or_, select, update

from contracts.access import Reach
from contracts.events import DoseKind
from contracts.ids import DoseId
from contracts.words import State
from services.chassis.db import Transaction
from services.records.disclosure.store import within
from services.records.histories.rules import Code
from services.records.schema import dose, dose_status, finding


class FindingDoseRow(NamedTuple):
    """One of the two doses of a finding, without its person."""

    dose_id: DoseId
    version: int
    facility_code: str
    residence: str
    product: str
    lot: str
    dose_number: int
    dose_kind: DoseKind
    date_given: date
    state: State


class StoredFinding(NamedTuple):
    """A finding with its two doses; `outcome` is None while it is open."""

    id: int
    kind: Code
    since: datetime
    outcome: str | None
    dose: FindingDoseRow
    other: FindingDoseRow


_OTHER, _OTHERS = dose.alias("other"), dose_status.alias("other_status")
_HERE = (dose_status.c.dose_id == dose.c.id) & (dose_status.c.version == dose.c.version)
_THERE = (_OTHERS.c.dose_id == _OTHER.c.id) & (_OTHERS.c.version == _OTHER.c.version)


def _findings() -> Select[Any]:
    """Findings whose two doses still have the versions that were compared.

    The other dose's columns are named `other_…`.
    """
    facts = ("product", "lot", "dose_number", "dose_kind", "date_given")
    return (
        select(
            finding,
            *(dose.c[name] for name in facts),
            func.coalesce(dose_status.c.state, State.PENDING.value).label("state"),
            *(_OTHER.c[name].label(f"other_{name}") for name in facts),
            func.coalesce(_OTHERS.c.state, State.PENDING.value).label("other_state"),
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


# whom the doses of a crowded number belong to is for those to find out who see all of them
_NO_CROWD = finding.c.kind != Code.ONE_ID_MANY_NAMES


def _open() -> ColumnElement[bool]:
    withdrawn = State.WITHDRAWN.value
    valid = (status.c.state.is_distinct_from(withdrawn) for status in (dose_status, _OTHERS))
    return and_(finding.c.outcome.is_(None), *valid)


def _stored(row: Row[Any]) -> StoredFinding:
    first, other = (
        FindingDoseRow(*(getattr(row, prefix + name) for name in FindingDoseRow._fields))
        for prefix in ("", "other_")
    )
    return StoredFinding(row.id, Code(row.kind), row.since, row.outcome, first, other)


class FindingFilter(NamedTuple):
    """Which findings: those of which at least one dose is within reach, and of these the chosen.

    `steering`: whether the caller is told rules that doses beyond reach break. To others such a
    finding has the code BEYOND_REACH, and no other.
    """

    reach: Reach
    steering: bool
    codes: Sequence[str] | None
    facility: str | None
    province: str | None
    closed: bool


async def findings(
    tx: Transaction, chosen: FindingFilter, after: int, limit: int
) -> list[StoredFinding]:
    """Findings in the order they were found.

    No filter looks at what the caller is not shown: its answer would tell it.
    """
    here, there = _sides(chosen.reach)
    query = _findings().where(finding.c.id > after, or_(here, there)).limit(limit)
    query = query.where(finding.c.outcome.is_not(None) if chosen.closed else _open())
    if not chosen.steering:
        query = query.where(_NO_CROWD)
    if chosen.codes is not None:
        fitting: ColumnElement[bool] = finding.c.kind.in_(chosen.codes)
        if not chosen.steering:
            fitting = and_(fitting, here, there)
            if Code.BEYOND_REACH in chosen.codes:
                fitting = or_(fitting, not_(and_(here, there)))
        query = query.where(fitting)
    if chosen.facility is not None:
        query = query.where(
            or_(
                and_(here, finding.c.facility_code == chosen.facility),
                and_(there, finding.c.other_facility_code == chosen.facility),
            )
        )
    if chosen.province is not None:
        query = query.where(
            or_(
                and_(here, finding.c.residence.startswith(chosen.province)),
                and_(there, finding.c.other_residence.startswith(chosen.province)),
            )
        )
    return [_stored(row) for row in await tx.execute(query)]


async def of_dose(tx: Transaction, dose_id: DoseId, *, steering: bool) -> list[StoredFinding]:
    """The open findings of one dose."""
    about = or_(finding.c.dose_id == dose_id, finding.c.other_dose_id == dose_id)
    query = _findings().where(about, _open())
    return [_stored(row) for row in await tx.execute(query if steering else query.where(_NO_CROWD))]


async def one(
    tx: Transaction, finding_id: int, reach: Reach, *, steering: bool, lock: bool = False
) -> StoredFinding | None:
    """One finding, open or closed, where a dose of it is within reach."""
    query = _findings().where(finding.c.id == finding_id, or_(*_sides(reach)))
    if not steering:
        query = query.where(_NO_CROWD)
    result = await tx.execute(query.with_for_update(of=finding) if lock else query)
    row = result.one_or_none()
    return None if row is None else _stored(row)


async def close(tx: Transaction, finding_id: int, outcome: str, closed_by: str) -> None:
    """Closes a finding that the caller has locked."""
    values = {"outcome": outcome, "closed_by": closed_by, "closed_at": func.now()}
    await tx.execute(update(finding).where(finding.c.id == finding_id).values(values))


def _sides(reach: Reach) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Whether the one and the other dose are within reach."""
    return (
        within(reach, finding.c.facility_code, finding.c.residence),
        within(reach, finding.c.other_facility_code, finding.c.other_residence),
    )
