"""What the verifier forgets after the days of its settings.

That is settled evidence and what was said of settled cases, page by page, and its audit.
"""

from datetime import datetime

from contracts.words import ELIGIBLE_GRADES
from services.chassis.db import Database, Transaction
from services.chassis.retention import Retention, of_audit
from services.verifier.casework import WAITING
from services.verifier.settings import VerifierRetention
from services.verifier.store import retention as store

_SETTLED = sorted(ELIGIBLE_GRADES)


def retention(db: Database, cfg: VerifierRetention) -> Retention:
    """The retention of one process."""
    steps = (
        (_EvidenceRetention().step, cfg.evidence_days),
        (_ThreadRetention().step, cfg.threads_days),
        of_audit(cfg),
    )
    return Retention(db, steps)


class _EvidenceRetention:
    """Goes through the old evidence, and begins anew at its end.

    A new process begins at the start.
    """

    def __init__(self) -> None:
        self._position = store.START

    async def step(self, tx: Transaction, before: datetime, most: int) -> int:
        seen, position = await store.forget_evidence(tx, before, self._position, most, _SETTLED)
        self._position = position if seen == most else store.START
        return seen


class _ThreadRetention:
    """Goes through the old messages, and begins anew at their end."""

    def __init__(self) -> None:
        self._position = 0

    async def step(self, tx: Transaction, before: datetime, most: int) -> int:
        seen, position = await store.forget_messages(tx, before, self._position, most, WAITING)
        self._position = position if seen == most else 0
        return seen
