"""Rules of complaints: which office answers, by when, and what counts as a picture."""

from datetime import datetime, timedelta
from enum import StrEnum

ANSWER_WITHIN = timedelta(hours=48)
"""Counted from the complaint, not from a forwarding."""

MAX_PICTURE = 2_000_000
"""Bytes."""


class ComplaintKind(StrEnum):
    """What is wrong."""

    WRONG_DATA = "wrong_data"
    MISSING_DOSE = "missing_dose"
    WRONG_PERSON = "wrong_person"
    OTHER = "other"


class Standing(StrEnum):
    """The state of a complaint; an overdue one is open too."""

    OPEN = "open"
    OVERDUE = "overdue"
    ANSWERED = "answered"


_BEGINNINGS = (
    ("image/jpeg", 0, b"\xff\xd8\xff"),
    ("image/png", 0, b"\x89PNG\r\n\x1a\n"),
    ("image/webp", 8, b"WEBP"),
)


def office_of(facility_code: str, province_code: str) -> str:
    """Who must answer: the facility that is named, else the province of residence."""
    return facility_code or province_code


def standing(answered_at: datetime | None, due_at: datetime, now: datetime) -> Standing:
    """The state of a complaint at this time."""
    if answered_at is not None:
        return Standing.ANSWERED
    return Standing.OVERDUE if due_at < now else Standing.OPEN


def picture_type(content: bytes) -> str | None:
    """The media type by the first bytes, whatever the sender said; None: it is no such picture."""
    for media_type, at, mark in _BEGINNINGS:
        if content[at : at + len(mark)] == mark and (
            media_type != "image/webp" or content[:4] == b"RIFF"
        ):
            return media_type
    return None
