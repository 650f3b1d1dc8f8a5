"""What records forgets after the days of its settings.

Texts of rejected rows, answered complaints, people of older versions, slips of supplements that are
settled, and its audit.
"""

import json
from datetime import datetime

from services.chassis.db import Database, Transaction
from services.chassis.retention import Retention, of_audit
from services.records.domain.row_error import RowError
from services.records.pipeline.store import retention as store
from services.records.settings import RecordsRetention
from services.records.supplements.rules import OPEN

TEXT_FORGOTTEN = RowError(
    "",
    "TEXT_FORGOTTEN",
    "Nội dung dòng này đã hết thời hạn lưu giữ và được xóa.",
    "The text of this row is no longer kept.",
)
"""Added to the errors by which the row was rejected."""
_FORGOTTEN = json.dumps([TEXT_FORGOTTEN.as_json()])


def retention(db: Database, cfg: RecordsRetention) -> Retention:
    """The chore of one process."""
    steps = (
        (_forget_rows, cfg.rejected_rows_days),
        (store.forget_complaints, cfg.complaints_days),
        (store.forget_persons, cfg.older_versions_days),
        (_SlipRetention().step, cfg.slips_days),
        of_audit(cfg),
    )
    return Retention(db, steps)


class _SlipRetention:
    """Goes through the old supplements, and begins anew at their end."""

    def __init__(self) -> None:
        self._position = 0

    async def step(self, tx: Transaction, before: datetime, most: int) -> int:
        seen, position = await store.forget_slips(tx, before, self._position, most, sorted(OPEN))
        self._position = position if seen == most else 0
        return seen


async def _forget_rows(tx: Transaction, before: datetime, most: int) -> int:
    return await store.forget_rows(tx, before, most, _FORGOTTEN)
