"""What has happened and is to be told, and the messages that are on their way."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    any_,
    delete,
    func,
    insert,
    literal,
    select,
    update,
)

from contracts.ids import DoseId
from services.chassis.db import Transaction
from services.records.schema import complaint, dose, sql, supplement
from services.records.webhooks.store.hooks import WebhookRow
from services.records.webhooks.store.tables import webhook, webhook_delivery, webhook_news

_IS_WANTED = "EXISTS (SELECT FROM webhook WHERE disabled_at IS NULL AND $1::varchar = ANY(events))"
NOTE = f"INSERT INTO webhook_news (kind, ids) SELECT $1::varchar, $2::bigint[] WHERE {_IS_WANTED}"
"""In: a kind and what it is about. Run where it happens, by the store that writes it down."""

# of a dose that would become somebody else's the certificate stands until people have decided
_OUTRUN = """
SELECT id FROM new JOIN dose_status AS status
ON status.dose_id = id AND status.version < new.version
AND (status.state = {issued} OR (status.state = {in_review}
    AND 'PERSON_CHANGED' = ANY(status.reasons)))
"""
CERTIFICATES_COME = sql(
    """
WITH new AS (
    SELECT * FROM unnest($1::bigint[], $2::smallint[], $3::text[]) AS new (id, version, uvci)
    WHERE EXISTS (SELECT FROM webhook WHERE disabled_at IS NULL)
), told AS (
    SELECT id, CASE WHEN status.uvci IS NULL THEN 'certificate.issued'
        WHEN status.uvci <> new.uvci THEN 'certificate.renewed' END AS kind
    FROM new LEFT JOIN dose_status AS status
    ON status.dose_id = id AND status.version = new.version AND status.state = {issued}
    UNION ALL SELECT ended.id, 'certificate.revoked' FROM (_OUTRUN) AS ended
)
INSERT INTO webhook_news (kind, ids)
SELECT kind, array_agg(id ORDER BY id) FROM told
WHERE EXISTS (SELECT FROM webhook WHERE disabled_at IS NULL AND kind = ANY(events))
GROUP BY kind ORDER BY kind DESC
""".replace("_OUTRUN", _OUTRUN)
)
"""In: doses, versions and identifiers of certificates that come, and are not yet stored.

Another one of the same version is a renewal, and the same one a repetition.
"""
_VERSIONS_JUDGED = sql(
    """
WITH new AS (SELECT * FROM unnest($2::bigint[], $3::smallint[]) AS new (id, version)
    WHERE _IS_WANTED)
INSERT INTO webhook_news (kind, ids) SELECT $1::varchar, array_agg(id ORDER BY id)
FROM (_OUTRUN) AS ended HAVING count(*) > 0
""".replace("_OUTRUN", _OUTRUN).replace("_IS_WANTED", _IS_WANTED)
)
_CERTIFIED = sql("""
SELECT FROM dose_status WHERE dose_id = $1
AND (state = {issued} OR (state = {in_review} AND 'PERSON_CHANGED' = ANY(reasons)))
""")
# one of each webhook a turn: who answers slowly holds up nobody else
_DUE = """
WITH oldest AS (
    SELECT DISTINCT ON (webhook_id) id FROM webhook_delivery WHERE due_at <= $1
    ORDER BY webhook_id, due_at
), taken AS (
    SELECT id FROM webhook_delivery WHERE id IN (SELECT id FROM oldest) AND due_at <= $1
    ORDER BY due_at LIMIT $3 FOR UPDATE SKIP LOCKED
)
UPDATE webhook_delivery AS one SET due_at = $2, tries = tries + 1 FROM taken
WHERE one.id = taken.id RETURNING one.id, one.webhook_id, one.body, one.tries
"""


class NewsRow(NamedTuple):
    """Something that has happened."""

    id: int
    kind: str
    ids: list[int]
    at: datetime


class Whereabouts(NamedTuple):
    """Whose something is: the facility's, and where its person lives."""

    id: int
    facility_code: str
    residence: str


class DueRow(NamedTuple):
    """A message in hand."""

    id: UUID
    webhook_id: int
    body: str
    tries: int


def _wants(kind: str) -> ColumnElement[bool]:
    return literal(kind) == any_(webhook.c.events)


async def note(tx: Transaction, kind: str, ids: Sequence[int]) -> None:
    """Keeps that something has happened, where anybody wants to be told of its kind."""
    await tx.raw.execute(NOTE, kind, list(ids))


