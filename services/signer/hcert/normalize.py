"""Normalises the payload of any country's certificate: countries write the same in different ways.

Dates and times under CBOR's tags become text. Whole floating point numbers become integers. Space
around codes and dates goes. A PCR test's empty device is left out: devices are those of rapid
tests. Names are not touched.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from services.signer.hcert.value_sets import NUCLEIC_ACID_TEST

_CODES = frozenset(
    {
        "ver",
        "dob",
        "tg",
        "co",
        "ci",
        "vp",
        "mp",
        "ma",
        "dn",
        "sd",
        "dt",
        "tt",
        "tr",
        "sc",
        "fr",
        "df",
        "du",
    }
)
_DAYS = frozenset({"dob", "dt", "fr", "df", "du"})
_KINDS = frozenset({"v", "t", "r"})


def normalized(payload: Mapping[Any, Any]) -> dict[str, Any]:
    """The normalised payload; a value of no known form stays as it is, for the schema to refuse."""
    content = _part(payload)
    for kind in _KINDS & content.keys():
        if isinstance(content[kind], list):
            content[kind] = [
                _entry(entry) if isinstance(entry, dict) else entry for entry in content[kind]
            ]
    return content


def _entry(entry: Mapping[Any, Any]) -> dict[str, Any]:
    content = _part(entry)
    if content.get("tt") == NUCLEIC_ACID_TEST and content.get("ma") == "":
        del content["ma"]
    return content


def _part(part: Mapping[Any, Any]) -> dict[str, Any]:
    return {key: _value(key, value) if key in _CODES else value for key, value in part.items()}


def _value(key: str, value: Any) -> Any:
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, datetime):
        value = value if value.tzinfo else value.replace(tzinfo=UTC)
        return value.date().isoformat() if key in _DAYS else value.isoformat()
    return value.isoformat() if isinstance(value, date) else value
