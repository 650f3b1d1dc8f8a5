"""When a guardian may be told a child's number.

Rules on what was typed of the two, and whom it singles out where the guardian lives.

Assumption (A): the registry's contract knows no parentage. Until the registry answers whose child
somebody is, that both are registered in one commune stands for it. No number bears the typed child
out, so nothing about it is repaired: every field must be right. Nobody else who may be meant may
live there. That is stricter than the competitor rule of doses, where a number agrees as well.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date
from enum import Enum, StrEnum
from types import MappingProxyType
from typing import NamedTuple

from contracts.events import Person
from contracts.identity.compare_births import compare_births
from contracts.identity.compare_names import compare_names
from contracts.identity.comparison import MATCH
from contracts.identity.name_forms import name_of
from contracts.identity.policy import BIRTH_SLIP, SAME_NAME
from contracts.keys import search_keys
from contracts.registry import Key
from contracts.registry import Person as Registered
from contracts.words import ELIGIBLE_GRADES, Grade, Reason, Result
from services.verifier.domain.id_column import read_number
from vietnamese.encodings import decoded

OF_AGE = 18
VERIFIED = frozenset({Grade.EXACT, Grade.EQUIVALENT, Grade.REPAIRED})
"""Grades of a guardian who is who they say, by the registry."""


class Refusal(StrEnum):
    """Why no number is told.

    `CHILD_NOT_SINGLED_OUT` is one word for nobody, several, a twin, somewhere else and died. To say
    which of them would answer guesses.
    """

    CHILD_FOREIGN = "CHILD_FOREIGN"
    NUMBER_HOLDS = "NUMBER_HOLDS"  # the number that was typed passes
    CHILD_INCOMPLETE = "CHILD_INCOMPLETE"
    CHILD_OF_AGE = "CHILD_OF_AGE"
    GUARDIAN_CARD_DIFFERS = "GUARDIAN_CARD_DIFFERS"  # what was typed is not of the card's holder
    GUARDIAN_NOT_VERIFIED = "GUARDIAN_NOT_VERIFIED"
    GUARDIAN_NOT_OF_AGE = "GUARDIAN_NOT_OF_AGE"
    CHILD_NOT_SINGLED_OUT = "CHILD_NOT_SINGLED_OUT"
    TOO_MANY_MISSES = (  # the caller has asked too often for whom nobody was singled out
        "TOO_MANY_MISSES"
    )


class GuardianCase(NamedTuple):
    """A child and its guardian, with the grades of both.

    `typed`: the guardian as typed. `card`: what their card says, where it was scanned. `guardian`:
    who they are by the registry, where verified.
    """

    child: Person
    child_grade: Grade
    typed: Person
    card: Person | None
    grade: Grade
    guardian: Registered | None
    today: date


def _is_alive(person: Registered | None) -> bool:
    return person is not None and person.status == "alive"


def _is_complete(child: Person) -> bool:
    return (
        name_of(child.full_name).strict != ()
        and child.date_precision == "day"
        and child.sex is not None
    )


def is_of_age(birth: str, today: date) -> bool:
    """Whether somebody is of age for certain. Of a year or a month alone, the last day counts."""
    day = birth[4:] + "-12-31"[len(birth[4:]) :]
    return f"{int(birth[:4]) + OF_AGE:04}{day}" <= today.isoformat()


def _is_holders(typed_person: Person, card: Person) -> bool:
    """Whether nothing typed contradicts the card. What was left out does not."""
    name = compare_names(typed_person.full_name, card.full_name)
    birth = compare_births(
        typed_person.date_of_birth, typed_person.date_precision, card.date_of_birth
    )
    number = read_number(typed_person.personal_id).candidates
    return (
        (not typed_person.personal_id or card.personal_id in number)
        and typed_person.sex in (None, card.sex)
        and Result.MISMATCH not in (name.result, birth.result)
    )


RULES: Sequence[tuple[Refusal, Callable[[GuardianCase], bool]]] = (
    (Refusal.CHILD_FOREIGN,         lambda case: case.child.nationality != "VN"),
    (Refusal.NUMBER_HOLDS,          lambda case: case.child_grade in ELIGIBLE_GRADES),
    (Refusal.CHILD_INCOMPLETE,      lambda case: not _is_complete(case.child)),
    (Refusal.CHILD_OF_AGE,          lambda case: is_of_age(case.child.date_of_birth, case.today)),
    (Refusal.GUARDIAN_CARD_DIFFERS,
        lambda case: case.card is not None and not _is_holders(case.typed, case.card)),
    (Refusal.GUARDIAN_NOT_VERIFIED,
        lambda case: case.grade not in VERIFIED or not _is_alive(case.guardian)),
    (Refusal.GUARDIAN_NOT_OF_AGE,
        lambda case: case.guardian is not None and not is_of_age(case.guardian.date_of_birth,
    case.today)),
)  # fmt: skip
"""Asked before anybody is searched for. The first rule that is broken counts."""


def refusal(case: GuardianCase) -> Refusal | None:
    """Why nobody is searched for, None where the search may begin."""
    return next((rule for rule, broken in RULES if broken(case)), None)


class Agreement(Enum):
    """How one attribute of a registered person agrees with the typed child's."""

    SAME = "the same, a name in other signs too"
    NEAR = (
        "a slip away: of a name one word, of a birth date what the policy calls a slip, or day and"
        " month"
    )
    OTHER = "other data"


