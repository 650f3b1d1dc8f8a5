"""The payload of any country's certificate against the European schema 1.3.0 and its value sets, as a table of fields."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from services.signer.domain.dates import real_date
from services.signer.hcert import values

Check = Callable[[Any], bool]

KINDS = ("v", "t", "r")
"""Vaccination, test, recovery: a payload holds one of them, with one entry."""

_VERSION = re.compile(r"\d+\.\d+\.\d+")
_BIRTH = re.compile(r"((19|20)\d\d(-\d\d){0,2})?")
_TRANSLITERATED = re.compile(r"[A-Z<]*")


def _text(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= 80


def _matches(pattern: re.Pattern[str]) -> Check:
    return lambda value: _text(value) and pattern.fullmatch(value) is not None


def _one_of(codes: frozenset[str]) -> Check:
    return lambda value: isinstance(value, str) and value in codes


def _day(value: Any) -> bool:
    # some countries write the hour of the injection behind the day
    return isinstance(value, str) and real_date(value[:10]) is not None and (len(value) == 10 or _moment(value))


def _moment(value: Any) -> bool:
    try:
        return isinstance(value, str) and datetime.fromisoformat(value) is not None
    except ValueError:
        return False


def _count(value: Any) -> bool:
    return type(value) is int and value >= 1


def _device(value: Any) -> bool:
    return isinstance(value, str) and value.isascii() and value.isdigit() and 0 < int(value[:9]) <= values.HIGHEST_TEST_DEVICE


class Field(NamedTuple):
    """What one field must be, and whether it must be there."""

    check: Check
    required: bool = True


_COMMON = {
    "tg": Field(_one_of(values.DISEASES)),
    "co": Field(_one_of(values.COUNTRY_CODES)),
    "is": Field(_text),
    "ci": Field(_text),
}
_NAME = {
    "fn": Field(_text, required=False),
    "fnt": Field(_matches(_TRANSLITERATED)),
    "gn": Field(_text, required=False),
    "gnt": Field(_matches(_TRANSLITERATED), required=False),
}
_PERSON = {"ver": Field(_matches(_VERSION)), "dob": Field(_matches(_BIRTH))}
_ENTRY = {
    "v": _COMMON
    | {
        "vp": Field(_one_of(values.PROPHYLAXES)),
        "mp": Field(_one_of(values.PRODUCTS)),
        "ma": Field(_one_of(values.MANUFACTURERS)),
        "dn": Field(_count),
        "sd": Field(_count),
        "dt": Field(_day),
    },
    "t": _COMMON
    | {
        "tt": Field(_one_of(values.TEST_TYPES)),
        "nm": Field(_text, required=False),
        "ma": Field(_device, required=False),
        "sc": Field(_moment),
        "tr": Field(_one_of(values.TEST_RESULTS)),
        "tc": Field(_text, required=False),
    },
    "r": _COMMON | {"fr": Field(_day), "df": Field(_day), "du": Field(_day)},
}


def kind_of(payload: Any) -> str | None:
    """Which of v, t and r the payload holds; None where it is not exactly one, with exactly one entry."""
    if not isinstance(payload, dict):
        return None
    held = [kind for kind in KINDS if payload.get(kind)]
    if len(held) != 1:
        return None
    entries = payload[held[0]]
    single = isinstance(entries, list) and len(entries) == 1 and isinstance(entries[0], dict)
    return held[0] if single else None


def faults(payload: Any) -> list[str]:
    """The fields that break the schema or carry an unknown code, as `nam.fnt` or `v.ma`; empty for a good payload."""
    kind = kind_of(payload)
    if kind is None:
        return ["v|t|r"]
    name = payload.get("nam")
    found = [*_faults(payload, _PERSON, ""), *_faults(payload[kind][0], _ENTRY[kind], f"{kind}.")]
    return found + (_faults(name, _NAME, "nam.") if isinstance(name, dict) else ["nam"])


def _faults(part: Mapping[str, Any], fields: Mapping[str, Field], path: str) -> list[str]:
    return [path + key for key, field in fields.items() if (not field.check(part[key]) if part.get(key) is not None else field.required)]


def known_entry(payload: Any) -> tuple[dict[str, str], str | None, dict[str, str | int]]:
    """Name, birth date and the one entry of a payload, of each only what the schema knows and what is text or a number as it asks."""
    kind = kind_of(payload)
    name = payload.get("nam") if isinstance(payload, dict) else None
    return (
        _known(name, _NAME) if isinstance(name, dict) else {},
        _known(payload, _PERSON).get("dob") if isinstance(payload, dict) else None,
        _known(payload[kind][0], _ENTRY[kind]) if kind else {},
    )


def _known(part: Mapping[str, Any], fields: Mapping[str, Field]) -> dict[str, Any]:
    return {key: part[key] for key, field in fields.items() if part.get(key) is not None and field.check(part[key])}
