"""Users of the event log: each may write and read its own topics, and move its own offsets, alone.

Row level security holds that, with the topics written out in the policies, so that it costs a
comparison an event. The log's owner is not bound by it.
"""

from collections.abc import Collection
from typing import Any

import asyncpg

# in this order: a policy names a table that must have row level security by then
_LOG = """
ALTER TABLE event ENABLE ROW LEVEL SECURITY;
ALTER TABLE consumer_offset ENABLE ROW LEVEL SECURITY;
"""
_GRANTS = """
GRANT SELECT, INSERT ON event TO {member};
GRANT SELECT, INSERT, UPDATE ON consumer_offset TO {member};
GRANT SELECT ON log_made_with TO {member};
"""
_POLICIES = (
    ("event", "writes", "FOR INSERT TO {member} WITH CHECK (topic = ANY ({writes}))"),
    ("event", "reads", "FOR SELECT TO {member} USING (topic = ANY ({reads}))"),
    ("consumer_offset", "works", "TO {member} USING (consumer = ANY ({groups}))"),
    ("consumer_offset", "watches", "FOR SELECT TO {member} USING (consumer = ANY ({watched}))"),
)


async def grant(
    connection: "asyncpg.Connection[Any]",
    member: str,
    *,
    writes: Collection[str],
    reads: Collection[str],
    groups: Collection[str],
    watched: Collection[str],
) -> None:
    """Gives the user `member` these topics and consumer groups, and takes what it had before.

    `connection` is the owner's. Nobody else works on the log meanwhile: its tables are locked.
    """
    words = {
        name: await _array(connection, names)
        for name, names in (
            ("writes", writes),
            ("reads", reads),
            ("groups", groups),
            ("watched", watched),
        )
    }
    words["member"] = await connection.fetchval("SELECT quote_ident($1)", member)
    async with connection.transaction():
        await connection.execute(_LOG + _GRANTS.format(**words))
        for table, name, what in _POLICIES:
            policy = await connection.fetchval("SELECT quote_ident($1)", f"{member}_{name}")
            await connection.execute(f"DROP POLICY IF EXISTS {policy} ON {table}")
            await connection.execute(f"CREATE POLICY {policy} ON {table} {what.format(**words)}")


async def _array(connection: "asyncpg.Connection[Any]", names: Collection[str]) -> str:
    quoted = await connection.fetchval(
        "SELECT string_agg(quote_literal(name), ', ') FROM unnest($1::text[]) AS name",
        sorted(names),
    )
    return f"ARRAY[{quoted or ''}]::text[]"
