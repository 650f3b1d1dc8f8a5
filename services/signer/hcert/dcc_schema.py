"""Checks the payload of any country's certificate by a table of fields: the European schema 1.3 and
its value sets.

The payload is normalised before (`normalize`). A code that is not in its value set is no fault: the
sets grow, and the certificate may be genuine. So such codes are reported apart from data that no
version of the schema allows.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from services.signer.hcert import value_sets
from vietnamese.calendar_days import real_date

Check = Callable[[Any], bool]

KINDS = ("v", "t", "r")
"""Vaccination, test, recovery: a payload holds one of them, with one entry."""

_VERSION = re.compile(r"\d+\.\d+\.\d+")
_BIRTH = re.compile(r"((19|20)\d\d(-\d\d){0,2})?")
_TRANSLITERATED = re.compile(r"[A-Z<]*")
_TOO_MANY = 1_000  # doses


def _text(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= 80


def _matches(pattern: re.Pattern[str]) -> Check:
    return lambda value: _text(value) and pattern.fullmatch(value) is not None


def day_of(value: Any) -> date | None:
    """The day that a date of a payload names; None where it names none, or a year or month
    alone.
    """
    # some countries write the hour of the injection behind the day
    if not isinstance(value, str) or (len(value) != 10 and moment_of(value) is None):
        return None
    return real_date(value[:10])


def moment_of(value: Any) -> datetime | None:
    """The moment that a date and time of a payload name, in UTC where they say nothing else; None
    where they name none.
    """
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return moment if moment is None or moment.tzinfo else moment.replace(tzinfo=UTC)


def _day(value: Any) -> bool:
    return day_of(value) is not None


def _moment(value: Any) -> bool:
    return moment_of(value) is not None


def _birth(value: Any) -> bool:
    return _text(value) and (_BIRTH.fullmatch(value) is not None or ("T" in value and _day(value)))


def _count(value: Any) -> bool:
    return type(value) is int and 1 <= value < _TOO_MANY


def _device(value: str) -> bool:
    return (
        value.isascii() and value.isdigit() and 0 < int(value[:9]) <= value_sets.HIGHEST_TEST_DEVICE
    )


class DccField(NamedTuple):
    """One field of the schema; `in_set` tells whether a code is in the field's value set."""

    check: Check
    required: bool = True
    in_set: Callable[[str], bool] | None = None

    def holds(self, value: Any) -> bool:
        """Whether `value` is what the field must be, and in its value set."""
        return self.check(value) and (self.in_set is None or self.in_set(value))


def _one_of(codes: frozenset[str]) -> DccField:
    return DccField(_text, in_set=codes.__contains__)


_COMMON = {
    "tg": _one_of(value_sets.DISEASES),
    "co": _one_of(value_sets.COUNTRY_CODES),
    "is": DccField(_text),
    "ci": DccField(_text),
}
_NAME = {
    "fn": DccField(_text, required=False),
    # 1.3.0 asks for the surname, later versions for either: many people have one name
    "fnt": DccField(_matches(_TRANSLITERATED), required=False),
    "gn": DccField(_text, required=False),
    "gnt": DccField(_matches(_TRANSLITERATED), required=False),
}
_PERSON = {"ver": DccField(_matches(_VERSION)), "dob": DccField(_birth)}
_ENTRY = {
    "v": (
        _COMMON
        | {
            "vp": _one_of(value_sets.PROPHYLAXES),
            "mp": _one_of(value_sets.PRODUCTS),
            "ma": _one_of(value_sets.MANUFACTURERS),
            "dn": DccField(_count),
            "sd": DccField(_count),
            "dt": DccField(_day),
        }
    ),
    "t": (
        _COMMON
        | {
            "tt": _one_of(value_sets.TEST_TYPES),
            "nm": DccField(_text, required=False),
            "ma": DccField(_text, required=False, in_set=_device),
            "sc": DccField(_moment),
            "tr": _one_of(value_sets.TEST_RESULTS),
            "tc": DccField(_text, required=False),
        }
    ),
    "r": _COMMON | {"fr": DccField(_day), "df": DccField(_day), "du": DccField(_day)},
}


def kind_of(payload: Any) -> str | None:
    """Which of v, t and r the payload holds; None where it is not exactly one, with exactly one
    entry.
    """
    if not isinstance(payload, dict):
        return None
    kinds = [kind for kind in KINDS if payload.get(kind)]
    if len(kinds) != 1:
        return None
    (kind,) = kinds
    entries = payload[kind]
    single = isinstance(entries, list) and len(entries) == 1 and isinstance(entries[0], dict)
    return kind if single else None


def faults(payload: Any) -> list[str]:
    """The fields that break the schema, as `nam.fnt` or `v.dt`; empty for a good payload."""
    kind = kind_of(payload)
    if kind is None:
        return ["v|t|r"]
    name = payload.get("nam")
    broken = [*_faults(payload, _PERSON, ""), *_faults(payload[kind][0], _ENTRY[kind], f"{kind}.")]
    if not isinstance(name, dict):
        return [*broken, "nam"]
    nameless = ["nam.fnt"] if name.get("fnt") is None and name.get("gnt") is None else []
    return broken + _faults(name, _NAME, "nam.") + nameless


def unknown(payload: Any) -> list[str]:
    """The fields whose code is in no value set that is known here, as `v.mp`; empty also where the
    payload is of no kind.
    """
    kind = kind_of(payload)
    if kind is None:
        return []
    entry = payload[kind][0]
    # the set of devices has rapid tests alone; what a PCR test says there is anybody's
    free = {"ma"} if entry.get("tt") == value_sets.NUCLEIC_ACID_TEST else set()
    return [
        f"{kind}.{key}"
        for key, field in _ENTRY[kind].items()
        if entry.get(key) is not None
        and key not in free
        and field.check(entry[key])
        and not field.holds(entry[key])
    ]


def _faults(part: Mapping[str, Any], fields: Mapping[str, DccField], path: str) -> list[str]:
    return [
        path + key
        for key, field in fields.items()
        if (not field.check(part[key]) if part.get(key) is not None else field.required)
    ]


def presentable(payload: Any) -> tuple[dict[str, str], str | None, dict[str, str | int]]:
    """Name, birth date and the one entry of a payload.

    Of each only the fields that the schema has, with values of the type that it asks for.
    """
    kind = kind_of(payload)
    name = payload.get("nam") if isinstance(payload, dict) else None
    return (
        _schema_fields(name, _NAME) if isinstance(name, dict) else {},
        _schema_fields(payload, _PERSON).get("dob") if isinstance(payload, dict) else None,
        _schema_fields(payload[kind][0], _ENTRY[kind]) if kind else {},
    )


def _schema_fields(part: Mapping[str, Any], fields: Mapping[str, DccField]) -> dict[str, Any]:
    return {
        key: part[key]
        for key, field in fields.items()
        if part.get(key) is not None and field.check(part[key])
    }
