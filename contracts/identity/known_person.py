"""Whether what somebody typed is a known person: the same, or a slip that the policy repairs."""

from typing import NamedTuple

from contracts.events import Sex
from contracts.identity.compare_births import compare_births, compare_sexes
from contracts.identity.compare_names import compare_names
from contracts.identity.comparison import Comparison
from contracts.identity.policy import (
    BIRTH_SLIP,
    NAME_SLIP,
    SAME_BIRTH,
    SAME_NAME,
    MatchRule,
    classify,
)
from vietnamese.dates import Precision

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


def rule_for(
    number: Comparison, typed: TypedIdentity, full_name: str, date_of_birth: str, sex: Sex
) -> MatchRule | None:
    """The row of the policy by which this is the known person; None: it is people's to decide."""
    comparisons = (
        number,
        compare_names(typed.full_name, full_name),
        compare_births(typed.date_of_birth, typed.precision, date_of_birth),
        compare_sexes(typed.sex, sex),
    )
    return classify(comparisons).rule
