"""The policy: which comparisons lead to which grade. One table, to be read and checked row by row.

A repair replaces what was typed with the registry's data and lets the dose through. So each row
allows one slip, or two where it says so, and names the condition that must hold besides. What fits
no row is left to people.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from functools import cache
from itertools import product
from typing import NamedTuple

from contracts.events import AttributeName, AttributeResult
from contracts.identity.comparison import (
    MATCH,
    Comparison,
    absent,
    attribute_result,
    equivalent,
    mismatch,
    partial,
)
from contracts.words import Grade, Reason

ALGORITHM = "2026.7"
"""Version of the matching algorithm and of this table.

Raise it with every change that can change a grade.
"""


class RuleCondition(Enum):
    """What must hold for a row's grade."""

    NOTHING = "nothing more"
    NO_COMPETITOR_OF_THE_YEAR = (
        "where the birth date may stand for a year or a month alone: no other registered person"
        " fits as well"
    )
    NO_COMPETITOR = "no other registered person fits as well"
    NO_COMPETITOR_AT_HOME = (
        "no other registered person fits as well, and the commune of residence is the"
        " registered one"
    )


def _equivalent(*reasons: Reason) -> frozenset[Comparison]:
    return frozenset(map(equivalent, reasons))


def _partial(*reasons: Reason) -> frozenset[Comparison]:
    return frozenset(map(partial, reasons))


_SAME = frozenset([MATCH])

# the number
RIGHT = _SAME | _equivalent(Reason.ID_PUNCTUATED)
RESTORED = _equivalent(Reason.ID_LEADING_ZERO_LOST, Reason.ID_SCIENTIFIC)
OLD = _partial(Reason.OLD_ID, Reason.SUPERSEDED_ID)
# the name
SAME_NAME = _SAME | _equivalent(Reason.NAME_SPELLING, Reason.NAME_ENCODING)
NO_ACCENTS = _partial(Reason.DIACRITICS_MISSING)
# an old encoding may make a real name of another name: that is a slip like others
NAME_SLIP = NO_ACCENTS | _partial(
    Reason.TONE_DIFFERS,
    Reason.NAME_ORDER,
    Reason.MIDDLE_NAME_MISSING,
    Reason.NAME_ABBREVIATED,
    Reason.SPELLING_VARIANT,
    Reason.NAME_ENCODING,
)
# the birth date
FIRST_OF_JANUARY = _equivalent(Reason.YEAR_ONLY)
SAME_BIRTH = _SAME | FIRST_OF_JANUARY
PLAIN_BIRTH_SLIP = _partial(Reason.DAY_MONTH_SWAPPED, Reason.YEAR_ONLY)
BIRTH_SLIP = (
    FIRST_OF_JANUARY | PLAIN_BIRTH_SLIP | _partial(Reason.DATE_DIGIT, Reason.DATE_IMPOSSIBLE)
)
# the sex
SEX_SLIP = frozenset([mismatch(Reason.SEX_DIFFERS), absent(Reason.SEX_MISSING)])


@dataclass(frozen=True, slots=True)
class MatchRule:
    """A grade, and the condition on which it is given."""

    grade: Grade
    condition: RuleCondition


_ALWAYS = RuleCondition.NOTHING
_OF_THE_YEAR = RuleCondition.NO_COMPETITOR_OF_THE_YEAR
_UNCONTESTED = RuleCondition.NO_COMPETITOR
_AT_HOME = RuleCondition.NO_COMPETITOR_AT_HOME

# number, name, birth date, sex -> grade, on condition
TABLE = (
    (_SAME,            _SAME,      _SAME,            _SAME,    Grade.EXACT,      _ALWAYS),
    (RIGHT,            SAME_NAME,  _SAME,            _SAME,    Grade.EQUIVALENT, _ALWAYS),
    (RESTORED | OLD,   SAME_NAME,  _SAME,            _SAME,    Grade.REPAIRED,   _OF_THE_YEAR),
    (RIGHT | RESTORED, NAME_SLIP,  SAME_BIRTH,       _SAME,    Grade.REPAIRED,   _UNCONTESTED),
    (RIGHT | RESTORED, SAME_NAME,  BIRTH_SLIP,       _SAME,    Grade.REPAIRED,   _UNCONTESTED),
    (RIGHT | RESTORED, SAME_NAME,  SAME_BIRTH,       SEX_SLIP, Grade.REPAIRED,   _UNCONTESTED),
    (OLD,              SAME_NAME,  FIRST_OF_JANUARY, _SAME,    Grade.REPAIRED,   _UNCONTESTED),
    (RIGHT | RESTORED, NO_ACCENTS, PLAIN_BIRTH_SLIP, _SAME,    Grade.REPAIRED,   _AT_HOME),
    (OLD,              NAME_SLIP,  SAME_BIRTH,       _SAME,    Grade.REPAIRED,   _AT_HOME),
    (OLD,              SAME_NAME,  PLAIN_BIRTH_SLIP, _SAME,    Grade.REPAIRED,   _AT_HOME),
)  # fmt: skip
"""The first row that fits counts."""

ComparisonVector = tuple[Comparison, Comparison, Comparison, Comparison]
"""The comparisons of number, name, birth date and sex."""
_Level = frozenset[Comparison]


def _by_vector(
    table: Iterable[tuple[_Level, _Level, _Level, _Level, Grade, RuleCondition]],
) -> dict[ComparisonVector, MatchRule]:
    rules: dict[ComparisonVector, MatchRule] = {}
    for number, name, birth, sex, grade, condition in table:
        for comparisons in product(number, name, birth, sex):
            rules.setdefault(comparisons, MatchRule(grade, condition))
    return rules


RULES_BY_VECTOR = _by_vector(TABLE)
"""The table by the four comparisons."""


class Classification(NamedTuple):
    """Comparisons, the rule that they fit, and the differing ones as an event carries them."""

    comparisons: ComparisonVector
    rule: MatchRule | None
    attributes: tuple[AttributeResult, ...]


@cache
def classify(comparisons: ComparisonVector) -> Classification:
    """What the table says of the comparisons. There are few, so each is put together once."""
    names: tuple[AttributeName, ...] = ("personal_id", "full_name", "date_of_birth", "sex")
    differing = [
        attribute_result(name, compared)
        for name, compared in zip(names, comparisons, strict=True)
        if compared is not MATCH
    ]
    return Classification(comparisons, RULES_BY_VECTOR.get(comparisons), tuple(differing))
