"""All SQL of the audit: each database is read in one snapshot, through server-side cursors, in the
order of its primary key.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, NamedTuple

import asyncpg

from deploy.audit.chain import Link
from deploy.audit.merge import Row
from deploy.audit.rules import Certificate, Dose, Verification
from services.chassis.audit_chain import COLUMNS
from services.chassis.db import plain_dsn

_PREFETCH = 20_000

# on the worklist as people see it: under an eligible grade stands what the signer refused, for as
# long as it does
DOSES = """
SELECT dose.id, dose.version, coalesce(status.state, 'pending'), status.grade, status.uvci,
  status.refusal, problem.dose_id IS NOT NULL,
       coalesce('PERSON_CHANGED' = ANY(status.reasons), false)
FROM dose
LEFT JOIN dose_status AS status ON status.dose_id = dose.id AND status.version = dose.version
LEFT JOIN problem ON problem.dose_id = dose.id AND problem.version = dose.version
    AND (problem.grade NOT IN ('exact', 'equivalent', 'repaired',
      'exempt') OR status.refusal IS NOT NULL)
WHERE dose.id BETWEEN $1 AND $2
ORDER BY dose.id
"""
VERIFICATIONS = """
SELECT dose_id, version, grade FROM verification WHERE dose_id BETWEEN $1 AND $2
ORDER BY dose_id, version
"""
CERTIFICATES = """
SELECT intent.dose_id, intent.version, intent.edition, intent.uvci, signature.dose_id IS NOT NULL,
  intent.expires_at < now()
FROM intent
LEFT JOIN signature
    ON signature.dose_id = intent.dose_id AND signature.version = intent.version
    AND signature.edition = intent.edition
WHERE NOT EXISTS (SELECT 1 FROM revocation WHERE revocation.uvci = intent.uvci)
AND intent.dose_id BETWEEN $1 AND $2
ORDER BY intent.dose_id, intent.version, intent.edition
"""
# An accepted row points to its dose in three ways (see records' store); a dose has one state at a
# time, so the sum over states is the number of doses that are pointed to.
_BATCHES = """
WITH standing AS (
    SELECT batch_id, count(*) AS doses FROM dose GROUP BY 1
    UNION ALL SELECT old.batch_id, count(*) FROM dose_history AS old JOIN dose
    ON dose.id = old.dose_id GROUP BY 1
    UNION ALL SELECT same.batch_id, count(*) FROM batch_row AS same JOIN dose
    ON dose.id = same.dose_id
    WHERE same.outcome = 'unchanged' GROUP BY 1
), told AS (
    SELECT batch_id, count(*) AS rows FROM batch_row WHERE outcome = 'rejected' GROUP BY 1
)
SELECT batch.id, received, accepted, rejected, coalesce(sum(standing.doses),
  0)::bigint AS standing, coalesce(max(told.rows), 0) AS told
FROM batch LEFT JOIN standing ON standing.batch_id = batch.id LEFT JOIN told
  ON told.batch_id = batch.id
GROUP BY batch.id
"""
OFF_BATCHES = f"""
SELECT id, received, accepted, rejected, standing, told FROM ({_BATCHES}) AS counted
WHERE received <> accepted + rejected OR accepted <> standing OR rejected <> told ORDER BY id
"""  # noqa: S608


_COLUMNS = ", ".join(f"audit.{name}" for name in COLUMNS)
LINKS = f"""
SELECT chain.position, chain.hash, audit.id IS NOT NULL, {_COLUMNS}
FROM audit_chain AS chain LEFT JOIN audit ON audit.id = chain.audit_id
WHERE chain.position >= $1 ORDER BY chain.position
"""  # noqa: S608
UNCHAINED = """
audit WHERE NOT EXISTS (SELECT 1 FROM audit_chain WHERE audit_chain.audit_id = audit.id)
"""


# of uploads that came in the last hours; ids are given in blocks, so that a few older doses are
# above it as well
_RECENT = """
WITH last AS (SELECT coalesce(max(id), 0) AS id FROM dose)
SELECT greatest(last.id - $2, coalesce(
    (SELECT min(dose.id) FROM dose WHERE batch_id >= (SELECT min(id) FROM batch
    WHERE created_at > now() - $1::interval)), last.id + 1
)) FROM last
"""


class Span(NamedTuple):
    """Doses from one id to another, both among them; by default all."""

    first: int = -(2**63)
    last: int = 2**63 - 1


EVERY = Span()


class Snapshot:
    """One database as it stood at one moment."""

    def __init__(self, connection: "asyncpg.Connection[Any]") -> None:
        self._connection = connection

    @classmethod
    @asynccontextmanager
    async def of(cls, url: str) -> AsyncIterator["Snapshot"]:
        """Reads `url` without changing anything."""
        connection = await asyncpg.connect(
            plain_dsn(url),
            timeout=10,
            server_settings={"application_name": "audit", "statement_timeout": "0"},
        )
        try:
            async with connection.transaction(isolation="repeatable_read", readonly=True):
                yield cls(connection)
        finally:
            await connection.close()

    async def rows(self, query: str, *given: Any) -> AsyncIterator[Any]:
        """The rows of a query as they come, a page of them in memory."""
        async for row in self._connection.cursor(query, *given, prefetch=_PREFETCH):
            yield row

    async def recent(self, age: timedelta, most: int) -> int:
        """Of records, the id from which on doses came in less than `age` ago; no more than about
        `most` of them.
        """
        return int(await self._connection.fetchval(_RECENT, age, most))

    async def last_dose(self) -> int:
        """Of records, the highest id."""
        return int(await self._connection.fetchval("SELECT coalesce(max(id), 0) FROM dose"))

    async def count(self, table: str) -> int:
        """The rows of a table, or of those that fit a condition behind its name."""
        return int(await self._connection.fetchval(f"SELECT count(*) FROM {table}"))  # noqa: S608


async def doses(records: Snapshot, span: Span = EVERY) -> AsyncIterator[Row]:
    """Every dose at its current version."""
    async for row in records.rows(DOSES, *span):
        yield Dose(*row)


async def verifications(verifier: Snapshot, span: Span = EVERY) -> AsyncIterator[Row]:
    """Every verification, whatever its version."""
    async for row in verifier.rows(VERIFICATIONS, *span):
        yield Verification(*row)


async def certificates(signer: Snapshot, span: Span = EVERY) -> AsyncIterator[Row]:
    """What was to be signed and is not revoked."""
    async for row in signer.rows(CERTIFICATES, *span):
        yield Certificate(*row)


async def links(snapshot: Snapshot, start: int) -> AsyncIterator[Link]:
    """The chain of a service's audit, from a position on."""
    async for position, digest, present, *row in snapshot.rows(LINKS, start):
        yield Link(position, digest, row if present else None)
