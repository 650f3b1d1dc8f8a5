"""Whether what somebody typed is a known person: the same, or a slip that the policy repairs."""

from typing import NamedTuple

from contracts.events import Sex
from contracts.identity.compare_births import compare_births
from contracts.identity.compare_names import compare_names
from contracts.identity.comparison import partial
from contracts.identity.policy import (
    BIRTH_SLIP,
    NAME_SLIP,
    SAME_BIRTH,
    SAME_NAME,
)
from contracts.words import Reason
from vietnamese.dates import Precision

NAME_OF_NOBODY_ELSE = SAME_NAME | {
    partial(Reason.DIACRITICS_MISSING),
    partial(Reason.NAME_ORDER),
    partial(Reason.NAME_ABBREVIATED),
}
"""Without a search for others: what was typed is not the whole name of a brother or a sister."""
BIRTH_OF_NOBODY_ELSE = SAME_BIRTH | {
    partial(Reason.YEAR_ONLY),
    partial(Reason.DAY_MONTH_SWAPPED),
    partial(Reason.DATE_IMPOSSIBLE),
}
"""The same of a birth date: not the day of a namesake."""
_NAMES = SAME_NAME | NAME_SLIP
_BIRTHS = SAME_BIRTH | BIRTH_SLIP


class TypedIdentity(NamedTuple):
    """A person as typed; `date_of_birth` as `read_birth` gives it, with its precision."""

    full_name: str
    date_of_birth: str
    precision: Precision
    sex: Sex | None = None


def is_likely(typed: TypedIdentity, full_name: str, date_of_birth: str) -> bool:
    """Whether name and birth date are each the known person's, or a slip of it that is repaired.

    Less than a repair asks for, which allows one slip. So it tells whose a dose is only beside a
    number that is the same.
    """
    name = compare_names(typed.full_name, full_name)
    birth = compare_births(typed.date_of_birth, typed.precision, date_of_birth)
    return name in _NAMES and birth in _BIRTHS


def is_surely(typed: TypedIdentity, full_name: str, date_of_birth: str) -> bool:
    """Whether it is likely, and the name typed is nobody else's: where nobody signed in to ask."""
    name = compare_names(typed.full_name, full_name)
    birth = compare_births(typed.date_of_birth, typed.precision, date_of_birth)
    return name in NAME_OF_NOBODY_ELSE and birth in _BIRTHS
