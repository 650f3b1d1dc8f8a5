"""What a process of the signer holds."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from services.chassis.db import Database
from services.chassis.encryption import Sealer
from services.chassis.outbox import Outbox
from services.chassis.telemetry import Metrics
from services.chassis.volume import Volumes
from services.signer.domain.claims import Profile
from services.signer.hcert.trust_list import TrustList
from services.signer.keys.ring import Ring
from services.signer.keys.signed_list import SignedList
from services.signer.lookup_queue import LookupCounter
from services.signer.pictures.picture_reader import PictureReader
from services.signer.settings import Settings


@dataclass(slots=True)
class Context:
    """Everything that is opened once.

    `clock` gives the time in UTC, `random` so many random bytes.

    `verifier_list`: what verifiers that work offline were told last.

    Only `trust` is ever replaced: whenever the keys were read again.
    """

    cfg: Settings
    db: Database
    outbox: Outbox
    sealer: Sealer
    ring: Ring
    trust: TrustList
    profile: Profile
    lookups: LookupCounter
    pictures: PictureReader
    verifier_list: SignedList
    metrics: Metrics
    clock: Callable[[], datetime]
    random: Callable[[int], bytes]
    volumes: Volumes
