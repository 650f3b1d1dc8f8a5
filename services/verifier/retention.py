"""What the verifier forgets after the days of its settings: settled evidence, page by page, and its
audit.
"""

from datetime import datetime

from contracts.words import ELIGIBLE_GRADES
from services.chassis.db import Database, Transaction
from services.chassis.retention import Retention, of_audit
from services.verifier.settings import VerifierRetention
from services.verifier.store import retention as store

_SETTLED = sorted(ELIGIBLE_GRADES)


def retention(db: Database, cfg: VerifierRetention) -> Retention:
    """The chore of one process."""
    return Retention(db, [(_Evidence().step, cfg.evidence_days), of_audit(cfg)])


class _Evidence:
    """Goes through the old evidence, and begins anew at its end; where it was is forgotten with the
    process.
    """

    def __init__(self) -> None:
        self._place = store.START

    async def step(self, tx: Transaction, before: datetime, most: int) -> int:
        looked_at, place = await store.forget_evidence(tx, before, self._place, most, _SETTLED)
        self._place = place if looked_at == most else store.START
        return looked_at
