"""Whose desk a complaint goes to, its clock, and what a picture is."""

from datetime import UTC, datetime, timedelta

import pytest

from services.records.complaints.rules import (
    ANSWER_WITHIN,
    Standing,
    office_of,
    picture_type,
    standing,
)

NOW = datetime(2022, 4, 1, 8, tzinfo=UTC)


def test_a_complaint_goes_to_the_facility_it_names_and_else_to_the_province() -> None:
    assert office_of("68001", "79") == "68001"
    assert office_of("", "79") == "79"


@pytest.mark.parametrize(
    ("answered", "waited", "state"),
    [
        (None, ANSWER_WITHIN, Standing.OPEN),
        (None, ANSWER_WITHIN + timedelta(seconds=1), Standing.OVERDUE),
        (NOW, ANSWER_WITHIN * 9, Standing.ANSWERED),
    ],
)
def test_a_complaint_is_overdue_after_48_hours_until_it_is_answered(
    answered: datetime | None, waited: timedelta, state: Standing
) -> None:
    assert timedelta(hours=48) == ANSWER_WITHIN
    assert standing(answered, NOW + ANSWER_WITHIN, NOW + waited) is state


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "image/png"),
        (b"RIFF\x10\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"....\x10\x00\x00\x00WEBPVP8 ", None),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", None),
        (b"GIF89a", None),
        (b"%PDF-1.7", None),
        (b"", None),
    ],
)
def test_a_picture_is_what_its_first_bytes_say(content: bytes, media_type: str | None) -> None:
    assert picture_type(content) == media_type
