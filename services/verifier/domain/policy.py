"""The policy: which results of comparing lead to which grade. One table, to be read and checked row
by row.

A repair replaces what was typed with the registry's data and lets the dose through, so each row
allows one slip (two in the rows that say so), and says what must hold besides. What stands in no
row is left to people.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from functools import cache
from itertools import product
from typing import NamedTuple

from contracts.events import AttributeName, AttributeResult
from contracts.words import Grade, Reason
from services.verifier.domain.comparison import SAME, Finding, absent, attribute, equal, other, part

ALGORITHM = "2026.6"
"""Version of the matching algorithm and of this table; to be raised with every change that can
change a grade.
"""


class Needs(Enum):
    """What must hold for a row's grade."""

    NOTHING = "nothing more"
    NO_RIVAL_OF_THE_YEAR = (
        "where the birth date may stand for a year or a month alone: no other registered person"
        " fits as well"
    )
    NO_RIVAL = "no other registered person fits as well"
    NO_RIVAL_AT_HOME = (
        "no other registered person fits as well, and the commune of residence is the"
        " registered one"
    )


def _equal(*reasons: Reason) -> frozenset[Finding]:
    return frozenset(map(equal, reasons))


def _part(*reasons: Reason) -> frozenset[Finding]:
    return frozenset(map(part, reasons))


_SAME = frozenset([SAME])

# the number
RIGHT = _SAME | _equal(Reason.ID_PUNCTUATED)
RESTORED = _equal(Reason.ID_LEADING_ZERO_LOST, Reason.ID_SCIENTIFIC)
OLD = _part(Reason.OLD_ID, Reason.SUPERSEDED_ID)
# the name
SAME_NAME = _SAME | _equal(Reason.NAME_SPELLING, Reason.NAME_ENCODING)
NO_ACCENTS = _part(Reason.DIACRITICS_MISSING)
# what an old encoding makes of a name that may be one as it stands is a slip like others
NAME_SLIP = NO_ACCENTS | _part(
    Reason.TONE_DIFFERS, Reason.NAME_ORDER, Reason.MIDDLE_NAME_MISSING, Reason.NAME_ABBREVIATED,
    Reason.SPELLING_VARIANT,
    Reason.NAME_ENCODING,
)  # fmt: skip
# the birth date
FIRST_OF_JANUARY = _equal(Reason.YEAR_ONLY)
SAME_BIRTH = _SAME | FIRST_OF_JANUARY
PLAIN_BIRTH_SLIP = _part(Reason.DAY_MONTH_SWAPPED, Reason.YEAR_ONLY)
BIRTH_SLIP = FIRST_OF_JANUARY | PLAIN_BIRTH_SLIP | _part(Reason.DATE_DIGIT, Reason.DATE_IMPOSSIBLE)
# the sex
SEX_SLIP = frozenset([other(Reason.SEX_DIFFERS), absent(Reason.SEX_MISSING)])


@dataclass(frozen=True, slots=True)
class Ruling:
    """A grade and what it needs."""

    grade: Grade
    needs: Needs


# number, name, birth date, sex -> grade, if
TABLE = (
    (_SAME,            _SAME,      _SAME,            _SAME,    Grade.EXACT,      Needs.NOTHING),
    (RIGHT,            SAME_NAME,  _SAME,            _SAME,    Grade.EQUIVALENT, Needs.NOTHING),
    (RESTORED | OLD,   SAME_NAME,  _SAME,            _SAME,    Grade.REPAIRED,
    Needs.NO_RIVAL_OF_THE_YEAR),
    (RIGHT | RESTORED, NAME_SLIP,  SAME_BIRTH,       _SAME,    Grade.REPAIRED,   Needs.NO_RIVAL),
    (RIGHT | RESTORED, SAME_NAME,  BIRTH_SLIP,       _SAME,    Grade.REPAIRED,   Needs.NO_RIVAL),
    (RIGHT | RESTORED, SAME_NAME,  SAME_BIRTH,       SEX_SLIP, Grade.REPAIRED,   Needs.NO_RIVAL),
    (OLD,              SAME_NAME,  FIRST_OF_JANUARY, _SAME,    Grade.REPAIRED,   Needs.NO_RIVAL),
    (RIGHT | RESTORED, NO_ACCENTS, PLAIN_BIRTH_SLIP, _SAME,    Grade.REPAIRED,
    Needs.NO_RIVAL_AT_HOME),
    (OLD,              NAME_SLIP,  SAME_BIRTH,       _SAME,    Grade.REPAIRED,
    Needs.NO_RIVAL_AT_HOME),
    (OLD,              SAME_NAME,  PLAIN_BIRTH_SLIP, _SAME,    Grade.REPAIRED,
    Needs.NO_RIVAL_AT_HOME),
)  # fmt: skip
"""The first row that fits counts."""

Findings = tuple[Finding, Finding, Finding, Finding]


def _spread(
    table: Iterable[
        tuple[
            frozenset[Finding],
            frozenset[Finding],
            frozenset[Finding],
            frozenset[Finding],
            Grade,
            Needs,
        ]
    ],
) -> dict[Findings, Ruling]:
    rulings: dict[Findings, Ruling] = {}
    for number, name, birth, sex, grade, needs in table:
        for findings in product(number, name, birth, sex):
            rulings.setdefault(findings, Ruling(grade, needs))
    return rulings


RULINGS = _spread(TABLE)
"""The table by the four findings (number, name, birth date, sex)."""


class Judgement(NamedTuple):
    """Findings, the row of the table that they fit, and those that differ as an event carries
    them.
    """

    findings: Findings
    ruling: Ruling | None
    attributes: tuple[AttributeResult, ...]


@cache
def judgement(findings: Findings) -> Judgement:
    """What the table says of findings; of the few there are, each is put together once."""
    names: tuple[AttributeName, ...] = ("personal_id", "full_name", "date_of_birth", "sex")
    differing = [
        attribute(name, found)
        for name, found in zip(names, findings, strict=True)
        if found is not SAME
    ]
    return Judgement(findings, RULINGS.get(findings), tuple(differing))
