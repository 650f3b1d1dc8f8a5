"""What officers decided of doses. Rows are added, approved and undone, never removed."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Literal, NamedTuple

from sqlalchemy import ARRAY, BigInteger, any_, bindparam, func, insert, select, update

from contracts.ids import DoseId
from services.chassis.db import Transaction
from services.chassis.encryption import Sealer
from services.verifier.schema import decision
from services.verifier.store.sealed_field import DoseSealedField

DecisionKind = Literal["confirm", "reject", "papers"]
_PERSONS = DoseSealedField("decision")
_REASON = DoseSealedField("reason")


class NewDecision(NamedTuple):
    """A decision as it is written down; the columns are those of `DecisionRow`."""

    dose_id: DoseId
    version: int
    fingerprint: int
    kind: DecisionKind
    persons: bytes
    note_code: str
    decided_by: str
    in_force: bool
    doubts: list[str]
    reason: bytes | None


class DecisionRow(NamedTuple):
    """A stored decision of an officer.

    `version`: that the officer saw. `fingerprint`: the blind index of the typed person, for whom
    alone it holds. `kind`: confirm, reject or papers. `persons`: sealed personal numbers.
    `approved_by`: the second officer. `doubts`: those that the officer saw. `reason`,
    `approval_reason`: sealed words of the two officers.
    """

    id: int
    dose_id: DoseId
    version: int
    fingerprint: int
    kind: DecisionKind
    persons: bytes
    note_code: str
    decided_by: str
    approved_by: str | None
    at: datetime
    in_force: bool
    undone_by: str | None
    undone_at: datetime | None
    doubts: list[str]
    reason: bytes | None
    approval_reason: bytes | None


_ROWS = select(*(decision.c[name] for name in DecisionRow._fields))


def seal_persons(sealer: Sealer, dose_id: DoseId, numbers: Sequence[str]) -> bytes:
    """The personal numbers of a decision, sealed."""
    return _PERSONS.seal(sealer, dose_id, json.dumps(list(numbers)).encode())


def open_persons(sealer: Sealer, row: DecisionRow) -> list[str]:
    """The personal numbers of a stored decision."""
    numbers: list[str] = json.loads(_PERSONS.unseal(sealer, row.dose_id, row.persons))
    return numbers


def seal_reason(sealer: Sealer, dose_id: DoseId, reason: str | None) -> bytes | None:
    """An officer's own words, sealed."""
    return _REASON.seal(sealer, dose_id, reason.encode()) if reason else None


def open_reason(sealer: Sealer, dose_id: DoseId, sealed: bytes | None) -> str | None:
    """An officer's own words, where any were given."""
    return _REASON.unseal(sealer, dose_id, sealed).decode() if sealed is not None else None


async def in_force(tx: Transaction, dose_ids: Sequence[DoseId]) -> list[DecisionRow]:
    """The decisions in force of the given doses, in the order they were made."""
    of_doses = decision.c.dose_id == any_(bindparam("ids", type_=ARRAY(BigInteger)))
    rows = await tx.execute(
        _ROWS.where(of_doses, decision.c.in_force).order_by(decision.c.id),
        {"ids": list(dose_ids)},
    )
    return [DecisionRow._make(row) for row in rows]


async def awaiting(tx: Transaction, dose_id: DoseId, version: int) -> DecisionRow | None:
    """The confirmation that waits for a second officer, where it was made on this version."""
    query = _ROWS.where(
        decision.c.dose_id == dose_id,
        decision.c.version == version,
        decision.c.kind == "confirm",
        ~decision.c.in_force,
        decision.c.undone_at.is_(None),
    )
    row = (await tx.execute(query.order_by(decision.c.id.desc()).limit(1))).one_or_none()
    return None if row is None else DecisionRow._make(row)


async def latest(tx: Transaction, dose_id: DoseId) -> DecisionRow | None:
    """The last confirmation or rejection of a dose that was not undone."""
    query = _ROWS.where(
        decision.c.dose_id == dose_id, decision.c.undone_at.is_(None), decision.c.kind != "papers"
    )
    row = (await tx.execute(query.order_by(decision.c.id.desc()).limit(1))).one_or_none()
    return None if row is None else DecisionRow._make(row)


async def of_dose(tx: Transaction, dose_id: DoseId, limit: int) -> list[DecisionRow]:
    """The last decisions of a dose, undone ones too, the newest first."""
    query = _ROWS.where(decision.c.dose_id == dose_id).order_by(decision.c.id.desc()).limit(limit)
    return [DecisionRow._make(row) for row in await tx.execute(query)]


async def add(tx: Transaction, new: NewDecision) -> None:
    """Writes a decision down."""
    await tx.execute(insert(decision).values(new._asdict()))


async def approve(tx: Transaction, decision_id: int, officer: str, reason: bytes | None) -> None:
    """Puts a confirmation into force by its second officer, whose `reason` is sealed."""
    values = {"approved_by": officer, "approval_reason": reason, "in_force": True}
    await tx.execute(update(decision).where(decision.c.id == decision_id).values(values))


async def undo(tx: Transaction, decision_id: int, officer: str) -> None:
    """Takes a decision back."""
    values = {"in_force": False, "undone_by": officer, "undone_at": func.now()}
    await tx.execute(update(decision).where(decision.c.id == decision_id).values(values))
