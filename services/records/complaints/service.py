"""Complaints: how often one may be sent, how it is sealed and answered, and how many wait."""

import asyncio
import json
from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from prometheus_client import Gauge

from services.chassis.db import Database, Transaction
from services.chassis.encryption import Sealer
from services.chassis.limits import RateLimits
from services.chassis.periodic import UnknownError, periodic
from services.chassis.telemetry import Metrics
from services.records.complaints import store
from services.records.complaints.errors import (
    TOO_MANY_COMPLAINTS,
    facility_unknown,
    province_unknown,
)
from services.records.complaints.rules import ANSWER_WITHIN, ComplaintKind, Standing, office_of
from services.records.complaints.store import ComplaintRow, WholeComplaint
from services.records.schema import (
    COMPLAINT_ANSWER,
    COMPLAINT_CONTACT,
    COMPLAINT_PICTURE,
    COMPLAINT_TEXT,
)
from services.records.settings import ComplaintSettings
from services.records.webhooks import occurrences
from vietnamese.provinces import PROVINCES

_MEASURE_S = 15.0


class ComplaintDraft(NamedTuple):
    """A complaint as it was sent. `person` is the blind index of the citizen who signed in.

    `residence`: of the person whose doses it is about, where these are known.
    """

    kind: ComplaintKind
    text: str
    facility_code: str
    province_code: str
    person: int | None
    contact: dict[str, str]
    picture: bytes | None
    picture_type: str | None
    dose_id: int | None = None
    residence: str | None = None


def complaint_limits(cfg: ComplaintSettings) -> RateLimits:
    """The limits by name.

    `address` and `person` count complaints, `mailbox` confirmations, `key_sender` requests with an
    idempotency key, `ask` whatever comes from an address.
    """
    limits = {
        "address": cfg.per_address,
        "person": cfg.per_person,
        "mailbox": cfg.per_mailbox,
        "key_sender": cfg.per_key_sender,
        "ask": cfg.asks_per_address,
        "standing_mailbox": cfg.per_mailbox,
    }
    return RateLimits(cfg.counters, limits, TOO_MANY_COMPLAINTS)


def check_office(
    facilities: frozenset[str], facility_code: str | None, province_code: str | None
) -> None:
    """ServiceError 422 where there is no such facility or province.

    `facilities`: those that there are; empty where the form of a code decides.
    """
    listed = not facilities or facility_code in facilities
    if facility_code is not None and not (facility_code[:2] in PROVINCES and listed):
        raise facility_unknown()
    if province_code is not None and province_code not in PROVINCES:
        raise province_unknown()


async def take_in(
    tx: Transaction, sealer: Sealer, now: datetime, draft: ComplaintDraft, *, confirmed: bool
) -> tuple[int, datetime]:
    """Stores a complaint, sealed; answers its id, and when it must be answered.

    `confirmed`: an e-mail confirms it.
    """
    complaint_id, due_at = await store.take_id(tx), now + ANSWER_WITHIN
    contact = json.dumps(draft.contact).encode() if draft.contact else None
    row = ComplaintRow(
        id=complaint_id,
        kind=draft.kind,
        office=office_of(draft.facility_code, draft.province_code),
        facility_code=draft.facility_code,
        province_code=draft.province_code,
        person=draft.person,
        text=COMPLAINT_TEXT.seal(sealer, draft.text.encode(), complaint_id),
        picture_type=draft.picture_type,
        created_at=now,
        due_at=due_at,
        answer=None,
        answered_by=None,
        answered_at=None,
        dose_id=draft.dose_id,
        residence=draft.residence,
    )
    sealed = WholeComplaint(
        row,
        contact and COMPLAINT_CONTACT.seal(sealer, contact, complaint_id),
        draft.picture and COMPLAINT_PICTURE.seal(sealer, draft.picture, complaint_id),
    )
    await store.add(tx, sealed)
    if confirmed:
        await store.owe_email(tx, complaint_id, now)
    return complaint_id, due_at


async def answer(
    tx: Transaction,
    sealer: Sealer,
    now: datetime,
    whole: WholeComplaint,
    text: str,
    caller: str,
    *,
    corrected: bool = False,
) -> None:
    """Answers a complaint that is locked.

    An e-mail says so, where an address was given. None where the same words are sent again, unless
    with a correction.
    """
    row = whole.row
    sealed = COMPLAINT_ANSWER.seal(sealer, text.encode(), row.id)
    await occurrences.complaint_answered(tx, row.id)
    await store.set_answer(tx, row.id, sealed, caller, row.answered_at or now)
    if "email" in contact_of(sealer, row.id, whole.contact) and (
        corrected or text != answer_of(sealer, row)
    ):
        await store.owe_email(tx, row.id, now)


def text_of(sealer: Sealer, row: ComplaintRow) -> str | None:
    """What the citizen wrote; None where it was forgotten."""
    return None if row.text is None else COMPLAINT_TEXT.unseal(sealer, row.text, row.id).decode()


def answer_of(sealer: Sealer, row: ComplaintRow | store.OwedEmail) -> str | None:
    """What the office answered; None where there is no answer."""
    if row.answer is None:
        return None
    return COMPLAINT_ANSWER.unseal(sealer, row.answer, row.id).decode()


def picture_of(sealer: Sealer, whole: WholeComplaint) -> bytes | None:
    """The picture that came with a complaint; None where there is none."""
    if whole.picture is None:
        return None
    return COMPLAINT_PICTURE.unseal(sealer, whole.picture, whole.row.id)


def contact_of(sealer: Sealer, complaint_id: int, sealed: bytes | None) -> dict[str, str]:
    """The `email` and `phone` of whoever complained, as far as they were given."""
    if sealed is None:
        return {}
    contact: dict[str, str] = json.loads(COMPLAINT_CONTACT.unseal(sealer, sealed, complaint_id))
    return contact


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

    async def measure() -> None:
        async with db.begin() as tx:
            counts = await store.unanswered(tx, clock())
        gauge.labels(Standing.OPEN).set(counts.in_time)
        gauge.labels(Standing.OVERDUE).set(counts.overdue)

    await periodic("complaints", measure, stop, _MEASURE_S, UnknownError.ENDS_THE_SERVICE)
