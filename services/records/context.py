"""What a process of records holds."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from contracts.dates import VIET_NAM
from services.chassis.db import Database
from services.chassis.idempotency import Idempotency
from services.chassis.limits import RateLimits
from services.chassis.outbox import Outbox
from services.chassis.seal import Sealer
from services.chassis.telemetry import Metrics
from services.records.settings import Settings


@dataclass(frozen=True, slots=True)
class Context:
    """Everything that is opened once; `clock` tells the time in UTC."""

    cfg: Settings
    db: Database
    outbox: Outbox
    sealer: Sealer
    idempotency: Idempotency
    metrics: Metrics
    facilities: frozenset[str]
    clock: Callable[[], datetime]
    complaints: RateLimits

    def today(self) -> date:
        """The day it is in Viet Nam."""
        return self.clock().astimezone(VIET_NAM).date()
