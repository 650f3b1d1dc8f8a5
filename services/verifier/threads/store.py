"""Messages of threads, and who has which case in hand."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import insert, select, update

from contracts.case_states import CaseState
from contracts.ids import DoseId
from services.chassis.db import Transaction
from services.chassis.encryption import Sealer
from services.verifier.schema import case_message
from services.verifier.store.sealed_field import DoseSealedField
from services.verifier.threads.rules import MessageKind

_TEXT, _PICTURE = DoseSealedField("message"), DoseSealedField("message_picture")

# in: areas (null: all), state, officer, how long a claim lasts, cases left out. Of the oldest 200
# the ones that unlock a person come first: whose other doses have no passport yet.
_NEXT = """
WITH waiting AS (
    SELECT c.dose_id, c.version, c.opened_at FROM dose_case AS c
    WHERE c.state = $2 AND c.grade <> '' AND c.dose_id <> ALL($5::bigint[])
    AND ($1::text[] IS NULL OR EXISTS (SELECT 1 FROM unnest($1::text[]) AS area
        WHERE starts_with(c.residence, area)))
    AND (c.claimed_until IS NULL OR c.claimed_until < now() OR c.claimed_by = $3)
    AND (c.certain IS NULL OR $2 <> 'open')
    AND ($2 <> 'awaiting_second' OR c.assigned_to IS DISTINCT FROM $3)
    ORDER BY (c.claimed_by = $3 AND c.claimed_until > now()) DESC NULLS LAST, c.opened_at, c.dose_id
    LIMIT 200
), chosen AS (
    SELECT w.dose_id FROM waiting AS w
    LEFT JOIN verification AS v ON v.dose_id = w.dose_id AND v.version = w.version
    ORDER BY EXISTS (
        SELECT 1 FROM verification AS other WHERE other.number = v.number
        AND other.used IS NOT NULL AND other.dose_id <> w.dose_id
    ), w.opened_at, w.dose_id
    LIMIT 1
)
UPDATE dose_case SET claimed_by = $3, claimed_until = now() + $4::interval
WHERE dose_id = (SELECT dose_id FROM chosen) RETURNING dose_id, claimed_until
"""
_ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(4206202208)"
_LEFT = """
SELECT count(*) FROM (
    SELECT 1 FROM dose_case AS c WHERE c.state = $2 AND c.grade <> ''
    AND (c.certain IS NULL OR $2 <> 'open')
    AND ($2 <> 'awaiting_second' OR c.assigned_to IS DISTINCT FROM $3)
    AND ($1::text[] IS NULL OR EXISTS (SELECT 1 FROM unnest($1::text[]) AS area
        WHERE starts_with(c.residence, area)))
    LIMIT 10000
) AS waiting
"""
_CLAIM = """
UPDATE dose_case SET claimed_by = $2, claimed_until = now() + $3::interval
WHERE dose_id = $1 RETURNING claimed_until
"""


class MessageRow(NamedTuple):
    """A stored message. `text` and `picture` are sealed."""

    id: int
    dose_id: DoseId
    kind: MessageKind
    said_by: str
    role: str
    said_at: datetime
    text: bytes | None
    picture: bytes | None
    picture_type: str | None


class NewMessageRow(NamedTuple):
    """A message as it is written down, unsealed."""

    dose_id: DoseId
    kind: MessageKind
    said_by: str
    role: str
    text: str | None = None
    picture: bytes | None = None
    picture_type: str | None = None


_ROWS = select(*(case_message.c[name] for name in MessageRow._fields))


async def add(tx: Transaction, sealer: Sealer, new: NewMessageRow) -> None:
    """Writes a message down, sealed."""
    sealed = {
        "text": _TEXT.seal(sealer, new.dose_id, new.text.encode()) if new.text else None,
        "picture": _PICTURE.seal(sealer, new.dose_id, new.picture) if new.picture else None,
    }
    await tx.execute(insert(case_message).values({**new._asdict(), **sealed}))


async def of_dose(tx: Transaction, dose_id: DoseId, most: int) -> list[MessageRow]:
    """The last messages of a dose, the oldest first."""
    query = _ROWS.where(case_message.c.dose_id == dose_id).order_by(case_message.c.id.desc())
    rows = await tx.execute(query.limit(most))
    return [MessageRow._make(row) for row in reversed(rows.all())]


async def forget(tx: Transaction, dose_ids: Sequence[DoseId]) -> None:
    """Deletes what was said of doses that are no longer valid."""
    await tx.execute(
        update(case_message)
        .where(case_message.c.dose_id.in_(dose_ids))
        .values(text=None, picture=None, picture_type=None)
    )


def text_of(sealer: Sealer, row: MessageRow) -> str | None:
    """What was said, where anything was."""
    return None if row.text is None else _TEXT.unseal(sealer, row.dose_id, row.text).decode()


def picture_of(sealer: Sealer, row: MessageRow) -> bytes | None:
    """The picture, where there is one."""
    return None if row.picture is None else _PICTURE.unseal(sealer, row.dose_id, row.picture)


async def take_next(
    tx: Transaction,
    areas: Sequence[str] | None,
    state: CaseState,
    officer: str,
    lasting: timedelta,
    beside: Sequence[int],
) -> tuple[DoseId, datetime] | None:
    """Claims the next case for the officer; one officer after another, so that none gets two's."""
    await tx.raw.execute(_ONE_AT_A_TIME)
    row = await tx.raw.fetchrow(
        _NEXT, None if areas is None else list(areas), state, officer, lasting, list(beside)
    )
    return None if row is None else (row["dose_id"], row["claimed_until"])


async def count_waiting(
    tx: Transaction, areas: Sequence[str] | None, state: CaseState, officer: str
) -> int:
    """How many cases wait in this state for the officer, up to 10,000."""
    given = None if areas is None else list(areas)
    return int(await tx.raw.fetchval(_LEFT, given, state, officer))


async def claim(
    tx: Transaction, case_id: DoseId, officer: str | None, lasting: timedelta
) -> datetime | None:
    """Puts a locked case into the officer's hands; None: into nobody's."""
    until: datetime = await tx.raw.fetchval(_CLAIM, case_id, officer, lasting)
    return until if officer is not None else None
