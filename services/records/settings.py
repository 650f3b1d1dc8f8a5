"""The settings of records."""

from collections.abc import Mapping
from pathlib import Path
from typing import Self

from pydantic import BaseModel, Field, model_validator

from services.chassis.mail import MailSettings
from services.chassis.retention import Days, RetentionSettings
from services.chassis.settings import ServiceSettings
from services.chassis.volume import VolumeSettings
from services.records.histories.rules import Spacing


class ComplaintSettings(BaseModel):
    """How often somebody may complain, and how many confirmations one mailbox gets.

    Limits are in the notation of the library `limits`.

    `per_key_sender`: requests with an `Idempotency-Key` of one address or person, those that are
    answered as before included. `asks_per_address`: whatever comes from one address, also what is
    refused; it is counted before a body is read. `counters`: where complaints are counted
    (`async+redis://…` where several processes answer). `address_header`: the header in which the
    proxy in front tells the client's address; null where clients reach the process directly.
    """

    per_address: str = "10 per hour"
    per_person: str = "10 per day"
    per_mailbox: str = "5 per day"
    per_key_sender: str = "60 per hour"
    asks_per_address: str = "300 per hour"
    counters: str = "async+memory://"
    address_header: str | None = "X-Forwarded-For"


class ExportSettings(BaseModel):
    """How many files a process gives at a time: `per_caller` and `at_once` in all.

    `pages_at_once`: how many of these may read from the database at a time.
    """

    per_caller: int = Field(3, ge=1)
    at_once: int = Field(64, ge=1)
    pages_at_once: int = Field(3, ge=1)


class LiveSettings(BaseModel):
    """How batches are watched as they move: streams that a process tells, `per_caller` and
    `at_once` in all.

    Seconds: `look_s` between two looks at least, `heartbeat_s` until a sign of life. After
    `longest_s` a stream ends, and its client comes back. `looks_at_once`: how many may read from
    the database at a time.
    """

    per_caller: int = Field(10, ge=1)
    at_once: int = Field(40, ge=1)
    looks_at_once: int = Field(2, ge=1)
    look_s: float = Field(0.5, ge=0.01)
    heartbeat_s: float = Field(15, ge=0.01)
    longest_s: float = Field(300, ge=0)


class WebhookSettings(BaseModel):
    """How apps are told at addresses of theirs.

    `per_caller`: how many webhooks one facility or subject may have. `timeout_s`: how long one try
    may take. `allow_loopback`: this machine's own addresses, and http, are no danger here: a trial,
    never production.
    """

    per_caller: int = Field(10, ge=1)
    timeout_s: float = Field(5, gt=0, le=60)
    allow_loopback: bool = False


class UploadSettings(BaseModel):
    """How much one sender may send, in the notation of the library `limits`.

    A sender is a facility, whoever works there, or else the token's subject; a program has limits
    of its own. `rejected_…`: rows that are rejected. `bytes_…`: of files, unpacked. `counters`:
    where they are counted (`async+redis://…` where several processes answer).
    """

    rejected_per_sender: str = "200000 per day"
    bytes_per_sender: str = "10000000000 per day"
    rejected_per_program: str = "50000000 per day"
    bytes_per_program: str = "1000000000000 per day"
    counters: str = "async+memory://"


class AcceptanceSettings(BaseModel):
    """How many cards that do not fit may be shown for one suggestion, and by one sender.

    In the notation of the library `limits`. `counters`: where they are counted
    (`async+redis://…` where several processes answer).
    """

    wrong_per_dose: str = "5 per day"
    wrong_per_sender: str = "100 per day"
    counters: str = "async+memory://"


class HistorySettings(BaseModel):
    """Days that must lie between a dose and an additional one, or a booster, after it.

    A shorter interval is a warning; 0: none.

    Assumed: the ministry's guidance of 2022 has three months between the primary course and a
    booster. An additional dose may follow after four weeks. It was changed more than once.
    """

    additional_days: int = Field(28, ge=0, le=3650)
    booster_days: int = Field(90, ge=0, le=3650)

    @property
    def spacing(self) -> Spacing:
        """As the rules take it."""
        return Spacing(self.additional_days, self.booster_days)


class SupplementSettings(BaseModel):
    """What holds of doses that stations record from slips.

    `contest_days`: how long the facility that gave a dose may contest it (assumed).
    `issue_before_answer`: whether a certificate may follow before the facility has answered.
    """

    contest_days: int = Field(7, ge=1, le=90)
    issue_before_answer: bool = False


class RecordsRetention(RetentionSettings):
    """`rejected_rows_days`: the text of rejected rows, from their upload. `complaints_days`: what
    was said in a complaint, from its answer.

    `older_versions_days`: the person of a dose's older versions, from when they were replaced.
    `slips_days`: pictures of slips and what a facility said, from the end of the time to contest,
    or from the ruling.
    """

    rejected_rows_days: Days = None
    complaints_days: Days = None
    older_versions_days: Days = None
    slips_days: Days = None


class Settings(ServiceSettings):
    """The settings of records alone, beside the common ones.

    `max_upload_bytes`: how large an upload may be. `facilities_file`: one 5-digit code a line;
    without it the form of a code decides. `public_origin`: the address that people know the system
    by.
    """

    max_upload_bytes: int = 180_000_000
    facilities_file: Path | None = None
    complaint: ComplaintSettings = ComplaintSettings()
    export: ExportSettings = ExportSettings()
    live: LiveSettings = LiveSettings()
    upload: UploadSettings = UploadSettings()
    webhook: WebhookSettings = WebhookSettings()
    volume: VolumeSettings = VolumeSettings()
    history: HistorySettings = HistorySettings()
    supplement: SupplementSettings = SupplementSettings()
    acceptance: AcceptanceSettings = AcceptanceSettings()
    mail: MailSettings = MailSettings(sender="Hộ chiếu vắc xin <khong-tra-loi@hochieu.invalid>")
    retention: RecordsRetention = RecordsRetention()
    public_origin: str = "http://127.0.0.1:8000"

    @model_validator(mode="after")
    def _tells_nobody_inside(self) -> Self:
        if self.environment == "production" and self.webhook.allow_loopback:
            raise ValueError("WEBHOOK_ALLOW_LOOPBACK is for trials, not for production")
        return self

    def links(self) -> Mapping[str, str]:
        """As of every service, and the mail server's."""
        return {**super().links(), "MAIL_URL": self.mail.url}

    def facilities(self) -> frozenset[str]:
        """The codes of the facilities file; empty where none is given."""
        if self.facilities_file is None:
            return frozenset()
        return frozenset(
            line.strip() for line in self.facilities_file.read_text().splitlines() if line.strip()
        )
