"""Dates in the many ways in which they are written: a time before or behind, a time zone, names of
months, a spreadsheet's number.

For what `vietnamese.dates` does not know at first sight. Nothing is guessed: what may be two days
is none.
"""

import re
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

from vietnamese.cells import bare_code
from vietnamese.clock import CLOCK, Clock, clock, clock_of, in_viet_nam
from vietnamese.spelling import bare

_LONGEST = 80
# what systems export, each row with a time of its own: known without trying every way of writing
_MOMENT = re.compile(
    r"(?:([0-9]{4})-([0-9]{2})-([0-9]{2})|([0-9]{1,2})/([0-9]{1,2})/([0-9]{4}))"
    r"[T ]([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:[.,][0-9]{1,12})?)?(Z|[+-][0-9]{2}:?[0-9]{2})?"
)
_SPREADSHEET_ZERO = date(1899, 12, 30)
"""Excel counts from here, its wrong leap day of 1900 taken in; five digits are 1927 to 2173."""
_SERIAL = re.compile(r"([1-9][0-9]{4})(?:[.,]([0-9]{1,15}))?")

# without accents: `nam` is year and five, `tu` is four
_MONTHS_VI = {
    "gieng": 1, "mot": 1, "hai": 2, "ba": 3, "tu": 4, "bon": 4, "nam": 5, "sau": 6, "bay": 7,
    "tam": 8, "chin": 9, "muoi mot": 11,
    "muoi hai": 12, "muoi": 10, "chap": 12,
}  # fmt: skip
_MONTHS_EN = {
    "jan": 1, "january": 1, "feb": 2, "february": 2, "mar": 3, "march": 3, "apr": 4, "april": 4,
    "may": 5, "jun": 6, "june": 6, "jul": 7,
    "july": 7, "aug": 8, "august": 8, "sep": 9, "sept": 9, "september": 9, "oct": 10, "october": 10,
    "nov": 11, "november": 11, "dec": 12,
    "december": 12,
}  # fmt: skip
_VI = rf"(?:thang|thg|th|t)\.? ?(?P<vi>1[0-2]|0?[1-9](?![0-9])|{'|'.join(_MONTHS_VI)})"
_EN = rf"(?P<en>{'|'.join(sorted(_MONTHS_EN, key=len, reverse=True))})\.?"
_DAY, _MONTH = r"(?P<day>[0-9]{1,2})(?:st|nd|rd|th)?", r"(?P<month>[0-9]{1,2})"
_YEAR, _SHORT = r"(?P<year>[0-9]{4})", r"'?(?P<year>[0-9]{2})"
_MARK, _GAP, _SOME = r" ?[/.\\-] ?", r"[ ,./-]{0,3}", r"[ ,./-]{1,3}"
_LEAD = r"(?:(?:sinh|tiem|ngay|mung|vao|luc)[ :.]{1,3}){0,3}"
_WEEKDAY = (
    r"(?:(?:thu (?:hai|ba|tu|nam|sau|bay|[2-7])|t[2-7]|chu"
    r" nhat|cn|(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?)"
    r"[ ,.]{1,3})?"
)


def _whole(year: str) -> list[re.Pattern[str]]:
    written = (
        f"{_DAY}{_MARK}{_MONTH}{_MARK}{year}",
        f"{_DAY}{_GAP}{_VI}{_GAP}(?:nam ?)?{year}",
        f"{_DAY}{_GAP}(?:of )?{_EN}{_GAP}{year}",
        f"{_EN}{_SOME}{_DAY}{_SOME}{year}",
    )
    return [re.compile(_LEAD + _WEEKDAY + _LEAD + way) for way in written]


# an XML date may have a zone behind it: it is a day, and no moment
_YEAR_FIRST = [re.compile(f"{_YEAR}{way}") for way in (
    f"{_MARK}{_MONTH}{_MARK}{_DAY}(?:z|[+-][0-9]{{2}}:[0-9]{{2}})?",
    f"{_GAP}{_EN}{_GAP}{_DAY}",
    f"(?: nam)?{_SOME}{_VI}{_SOME}(?:ngay )?{_DAY}",
)]  # fmt: skip
_WHOLE = [*_YEAR_FIRST, *_whole(_YEAR)]
_CUT = _whole(_SHORT)
_COMPACT = re.compile(r"(?P<year>(?:19|20)[0-9]{2})(?P<month>0[1-9]|1[0-2])(?P<day>[0-3][0-9])")
# ISO's and HL7's short form: 20210804T170000Z, 20210804170000+0000
_COMPACT_MOMENT = re.compile(
    r"([0-9]{8})(?:t([0-9]{2})([0-9]{2})([0-9]{2})?|([0-9]{2})([0-9]{2})([0-9]{2}))(?=[.,z+-]|$)"
)
_COARSE = [re.compile(f"{_LEAD}{way}") for way in (
    f"(?:{_VI}{_GAP}(?:nam ?)?|{_EN}{_GAP}|{_MONTH}{_MARK}){_YEAR}",
    f"{_YEAR}(?:{_GAP}{_EN}|{_MARK}{_MONTH})", f"(?:nam )?{_YEAR}",
)]  # fmt: skip


