"""Dates and numbers as Vietnamese readers write them, or English ones."""

import re
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Final

from web.languages import Language

VIET_NAM: Final = timezone(timedelta(hours=7))
_SHORT: Final = (
    (1_000_000_000, "tỷ", "billion"),
    (1_000_000, "triệu", "million"),
    (1_000, "nghìn", "thousand"),
)
_NOTHING: Final = "–"
_MASKED: Final = re.compile(r"\d{4}-\*\*-\*\*")


def day(value: date | datetime | str | None) -> str:
    """`05/04/2022`; of a time the day in Viet Nam; `**/**/1945` where day and month are masked.

    A text that is no date stays as it is.
    """
    if value is None:
        return _NOTHING
    if isinstance(value, str):
        try:
            return day(datetime.fromisoformat(value) if "T" in value else date.fromisoformat(value))
        except ValueError:
            return "/".join(reversed(value.split("-"))) if _MASKED.fullmatch(value) else value
    if isinstance(value, datetime):
        value = _local(value)
    return f"{value.day:02}/{value.month:02}/{value.year}"


def moment(value: datetime | str | None) -> str:
    """`14:05 05/04/2022`, in Viet Nam's time."""
    if value is None:
        return _NOTHING
    local = _local(datetime.fromisoformat(value) if isinstance(value, str) else value)
    return f"{local:%H:%M} {day(local)}"


def number(value: float | None, language: Language = "vi") -> str:
    """`1.234.567` in Vietnamese, `1,234,567` in English."""
    if value is None:
        return _NOTHING
    return _marked(f"{value:,}", language)


def short_number(value: float | None, language: Language = "vi") -> str:
    """As people say it: `1,2 triệu`, `1.2 million`; below a thousand the number itself."""
    if value is None:
        return _NOTHING
    for at, (size, vi, en) in enumerate(_SHORT):
        if abs(value) >= size:
            parts = round(value / size, 1)
            if parts == 1000 and at:
                size, vi, en = _SHORT[at - 1]
                parts = 1.0
            text = _marked(f"{parts:,.1f}".removesuffix(".0"), language)
            return f"{text} {en if language == 'en' else vi}"
    return number(value, language)


def _marked(text: str, language: Language) -> str:
    return text if language == "en" else text.translate({44: ".", 46: ","})


def _local(value: datetime) -> datetime:
    return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(VIET_NAM)
