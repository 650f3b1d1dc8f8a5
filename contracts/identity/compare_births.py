"""Compares a typed birth date or sex with the registered one."""

from contracts.events import Sex
from contracts.identity.comparison import (
    MATCH,
    Comparison,
    absent,
    equivalent,
    mismatch,
    partial,
)
from contracts.words import Reason
from vietnamese.dates import Precision, read_written

_MISSING, _DIFFERS = absent(Reason.DATE_MISSING), mismatch(Reason.DATE_DIFFERS)
_FIRST_OF_JANUARY, _YEAR_ONLY = equivalent(Reason.YEAR_ONLY), partial(Reason.YEAR_ONLY)
_NEARLY_REAL, _IMPOSSIBLE = partial(Reason.DATE_IMPOSSIBLE), mismatch(Reason.DATE_IMPOSSIBLE)
_SWAPPED = partial(Reason.DAY_MONTH_SWAPPED)
_DIGIT, _GENERATION = partial(Reason.DATE_DIGIT), mismatch(Reason.DATE_DIGIT)
_NO_SEX, _OTHER_SEX = absent(Reason.SEX_MISSING), mismatch(Reason.SEX_DIFFERS)

_MISTYPED_YEARS = (1, 2, 3, 10)
"""Years that a mistyped year is off by.

All are less than a generation: who is older by more could be a parent of the same name.
"""


def compare_births(typed: str, precision: Precision, registered: str) -> Comparison:
    """Compares two birth dates, the registered one as yyyy-mm-dd, yyyy-mm or yyyy."""
    return MATCH if typed == registered else _differing(typed, precision, registered)


def _differing(typed: str, precision: Precision, registered: str) -> Comparison:
    if precision == "missing" or not typed:
        return _MISSING
    if precision == "impossible":
        return _impossible(typed, registered)
    shorter = min(len(typed), len(registered))
    if typed[:shorter] == registered[:shorter]:
        # 1 January is what clinics type for a year alone
        return _FIRST_OF_JANUARY if typed[shorter:] in ("-01-01", "-01") else _YEAR_ONLY
    if shorter < len("yyyy-mm-dd"):
        return _DIFFERS
    if typed[4:] == "-01-01" and typed[:4] == registered[:4]:
        return _YEAR_ONLY
    return _days(typed, registered)


def _impossible(typed: str, registered: str) -> Comparison:
    """30/02/1980: its month and year may still be right."""
    read = read_written(typed)
    fits = read is not None and f"{read.year:04}-{read.month:02}".startswith(registered[:7])
    return _NEARLY_REAL if fits else _IMPOSSIBLE


def _days(typed: str, registered: str) -> Comparison:
    unlike = sum(map(str.__ne__, typed, registered))
    if typed[:4] == registered[:4]:
        if typed[5:7] == registered[8:] and typed[8:] == registered[5:7]:
            return _SWAPPED
        return _DIGIT if unlike == 1 else _DIFFERS
    if typed[4:] == registered[4:]:
        if abs(int(typed[:4]) - int(registered[:4])) in _MISTYPED_YEARS:
            return _DIGIT
        return _GENERATION if unlike == 1 else _DIFFERS
    return _DIFFERS


def may_be_coarse(typed: str) -> bool:
    """Whether a typed birth date may stand for a year or a month alone.

    Clinics type the first of a month for people who are registered without a day.
    """
    return len(typed) < len("yyyy-mm-dd") or typed.endswith("-01")


def compare_sexes(typed: Sex | None, registered: Sex) -> Comparison:
    """Compares a typed sex with the registered one."""
    if typed == registered:
        return MATCH
    return _NO_SEX if typed is None else _OTHER_SEX
