"""Text that can be stored and sent on: it holds no NUL and no half of a surrogate pair.

PostgreSQL takes no NUL, and UTF-8 has no halves. So both are refused where text comes in.
"""

import json
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from starlette.types import Scope

MOST_VALUES: Final = 20_000
"""Commas and opening brackets of a JSON body: each value costs far more memory than its bytes."""

UNSTORABLE = MappingProxyType(
    {
        "loc": ("body",),
        "type": "text_unstorable",
        "msg": "A text holds NUL or half of a surrogate pair; send whole characters.",
    }
)
"""The error of a request with such a text; where it stands is not told, for it may be a name."""

TOO_MANY_VALUES = MappingProxyType(
    {
        "loc": ("body",),
        "type": "json_too_many_values",
        "msg": f"The body holds too many values; send at most {MOST_VALUES}.",
        "ctx": {"most": MOST_VALUES},
    }
)

_HALF = re.compile("[\ud800-\udfff]")
# an escaped NUL or half, or a half as it would stand in UTF-8
_SUSPECT = re.compile(rb"\\u(?:0000|[dD][89A-Fa-f])|\xed[\xa0-\xbf]")


def is_storable(text: str) -> bool:
    """Whether every store and every answer can hold the text."""
    return "\0" not in text and (text.isascii() or not _HALF.search(text))


def is_head_storable(scope: Scope) -> bool:
    """Whether path, query and headers of a request hold no NUL; halves cannot come by them."""
    return (
        "\0" not in scope["path"]
        and b"%00" not in scope["query_string"]
        and b"\0" not in scope["query_string"]
        and not any(b"\0" in value for _, value in scope["headers"])
    )


def json_error(body: bytes) -> Mapping[str, Any] | None:
    """What is wrong with a JSON body before anybody takes it apart, as an error of the form that
    pydantic gives; None for nothing.
    """
    if body.count(b",") + body.count(b"[") + body.count(b"{") > MOST_VALUES:
        return TOO_MANY_VALUES
    return None if _is_plain(body) or _is_json_storable(body) else UNSTORABLE


def _is_plain(body: bytes) -> bool:
    """Whether nothing in it could become such a text; nearly every body is plain."""
    if b"\0" in body:  # as in UTF-16, or raw
        return False
    return (body.isascii() and b"\\u" not in body) or not _SUSPECT.search(body)


def _is_json_storable(body: bytes) -> bool:
    try:
        waiting = [json.loads(body, strict=False)]
    except (ValueError, RecursionError):
        return True  # who reads it says that it is no JSON
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            if not is_storable(value):
                return False
        elif isinstance(value, dict):
            waiting += value.keys()
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value
    return True
