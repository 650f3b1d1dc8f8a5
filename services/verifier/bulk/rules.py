"""What a bulk run takes: who may confirm what, how many rows are shown, and for how long."""

from collections.abc import Collection, Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Literal

from contracts.access import Role
from contracts.certain_kinds import CertainKind

SAMPLE = 5
"""Rows that are drawn at random, and shown singly before the first page."""
PAGE = 50
HELD_FOR = timedelta(minutes=15)
"""So long a page is its reader's alone."""
UNDONE_AT_ONCE = 200

RunState = Literal["sample", "pages", "stopped", "undone"]
Stage = Literal["sample", "first", "second"]
RowState = Literal["shown", "first", "confirmed", "taken_out", "wrong", "changed", "gone", "undone"]
Outcome = Literal["first_confirmed", "confirmed", "taken_out", "wrong", "changed", "gone"]

_OFFICE, _POLICE = frozenset({Role.POLICE, Role.STATION}), frozenset({Role.POLICE})
FIRST: Mapping[str, Collection[Role]] = MappingProxyType(
    {
        **dict.fromkeys(CertainKind, _OFFICE),
        # the number would become another person's: that is the police's alone
        CertainKind.ANOTHERS_NUMBER_SOLE: _POLICE,
    }
)
"""By kind: who may be the first of the two. The second is always of the police."""


def may_be_first(roles: Collection[str], kind: str) -> bool:
    """Whether somebody of these roles may confirm this kind as the first."""
    return any(role in roles for role in FIRST.get(kind, ()))
