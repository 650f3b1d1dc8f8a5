"""What a bulk run takes: who may confirm what, how many rows are shown, and for how long."""

from collections.abc import Collection, Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Literal

from contracts.acceptance import NumberChange, Proof, acceptance_rule
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

_CHANGES: Mapping[str, NumberChange] = MappingProxyType(
    {
        **dict.fromkeys(CertainKind, NumberChange.GIVEN),
        CertainKind.ANOTHERS_NUMBER_SOLE: NumberChange.CHANGED,
        CertainKind.UNREADABLE_BIRTH_HOLDER: NumberChange.NONE,
    }
)
"""By kind: what a confirmation does to the typed number."""
_FIRSTS = (Role.POLICE, Role.STATION)


def may_be_first(roles: Collection[str], kind: str) -> bool:
    """Whether somebody of these roles may confirm this kind as the first.

    By the one table of acceptances, by sight. The second is always of the police.
    """
    change = _CHANGES.get(kind)
    return change is not None and any(
        acceptance_rule(role, Proof.SIGHT, change, certain=True) is not None
        for role in _FIRSTS
        if role in roles
    )
