"""The audit: who looked at what, in which roles and why. One table a service, which only grows.

A look at single records names them; an export is one row with its filter and how many records it
gives. The transaction that reads what is shown writes the row; for a file it does so before the
first byte leaves. Nothing is shown that is not written down. No personal data is kept here:
subjects are ids or blind indexes. The service's user may read and add rows, and no more
(`database_rights`); a chain shows what anybody else changed (`audit_chain`).
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

from services.chassis.audit_chain import chain_table
from services.chassis.auth import Principal
from services.chassis.db import Transaction

_NOTE = """
INSERT INTO audit (caller, roles, act, purpose, stated, kind, subjects, scope, shown) VALUES ($1,
  $2, $3, $4, $5, $6, $7, $8, $9)
"""
_FORGET = "SELECT audit_forget($1, $2)"


def audit_table(metadata: MetaData) -> Table:
    """The table each service's schema has one of, with its chain beside it.

    Its migrations add the triggers that refuse every change and append to the chain.
    """
    chain_table(metadata)
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

    A function of the owner's does it, for nobody else may delete: whatever it is asked, it keeps
    what is younger than a year.
    """
    return int(await tx.raw.fetchval(_FORGET, before, most))