class Written(NamedTuple):
    """The three numbers of a whole date, whether or not there is such a day."""

    year: int
    month: int
    day: int

    def real(self) -> date | None:
        """The day, where there is one."""
        try:
            return date(*self)
        except ValueError:
            return None


class Coarse(NamedTuple):
    """A month, or a year alone where `month` is 0."""

    year: int
    month: int


def whole_date(text: str) -> Written | None:
    """The whole date that a text says; one with a time zone is the day that it was in Viet Nam."""
    if moment := _MOMENT.fullmatch(text):
        year, month, day, day_first, month_next, year_last, hour, minute, second, zone = (
            moment.groups()
        )
        time = clock(int(hour), int(minute), int(second or 0), zone and zone.lower())
        return (
            _then(
                Written(int(year or year_last), int(month or month_next), int(day or day_first)),
                time,
            )
            if time
            else None
        )
    cell = _cell(text)
    if serial := _SERIAL.fullmatch(cell):
        # a clock's last half second is the next day's first, as spreadsheets show it
        seconds = round(float(f"0.{serial[2] or 0}") * 86_400)
        shown = _SPREADSHEET_ZERO + timedelta(days=int(serial[1]), seconds=seconds)
        return Written(shown.year, shown.month, shown.day)
    rest, time = _apart(cell)
    for way in (*_WHOLE, _COMPACT):
        if said := way.fullmatch(rest):
            break
    else:
        return None
    written = Written(int(said["year"]), _month(said), int(said["day"]))
    return _then(written, time) if time else written


def _then(written: Written, time: Clock) -> Written | None:
    """The day in Viet Nam at that time of the written day; a day that never was stays as it is
    written.
    """
    real = written.real()
    if real is None:
        return written
    day = in_viet_nam(real, time)
    return Written(day.year, day.month, day.day) if day else None


def coarse_date(text: str) -> Coarse | None:
    """The month or year that a text says and no more."""
    cell = _cell(text)
    for way in _COARSE:
        if (said := way.fullmatch(cell)) and 1 <= int(said["year"][0]) <= 2:
            return Coarse(int(said["year"]), _month(said))
    return None


def is_year_cut(text: str) -> bool:
    """Whether the year of a date has two digits.

    05/08/21 may be three days, as spreadsheets of other countries write it.
    """
    rest, _ = _apart(_cell(text))
    return any(way.fullmatch(rest) for way in _CUT)


@lru_cache(maxsize=64)
def _cell(text: str) -> str:
    """Small letters without accents; empty for what is too long, or has digits of another script
    or above the line.
    """
    cell = bare_code(text) if len(text) <= _LONGEST else ""
    strange = not cell.isascii() and any(sign.isdigit() and not sign.isascii() for sign in cell)
    return "" if strange else bare(cell).strip(" .,;")


@lru_cache(maxsize=64)
def _apart(cell: str) -> tuple[str, Clock | None]:
    """The text without its time of day, and that; a time that no clock shows stays in the text,
    which then is no date.
    """
    if moment := _COMPACT_MOMENT.match(cell):
        day, *clock = filter(None, moment.groups())
        cell = f"{day}t{':'.join(clock)}{cell[moment.end() :]}"
    said = CLOCK.search(cell)
    time = clock_of(said) if said else None
    if said is None or time is None:
        return cell, None
    return f"{cell[: said.start()].strip(' ,;-')} {cell[said.end() :].strip(' ,;-')}".strip(), time


def _month(said: re.Match[str]) -> int:
    names = said.groupdict()
    if vi := names.get("vi"):
        return _MONTHS_VI.get(vi) or int(vi)
    return _MONTHS_EN[names["en"]] if names.get("en") else int(names.get("month") or 0)