async def note_outrun(
    tx: Transaction, kind: str, dose_ids: Sequence[int], versions: Sequence[int]
) -> None:
    """Keeps as news those of these doses of which an older version has its certificate."""
    await tx.raw.execute(_VERSIONS_JUDGED, kind, list(dose_ids), list(versions))


async def was_issued(tx: Transaction, dose_id: DoseId) -> bool:
    """Whether a dose has its certificate."""
    return await tx.raw.fetchrow(_CERTIFIED, dose_id) is not None


async def take_news(tx: Transaction, now: datetime, most: int) -> list[NewsRow]:
    """What is due to be made messages of, oldest first; nobody else has it in hand."""
    query = select(*(webhook_news.c[name] for name in NewsRow._fields)).where(
        webhook_news.c.due_at <= now
    )
    due = query.order_by(webhook_news.c.due_at).limit(most).with_for_update(skip_locked=True)
    return [NewsRow._make(row) for row in await tx.execute(due)]


async def postpone_news(tx: Transaction, news_id: int, due_at: datetime) -> None:
    """Looks at it again then."""
    later = update(webhook_news).where(webhook_news.c.id == news_id).values(due_at=due_at)
    await tx.execute(later)


async def forget_news(tx: Transaction, news_id: int) -> None:
    """It was told."""
    await tx.execute(delete(webhook_news).where(webhook_news.c.id == news_id))


async def listeners(tx: Transaction, kind: str) -> list[WebhookRow]:
    """The webhooks that want to be told of a kind."""
    columns = [webhook.c[name] for name in WebhookRow._fields]
    query = select(*columns).where(webhook.c.disabled_at.is_(None), _wants(kind))
    return [WebhookRow._make(row) for row in await tx.execute(query)]


async def places_of_doses(tx: Transaction, ids: Sequence[int]) -> list[Whereabouts]:
    """Whose these doses are."""
    home = dose.c.province_code + dose.c.district_code + dose.c.commune_code
    query = select(dose.c.id, dose.c.facility_code, home).where(dose.c.id.in_(ids))
    return [Whereabouts._make(row) for row in await tx.execute(query.order_by(dose.c.id))]


async def places_of_complaints(tx: Transaction, ids: Sequence[int]) -> list[Whereabouts]:
    """Whose these complaints are: of the facility or the province that they are told to."""
    query = select(
        complaint.c.id,
        func.coalesce(complaint.c.facility_code, complaint.c.province_code, ""),
        func.coalesce(complaint.c.province_code, ""),
    )
    return [
        Whereabouts._make(row) for row in await tx.execute(query.where(complaint.c.id.in_(ids)))
    ]


async def places_of_supplements(tx: Transaction, ids: Sequence[int]) -> list[Whereabouts]:
    """Whose these supplements are: of the facility that is said to have given the dose."""
    query = select(supplement.c.id, supplement.c.facility_code, supplement.c.residence)
    rows = await tx.execute(query.where(supplement.c.id.in_(ids)).order_by(supplement.c.id))
    return [Whereabouts._make(row) for row in rows]


async def add_message(tx: Transaction, webhook_id: int, kind: str, body: str) -> None:
    """A message to be sent as soon as may be."""
    row = {"webhook_id": webhook_id, "kind": kind, "body": body}
    await tx.execute(insert(webhook_delivery).values(row))


async def take_due(
    tx: Transaction, now: datetime, until: datetime, most: int
) -> list[tuple[DueRow, WebhookRow]]:
    """Takes messages that are due, one of each webhook; nobody else takes them before `until`."""
    due = [DueRow(*row) for row in await tx.raw.fetch(_DUE, now, until, most)]
    columns = [webhook.c[name] for name in WebhookRow._fields]
    query = select(*columns).where(webhook.c.id.in_([one.webhook_id for one in due]))
    hooks = {row.id: row for row in map(WebhookRow._make, await tx.execute(query))}
    return [(one, hooks[one.webhook_id]) for one in due if one.webhook_id in hooks]


async def settle(
    tx: Transaction,
    delivery_id: UUID,
    outcome: str,
    *,
    delivered_at: datetime | None,
    due_at: datetime | None,
) -> None:
    """Keeps what a try came to, and when the next one is."""
    values = {"outcome": outcome, "delivered_at": delivered_at, "due_at": due_at}
    await tx.execute(
        update(webhook_delivery).where(webhook_delivery.c.id == delivery_id).values(values)
    )


async def forget_messages(tx: Transaction, before: datetime) -> None:
    """Forgets messages that were made before then and are not to be tried again."""
    old = (webhook_delivery.c.created_at < before) & webhook_delivery.c.due_at.is_(None)
    await tx.execute(delete(webhook_delivery).where(old))
