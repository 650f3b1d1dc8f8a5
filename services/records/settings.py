"""The settings of records."""

from pathlib import Path

from services.chassis.settings import ServiceSettings


class Settings(ServiceSettings):
    """Beside the common ones: how large an upload may be, and which facilities there are.

    `facilities_file`: one 5-digit code a line; without it the form of a code decides.
    """

    max_upload_bytes: int = 180_000_000
    facilities_file: Path | None = None
