"""Scoring: how much the evidence says that a typed person is a registered one.

Weights are natural logarithms of odds (Fellegi and Sunter, 1969). A comparison weighs the more, the
likelier it is of the same person and the unlikelier of a stranger. The chances are assumptions;
those of names follow the surname shares of 2022.
"""

from dataclasses import dataclass
from functools import lru_cache
from math import log

from contracts.events import Person
from contracts.identity.compare_births import compare_births, compare_sexes
from contracts.identity.compare_names import compare_read_names
from contracts.identity.comparison import Comparison
from contracts.identity.name_forms import name_of
from contracts.registry import Person as Registered
from contracts.words import Reason, Result
from services.verifier.domain.id_column import IdReading, slip
from vietnamese.syllables import strict_word

_STRANGERS = log(1e8)  # a country's people: how unlikely any one of them is beforehand
_DAYS = 25_000.0  # birth days that are about equally common
_YEARS = 70.0
_YEAR_ONLY_SHARE = 0.03

_WORD_SHARES = {
    strict_word(word): share
    for word, share in (
        ("Nguyễn", 0.31),
        ("Trần", 0.11),
        ("Lê", 0.09),
        ("Phạm", 0.06),
        ("Thị", 0.2),
        ("Văn", 0.15),
        ("Phan", 0.03),
    )
}
_WORD = 0.012

# By reason: how often the same person is typed so, and how many times more people have such a
# name than the very name.
_NAMES = {
    Reason.DIACRITICS_MISSING: (0.15, 3.0),
    Reason.TONE_DIFFERS: (0.04, 8.0),
    Reason.NAME_ORDER: (0.03, 4.0),
    Reason.MIDDLE_NAME_MISSING: (0.05, 30.0),
    Reason.NAME_ABBREVIATED: (0.03, 20.0),
    Reason.SPELLING_VARIANT: (0.03, 4.0),
    Reason.NAME_TYPO: (0.02, 40.0),
    Reason.NAME_ENCODING: (0.01, 10.0),
}
_SAME_NAME, _OTHER_NAME = log(0.85), log(0.004)
_MATCH, _EQUIVALENT, _MISMATCH, _NOT_TYPED = (
    Result.MATCH,
    Result.EQUIVALENT,
    Result.MISMATCH,
    Result.ABSENT_IN_REQUEST,
)
_ALIKE = (_MATCH, _EQUIVALENT)
_TWO_SLIPS = 0.1
_BIRTHS = {
    Reason.DAY_MONTH_SWAPPED: (0.04, 1 / _DAYS),
    Reason.YEAR_ONLY: (0.04, 1 / _YEARS),
    Reason.DATE_DIGIT: (0.04, 15 / _DAYS),
    Reason.DATE_IMPOSSIBLE: (0.01, 30 / _DAYS),
}
_SAME_BIRTH, _OTHER_BIRTH = 0.85, 0.01
_WHOLE_DATE = log(_SAME_BIRTH * _DAYS)
_SAME_SEX, _OTHER_SEX = log(0.98 / 0.5), log(0.02 / 0.5)
_PLACES = (
    ("commune_code", "SAME_COMMUNE", log(0.85 / 1e-4)),
    ("district_code", "SAME_DISTRICT", log(0.05 / 1.4e-3)),
    ("province_code", "SAME_PROVINCE", log(0.05 / 0.03)),
)
_ELSEWHERE = log(0.05)
PLACE_WEIGHTS = {"": _ELSEWHERE, **{word: weight for _, word, weight in _PLACES}}
"""The weight of living in one place, by the word of `MatchScore.place`."""
SAME_NUMBER = log(0.7 / 1e-7)
"""The weight where the typed number is the person's own."""
OTHER_NUMBER = log(0.05)
"""The weight where the typed number is another's.

A number that weighs more may be a slip of one of the person's own.
"""
_SLIPPED_NUMBER, _ROUNDED_NUMBER = log(0.08 / 5e-5), log(0.8 / 1e-3)


@dataclass(slots=True)
class MatchScore:
    """The evidence for one registered person.

    `agreement`: the weight of name, birth, sex and residence. `number`: the weight of the number
    alone. `rarity`: how much of the agreement comes from a rare registered name; 0 where the names
    are not alike. `coarse`: what the agreement lacks because an agreeing birth date is less exact
    than a day. `name`, `birth`, `sex`: the comparisons. `place`: the smallest area in which both
    live, as a word. `written`: how the number is written. `as_typed`: nothing typed of name, birth
    date and sex speaks against the person. `decoded`: only the decoded name agrees.
    """

    person: Registered
    agreement: float
    rarity: float
    coarse: float
    number: float
    name: Comparison
    birth: Comparison
    sex: Comparison
    place: str
    written: Reason | None
    as_typed: bool
    decoded: bool

    @property
    def log_odds(self) -> float:
        """Logarithm of the odds that this is the typed person."""
        return self.agreement + self.number - _STRANGERS

    @property
    def evidence(self) -> tuple[Reason | str, ...]:
        """The evidence in words, for and against."""
        words: list[Reason | str] = []
        for compared, same in (
            (self.name, "SAME_NAME"),
            (self.birth, "SAME_BIRTH_DATE"),
            (self.sex, "SAME_SEX"),
        ):
            words.append(compared.reason or same)
        words += [word for word in (self.place, self.written) if word]
        if self.person.status != "alive":
            words.append(Reason.PERSON_DECEASED)
        return tuple(words)


