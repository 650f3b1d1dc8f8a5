"""The inbox: which events a consumer group has handled, so that an event that comes twice works
once.

Its rows are written in the handler's own transaction: state and memory of it are stored together or
not at all.
"""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import Column, DateTime, MetaData, Table, Text, func

from services.chassis.bus import Event
from services.chassis.db import Transaction

_REMEMBER = """
INSERT INTO inbox (consumer, event_id) SELECT $1, unnest($2::text[]) ON CONFLICT
  DO NOTHING RETURNING event_id
"""
_PURGE = "DELETE FROM inbox WHERE time < now() - $1::interval"


def inbox_table(metadata: MetaData) -> Table:
    """The table each service's schema has one of."""
    return Table(
        "inbox",
        metadata,
        Column("consumer", Text, primary_key=True),
        Column("event_id", Text, primary_key=True),
        Column("time", DateTime(timezone=True), nullable=False, server_default=func.now()),
    )


async def first_time(tx: Transaction, group: str, events: Sequence[Event]) -> list[Event]:
    """Those of `events` that `group` has not handled yet, remembered as handled if `tx` commits;
    one round trip.

    A member that handles the same event at the same moment is waited for; the ids are sorted so
    that two such members cannot deadlock.
    """
    ids = sorted({event.id for event in events})
    fresh = {row["event_id"] for row in await tx.raw.fetch(_REMEMBER, group, ids)}
    first = {event.id: event for event in reversed(events) if event.id in fresh}
    return [first.pop(event.id) for event in events if event.id in first]


async def purge(tx: Transaction, older_than: timedelta) -> None:
    """Forgets what was handled longer ago than any event may come again."""
    await tx.raw.execute(_PURGE, older_than)
