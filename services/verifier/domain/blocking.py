"""The search for rivals: by which keys everybody is found who could fit as well as the holder of
the typed number.

In a whole country a part of a name and a birth date are many people's, and an answer has room for a
hundred: asked for all together, a twin or a namesake next door may be left out. So rivals are asked
for by themselves: always by what few people share, and by what many share only where somebody whom
nothing else finds could fit well enough by the weights. Where the answer is cut off all the same,
nobody can say that there is no rival.
"""

from functools import lru_cache
from typing import NamedTuple

from contracts.events import Person
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
from services.verifier.domain.comparison import SAME, Finding, other, part
from services.verifier.domain.policy import Findings
from services.verifier.domain.scoring import fit, place_of
from vietnamese.spelling import sounds

_SHORTENED, _MISSPELT = part(Reason.MIDDLE_NAME_MISSING), other(Reason.NAME_TYPO)
_DIGIT, _PERHAPS_ENCODED = part(Reason.DATE_DIGIT), part(Reason.NAME_ENCODING)


class _Sought(NamedTuple):
    """Who could fit well enough, beside those who share a whole name or a commune with the birth
    date.
    """

    namesakes_here: bool  # in the typed commune, of another birth date
    namesakes_there: bool  # in the holder's
    shortened: bool  # in neither, of a longer name
    misspelt: bool  # in neither, of another last word
    anniversaries: bool  # in neither, of another birth year


@lru_cache(maxsize=8_192)
def _sought(name: Finding, birth: Finding, sex: Finding, place: str, far: str) -> _Sought:
    """By how the holder compares; `far`: the nearest place where somebody in neither commune may
    live.
    """
    least = fit(name, birth, sex, place) - MARGIN
    best = sex if sex.result is Result.ABSENT_IN_REQUEST else SAME

    def may(name: Finding, birth: Finding, place: str) -> float:
        return fit(name, birth, best, place) - least

    def elsewhere(name: Finding) -> bool:
        # a number that is mistaken far from home is a twin's, who has the holder's birth date
        return may(name, birth, far) > 0 or may(name, SAME, far) > FAR

    return _Sought(
        namesakes_here=may(SAME, _DIGIT, "SAME_COMMUNE") > 0,
        namesakes_there=may(SAME, _DIGIT, place) > 0,
        shortened=elsewhere(_SHORTENED),
        misspelt=elsewhere(_MISSPELT),
        anniversaries=may(SAME, _DIGIT, far) > FAR,
    )


def rival_keys(
    person: Person, name: Heard, holder: Registered, findings: Findings
) -> tuple[Key, ...]:
    """What finds everybody who may be a rival of the holder, who compares with the typed person by
    `findings`.
    """
    far = (
        "SAME_DISTRICT" if person.district_code else "SAME_PROVINCE" if person.province_code else ""
    )
    _, by_name, by_birth, by_sex = findings
    sought = _sought(by_name, by_birth, by_sex, place_of(person, holder), far)
    typed = person.date_of_birth if by_birth.reason is not Reason.DATE_IMPOSSIBLE else ""
    # twins have the holder's birth date, whatever was typed
    born = (
        births(typed)
        if by_birth is SAME
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
            for commune, sought_in in zip((here, there), sought, strict=False)
            if commune and sought_in
        ],
    )
    if by_name is _PERHAPS_ENCODED:
        keys += close_keys(heard_as(map(sounds, person.full_name.split())), born, ())
    if sought.shortened:
        keys += given_name_keys(name, born)
    if sought.misspelt:
        keys += family_name_keys(name, born)
    if sought.anniversaries:
        keys += anniversary_keys(name, typed)
    return tuple(keys)
