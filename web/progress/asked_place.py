"""The place that a page is about, and the addresses that lead to it."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from fastapi import Query

from web.clients.records.types import UNSET
from web.languages import Language

Area = Annotated[str | None, Query(pattern=r"^([0-9]{2}|[0-9]{5}|[0-9]{10})$")]
Facility = Annotated[str | None, Query(pattern=r"^[0-9]{5}$")]
UnitSort = Literal["waiting", "slowness", "recorded", "oldest", "name"]
_KINDS = {
    "country": ("Cả nước", "The country"),
    "areas": ("Các địa bàn của bạn", "Your areas"),
    "province": ("Tỉnh, thành phố", "Province"),
    "district": ("Huyện", "District"),
    "commune": ("Xã", "Commune"),
    "facility": ("Cơ sở", "Facility"),
}
LEVEL_BELOW = {"country": "province", "areas": "province", "province": "district",
               "district": "commune", "commune": "facility", "facility": "commune"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class AskedPlace:
    """An area, a facility, or neither: all that its caller steers."""

    area: str | None = None
    facility: str | None = None

    @property
    def asked(self) -> dict[str, Any]:
        """As the services' clients take it."""
        return {
            "area": self.area if self.area is not None else UNSET,
            "facility": self.facility if self.facility is not None else UNSET,
        }

    def path(self, page: str = "/progress", **more: str | None) -> str:
        """The address of a page about this place; it keeps the view, and nothing personal."""
        named = {"area": self.area, "facility": self.facility, **more}
        query = urlencode({name: value for name, value in named.items() if value is not None})
        return f"{page}?{query}" if query else page


async def place_asked(area: Area = None, facility: Facility = None) -> AskedPlace:
    """The dependency of every page about a place."""
    return AskedPlace(area, facility)


def place_name(place: Any, language: Language) -> str:
    """A place in words; where no name is known its kind and its code."""
    at = 1 if language == "en" else 0
    kind = str(place.kind)
    if kind in ("country", "areas"):
        return _KINDS[kind][at]
    return str(place.name) if place.name else code_words(kind, place.code, language)


def code_words(kind: str, code: str, language: Language) -> str:
    """A place without a name by its kind and its own digits, without those of larger places."""
    own = {"district": code[2:], "commune": code[5:]}.get(kind, code)
    return f"{_KINDS[kind][language == 'en']} {own}"


def path_of(place: Any) -> str:
    """The address of the page about a place."""
    if str(place.kind) == "facility":
        return AskedPlace(facility=place.code).path()
    return AskedPlace(area=place.code or None).path()