def _share(name: str) -> float:
    """The share of people who have this very name."""
    share = 1.0
    for word in name_of(name).strict:
        share *= _WORD_SHARES.get(word, _WORD)
    return max(share, 1e-7)


def _name_chances(compared: Comparison) -> tuple[float, float] | None:
    chances = _NAMES.get(compared.reason) if compared.reason else None
    if chances is None or compared.result is not _MISMATCH:
        return chances
    return chances[0] * _TWO_SLIPS, chances[1] * 5


def _name_weight(name: str, compared: Comparison) -> tuple[float, float]:
    """The weight, and how much of it comes from a rare name."""
    result = compared.result
    if result in _ALIKE:
        rarity = -log(_share(name))
        return _SAME_NAME + rarity, rarity
    if result is _NOT_TYPED:
        return 0.0, 0.0
    chances = _name_chances(compared)
    if chances is None:
        return _OTHER_NAME, 0.0
    chance, wider = chances
    rarity = -log(min(_share(name) * wider, 0.5))
    return log(chance) + rarity, rarity


@lru_cache(maxsize=1_024)
def _birth_weight(compared: Comparison, precise: bool) -> tuple[float, float]:
    """The weight, and what it lacks of a whole date's where the dates agree."""
    result, reason = compared.result, compared.reason
    if result is _NOT_TYPED:
        return 0.0, 0.0
    if result is _MATCH:
        weight = log(_SAME_BIRTH / (1 / _DAYS if precise else _YEAR_ONLY_SHARE / _YEARS))
    else:
        chances = _BIRTHS.get(reason) if reason and result is not _MISMATCH else None
        weight = log(chances[0] / chances[1]) if chances else log(_OTHER_BIRTH)
    return weight, _WHOLE_DATE - weight if result in _ALIKE else 0.0


def place_of(typed_person: Person, person: Registered) -> str:
    """The smallest area in which both live, as a word of evidence.

    Empty where there is none, or none was typed.
    """
    if typed_person.province_code:
        for field, word, _ in _PLACES:
            code = getattr(typed_person, field)
            if code and code == getattr(person, field):
                return word
    return ""


def _number_weight(number: IdReading, person: Registered) -> tuple[float, Reason | None]:
    if number.digits:
        fits = person.personal_id.startswith(number.digits)
        return (_ROUNDED_NUMBER, number.reason) if fits else (OTHER_NUMBER, None)
    typed = number.candidates[0] if number.candidates else number.typed
    if not typed:
        return 0.0, None
    if typed == person.personal_id:
        return SAME_NUMBER, None
    if typed in person.old_ids:
        return SAME_NUMBER, (
            Reason.OLD_ID if len(typed) < len(person.personal_id) else Reason.SUPERSEDED_ID
        )
    for own in (person.personal_id, *person.old_ids):
        if reason := slip(typed, own):
            return _SLIPPED_NUMBER, reason
    return OTHER_NUMBER, None


def score(typed_person: Person, name: str, number: IdReading, person: Registered) -> MatchScore:
    """Scores one registered person. `name`: the typed one as it could be read."""
    by_name, only_decoded = compare_read_names(name, person.full_name), False
    if name != typed_person.full_name:
        # what looks encoded may be a name of its own
        as_it_stands = compare_read_names(typed_person.full_name, person.full_name)
        only_decoded = as_it_stands.result not in _ALIKE
        by_name = by_name if only_decoded else as_it_stands
    by_birth = compare_births(
        typed_person.date_of_birth, typed_person.date_precision, person.date_of_birth
    )
    by_sex = compare_sexes(typed_person.sex, person.sex)
    place = place_of(typed_person, person)
    number_weight, written = _number_weight(number, person)
    name_weight, rarity = _name_weight(person.full_name, by_name)
    birth_weight, coarse = _birth_weight(by_birth, len(person.date_of_birth) > 4)
    agreement = name_weight + birth_weight
    if typed_person.province_code:
        agreement += PLACE_WEIGHTS[place]
    if typed_person.sex is not None:
        agreement += _SAME_SEX if typed_person.sex == person.sex else _OTHER_SEX
    as_typed = (
        by_name.result in _ALIKE and by_birth.result in _ALIKE and by_sex.result is not _MISMATCH
    )
    return MatchScore(
        person,
        agreement,
        rarity,
        coarse,
        number_weight,
        by_name,
        by_birth,
        by_sex,
        place,
        written,
        as_typed,
        only_decoded,
    )


def agreement_weight(name: Comparison, birth: Comparison, sex: Comparison, place: str) -> float:
    """The agreement of somebody who compares so with a typed person.

    It is reckoned as between competitors: without the rarity of the name, and with any agreeing
    date as a whole one. `place`: as in `MatchScore`.
    """
    chances = _name_chances(name)
    if chances:
        name_weight = log(chances[0])
    else:
        name_weight = _SAME_NAME if name.result in _ALIKE else _OTHER_NAME
    if sex.result is _NOT_TYPED:
        sex_weight = 0.0
    else:
        sex_weight = _SAME_SEX if sex.result is _MATCH else _OTHER_SEX
    return name_weight + sum(_birth_weight(birth, precise=True)) + sex_weight + PLACE_WEIGHTS[place]
