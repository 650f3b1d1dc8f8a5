"""What a process of the verifier shares."""

from dataclasses import dataclass

from services.chassis.db import Database
from services.chassis.encryption import Sealer
from services.chassis.idempotency import Idempotency
from services.chassis.outbox import Outbox
from services.chassis.telemetry import Metrics
from services.chassis.volume import Volumes
from services.verifier.enumeration_limits import EnumerationLimits
from services.verifier.guardian_lookups import GuardianLookups
from services.verifier.registry import Registry


@dataclass(frozen=True, slots=True)
class Context:
    """Everything that is opened once."""

    db: Database
    outbox: Outbox
    registry: Registry
    guardians: GuardianLookups
    enumeration: EnumerationLimits
    sealer: Sealer
    idempotency: Idempotency
    metrics: Metrics
    volumes: Volumes
