"""The settings of the signer."""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, Field

from services.chassis.mail import MailSettings
from services.chassis.retention import RetentionSettings
from services.chassis.settings import ServiceSettings, WorkerSettings
from services.chassis.volume import VolumeSettings


class KeysSettings(BaseModel):
    """Where the keys are, and which algorithm signs.

    Without `module`, keys are files in `dir`. With it, they are in a PKCS#11 token: `module` is the
    library to load, `token` its label, `pin_file` the file of its PIN. The labels of our key pairs
    begin with `label`, and `dir` may have certificates. `reread_s`: seconds between two readings,
    each of which finds new keys.
    """

    dir: Path = Path("keys")
    algorithm: Literal["ES256", "PS256"] = "ES256"
    module: Path | None = None
    token: str = "hochieu"  # noqa: S105
    pin_file: Path = Path("keys.pin")
    label: str = "dsc"
    reread_s: float = 60.0


class LookupSettings(BaseModel):
    """How often somebody may ask without a token, in the notation of the `limits` library.

    `per_person`: from one address for one person. `free_per_person`: from all addresses for one
    person; each further one waits longer. `per_mailbox`: letters to one mailbox.

    A code from an office makes the limits of a person void: `codes_per_person` of them are given
    out, and `codes_per_caller` by one member of staff. Each is good for `code_hours`.

    The link of a letter is good for `link_hours`, and once. Who opened it may look again for
    `again_minutes`. `openings_per_address`: how often one address may try a link.

    `counters`: where asks are counted (`async+redis://…` where several processes answer).
    `address_header`: the header in which the proxy in front passes the client's address. Null where
    clients reach the process directly.
    """

    per_address: str = "10 per minute"
    per_person: str = "5 per hour"
    free_per_person: str = "10 per day"
    per_mailbox: str = "5 per day"
    codes_per_person: str = "3 per day"
    codes_per_caller: str = "60 per day"
    code_hours: int = Field(24, ge=1)
    link_hours: int = Field(24, ge=1)
    again_minutes: int = Field(30, ge=1)
    openings_per_address: str = "60 per minute"
    counters: str = "async+memory://"
    address_header: str | None = "X-Forwarded-For"


class VerifySettings(BaseModel):
    """How many pictures to be verified one address may send, in the notation of `limits`.

    Where they are counted, and whose address it is, is said in the settings of look-ups.
    """

    pictures_per_address: str = "60 per minute"


class CertificateSettings(BaseModel):
    """What certificates say and to whom they are due.

    `renew_days`: so many days before it expires a certificate is renewed, but never sooner than
    after half of its life.
    """

    validity_months: int = Field(12, ge=1)
    renew_days: int = Field(30, ge=1)
    min_age: int = 5
    min_doses: int = 1


class TrustSettings(BaseModel):
    """Whom `verify` believes beside this issuer: a file of other countries' document signers, PEM
    or JSON.

    JSON: `[{"kid": base64, "country": "XX", "certificate" or "publicKey": base64, "usage": ["v",
    "t", "r"]}]`; `trust_file` says what each may be. It is read again with the keys. What cannot be
    used is skipped, logged and counted.
    """

    file: Path | None = None


class Settings(ServiceSettings):
    """Beside the common ones: keys, mail, look-ups, verification, certificates, trust, what one
    caller is shown, how long the audit is kept.

    `public_origin` is the address that people know the system by.
    """

    public_origin: str = "http://127.0.0.1:8000"

    # while one batch waits for its commits, another is signed
    worker: WorkerSettings = WorkerSettings(loops=2)
    keys: KeysSettings = KeysSettings()
    mail: MailSettings = MailSettings(sender="Hộ chiếu vắc xin <khong-tra-loi@hochieu.invalid>")
    lookup: LookupSettings = LookupSettings()
    verify: VerifySettings = VerifySettings()
    certificate: CertificateSettings = CertificateSettings()
    trust: TrustSettings = TrustSettings()
    volume: VolumeSettings = VolumeSettings()
    retention: RetentionSettings = RetentionSettings()

    def links(self) -> Mapping[str, str]:
        """As of every service, and the mail server's."""
        return {**super().links(), "MAIL_URL": self.mail.url}
