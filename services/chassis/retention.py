"""How long personal data is kept: settings in days, none of them set by default, and the chore that
forgets what is older.

It goes in small transactions, so nobody waits for it, and what a stopped process left the next turn
finds again.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, Field

from services.chassis import audit
from services.chassis.db import Database, Transaction

_AT_ONCE = 1_000
_STEPS = 50  # a turn of the upkeep measures too: what is left waits for the next one

# an empty variable is what a container's file passes on for one that nobody set
_EMPTY = BeforeValidator(lambda days: None if days == "" else days)
Days = Annotated[Annotated[int, Field(ge=1)] | None, _EMPTY]
"""Days after which something is forgotten; None: never."""

Step = Callable[[Transaction, datetime, int], Awaitable[int]]
"""Forgets what is older than a time, up to so many; answers how many it looked at: fewer than that
end the turn.
"""


class RetentionSettings(BaseModel):
    """`audit_days`: the audit itself; whatever is set, no row goes before a year is over."""

    audit_days: Annotated[Annotated[int, Field(ge=365)] | None, _EMPTY] = None


class Retention:
    """What a service forgets: steps, and the days after which."""

    def __init__(self, db: Database, kept: Sequence[tuple[Step, int | None]]) -> None:
        self._db = db
        self._kept = kept

    async def purge(self, now: datetime) -> None:
        """One turn, in bounded steps."""
        for step, days in self._kept:
            if days is not None:
                await self._forget(step, now - timedelta(days=days))

    async def _forget(self, step: Step, before: datetime) -> None:
        for _ in range(_STEPS):
            async with self._db.begin() as tx:
                if await step(tx, before, _AT_ONCE) < _AT_ONCE:
                    return


def of_audit(cfg: RetentionSettings) -> tuple[Step, int | None]:
    """What every service may forget."""
    return audit.forget, cfg.audit_days
