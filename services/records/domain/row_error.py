"""Why a field gave no value, and what its row is told."""

from dataclasses import dataclass
from enum import Enum


class Unread(Enum):
    """Why a typed field gave no value."""

    MISSING = "missing"
    UNREADABLE = "unreadable"
    IMPOSSIBLE = "impossible"
    YEAR_CUT = "year of two digits"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class RowError:
    """One message about one field; the texts carry no personal data.

    `field` is a JSON name of a dose, or empty for the whole row.
    """

    field: str
    code: str
    message_vi: str
    message_en: str

    def as_json(self) -> dict[str, str]:
        """The message with the names that the REST uses."""
        return {
            "field": self.field,
            "code": self.code,
            "message": self.message_vi,
            "message_en": self.message_en,
        }
