"""The settings of the verifier."""

from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel

from services.chassis.retention import Days, RetentionSettings
from services.chassis.settings import ServiceSettings
from services.chassis.volume import VolumeSettings


class RegistrySettings(BaseModel):
    """Where the population registry answers, and the token agreed with it.

    `url`: `https://…`, or `unix:///path` for one on this machine.
    """

    url: str
    token_file: Path | None = None
    timeout_s: float = 10.0


class GuardianSettings(BaseModel):
    """How often one caller may ask for children's numbers by their guardians.

    Limits are in the notation of the `limits` library. A caller is a facility, whoever works there,
    or else the token's subject. `misses_per_caller`: how often without singling a child out.
    `counters`: where questions are counted (`async+redis://…` where several processes answer).
    """

    per_caller: str = "1000 per day"
    misses_per_caller: str = "60 per day"
    counters: str = "async+memory://"


class CheckSettings(BaseModel):
    """How many numbers one caller may try in checks.

    Callers, notation and `counters` are as in `GuardianSettings`. `numbers_per_person`: different
    ones with one name and birth date. `numbers_per_name`, `numbers_per_birth`: with one of the two,
    where the other is varied. `misses_per_caller`: people with a number who would not pass.
    """

    numbers_per_person: str = "5 per day"
    numbers_per_name: str = "50 per day"
    numbers_per_birth: str = "100 per day"
    misses_per_caller: str = "3000 per day"
    counters: str = "async+memory://"


class VerifierRetention(RetentionSettings):
    """How long the verifier keeps personal data.

    `evidence_days`: what a verification rested on, once nobody has to decide on it or correct it
    any more. `threads_days`: what station and police wrote each other, and pictures of papers, once
    the case is settled.
    """

    evidence_days: Days = None
    threads_days: Days = None


class Settings(ServiceSettings):
    """The settings of one process.

    Beside the common ones: the registry, how long personal data is kept, and limits. These are of
    checks, of look-ups by guardian, and of what one caller is shown.
    """

    registry: RegistrySettings
    check: CheckSettings = CheckSettings()
    guardian: GuardianSettings = GuardianSettings()
    volume: VolumeSettings = VolumeSettings()
    retention: VerifierRetention = VerifierRetention()

    def links(self) -> Mapping[str, str]:
        """As of every service, and the registry's."""
        return {**super().links(), "REGISTRY_URL": self.registry.url}
