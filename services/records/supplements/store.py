"""Supplements, whose personal parts are sealed before they come here."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Row, func, insert, select, update

from contracts.access import Reach
from contracts.ids import DoseId
from services.chassis.db import Transaction
from services.records.disclosure.store import within
from services.records.doses.store import DoseWithStatus
from services.records.schema import dose, dose_status, sql, supplement
from services.records.supplements.rules import ENDED, OPEN, ContestReason, SupplementState


class SupplementRow(NamedTuple):
    """A supplement without the picture of its slip; `words` are sealed."""

    id: int
    dose_id: DoseId
    state: SupplementState
    facility_code: str
    residence: str
    recorded_by: str
    recorded_at: datetime
    contest_until: datetime
    answered_by: str | None
    answered_at: datetime | None
    reason: ContestReason | None
    words: bytes | None
    ruled_by: str | None
    ruled_at: datetime | None
    own_dose_id: DoseId | None


class SlipPicture(NamedTuple):
    """The sealed picture of a slip, and its media type."""

    sealed: bytes
    media_type: str


class OwnRecord(NamedTuple):
    """A supplement's dose, and the facility's own record of the same person, day and number."""

    dose_id: DoseId
    own_dose_id: DoseId


_ROW = [supplement.c[name] for name in SupplementRow._fields]
_CURRENT = (dose_status.c.dose_id == dose.c.id) & (dose_status.c.version == dose.c.version)
_WITH_DOSE = (
    select(
        *_ROW,
        *dose.c,
        dose_status.c.state,
        dose_status.c.grade,
        dose_status.c.reasons,
        dose_status.c.uvci,
        dose_status.c.refusal,
    )
    .join(dose, dose.c.id == supplement.c.dose_id)
    .outerjoin(dose_status, _CURRENT)
)


class SupplementWithDose(NamedTuple):
    """A supplement and its dose as it stands."""

    supplement: SupplementRow
    dose: DoseWithStatus


async def add(tx: Transaction, values: dict[str, Any]) -> int:
    """Stores a supplement; answers its id."""
    stored = insert(supplement).values(values).returning(supplement.c.id)
    return int((await tx.execute(stored)).scalar_one())


async def listed(
    tx: Transaction, reach: Reach, state: SupplementState | None, after: int, limit: int
) -> list[SupplementWithDose]:
    """Supplements of facilities and people within reach, the oldest first."""
    query = (
        _WITH_DOSE.where(supplement.c.id > after, _within(reach))
        .order_by(supplement.c.id)
        .limit(limit)
    )
    if state is not None:
        query = query.where(supplement.c.state == state)
    return [_with_dose(row) for row in await tx.execute(query)]


async def count_waiting(tx: Transaction, reach: Reach) -> int:
    """How many within reach wait for the answer of their facility."""
    waiting = (supplement.c.state == SupplementState.WAITING, _within(reach))
    query = select(func.count()).select_from(supplement).where(*waiting)
    return int((await tx.execute(query)).scalar_one())


async def one(tx: Transaction, supplement_id: int, reach: Reach) -> SupplementWithDose | None:
    """One supplement within reach."""
    query = _WITH_DOSE.where(supplement.c.id == supplement_id, _within(reach))
    row = (await tx.execute(query)).one_or_none()
    return None if row is None else _with_dose(row)


async def picture(tx: Transaction, supplement_id: int) -> SlipPicture:
    """The slip of a supplement that is there."""
    query = select(supplement.c.picture, supplement.c.picture_type)
    row = (await tx.execute(query.where(supplement.c.id == supplement_id))).one()
    return SlipPicture._make(row)


async def lock(tx: Transaction, dose_id: int) -> SupplementRow | None:
    """Locks the supplement of a dose that the caller has locked before."""
    query = select(*_ROW).where(supplement.c.dose_id == dose_id).with_for_update()
    row = (await tx.execute(query)).one_or_none()
    return None if row is None else _row(row)


async def set_state(tx: Transaction, dose_id: int, state: SupplementState, **values: Any) -> None:
    """Moves a locked supplement on."""
    moved = update(supplement).where(supplement.c.dose_id == dose_id)
    await tx.execute(moved.values(state=state, **values))


async def end(tx: Transaction, dose_id: int) -> None:
    """The dose of a supplement is withdrawn; the caller has locked the dose."""
    ended = update(supplement).where(
        supplement.c.dose_id == dose_id, supplement.c.state.not_in(sorted(ENDED))
    )
    await tx.execute(ended.values(state=SupplementState.WITHDRAWN))


async def due(tx: Transaction, now: datetime, most: int) -> list[DoseId]:
    """Doses of supplements whose time is over without an answer, without a lock."""
    query = (
        select(supplement.c.dose_id)
        .where(supplement.c.state == "waiting", supplement.c.contest_until <= now)
        .order_by(supplement.c.contest_until)
        .limit(most)
    )
    return [DoseId(row.dose_id) for row in await tx.execute(query)]


# by person as the registry has them, so that twins are never taken for one
_OWN = sql("""
SELECT mine.dose_id, other.dose_id AS own_dose_id
FROM unnest($1::bigint[]) AS given (id)
JOIN supplement AS mine ON mine.dose_id = given.id
JOIN dose AS supplied ON supplied.id = mine.dose_id
JOIN dose_status AS status ON status.dose_id = supplied.id AND status.version = supplied.version
JOIN dose_status AS other ON other.person = status.person AND other.dose_id <> status.dose_id
JOIN dose AS own ON own.id = other.dose_id AND own.version = other.version
WHERE status.state <> {withdrawn} AND other.state IN ({eligible}, {issued})
  AND own.facility_code = supplied.facility_code AND own.date_given = supplied.date_given
  AND own.dose_number = supplied.dose_number AND own.product = supplied.product
  AND NOT EXISTS (SELECT FROM supplement WHERE supplement.dose_id = own.id)
