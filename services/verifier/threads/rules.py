"""Who may say what in a thread, what follows, and how long somebody has a case in hand."""

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Literal

from contracts.access import Role
from contracts.case_states import CaseState

MessageKind = Literal[
    "papers_asked", "answered", "note", "sent_to_police", "sent_back", "decided", "undone"
]
SaidKind = Literal["papers_asked", "answered", "note", "sent_to_police", "sent_back"]
"""What people say; the rest is written by what they do."""

CLAIMED_FOR = timedelta(minutes=15)
HANDED_FOR = timedelta(days=1)
MAX_PICTURE = 2_000_000
"""Bytes."""

MOST_BESIDE = 50

FOLLOWS: Mapping[tuple[Role, SaidKind], CaseState | None] = MappingProxyType(
    {
        (Role.STATION, "note"): None,
        (Role.STATION, "answered"): "open",
        (Role.STATION, "sent_to_police"): "open",
        (Role.POLICE, "note"): None,
        (Role.POLICE, "papers_asked"): "asked_for_papers",
        (Role.POLICE, "sent_back"): "asked_for_papers",
    }
)
"""By role and what is said: the state that the case gets, None: as it was. What stands in no row
nobody may say.
"""
FROM: Mapping[SaidKind, frozenset[CaseState]] = MappingProxyType(
    {
        "answered": frozenset({"asked_for_papers"}),
        "sent_to_police": frozenset({"closed"}),
        "papers_asked": frozenset({"open", "awaiting_second", "asked_for_papers"}),
        "sent_back": frozenset({"open", "asked_for_papers"}),
    }
)
"""The states in which something can be said that changes the state."""

_BEGINNINGS = (
    ("image/jpeg", 0, b"\xff\xd8\xff"),
    ("image/png", 0, b"\x89PNG\r\n\x1a\n"),
    ("image/webp", 8, b"WEBP"),
)


def media_type_of(content: bytes) -> str | None:
    """The media type by the first bytes, whatever the sender said; None: it is no such picture."""
    return next(
        (kind for kind, at, mark in _BEGINNINGS if content[at : at + len(mark)] == mark), None
    )
