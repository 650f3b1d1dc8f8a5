"""The templates of all pages, and what each of them can say: texts by language, dates, numbers,
forms' tokens.
"""

from collections.abc import Mapping
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from jinja2 import (
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    PrefixLoader,
    StrictUndefined,
    select_autoescape,
)
from markupsafe import Markup

from web import formats
from web.asset_names import asset
from web.csrf import FIELD
from web.design.difference import compare_letters
from web.languages import Language, chosen

_ROOM = Path(__file__).parent
_language: ContextVar[Language] = ContextVar("language", default="vi")
_csrf: ContextVar[str] = ContextVar("csrf", default="")


class Templates:
    """All templates: those that pages share by their own names (`layout.html`), a page's own below
    its name (`desk/index.html`).
    """

    def __init__(self, room: Path = _ROOM) -> None:
        own = {
            folder.parent.name: FileSystemLoader(folder)
            for folder in sorted(room.glob("*/templates"))
        }
        self.environment = Environment(
            loader=ChoiceLoader([FileSystemLoader(room / "templates"), PrefixLoader(own)]),
            autoescape=select_autoescape(default=True, default_for_string=True),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self.environment.globals.update(
            t=_text, asset=asset, csrf_field=_csrf_field, compare_letters=compare_letters
        )
        self.environment.filters.update(
            day=formats.day, moment=formats.moment, number=_number, short_number=_short_number
        )

    def render(self, name: str, language: Language, csrf: str, views: Mapping[str, Any]) -> str:
        """One page or part of a page as text."""
        tokens = _language.set(language), _csrf.set(csrf)
        try:
            return self.environment.get_template(name).render(
                {"lang": language, "csrf": csrf, **views}
            )
        finally:
            _language.reset(tokens[0])
            _csrf.reset(tokens[1])


def _text(vi: str, en: str) -> str:
    """The text of the reader's language; macros reach it without the page's context."""
    return chosen(_language.get(), vi, en)


def _number(value: float | None) -> str:
    return formats.number(value, _language.get())


def _short_number(value: float | None) -> str:
    return formats.short_number(value, _language.get())


def _csrf_field() -> Markup:
    """The hidden field that every form has."""
    return Markup('<input type="hidden" name="{}" value="{}">').format(FIELD, _csrf.get())
