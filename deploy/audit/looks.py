"""Who looked at what, of the audits of the three services: one list, newest first."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import asyncpg

from services.chassis.db import plain_dsn

# a page ends with all that was written down in the same instant as its last row, so that the next
# one begins before that
_LOOKS = """
SELECT at, caller, roles, act, purpose, stated, kind, subjects, scope, shown FROM audit
WHERE ($1::timestamptz IS NULL OR at < $1) AND ($2::text IS NULL OR caller = $2)
AND ($3::bigint[] IS NULL OR (kind = $4 AND subjects && $3))
ORDER BY at DESC FETCH FIRST $5 ROWS WITH TIES
"""
# an export of a batch names the batch: one that brought any version of the dose may have shown it
_BATCHES = """
SELECT batch_id FROM dose WHERE id = $1 UNION SELECT batch_id FROM dose_history WHERE dose_id = $1
"""


class Look(NamedTuple):
    """One look, in the words of the audit; `service` is the one whose data was shown."""

    service: str
    at: datetime
    caller: str
    roles: Sequence[str]
    act: str
    purpose: str
    stated: bool
    kind: str
    subjects: Sequence[int]
    scope: str
    shown: int


class Wanted(NamedTuple):
    """Which looks: of one caller, at one dose (its case and certificates too), or at one complaint;
    `before`: older than that.
    """

    caller: str | None = None
    dose: int | None = None
    complaint: int | None = None
    before: datetime | None = None


async def looks(databases: Mapping[str, str], wanted: Wanted, limit: int) -> list[Look]:
    """The newest `limit` looks of all services, and those of the same instant as the last of
    them.
    """
    kinds = {
        kind: [id]
        for kind, id in (("dose", wanted.dose), ("complaint", wanted.complaint))
        if id is not None
    }
    if wanted.dose is not None:
        kinds["batch"] = [
            row["batch_id"] for row in await _rows(databases["records"], _BATCHES, wanted.dose)
        ]
    found: list[Look] = []
    for service, url in databases.items():
        for kind, subjects in kinds.items() or [("", None)]:
            rows = await _rows(url, _LOOKS, wanted.before, wanted.caller, subjects, kind, limit)
            found += [Look(service, *row) for row in rows]
    found.sort(key=lambda look: look.at, reverse=True)
    if len(found) <= limit:
        return found
    return [look for look in found if look.at >= found[limit - 1].at]


async def _rows(url: str, query: str, *given: Any) -> list[Any]:
    connection = await asyncpg.connect(
        plain_dsn(url), timeout=10, server_settings={"application_name": "audit-log"}
    )
    try:
        return list(await connection.fetch(query, *given))
    finally:
        await connection.close()
