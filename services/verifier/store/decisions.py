"""What officers decided of doses: rows are added, approved and undone, never removed."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ARRAY, BigInteger, Row, any_, bindparam, func, insert, select, update

from services.chassis.db import Transaction
from services.verifier.schema import decision


async def in_force(tx: Transaction, dose_ids: Sequence[int]) -> list[Row[Any]]:
    """The decisions in force of the given doses, in the order they were made."""
    given = decision.c.dose_id == any_(bindparam("ids", type_=ARRAY(BigInteger)))
    return list(
        await tx.execute(
            select(decision).where(given, decision.c.in_force).order_by(decision.c.id),
            {"ids": list(dose_ids)},
        )
    )


async def awaiting(tx: Transaction, dose_id: int, version: int) -> Row[Any] | None:
    """The confirmation that waits for a second officer, where it was made on this version."""
    query = select(decision).where(
        decision.c.dose_id == dose_id,
        decision.c.version == version,
        decision.c.kind == "confirm",
        ~decision.c.in_force,
        decision.c.undone_at.is_(None),
    )
    return (await tx.execute(query.order_by(decision.c.id.desc()).limit(1))).one_or_none()


async def latest(tx: Transaction, dose_id: int) -> Row[Any] | None:
    """The last confirmation or rejection of a dose that was not undone."""
    query = select(decision).where(
        decision.c.dose_id == dose_id, decision.c.undone_at.is_(None), decision.c.kind != "papers"
    )
    return (await tx.execute(query.order_by(decision.c.id.desc()).limit(1))).one_or_none()


async def of_dose(tx: Transaction, dose_id: int, limit: int) -> list[Row[Any]]:
    """The last decisions of a dose, undone ones too, the newest first."""
    query = (
        select(decision)
        .where(decision.c.dose_id == dose_id)
        .order_by(decision.c.id.desc())
        .limit(limit)
    )
    return list(await tx.execute(query))


async def add(tx: Transaction, **values: Any) -> None:
    """Writes a decision down; `persons` and `reason` are sealed."""
    await tx.execute(insert(decision).values(values))


async def approve(tx: Transaction, decision_id: int, officer: str, reason: bytes | None) -> None:
    """Puts a confirmation into force by its second officer, whose `reason` is sealed."""
    values = {"approved_by": officer, "approval_reason": reason, "in_force": True}
    await tx.execute(update(decision).where(decision.c.id == decision_id).values(values))


async def undo(tx: Transaction, decision_id: int, officer: str) -> None:
    """Takes a decision back."""
    values = {"in_force": False, "undone_by": officer, "undone_at": func.now()}
    await tx.execute(update(decision).where(decision.c.id == decision_id).values(values))
