"""Which bus a process uses."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, Field, SecretStr, field_validator
from sqlalchemy.engine import make_url

DLQ_SUFFIX = ".dlq"
REPLAYED = "/replayed"
"""What people's replay of a dead letter puts behind the event's id."""
DLQ_GROUP = "dlq"
"""The group of the people who look after dead letters."""
_READ_HOURS = 72
"""How long the event log keeps what every group has read, to be looked at."""
_HOUR_S = 3600


class BusSettings(BaseModel):
    """`url` is `postgresql://user:password@host/bus` (the embedded event log) or
    `kafka://host:port,host2:port` (Apache Kafka).

    `partitions` bounds how many members of a group work at the same time; the event log keeps the
    number it was made with. `retention_hours`: after that Kafka deletes an event whoever has read
    it, so it must be longer than any reader may be away. The event log waits for its readers, and
    keeps what all of them have read for three days at most. The fields from `replication` to
    `password_file` are Kafka's alone. `password_file`: holds the password, where `password` does
    not. `signing_key_file`: PEM of the key that signs this service's events. `writers_file`: a JWK
    set of all writers' public keys. `signatures`: `observed` only while a release that does not
    sign is replaced.
    """

    url: SecretStr
    partitions: int = 8
    # that an event was handled is known for 60 days (`upkeep`): none may come again after that
    retention_hours: int = Field(24 * 30, ge=1, lt=24 * 60)
    dead_letter_hours: int = 24 * 90
    replication: int = 1
    tls: bool = False
    ca_file: str | None = None
    cert_file: str | None = None
    key_file: str | None = None
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] | None = None
    username: str | None = None
    password: SecretStr | None = None
    password_file: Path | None = None
    signing_key_file: Path | None = None
    writers_file: Path | None = None
    signatures: Literal["required", "observed"] = "required"

    @field_validator("url")
    @classmethod
    def _known_scheme(cls, url: SecretStr) -> SecretStr:
        if not url.get_secret_value().startswith(("postgresql://", "kafka://")):
            raise ValueError("must start with postgresql:// or kafka://")
        return url

    @property
    def is_kafka(self) -> bool:
        """Whether the bus is Apache Kafka."""
        return self.url.get_secret_value().startswith("kafka://")

    @property
    def servers(self) -> list[str]:
        """Kafka's bootstrap servers, `host:port` each."""
        return [
            server
            for server in self.url.get_secret_value()
            .removeprefix("kafka://")
            .rstrip("/")
            .split(",")
            if server
        ]

    @property
    def sasl_password(self) -> str | None:
        """The password of `username`, read anew each time."""
        if self.password_file is not None:
            return self.password_file.read_text().strip()
        return self.password.get_secret_value() if self.password is not None else None

    @property
    def dsn(self) -> str:
        """The event log's address as asyncpg takes it."""
        return make_url(self.url.get_secret_value()).render_as_string(hide_password=False)

    def retention_s(self, topic: str) -> int:
        """How long an event stays after it was published; dead letters wait for people and so stay
        longer.
        """
        if topic.endswith(DLQ_SUFFIX):
            return self.dead_letter_hours * _HOUR_S
        return (
            self.retention_hours if self.is_kafka else min(self.retention_hours, _READ_HOURS)
        ) * _HOUR_S
