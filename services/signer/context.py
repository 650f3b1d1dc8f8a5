"""What a process of the signer holds."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from contracts.passports import read_passport
from services.chassis.db import Database
from services.chassis.encryption import Sealer
from services.chassis.outbox import Outbox
from services.chassis.telemetry import Metrics
from services.signer.hcert.trust_list import TrustList
from services.signer.issuance.prepare import Profile
from services.signer.keys.ring import Ring
from services.signer.pictures.reader import PictureReader
from services.signer.settings import Settings
from services.signer.workers.lookup_queue import LookupCounter
from vietnamese.cells import bare_number
from vietnamese.countries import COUNTRIES


@dataclass(slots=True)
class Context:
    """Everything that is opened once; `clock` tells the time in UTC, `random` gives so many random
    bytes.

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
    metrics: Metrics
    clock: Callable[[], datetime]
    random: Callable[[int], bytes]

    def person_key(self, personal_id: str, passport_number: str = "", nationality: str = "") -> int:
        """The blind index under which a person's certificates are found: by personal ID, or a
        foreigner's by nationality and passport.

        The passport's number alone would not do: countries number alike.
        """
        return self.sealer.blind(
            personal_id or f"passport:{nationality}:{read_passport(passport_number)}"
        )

    def keys_of_number(self, typed: str) -> tuple[int, ...]:
        """The blind indexes of whoever has this number, as personal ID, which is the first, or in a
        passport of any country.
        """
        number = read_passport(bare_number(typed))
        passports = [self.person_key("", number, code) for code in ("", *COUNTRIES)]
        # those that were stored when the number alone was the key
        return self.person_key(number), *passports, self.sealer.blind(f"passport:{number}")
