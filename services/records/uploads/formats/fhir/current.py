"""Decides which of several names, numbers or addresses counts: by use, ended ones last."""

import re
from collections.abc import Sequence

from services.records.uploads.formats.fhir import codes
from services.records.uploads.formats.fhir.elements import (
    Element,
    coded,
    element_in,
    elements_in,
    text_in,
)

_USES = ("official", "usual", "home", "mobile", "", "work", "secondary", "temp")
"""The first kind counts; nicknames, pseudonyms and addresses for bills are left out."""
_ENDED_USES = ("old", "maiden")
_ORDER = {use: place for place, use in enumerate((*_USES, *_ENDED_USES))}
_NEVER = "9999"
_DAY = re.compile(r"[0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2})?)?")


def ranked(holder: Element, name: str, field: str, today: str) -> Sequence[tuple[bool, Element]]:
    """A repeating element in the order in which it counts, each with whether it is current.

    What is current comes first, by its `use`. Then comes what has not begun, and what ended last
    before what ended long ago. `today`: the day in Viet Nam, ISO.
    """
    placed: list[tuple[bool, str, int, Element]] = []
    for element in elements_in(holder, name, field):
        use = text_in(element, "use", field)
        if use in _ORDER:
            holds, until = _period(element, field, today) if "period" in element else (True, "")
            placed.append((holds and use not in _ENDED_USES, until, _ORDER[use], element))
    if len(placed) > 1:
        placed.sort(key=lambda place: place[2])
        placed.sort(key=lambda place: (place[0], "" if place[0] else place[1]), reverse=True)
    return [(holds, element) for holds, _, _, element in placed]


def current(holder: Element, name: str, field: str, today: str) -> list[Element]:
    """The same, without saying which of them are current."""
    return [element for _, element in ranked(holder, name, field, today)] if name in holder else []


def identifier(
    holder: Element, systems: Sequence[str], type_code: str, field: str, today: str
) -> str:
    """The value of the identifier in the first of `systems` that has one.

    Otherwise that of an identifier that names no system but has that type. One that has ended
    counts where none is current.
    """
    values: dict[tuple[bool, str], str] = {}
    if "identifier" not in holder:
        return ""
    for holds, element in ranked(holder, "identifier", field, today):
        system = text_in(element, "system", field)
        if value := text_in(element, "value", field):
            if not system and type_code in coded(
                element_in(element, "type", field), codes.IDENTIFIER_TYPE, field
            ):
                system = type_code
            if system in systems or system == type_code:
                values.setdefault((holds, system), value)
    if not values:
        return ""
    wanted = ((holds, name) for holds in (True, False) for name in (*systems, type_code))
    return next(values[key] for key in wanted if key in values)


def _period(element: Element, field: str, today: str) -> tuple[bool, str]:
    """Whether a period has begun and not ended, and when it ends.

    Years and months are compared as a whole.
    """
    period = element_in(element, "period", field)
    start, end = _day(text_in(period, "start", field)), _day(text_in(period, "end", field))
    if start and start > today[: len(start)]:
        return False, end or _NEVER
    return not (end and end < today[: len(end)]), end


def _day(written: str) -> str:
    """The day, month or year with which a moment begins; empty where it is none."""
    moment = _DAY.match(written)
    return moment[0] if moment else ""