class ChildLikeness(Enum):
    """What a person registered in the commune is to the typed child."""

    CHILD = "it, if nobody else is"
    COMPETITOR = "whom the typing may have meant: a twin, a namesake"


TABLE = MappingProxyType(
    {
        # name, birth date, sex
        (Agreement.SAME, Agreement.SAME, Agreement.SAME): ChildLikeness.CHILD,
        (Agreement.NEAR, Agreement.SAME, Agreement.SAME): ChildLikeness.COMPETITOR,
        (Agreement.SAME, Agreement.NEAR, Agreement.SAME): ChildLikeness.COMPETITOR,
        (Agreement.SAME, Agreement.SAME, Agreement.OTHER): ChildLikeness.COMPETITOR,
    }
)
"""Who stands in no row is somebody else."""


def likeness(child: Person, person: Registered) -> ChildLikeness | None:
    """What a registered person is to the typed child, None where somebody else."""
    sex = Agreement.SAME if child.sex == person.sex else Agreement.OTHER
    return TABLE.get((_name(child.full_name, person.full_name), _birth(child, person), sex))


def _name(typed: str, registered: str) -> Agreement:
    compared = compare_names(typed, registered)
    if compared in SAME_NAME:
        return Agreement.SAME
    # twins share all but a word; so do children whose accents, order or middle names are mistaken
    words, own = Counter(name_of(decoded(typed)).bare), Counter(name_of(registered).bare)
    apart = max((words - own).total(), (own - words).total())
    near = apart <= 1 or compared.reason is not Reason.NAME_DIFFERS
    return Agreement.NEAR if near else Agreement.OTHER


def _birth(child: Person, person: Registered) -> Agreement:
    compared = compare_births(child.date_of_birth, child.date_precision, person.date_of_birth)
    if compared is MATCH:
        return Agreement.SAME
    # the registry too has 1 January where only the year is known
    return (
        Agreement.NEAR
        if compared in BIRTH_SLIP or person.date_of_birth[:4] == child.date_of_birth[:4]
        else Agreement.OTHER
    )


def keys_at(commune: str, child: Person) -> tuple[Key, ...]:
    """The keys that find everybody of the commune whom `TABLE` may name, and nobody elsewhere.

    There are none where the commune is not known.
    """
    keys = search_keys(decoded(child.full_name), child.date_of_birth, commune)
    return tuple(key for key in keys if key.endswith(f"|{commune}")) if commune else ()


def singled_out(
    child: Person, commune: str, people: Sequence[Registered] | None
) -> Registered | None:
    """The one registered child of the guardian's commune who is meant, if there is just one.

    `people`: those found by `keys_at`, None where not everybody was shown.
    """
    if people is None or not commune or child.commune_code not in ("", commune):
        return None
    here = [
        (person, likeness(child, person)) for person in people if person.commune_code == commune
    ]
    alike = [(person, what) for person, what in here if what is not None]
    if len(alike) != 1:
        return None
    [(person, what)] = alike
    return person if what is ChildLikeness.CHILD and person.status == "alive" else None
