"""Which pages there are, who sees them, and where one lands after signing in."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from contracts.access import Role
from web.languages import Language, chosen


@dataclass(frozen=True, slots=True)
class Place:
    """One page in the navigation, and the roles that see it."""

    path: str
    vi: str
    en: str
    roles: frozenset[str]


def _place(path: str, vi: str, en: str, *roles: Role) -> Place:
    return Place(path, vi, en, frozenset(roles))


PLACES: Final = (
    _place("/desk", "Bàn làm việc", "Desk", Role.FACILITY, Role.STATION),
    _place("/cases", "Hồ sơ cần quyết định", "Cases", Role.POLICE),
    _place("/progress", "Tiến độ", "Progress", Role.PROVINCE, Role.MINISTRY),
    _place("/me", "Hộ chiếu của tôi", "My passport", Role.CITIZEN),
)
"""Pages behind sign-in, in the order in which they are shown."""


def places_of(roles: frozenset[str]) -> tuple[Place, ...]:
    """The pages that somebody with these roles sees."""
    return tuple(place for place in PLACES if place.roles & roles)


def home_of(roles: frozenset[str]) -> str:
    """Where somebody with these roles lands: their first page, or the public one."""
    return next((place.path for place in places_of(roles)), "/")


@dataclass(frozen=True, slots=True)
class Bearer:
    """Who is signed in, as the header of a page says it: no name, but what they answer for."""

    name: str
    role: str


_ROLES: Final = MappingProxyType(
    {
        Role.FACILITY: ("Cơ sở tiêm", "Facility"),
        Role.STATION: ("Trạm Y tế", "Health station"),
        Role.POLICE: ("Công an", "Police"),
        Role.PROVINCE: ("Tỉnh", "Province"),
        Role.MINISTRY: ("Bộ Y tế", "Ministry of Health"),
        Role.CITIZEN: ("Người dân", "Citizen"),
        Role.SERVICE: ("Chương trình", "Program"),
    }
)


def person_of(roles: frozenset[str], claims: Mapping[str, Any], language: Language) -> Bearer:
    """What the header says of somebody with these roles and claims."""
    role = next((_ROLES[role] for role in Role if role in roles), ("", ""))
    areas = claims.get("areas")
    where = [str(claims.get("facility") or ""), *(areas if isinstance(areas, list) else ())]
    return Bearer(", ".join(filter(None, map(str, where))), chosen(language, *role))
