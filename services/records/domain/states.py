"""How a dose's state moves: a table of what may follow what, and the rule that an older version never wins (design, section Words)."""

from types import MappingProxyType
from typing import NamedTuple

from contracts.words import State

_ANYWHERE_JUDGED = frozenset({State.ELIGIBLE, State.NEEDS_CORRECTION, State.IN_REVIEW, State.ISSUED, State.WITHDRAWN})

NEXT = MappingProxyType(
    {
        # a certificate's event may overtake its verification's
        State.PENDING: _ANYWHERE_JUDGED,
        State.ELIGIBLE: _ANYWHERE_JUDGED,
        # people decided, or the registry changed: judged anew at the same version
        State.NEEDS_CORRECTION: _ANYWHERE_JUDGED,
        State.IN_REVIEW: _ANYWHERE_JUDGED,
        # the registry changed after the certificate was made; a verification that comes late says nothing new
        State.ISSUED: frozenset({State.ISSUED, State.NEEDS_CORRECTION, State.IN_REVIEW, State.WITHDRAWN}),
        State.WITHDRAWN: frozenset({State.WITHDRAWN}),
    }
)
"""The states that may follow a state at the same version. A new version begins at pending, whatever came before."""


class Standing(NamedTuple):
    """Where a dose stands: its state, at a version."""

    version: int
    state: State


def next_state(now: Standing, news: Standing) -> Standing:
    """Where the dose stands once the news is known; news of an older version, or that may not follow, changes nothing."""
    if news.version < now.version:
        return now
    if news.version > now.version:
        return news
    return news if news.state in NEXT[now.state] else now
