"""The webhooks themselves, and the messages that were made for each."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import delete, func, insert, select, text, update

from services.chassis.db import Transaction
from services.records.webhooks.store.tables import webhook, webhook_delivery


class WebhookRow(NamedTuple):
    """One webhook; its secrets are sealed."""

    id: int
    owner: str
    registered_by: str
    reach: list[str]
    url: str
    events: list[str]
    secret: bytes
    old_secret: bytes | None
    old_until: datetime | None
    created_at: datetime
    disabled_at: datetime | None
    disabled_by: str | None


class DeliveryRow(NamedTuple):
    """One message as its owner sees it."""

    id: UUID
    kind: str
    created_at: datetime
    due_at: datetime | None
    tries: int
    delivered_at: datetime | None
    outcome: str | None


_WEBHOOK = [webhook.c[name] for name in WebhookRow._fields]
_DELIVERY = [webhook_delivery.c[name] for name in DeliveryRow._fields]


async def count_of(tx: Transaction, owner: str) -> int:
    """How many webhooks an owner has; nobody else adds one for it until the transaction ends."""
    await tx.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:owner, 14))"),
                     {"owner": owner})  # fmt: skip
    counted = select(func.count()).where(webhook.c.owner == owner)
    return int((await tx.execute(counted)).scalar_one())


async def add(
    tx: Transaction,
    owner: str,
    registered_by: str,
    reach: Sequence[str],
    url: str,
    events: Sequence[str],
) -> int:
    """Stores a webhook without its secret, which is sealed for its id; answers that."""
    row = {
        "owner": owner,
        "registered_by": registered_by,
        "reach": reach,
        "url": url,
        "events": events,
        "secret": b"",
    }
    added = await tx.execute(insert(webhook).values(row).returning(webhook.c.id))
    return int(added.scalar_one())


async def set_secret(
    tx: Transaction, webhook_id: int, sealed: bytes, old: bytes | None, old_until: datetime | None
) -> None:
    """Stores a new secret; the one before signs beside it until `old_until`."""
    values = {"secret": sealed, "old_secret": old, "old_until": old_until}
    await tx.execute(update(webhook).where(webhook.c.id == webhook_id).values(values))


async def read_own(tx: Transaction, owner: str, webhook_id: int) -> WebhookRow | None:
    """One webhook of an owner, locked; None where there is none."""
    query = select(*_WEBHOOK).where(webhook.c.id == webhook_id, webhook.c.owner == owner)
    row = (await tx.execute(query.with_for_update())).one_or_none()
    return None if row is None else WebhookRow._make(row)


async def list_own(tx: Transaction, owner: str, after: int, limit: int) -> list[WebhookRow]:
    """An owner's webhooks in the order they were registered."""
    query = select(*_WEBHOOK).where(webhook.c.owner == owner, webhook.c.id > after)
    rows = await tx.execute(query.order_by(webhook.c.id).limit(limit))
    return [WebhookRow._make(row) for row in rows]


async def remove(tx: Transaction, owner: str, webhook_id: int) -> bool:
    """Forgets a webhook with all its messages; False where there is none."""
    gone = delete(webhook).where(webhook.c.id == webhook_id, webhook.c.owner == owner)
    return bool((await tx.execute(gone)).rowcount)


async def disable(tx: Transaction, webhook_id: int, now: datetime, outcome: str) -> None:
    """Ends a webhook, with all that it was still to be told."""
    values = {"disabled_at": now, "disabled_by": outcome}
    await tx.execute(update(webhook).where(webhook.c.id == webhook_id).values(values))
    waiting = webhook_delivery.c.webhook_id == webhook_id
    await tx.execute(update(webhook_delivery).where(waiting).values(due_at=None))


async def deliveries(tx: Transaction, webhook_id: int, most: int) -> list[DeliveryRow]:
    """The last messages of a webhook, newest first."""
    query = select(*_DELIVERY).where(webhook_delivery.c.webhook_id == webhook_id)
    ordered = query.order_by(webhook_delivery.c.created_at.desc(), webhook_delivery.c.id)
    return [DeliveryRow._make(row) for row in await tx.execute(ordered.limit(most))]
