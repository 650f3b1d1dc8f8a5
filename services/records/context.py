"""What a process of records holds."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from services.chassis.db import Database
from services.chassis.encryption import Sealer
from services.chassis.idempotency import Idempotency
from services.chassis.limits import AmountLimits, RateLimits
from services.chassis.outbox import Outbox
from services.chassis.telemetry import Metrics
from services.chassis.volume import Volumes
from services.records.exports.places import ExportPlaces
from services.records.live.live_places import LivePlaces
from services.records.settings import Settings
from vietnamese.dates import VIET_NAM


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
    exports: ExportPlaces
    live: LivePlaces
    quotas: AmountLimits
    volumes: Volumes
    cards: RateLimits

    def today(self) -> date:
        """The day it is in Viet Nam."""
        return self.clock().astimezone(VIET_NAM).date()
