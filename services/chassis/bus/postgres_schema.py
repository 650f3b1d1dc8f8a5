"""The event log's tables and its functions; the log belongs to the adapter alone, so the
adapter makes them itself.
"""

from typing import Any

import asyncpg

from services.chassis.bus.codec import number

# The primary key starts with topic and partition, and no index is on the position alone: a reader
# that waits on a quiet topic must never walk through the events of a busy one. Values are zstd
# already, so PostgreSQL need not try to compress them.
_TABLES = """
CREATE TABLE event (
    position  bigint GENERATED ALWAYS AS IDENTITY,
    partition smallint NOT NULL,
    topic     text NOT NULL,
    id        text NOT NULL,
    type      text NOT NULL,
    source    text NOT NULL,
    key       text NOT NULL,
    time      timestamptz NOT NULL,
    stored_at timestamptz NOT NULL DEFAULT now(),
    headers   jsonb NOT NULL,
    value     bytea NOT NULL,
    PRIMARY KEY (topic, partition, position)
);
ALTER TABLE event ALTER COLUMN value SET STORAGE EXTERNAL;
CREATE TABLE consumer_offset (
    consumer  text NOT NULL,
    topic     text NOT NULL,
    partition smallint NOT NULL,
    position  bigint NOT NULL,
    PRIMARY KEY (consumer, topic, partition)
);
CREATE TABLE log_made_with (partitions smallint NOT NULL);
"""

# Locks first, positions second: see EventLog. One statement is the whole transaction, so a
# publisher that is killed or stopped between two packets cannot keep the locks.
_APPEND = """
CREATE FUNCTION append_events(
    locks bigint[], channels text[], topics text[], partitions smallint[], ids text[],
    types text[], sources text[], keys text[],
    times timestamptz[], headers text[], contents bytea[]
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    one bigint;
BEGIN
    FOREACH one IN ARRAY locks LOOP
        PERFORM pg_advisory_xact_lock(one);
    END LOOP;
    INSERT INTO event (topic, partition, id, type, source, key, time, headers, value)
    SELECT e.topic, e.partition, e.id, e.type, e.source, e.key, e.time, e.headers::jsonb, e.content
    FROM unnest(topics, partitions, ids, types, sources, keys, times, headers, contents)
        AS e(topic, partition, id, type, source, key, time, headers, content);
    PERFORM pg_notify(channel, '') FROM unnest(channels) AS channel;
END
$$;
"""

# With the owner's rights: a user of the log sees its own offsets alone, and an event is only gone
# when every group has read it. The oldest events come first, so that looking stops at the first
# slice that is still young.
_PURGE = """
CREATE FUNCTION purge_events(in_topic text, in_partition integer, keep interval, slice integer)
RETURNS bigint LANGUAGE sql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
    WITH gone AS (
        DELETE FROM event WHERE topic = in_topic AND partition = in_partition AND position IN (
            SELECT position FROM (
                SELECT position, stored_at FROM event
                WHERE topic = in_topic AND partition = in_partition
                AND position <= coalesce((SELECT min(position) FROM consumer_offset
                WHERE topic = in_topic AND partition = in_partition), 9223372036854775807)
                ORDER BY position LIMIT slice
            ) AS oldest
            WHERE stored_at < now() - keep
        ) RETURNING 1
    )
    SELECT count(*) FROM gone
$$;
"""
_LACKS_PURGE = "SELECT to_regproc('purge_events') IS NULL"


async def make_log(
    connection: "asyncpg.pool.PoolConnectionProxy[Any] | asyncpg.Connection[Any]", partitions: int
) -> int:
    """Makes the log where there is none yet, one process at a time; answers the number of
    partitions it was made with.
    """
    async with connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock($1)", number("make"))
        if await connection.fetchval("SELECT to_regclass('log_made_with')") is None:
            await connection.execute(_TABLES + _APPEND)
            await connection.execute("INSERT INTO log_made_with VALUES ($1)", partitions)
        # a log of an earlier release has none
        if await connection.fetchval(_LACKS_PURGE):
            await connection.execute(_PURGE)
        return int(await connection.fetchval("SELECT partitions FROM log_made_with"))
