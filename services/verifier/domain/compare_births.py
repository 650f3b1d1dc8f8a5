"""How a typed birth date or sex compares with the registered one."""

from contracts.events import Sex
from contracts.words import Reason
from services.verifier.domain.comparison import SAME, Finding, absent, equal, other, part
from vietnamese.dates import Precision, read_written

_MISSING, _DIFFERS = absent(Reason.DATE_MISSING), other(Reason.DATE_DIFFERS)
_FIRST_OF_JANUARY, _YEAR_ONLY = equal(Reason.YEAR_ONLY), part(Reason.YEAR_ONLY)
_NEARLY_REAL, _IMPOSSIBLE = part(Reason.DATE_IMPOSSIBLE), other(Reason.DATE_IMPOSSIBLE)
_SWAPPED = part(Reason.DAY_MONTH_SWAPPED)
_DIGIT, _GENERATION = part(Reason.DATE_DIGIT), other(Reason.DATE_DIGIT)
_NO_SEX, _OTHER_SEX = absent(Reason.SEX_MISSING), other(Reason.SEX_DIFFERS)

_MISTYPED_YEARS = (1, 2, 3, 10)
"""Years that a mistyped year is off by. All are less than a generation: more could be a parent of
the same name.
"""


def compare_births(typed: str, precision: Precision, registered: str) -> Finding:
    """A typed birth date against a registered one (yyyy-mm-dd, yyyy-mm or yyyy)."""
    return SAME if typed == registered else _unlike(typed, precision, registered)


def _unlike(typed: str, precision: Precision, registered: str) -> Finding:
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


def _impossible(typed: str, registered: str) -> Finding:
    """30/02/1980: its month and year may still be right."""
    found = read_written(typed)
    fits = found is not None and f"{found.year:04}-{found.month:02}".startswith(registered[:7])
    return _NEARLY_REAL if fits else _IMPOSSIBLE


def _days(typed: str, registered: str) -> Finding:
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
    """Whether a typed birth date may stand for a year or a month alone: who is registered so is
    typed as of the first.
    """
    return len(typed) < len("yyyy-mm-dd") or typed.endswith("-01")


def compare_sexes(typed: Sex | None, registered: Sex) -> Finding:
    """A typed sex against the registered one."""
    if typed == registered:
        return SAME
    return _NO_SEX if typed is None else _OTHER_SEX
