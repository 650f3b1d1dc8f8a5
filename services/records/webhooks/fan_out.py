"""Makes messages of what has happened: one for each webhook that wants it and whose reach covers
it.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from contracts.access import Reach
from contracts.ids import BatchId
from services.chassis.db import Transaction
from services.records.context import Context
from services.records.disclosure.visibility import covers_batch
from services.records.uploads import store as batches
from services.records.uploads.routes import shown
from services.records.webhooks.rules import WebhookEvent, body_of
from services.records.webhooks.store import news
from services.records.webhooks.store.hooks import WebhookRow
from services.records.webhooks.store.news import NewsRow

_AT_ONCE: Final = 50
_PLACES: Final = {
    WebhookEvent.COMPLAINT_ANSWERED: news.places_of_complaints,
    WebhookEvent.SUPPLEMENT_RECORDED: news.places_of_supplements,
}
"""Whose something is; of other kinds that of their doses."""
_SOONEST, _LATEST = timedelta(seconds=1), timedelta(minutes=1)


async def tell(context: Context) -> bool:
    """Makes messages of what is due; False where nothing was."""
    now = context.clock()
    async with context.db.begin() as tx:
        due = await news.take_news(tx, now, _AT_ONCE)
        for one in due:
            if one.kind == WebhookEvent.BATCH_FINISHED and not await _is_settled(tx, one):
                await news.postpone_news(tx, one.id, now + _until_next_look(one, now))
                continue
            for hook in await news.listeners(tx, one.kind):
                if ids := await _covered(tx, hook, one):
                    body = body_of(WebhookEvent(one.kind), ids, one.at)
                    await news.add_message(tx, hook.id, one.kind, body)
            await news.forget_news(tx, one.id)
    return bool(due)


def reach_from(tokens: Sequence[str]) -> Reach:
    """A reach as it was kept."""
    return Reach(
        everything="*" in tokens,
        facilities=tuple(token[1:] for token in tokens if token.startswith("f")),
        residences=tuple(token[1:] for token in tokens if token.startswith("r")),
    )


async def _is_settled(tx: Transaction, one: NewsRow) -> bool:
    batch = await batches.read_batch(tx, BatchId(one.ids[0]))
    return batch is None or (await shown(tx, batch)).settled


def _until_next_look(one: NewsRow, now: datetime) -> timedelta:
    """A quarter of the time that has gone by: what takes long is looked at seldom."""
    return min(max((now - one.at) / 4, _SOONEST), _LATEST)


async def _covered(tx: Transaction, hook: WebhookRow, one: NewsRow) -> list[int]:
    """What of it the webhook may hear of."""
    reach = reach_from(hook.reach)
    if one.kind == WebhookEvent.BATCH_FINISHED:
        batch = await batches.read_batch(tx, BatchId(one.ids[0]))
        may = batch is not None and covers_batch(reach, hook.registered_by, batch)
        return one.ids if may else []
    if reach.everything:
        return one.ids
    places_of = _PLACES.get(WebhookEvent(one.kind), news.places_of_doses)
    places = await places_of(tx, one.ids)
    return [place.id for place in places if reach.covers(place.facility_code, place.residence)]
