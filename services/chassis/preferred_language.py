"""Which of the two languages a caller reads first (`Accept-Language`, RFC 9110, section 12.5.4)."""

from typing import Final, Literal

from starlette.requests import HTTPConnection

Language = Literal["vi", "en"]
_LANGUAGES: Final[tuple[Language, ...]] = ("vi", "en")


def preferred(request: HTTPConnection) -> Language:
    """Vietnamese unless the caller prefers English."""
    wishes = dict.fromkeys(_LANGUAGES, 0.0)
    for wish in request.headers.get("accept-language", "").lower().split(","):
        name, _, quality = wish.strip().partition(";")
        for known in _LANGUAGES:
            if name.partition("-")[0] == known:
                wishes[known] = max(wishes[known], _weight(quality))
    return "en" if wishes["en"] > wishes["vi"] else "vi"


def order(request: HTTPConnection) -> str:
    """The header `Content-Language` of a document that holds both."""
    return "en, vi" if preferred(request) == "en" else "vi, en"


def _weight(quality: str) -> float:
    if not quality:
        return 1.0
    try:
        return float(quality.strip().removeprefix("q="))
    except ValueError:
        return 0.0
