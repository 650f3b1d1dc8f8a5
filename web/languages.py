"""How a reader wants pages: in Vietnamese unless English was chosen; light or dark."""

from typing import Final, Literal

from starlette.requests import Request

from web.cookies import Jar

Language = Literal["vi", "en"]
COOKIE, THEME = "language", "theme"
_LANGUAGES: Final = ("vi", "en")
_THEMES: Final = ("light", "dark")
_YEAR_S: Final = 365 * 24 * 3600


def language_of(request: Request) -> Language:
    """What the address asks for (`?lang=`), else what was chosen before."""
    asked = request.query_params.get("lang")
    chosen = asked if asked in _LANGUAGES else request.cookies.get(COOKIE)
    return "en" if chosen == "en" else "vi"


def theme_of(request: Request) -> str:
    """`light` or `dark`, as `?theme=` asks or was chosen before; empty: as the device has it."""
    asked = request.query_params.get("theme") or request.cookies.get(THEME)
    return asked if asked in _THEMES else ""


def remember_choices(request: Request, jar: Jar) -> None:
    """Sets the cookies of a language and of a theme that the address has just asked for."""
    for name, cookie, known in (("lang", COOKIE, _LANGUAGES), ("theme", THEME, _THEMES)):
        asked = request.query_params.get(name)
        if asked in known:
            jar.choose(request, cookie, asked, _YEAR_S)


def chosen(language: Language, vi: str, en: str) -> str:
    """The one of two texts that this reader reads."""
    return en if language == "en" else vi