ORDER BY mine.dose_id, own.id
""")
# a signer gives one of two the certificate, and refuses the other: so one of these was refused
_TWICE = sql("""
WITH refused AS (
    SELECT dose_id, person FROM dose_status
    WHERE refusal IN ('DUPLICATE_DOSE', 'DUPLICATE_KEPT') AND state = {eligible}
)
SELECT DISTINCT mine.dose_id FROM refused
JOIN dose_status AS status ON status.person = refused.person
JOIN supplement AS mine ON mine.dose_id = status.dose_id
WHERE mine.state = ANY($1::text[]) AND status.state IN ({eligible}, {issued})
ORDER BY mine.dose_id LIMIT $2
""")


async def own_records(tx: Transaction, dose_ids: Sequence[int]) -> list[OwnRecord]:
    """Records of the facilities themselves of the same injections, of these supplements' doses."""
    return [OwnRecord(*row) for row in await tx.raw.fetch(_OWN, list(dose_ids))]


async def met_by_duplicates(
    tx: Transaction, states: Sequence[SupplementState], most: int
) -> list[DoseId]:
    """Doses of supplements of whose person some dose was refused as a duplicate."""
    rows = await tx.raw.fetch(_TWICE, list(states), most)
    return [DoseId(row["dose_id"]) for row in rows]


async def open_ones(tx: Transaction, after: int, most: int) -> list[DoseId]:
    """The next doses of open supplements after the dose `after`."""
    query = (
        select(supplement.c.dose_id)
        .where(supplement.c.state.in_(sorted(OPEN)), supplement.c.dose_id > after)
        .order_by(supplement.c.dose_id)
        .limit(most)
    )
    return [DoseId(row.dose_id) for row in await tx.execute(query)]


def _within(reach: Reach) -> ColumnElement[bool]:
    return within(reach, supplement.c.facility_code, supplement.c.residence)


def _row(values: Sequence[Any]) -> SupplementRow:
    row = SupplementRow._make(values)
    reason = ContestReason(row.reason) if row.reason else None
    return row._replace(state=SupplementState(row.state), reason=reason)


def _with_dose(row: Row[Any]) -> SupplementWithDose:
    columns, at = tuple(row), len(SupplementRow._fields)
    return SupplementWithDose(_row(columns[:at]), DoseWithStatus._make(columns[at:]))
