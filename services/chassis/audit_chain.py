"""The audit's hash chain: each row is bound to all rows before it, so that a change shows.

When a transaction commits, a trigger of the owner's appends (position, row, hash) to `audit_chain`.
A hash is SHA-256 over the one before it, the position, and the row as a JSON list. Rows that the
law lets go leave an anchor: the last position that went keeps its hash, and the chain goes on from
there.
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Final

from sqlalchemy import BigInteger, Column, LargeBinary, MetaData, Table

COLUMNS: Final = (
    "id", "at", "caller", "roles", "act", "purpose", "stated", "kind", "subjects", "scope", "shown",
)  # fmt: skip
"""What a hash covers of a row, in this order."""
FORGOT: Final = "audit_forget"
"""The act under which the chain itself says that its oldest rows went, and at which hash."""


def chain_table(metadata: MetaData) -> Table:
    """The chain of a service's audit."""
    return Table(
        "audit_chain",
        metadata,
        Column("position", BigInteger, primary_key=True, autoincrement=False),
        Column("audit_id", BigInteger, nullable=False, unique=True),
        Column("hash", LargeBinary, nullable=False, comment="SHA-256"),
    )


def link(previous: bytes, position: int, row: Sequence[object]) -> bytes:
    """The hash at `position` of a row (its `COLUMNS`), after the hash `previous` (none: empty).

    It computes what `audit_link` in the database does, without believing the database.
    """
    values = [
        value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        if isinstance(value, datetime)
        else value
        for value in row
    ]
    text = json.dumps(values, ensure_ascii=False)
    return sha256(previous + f"{position} {text}".encode()).digest()


# Migrations ran what follows: it is never changed, a later migration replaces it.
# Every function names its schema, for a caller's search_path must not choose the tables.
_TEXT = """
CREATE FUNCTION audit_text(entry audit) RETURNS text LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp AS $$
    SELECT jsonb_build_array(
        entry.id, to_char(entry.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
        entry.caller, to_jsonb(entry.roles), entry.act, entry.purpose, entry.stated, entry.kind,
        to_jsonb(entry.subjects), entry.scope, entry.shown)::text
$$
"""
_LINK = """
CREATE FUNCTION audit_link(previous bytea, place bigint, entry audit) RETURNS bytea
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT sha256(previous || convert_to(place || ' ' || public.audit_text(entry), 'UTF8'))
$$
"""
# it runs when the transaction commits, so that the lock is held no longer than the commit takes
_CHAINED = """
CREATE FUNCTION audit_chained() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE head public.audit_chain;
BEGIN
    PERFORM pg_advisory_xact_lock(4206202211);
    SELECT * INTO head FROM public.audit_chain ORDER BY position DESC LIMIT 1;
    INSERT INTO public.audit_chain (position, audit_id, hash) VALUES (
        coalesce(head.position, 0) + 1, NEW.id,
        public.audit_link(coalesce(head.hash, ''), coalesce(head.position, 0) + 1, NEW));
    RETURN NULL;
END $$
"""
_TRIGGER = (
    "CREATE CONSTRAINT TRIGGER audit_is_chained AFTER INSERT ON audit DEFERRABLE INITIALLY DEFERRED"
    " FOR EACH ROW EXECUTE FUNCTION audit_chained()"
)
# rows of before the chain: in the order of their ids
_EARLIER = """
DO $$
DECLARE entry audit; place bigint := 0; previous bytea := '';
BEGIN
    FOR entry IN SELECT * FROM audit ORDER BY id LOOP
        place := place + 1;
        previous := audit_link(previous, place, entry);
        INSERT INTO audit_chain (position, audit_id, hash) VALUES (place, entry.id, previous);
    END LOOP;
END $$
"""
# The year is this function's own, whatever it is asked. A row that is missing stops it: that must
# stay to be seen. What went is itself a row of the audit.
_FORGET = """
CREATE FUNCTION audit_forget(before timestamptz, most integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    oldest constant timestamptz := least(before, now() - interval '365 days');
    last public.audit_chain;
    gone integer;
BEGIN
    PERFORM pg_advisory_xact_lock(4206202211);
    SELECT chain.* INTO last FROM (
        SELECT position, bool_and(past) OVER up_to_here
            AND count(id) OVER up_to_here <= most AS goes
        FROM (
            SELECT chain.position, entry.id,
                coalesce(entry.at < oldest, row_number() OVER (ORDER BY position) = 1) AS past
            FROM (SELECT * FROM public.audit_chain ORDER BY position LIMIT most + 1) AS chain
            LEFT JOIN public.audit AS entry ON entry.id = chain.audit_id
        ) AS each_row WINDOW up_to_here AS (ORDER BY position)
    ) AS judged JOIN public.audit_chain AS chain USING (position)
    WHERE judged.goes ORDER BY position DESC LIMIT 1;
    PERFORM set_config('audit.forget_before', oldest::text, true);
    DELETE FROM public.audit WHERE id IN (
        SELECT audit_id FROM public.audit_chain WHERE position <= last.position);
    GET DIAGNOSTICS gone = ROW_COUNT;
    IF gone > 0 THEN
        DELETE FROM public.audit_chain WHERE position < last.position;
        INSERT INTO public.audit
            (caller, roles, act, purpose, stated, kind, subjects, scope, shown)
        VALUES ('retention', '{}', 'audit_forget', 'operation', false, 'audit',
            ARRAY[last.position], 'hash=' || encode(last.hash, 'hex'), gone);
    END IF;
    RETURN gone;
END $$
"""
CHAINED: Final = (
    "CREATE TABLE audit_chain (position bigint CONSTRAINT audit_chain_pkey PRIMARY KEY,"
    " audit_id bigint NOT NULL CONSTRAINT audit_chain_audit_id_key UNIQUE, hash bytea NOT NULL)",
    "COMMENT ON COLUMN audit_chain.hash IS 'SHA-256'",
    _TEXT,
    _LINK,
    _CHAINED,
    _TRIGGER,
    _EARLIER,
    _FORGET,
    "REVOKE EXECUTE ON FUNCTION audit_forget(timestamptz, integer) FROM PUBLIC",
)
"""What the migration runs that begins the chain."""
UNCHAINED: Final = (
    "DROP FUNCTION audit_forget(timestamptz, integer)",
    "DROP TRIGGER audit_is_chained ON audit",
    "DROP FUNCTION audit_chained()",
    "DROP FUNCTION audit_link(bytea, bigint, audit)",
    "DROP FUNCTION audit_text(audit)",
    "DROP TABLE audit_chain",
)
"""What takes it back."""
