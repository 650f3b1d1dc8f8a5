"""The settings of records."""

from pathlib import Path

from services.chassis.settings import ServiceSettings


class Settings(ServiceSettings):
    """Beside the common ones: how large an upload may be, and which facilities there are.

    `facilities_file`: one 5-digit code a line; without it the form of a code decides.
    """

    max_upload_bytes: int = 180_000_000
    facilities_file: Path | None = None

    def facilities(self) -> frozenset[str]:
        """The codes of the facilities file; empty where none is given."""
        if self.facilities_file is None:
            return frozenset()
        return frozenset(line.strip() for line in self.facilities_file.read_text().splitlines() if line.strip())
