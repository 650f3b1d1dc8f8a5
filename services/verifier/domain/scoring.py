"""How much the evidence says that a typed person is a registered one, in natural logarithms of odds
(Fellegi and Sunter, 1969).

Each finding counts the more, the likelier it is of the same person and the unlikelier of a
stranger. The chances are assumptions, those of names after the surname shares of 2022.
"""

from dataclasses import dataclass
from functools import lru_cache
from math import log

from contracts.events import Person
from contracts.registry import Person as Registered
from contracts.words import Reason, Result
from services.verifier.domain.compare_births import compare_births, compare_sexes
from services.verifier.domain.compare_names import compare_read_names
from services.verifier.domain.comparison import Finding
from services.verifier.domain.id_column import Number, slip
from services.verifier.domain.name_forms import name_of
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

# of the same person: how often; of a stranger: how many times more people have such a name than the
# very name
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
_PLACES = (("commune_code", "SAME_COMMUNE", log(0.85 / 1e-4)), ("district_code", "SAME_DISTRICT",
log(0.05 / 1.4e-3)),
           ("province_code", "SAME_PROVINCE", log(0.05 / 0.03)))  # fmt: skip
_ELSEWHERE = log(0.05)
PLACED = {"": _ELSEWHERE, **{word: weight for _, word, weight in _PLACES}}
"""What it weighs where both live, by the word of `Weight.place`."""
SAME_NUMBER = log(0.7 / 1e-7)
"""What it weighs that the typed number is the person's own."""
OTHER_NUMBER = log(0.05)
"""What it weighs that the typed number is another's: any more, and it may be a slip of one of the
person's own.
"""
_SLIPPED_NUMBER, _ROUNDED_NUMBER = log(0.08 / 5e-5), log(0.8 / 1e-3)


@dataclass(slots=True)
class Weight:
    """The evidence for one registered person: `fit` of name, birth, sex and residence, `number` of
    the number alone.

    `rarity`: how much of the fit is owed to the registered name's being rare; 0 where the names are
    not alike. `coarse`: what the fit lacks because of the birth date that agrees less is
    registered, or was typed, than a day. `as_typed`: nothing that was typed of name, birth date and
    sex speaks against it; `decoded`: the name not as it stands.
    """

    person: Registered
    fit: float
    rarity: float
    coarse: float
    number: float
    name: Finding
    birth: Finding
    sex: Finding
    place: str
    written: Reason | None
    as_typed: bool
    decoded: bool

    @property
    def odds(self) -> float:
        """Logarithm of the odds that this is the typed person."""
        return self.fit + self.number - _STRANGERS

    @property
    def evidence(self) -> tuple[Reason | str, ...]:
        """The evidence in words, for and against."""
        words: list[Reason | str] = []
        for found, same in (
            (self.name, "SAME_NAME"),
            (self.birth, "SAME_BIRTH_DATE"),
            (self.sex, "SAME_SEX"),
        ):
            words.append(found.reason or same)
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


def _name_chances(finding: Finding) -> tuple[float, float] | None:
    chances = _NAMES.get(finding.reason) if finding.reason else None
    if chances is None or finding.result is not _MISMATCH:
        return chances
    return chances[0] * _TWO_SLIPS, chances[1] * 5


def _name_weight(name: str, finding: Finding) -> tuple[float, float]:
    """Weight, and how much of it the name's rarity makes."""
    result = finding.result
    if result in _ALIKE:
        rarity = -log(_share(name))
        return _SAME_NAME + rarity, rarity
    if result is _NOT_TYPED:
        return 0.0, 0.0
    chances = _name_chances(finding)
    if chances is None:
        return _OTHER_NAME, 0.0
    chance, wider = chances
    rarity = -log(min(_share(name) * wider, 0.5))
    return log(chance) + rarity, rarity


@lru_cache(maxsize=1_024)
def _birth_weight(finding: Finding, precise: bool) -> tuple[float, float]:
    """Weight, and what it lacks of a whole date's where the dates agree."""
    result, reason = finding.result, finding.reason
    if result is _NOT_TYPED:
        return 0.0, 0.0
    if result is _MATCH:
        weight = log(_SAME_BIRTH / (1 / _DAYS if precise else _YEAR_ONLY_SHARE / _YEARS))
    else:
        chances = _BIRTHS.get(reason) if reason and result is not _MISMATCH else None
        weight = log(chances[0] / chances[1]) if chances else log(_OTHER_BIRTH)
    return weight, _WHOLE_DATE - weight if result in _ALIKE else 0.0


def place_of(typed: Person, person: Registered) -> str:
    """The smallest area in which both live, as a word of evidence; empty where there is none, or
    none was typed.
    """
    if typed.province_code:
        for field, word, _ in _PLACES:
            code = getattr(typed, field)
            if code and code == getattr(person, field):
                return word
    return ""


def _number_weight(number: Number, person: Registered) -> tuple[float, Reason | None]:
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


def weigh(typed: Person, name: str, number: Number, person: Registered) -> Weight:
    """Weighs one registered person; `name` is the typed one as it could be read."""
    by_name, decoded = compare_read_names(name, person.full_name), False
    if name != typed.full_name:
        # what looks encoded may be a name of its own
        as_it_stands = compare_read_names(typed.full_name, person.full_name)
        decoded = as_it_stands.result not in _ALIKE
        by_name = by_name if decoded else as_it_stands
    by_birth = compare_births(typed.date_of_birth, typed.date_precision, person.date_of_birth)
    by_sex = compare_sexes(typed.sex, person.sex)
    place = place_of(typed, person)
    by_number, written = _number_weight(number, person)
    by_words, rarity = _name_weight(person.full_name, by_name)
    by_date, coarse = _birth_weight(by_birth, len(person.date_of_birth) > 4)
    fit = by_words + by_date
    if typed.province_code:
        fit += PLACED[place]
    if typed.sex is not None:
        fit += _SAME_SEX if typed.sex == person.sex else _OTHER_SEX
    as_typed = (
        by_name.result in _ALIKE and by_birth.result in _ALIKE and by_sex.result is not _MISMATCH
    )
    return Weight(
        person,
        fit,
        rarity,
        coarse,
        by_number,
        by_name,
        by_birth,
        by_sex,
        place,
        written,
        as_typed,
        decoded,
    )


def fit(name: Finding, birth: Finding, sex: Finding, place: str) -> float:
    """The fit of who compares so with a typed person, as rivals' are compared: but for the rarity
    of the name, any date that agrees as a whole one; `place` as in `Weight`.
    """
    chances = _name_chances(name)
    by_name = log(chances[0]) if chances else _SAME_NAME if name.result in _ALIKE else _OTHER_NAME
    by_sex = _SAME_SEX if sex.result is _MATCH else 0.0 if sex.result is _NOT_TYPED else _OTHER_SEX
    return by_name + sum(_birth_weight(birth, precise=True)) + by_sex + PLACED[place]
