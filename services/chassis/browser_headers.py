"""What every answer says to browsers: keep nothing, run nothing, stand in no other page."""

from typing import Final

from starlette.types import Message

Headers = tuple[tuple[bytes, bytes], ...]

NOTHING: Final = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

ALWAYS: Final[Headers] = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
UNLESS_SAID: Final[Headers] = (
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    (b"cache-control", b"no-store"),
    (b"content-security-policy", NOTHING.encode()),
    (b"referrer-policy", b"no-referrer"),
)
"""Where a route says nothing else of them."""


def always(hsts: str) -> Headers:
    """The headers of every answer; `hsts`: of `Strict-Transport-Security`, none where empty."""
    return (*ALWAYS, (b"strict-transport-security", hsts.encode())) if hsts else ALWAYS


def with_headers(start: Message, fixed: Headers) -> None:
    """Adds them to the start of an answer."""
    said = {name.lower() for name, _ in start["headers"]}
    start["headers"] = [
        *start["headers"],
        *fixed,
        *(header for header in UNLESS_SAID if header[0] not in said),
    ]
