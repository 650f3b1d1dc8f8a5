"""The roles of a token and what they may see: the claims `roles`, `facility`, `areas` and
`personal_id`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol


class Role(StrEnum):
    """Who a caller is."""

    FACILITY = "facility"
    STATION = "station"
    POLICE = "police"
    PROVINCE = "province"
    MINISTRY = "ministry"
    CITIZEN = "citizen"
    SERVICE = "service"


_PROVINCE, _DISTRICT, _COMMUNE = 2, 5, 10
"""Digits of an area: a province's code, with its district's three, with its commune's five."""

STAFF = (Role.FACILITY, Role.STATION, Role.POLICE, Role.PROVINCE, Role.MINISTRY, Role.SERVICE)
"""Everybody but citizens."""


@dataclass(frozen=True, slots=True)
class Reach:
    """What of the country's data a caller may see.

    `everything`: the ministry and the services. `facilities`: dose records made there, as prefixes
    of facility codes. `residences`: people living there, as prefixes of the joined province,
    district and commune codes.
    """

    everything: bool = False
    facilities: tuple[str, ...] = ()
    residences: tuple[str, ...] = ()

    @property
    def tokens(self) -> list[str]:
        """As it is kept: `f` or `r` and a code for each facility or residence, `*` for all."""
        if self.everything:
            return ["*"]
        return [f"f{code}" for code in self.facilities] + [f"r{code}" for code in self.residences]

    def covers(self, facility_code: str, residence: str) -> bool:
        """Whether a dose given at `facility_code` to a person living at `residence` may be seen."""
        return (
            self.everything
            or facility_code.startswith(self.facilities)
            or residence.startswith(self.residences)
        )

    def may_record_for(self, facility_code: str) -> bool:
        """Whether a dose of that facility may be pushed or corrected."""
        return self.everything or facility_code.startswith(self.facilities)


class TokenBearer(Protocol):
    """Who calls with a token."""

    @property
    def roles(self) -> frozenset[str]:
        """What the token says its bearer may do."""

    @property
    def claims(self) -> Mapping[str, Any]:
        """What else it says."""


class NamedBearer(TokenBearer, Protocol):
    """Who calls with a token that names them."""

    @property
    def subject(self) -> str:
        """Whose token it is."""


def callers_reach(caller: TokenBearer) -> "Reach":
    """The reach of who calls."""
    return reach_of(caller.roles, caller.claims)


def sender_of(caller: NamedBearer) -> str:
    """Whom a caller is counted as: the facility, whoever works there, or else the subject."""
    facility = caller.claims.get("facility")
    if Role.FACILITY in caller.roles and isinstance(facility, str) and facility:
        return f"facility {facility}"
    return f"subject {caller.subject}"


def counted_as(caller: NamedBearer) -> tuple[str, bool]:
    """Whom a caller is counted as, and whether that is a program."""
    return sender_of(caller), Role.SERVICE in caller.roles


def shown_as(caller: NamedBearer) -> tuple[str, str]:
    """Whom a caller is counted as where people are shown, and whose limits hold.

    Those of a `program`; of an `office`, whose daily work is the single record; or of nobody else
    (empty).
    """
    if Role.SERVICE in caller.roles:
        return sender_of(caller), "program"
    offices = {Role.FACILITY, Role.STATION, Role.POLICE}
    return sender_of(caller), "office" if caller.roles & offices else ""


def reach_of(roles: frozenset[str], claims: Mapping[str, Any]) -> Reach:
    """The reach of a token's claims; a role without its claim reaches nothing, and what has not the
    form of a claim is none.
    """
    if roles & {Role.MINISTRY, Role.SERVICE}:
        return Reach(everything=True)
    areas = _areas(claims.get("areas"))
    facilities: set[str] = set()
    residences: set[str] = set()
    facility = claims.get("facility")
    if (
        Role.FACILITY in roles
        and isinstance(facility, str)
        and len(facility) == 5
        and facility.isdigit()
    ):
        facilities.add(facility)
    if roles & {Role.STATION, Role.POLICE}:
        residences.update(areas)
    if Role.PROVINCE in roles:
        # a province answers for its people and for the facilities on its ground: their codes begin
        # with its own, and say no district
        residences.update(areas)
        facilities.update(area for area in areas if len(area) == _PROVINCE)
    return Reach(facilities=tuple(sorted(facilities)), residences=tuple(sorted(residences)))


def _areas(claimed: object) -> tuple[str, ...]:
    """The areas of a claim: whole codes alone, since the beginning of one would reach into several
    provinces.
    """
    if not isinstance(claimed, list):
        return ()
    lengths = (_PROVINCE, _DISTRICT, _COMMUNE)
    return tuple(
        area
        for area in claimed
        if isinstance(area, str) and area.isascii() and area.isdigit() and len(area) in lengths
    )
