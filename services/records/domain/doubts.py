"""Doubts: why people must decide on a dose. They are part of its content."""

from collections.abc import Collection, Sequence

from contracts.words import MARKS, Doubt
from services.records.domain.digest import digest64
from services.records.domain.dose import ValidDose

_SETTLED_BY = {Doubt.YEAR_IN_DATE_CELL: "date_of_birth"}
"""The field whose correction ends a doubt.

The others end when people decide, or when their sender says otherwise.
"""


def with_doubts(dose: ValidDose, doubts: Sequence[str]) -> ValidDose:
    """The same dose with these doubts, which change its digest."""
    if not doubts:
        return dose
    return dose._replace(doubts=tuple(doubts), content=digest64((str(dose.content), *doubts)))


def remaining(doubts: Sequence[str], changed: Collection[str]) -> tuple[str, ...]:
    """The doubts that stay when these fields of a dose are corrected."""
    settled = {doubt for doubt, field in _SETTLED_BY.items() if field in changed}
    return tuple(doubt for doubt in doubts if doubt not in settled)


def with_marks_of(dose: ValidDose, stored: Sequence[str]) -> ValidDose:
    """The same dose with the marks that are stored with it, which no file takes away."""
    marks = [code for code in stored if code in MARKS and code not in dose.doubts]
    if not marks:
        return dose
    return dose._replace(
        doubts=(*dose.doubts, *marks), content=digest64((str(dose.content), *marks))
    )
