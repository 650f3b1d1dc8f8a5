"""Which doubts about a dose a correction settles."""

from collections.abc import Collection, Sequence

from contracts.words import Doubt

_SETTLED_BY = {Doubt.YEAR_IN_DATE_CELL: "date_of_birth"}
"""The field whose correction ends a doubt; the others end when people decide, or their sender says
otherwise.
"""


def remaining(doubts: Sequence[str], changed: Collection[str]) -> tuple[str, ...]:
    """The doubts that stay when these fields of a dose are corrected."""
    ended = {doubt for doubt, field in _SETTLED_BY.items() if field in changed}
    return tuple(doubt for doubt in doubts if doubt not in ended)
