"""The audit: who looked at what, in which roles and why. One table a service, which only grows.

A look at single records names them; an export is one row with its filter and how many records it
gives. The transaction that reads what is shown writes the row; for a file it does so before the
first byte leaves. Nothing is shown that is not written down. No personal data is kept here:
subjects are ids or blind indexes.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Identity,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    func,
)

from services.chassis.auth import Principal
from services.chassis.db import Transaction, affected

_NOTE = """
INSERT INTO audit (caller, roles, act, purpose, stated, kind, subjects, scope, shown) VALUES ($1,
  $2, $3, $4, $5, $6, $7, $8, $9)
"""
# the oldest rows have the smallest ids: no index by time, and no search where none of them is old
# enough. The year is the trigger's, by the same clock: it must not refuse what it is asked for
_FORGET = """
DELETE FROM audit WHERE id IN (
    SELECT id FROM (SELECT id, at FROM audit ORDER BY id LIMIT $2) AS oldest WHERE at < least($1,
      now() - interval '365 days')
)
"""


def audit_table(metadata: MetaData) -> Table:
    """The table each service's schema has one of; its migration adds the trigger that refuses every
    change.
    """
    return Table(
        "audit",
        metadata,
        Column("id", BigInteger, Identity(always=True), primary_key=True),
        Column("at", DateTime(timezone=True), nullable=False, server_default=func.now()),
        Column("caller", String, nullable=False, comment="subject of the token"),
        Column("roles", ARRAY(String), nullable=False, comment="of the token"),
        Column("act", String, nullable=False),
        Column("purpose", String, nullable=False),
        Column(
            "stated",
            Boolean,
            nullable=False,
            comment="whether the caller gave the purpose, or it followed from the act",
        ),
        Column(
            "kind", String, nullable=False, comment="what the subjects are ids or blind indexes of"
        ),
        Column("subjects", ARRAY(BigInteger), nullable=False),
        Column("scope", String, nullable=False, comment="filter or detail, as codes"),
        Column("shown", Integer, nullable=False, comment="how many records were shown"),
        Index("audit_subjects", "subjects", postgresql_using="gin"),
        Index("audit_caller", "caller", "at"),
    )


class Act(NamedTuple):
    """What was done; `kind`: of what the subjects are; `purpose`: what it is for where the caller
    does not say.
    """

    code: str
    kind: str
    purpose: str


async def note(
    tx: Transaction,
    caller: Principal,
    act: Act,
    subjects: Sequence[int],
    *,
    why: str | None = None,
    scope: str = "",
    shown: int | None = None,
) -> None:
    """Writes down one look; none where nothing was shown. `shown`: how many records, where there
    are not as many as subjects.
    """
    count = len(subjects) if shown is None else shown
    if count:
        roles = sorted(caller.roles)
        purpose, stated = why or act.purpose, why is not None
        await tx.raw.execute(
            _NOTE,
            caller.subject,
            roles,
            act.code,
            purpose,
            stated,
            act.kind,
            list(subjects),
            scope,
            count,
        )


async def forget(tx: Transaction, before: datetime, most: int) -> int:
    """Deletes the oldest rows, up to `most`, of before then; answers how many.

    The trigger lets a row go only where the transaction itself names a day after it, and never one
    that is younger than a year.
    """
    await tx.raw.execute("SELECT set_config('audit.forget_before', $1, true)", before.isoformat())
    return affected(await tx.raw.execute(_FORGET, before, most))
