"""Blocking keys that find everybody who could compete with the holder of the typed number.

In a whole country many people share part of a name and a birth date, and an answer shows a hundred.
In one search for everything, a twin or a namesake next door may be left out. So competitors are
searched for by themselves. Keys that few people share are always asked. Keys that many share are
asked only where somebody whom nothing else finds could agree well enough by the weights. Where the
answer is cut off all the same, nobody can say that there is no competitor.
"""

from functools import lru_cache
from typing import NamedTuple

from contracts.events import Person
from contracts.identity.comparison import MATCH, Comparison, mismatch, partial
from contracts.identity.policy import ComparisonVector
from contracts.keys import (
    Heard,
    anniversary_keys,
    births,
    close_keys,
    family_name_keys,
    given_name_keys,
    heard_as,
    namesake_keys,
)
from contracts.registry import Key
from contracts.registry import Person as Registered
from contracts.words import Reason, Result
from services.verifier.domain.candidate_ranking import FAR, MARGIN
from services.verifier.domain.scoring import agreement_weight, place_of
from vietnamese.spelling import sounds

_SHORTENED, _MISSPELT = partial(Reason.MIDDLE_NAME_MISSING), mismatch(Reason.NAME_TYPO)
_DIGIT, _PERHAPS_ENCODED = partial(Reason.DATE_DIGIT), partial(Reason.NAME_ENCODING)


class _CompetitorGroups(NamedTuple):
    """Which groups hold somebody who could agree well enough.

    Those who share a whole name or a commune with the birth date are always searched for.
    """

    namesakes_here: bool  # in the typed commune, of another birth date
    namesakes_there: bool  # in the holder's
    shortened: bool  # in neither, of a longer name
    misspelt: bool  # in neither, of another last word
    anniversaries: bool  # in neither, of another birth year


@lru_cache(maxsize=8_192)
def _groups(
    name: Comparison, birth: Comparison, sex: Comparison, place: str, far: str
) -> _CompetitorGroups:
    """The groups, by how the holder compares.

    `far`: the nearest place where somebody in neither commune may live.
    """
    least = agreement_weight(name, birth, sex, place) - MARGIN
    best_sex = sex if sex.result is Result.ABSENT_IN_REQUEST else MATCH

    def surplus(name: Comparison, birth: Comparison, place: str) -> float:
        return agreement_weight(name, birth, best_sex, place) - least

    def elsewhere(name: Comparison) -> bool:
        # a number that is mistaken far from home is a twin's, who has the holder's birth date
        return surplus(name, birth, far) > 0 or surplus(name, MATCH, far) > FAR

    return _CompetitorGroups(
        namesakes_here=surplus(MATCH, _DIGIT, "SAME_COMMUNE") > 0,
        namesakes_there=surplus(MATCH, _DIGIT, place) > 0,
        shortened=elsewhere(_SHORTENED),
        misspelt=elsewhere(_MISSPELT),
        anniversaries=surplus(MATCH, _DIGIT, far) > FAR,
    )


def competitor_keys(
    person: Person, name: Heard, holder: Registered, comparisons: ComparisonVector
) -> tuple[Key, ...]:
    """Keys that find everybody who may compete with the holder.

    `comparisons`: how the holder compares with the typed person.
    """
    far = (
        "SAME_DISTRICT" if person.district_code else "SAME_PROVINCE" if person.province_code else ""
    )
    _, by_name, by_birth, by_sex = comparisons
    groups = _groups(by_name, by_birth, by_sex, place_of(person, holder), far)
    typed = person.date_of_birth if by_birth.reason is not Reason.DATE_IMPOSSIBLE else ""
    # twins have the holder's birth date, whatever was typed
    born = (
        births(typed)
        if by_birth is MATCH
        else list(dict.fromkeys(births(typed) + births(holder.date_of_birth)))
    )
    here, there = (
        person.commune_code,
        holder.commune_code if holder.commune_code != person.commune_code else "",
    )
    keys = close_keys(name, born, [commune for commune in (here, there) if commune])
    keys += namesake_keys(
        name,
        [
            commune
            for commune, has_namesakes in zip((here, there), groups, strict=False)
            if commune and has_namesakes
        ],
    )
    if by_name is _PERHAPS_ENCODED:
        keys += close_keys(heard_as(map(sounds, person.full_name.split())), born, ())
    if groups.shortened:
        keys += given_name_keys(name, born)
    if groups.misspelt:
        keys += family_name_keys(name, born)
    if groups.anniversaries:
        keys += anniversary_keys(name, typed)
    return tuple(keys)
