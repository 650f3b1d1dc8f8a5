"""The complaints desk: how often somebody may complain, how a complaint is sealed, what is
answered, and how many wait.
"""

import asyncio
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import structlog
from prometheus_client import Gauge

from services.chassis.db import Database, Transaction
from services.chassis.encryption import Sealer
from services.chassis.limits import RateLimits, Refusal
from services.chassis.pause import rest
from services.chassis.telemetry import Metrics
from services.chassis.transient import is_transient
from services.records.complaints import store
from services.records.complaints.rules import ANSWER_WITHIN, ComplaintKind, Standing, office_of
from services.records.settings import ComplaintSettings

_MEASURE_S = 15.0
_log = structlog.get_logger()


_TOO_MANY = Refusal(
    "TOO_MANY_COMPLAINTS",
    "Bạn đã gửi quá nhiều phản ánh, hãy thử lại sau.",
    "Too many complaints; try again later.",
)


def complaint_limits(cfg: ComplaintSettings) -> RateLimits:
    """So many complaints an `address`, and so many a `person`; so many confirmations to a
    `mailbox`; so many keys of a `key_sender`.
    """
    limits = {
        "address": cfg.per_address,
        "person": cfg.per_person,
        "mailbox": cfg.per_mailbox,
        "key_sender": cfg.per_key_sender,
    }
    return RateLimits(cfg.counters, limits, _TOO_MANY)


async def take_in(
    tx: Transaction,
    sealer: Sealer,
    now: datetime,
    *,
    kind: ComplaintKind,
    text: str,
    facility_code: str,
    province_code: str,
    person: int | None,
    contact: dict[str, str],
    picture: bytes | None,
    picture_type: str | None,
    confirmed: bool,
) -> tuple[int, datetime]:
    """Keeps a complaint, sealed, and owes the letter that confirms it; answers its id, and when it
    must be answered.
    """
    complaint_id = await store.take_id(tx)
    due_at = now + ANSWER_WITHIN
    values: dict[str, Any] = {
        "id": complaint_id,
        "kind": kind,
        "office": office_of(facility_code, province_code),
        "facility_code": facility_code,
        "province_code": province_code,
        "person": person,
        "text": sealer.seal(text.encode(), binding(complaint_id, "text")),
        "contact": sealer.seal(json.dumps(contact).encode(), binding(complaint_id, "contact"))
        if contact
        else None,
        "picture": sealer.seal(picture, binding(complaint_id, "picture"))
        if picture is not None
        else None,
        "picture_type": picture_type,
        "created_at": now,
        "due_at": due_at,
    }
    await store.add(tx, values)
    if confirmed:
        await store.owe_email(tx, complaint_id, now)
    return complaint_id, due_at


async def answer(
    tx: Transaction, sealer: Sealer, now: datetime, row: Any, text: str, caller: str
) -> None:
    """Answers a complaint that is locked, and owes the letter that says so; the same words again
    are no news.
    """
    sealed = sealer.seal(text.encode(), binding(row.id, "answer"))
    await store.change(
        tx, row.id, {"answer": sealed, "answered_by": caller, "answered_at": row.answered_at or now}
    )
    if "email" in contact_of(sealer, row) and text != opened(sealer, row, "answer"):
        await store.owe_email(tx, row.id, now)


def opened(sealer: Sealer, row: Any, part: str) -> str | None:
    """A sealed part of a complaint that is text; None where there is none."""
    sealed = getattr(row, part)
    return None if sealed is None else sealer.unseal(sealed, binding(row.id, part)).decode()


def contact_of(sealer: Sealer, row: Any) -> dict[str, str]:
    """Where whoever complained can be reached: `email`, `phone`, as far as they were given."""
    contact: dict[str, str] = json.loads(opened(sealer, row, "contact") or "{}")
    return contact


def binding(complaint_id: int, part: str) -> bytes:
    """What a sealed part of a complaint is bound to."""
    return f"complaint:{complaint_id}/{part}".encode()


async def measure_forever(
    db: Database, metrics: Metrics, clock: Callable[[], datetime], stop: asyncio.Event
) -> None:
    """Tells how many complaints wait, until `stop` is set."""
    gauge = Gauge(
        "complaints",
        "Complaints not yet answered, within their 48 hours and beyond",
        ["state"],
        registry=metrics.registry,
    )
    while not stop.is_set():
        try:
            async with db.begin() as tx:
                in_time, overdue = await store.unanswered(tx, clock())
            gauge.labels(Standing.OPEN).set(in_time)
            gauge.labels(Standing.OVERDUE).set(overdue)
        except Exception as error:
            if not is_transient(error):
                raise
            _log.warning("complaints_unmeasured", error=type(error).__name__)
        await rest(stop, _MEASURE_S)
