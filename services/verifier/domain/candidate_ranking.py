"""Whom a typed person may be: the registered people who were found, ranked, each with a confidence
and the evidence in words.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import exp

from contracts.registry import Person
from contracts.words import Reason
from services.verifier.domain.id_column import near
from services.verifier.domain.scoring import OTHER_NUMBER, PLACED, SAME_NUMBER, Weight

SURE = 0.9
"""From here on a suggestion is taken as what the row means, in hints."""

# odds that the typed person is none of those found: not registered, or mistyped beyond what search
# keys stand
_NOBODY = 0.1
_WORTH_SAYING = 0.3
_MOST = 3
MARGIN = 1.5  # who fits this little worse than the number's holder fits as well
_MISTAKEN = (
    2.6  # how much likelier one's own number is typed than a relative's or a twin's: 0.7 to 0.05
)
FAR = 6.0  # what speaks against a namesake who lives elsewhere under quite another number


@dataclass(slots=True)
class Suggestion:
    """A registered person whom the typed one may be; `confidence` 0 to 1."""

    person: Person
    confidence: float
    evidence: tuple[Reason | str, ...]


def suggestions(weights: Sequence[Weight]) -> tuple[Suggestion, ...]:
    """The likeliest first; none where nothing is good enough.

    The confidence is the share of one person's odds among everybody's and those of being none of
    them.
    """
    ranked = sorted(weights, key=lambda weight: (-weight.odds, weight.person.personal_id))[:20]
    odds = [exp(min(weight.odds, 50.0)) for weight in ranked]
    everything = _NOBODY + sum(odds)
    return tuple(
        Suggestion(weight.person, round(share / everything, 4), weight.evidence)
        for weight, share in zip(ranked[:_MOST], odds, strict=False)
        if share / everything >= _WORTH_SAYING
    )


def rivals(holder: Weight, others: Sequence[Weight]) -> list[Weight]:
    """Who else fits name, birth, sex and residence as well as the number's holder does, or is
    registered just as was typed, so that the number alone would decide.
    """
    return [
        other
        for other in others
        if other.person.personal_id != holder.person.personal_id
        and (
            _is_meant_instead(holder, other)
            or _fit(holder, other) > holder.fit + holder.coarse - MARGIN
        )
    ]


def level(weights: Sequence[Weight]) -> list[Weight]:
    """The weights with number and residence taken for what they are worth between people who are
    mistaken for each other.
    """
    holder = max(weights, key=lambda weight: weight.number, default=None)
    if holder is None or holder.number < SAME_NUMBER:
        return list(weights)
    return [_levelled(holder, one) for one in weights]


def _levelled(holder: Weight, one: Weight) -> Weight:
    number, fit, least = one.number, one.fit, SAME_NUMBER - _MISTAKEN
    meant_instead = one is not holder and _is_meant_instead(holder, one)
    if number < least and (meant_instead or _confusable(holder, one)):
        number = least
    if meant_instead:
        fit += max(PLACED[holder.place] - PLACED[one.place], 0.0)
    return one if (number, fit) == (one.number, one.fit) else replace(one, number=number, fit=fit)


def _fit(holder: Weight, other: Weight) -> float:
    """How well another fits beside the holder, by an exact birth date's weight wherever the date
    agrees.

    What was typed is no likelier of one of two people for the other's name being rare, nor for the
    other's being registered with a year alone, which clinics type as 1 January.
    """
    rarity = holder.rarity - other.rarity if holder.rarity and other.rarity else 0.0
    return other.fit + other.coarse + rarity - (0.0 if _confusable(holder, other) else FAR)


def _is_meant_instead(holder: Weight, other: Weight) -> bool:
    """Whether another is registered just as was typed, and only the number may be wrong.

    Residence does not count here: clinics type their own commune, or none. Numbers are mistaken for
    those that look alike; where the holder is less exactly as was typed, also for those of the
    commune, of who may live anywhere, and of twins, who were born in one province.
    """
    if not other.as_typed:
        return False
    if _numbers_alike(holder, other):
        return True
    if holder.as_typed and not holder.decoded and holder.coarse <= other.coarse:
        return False
    return other.person.personal_id[:3] == holder.person.personal_id[:3] or _confusable(
        holder, other
    )


def _confusable(holder: Weight, other: Weight) -> bool:
    """A neighbour's number is easily mistaken, as are relatives' and twins'; a stranger's far away
    is not.
    """
    home = other.person.commune_code
    return (
        not home
        or other.place == "SAME_COMMUNE"
        or home == holder.person.commune_code
        or _numbers_alike(holder, other)
    )


def _numbers_alike(holder: Weight, other: Weight) -> bool:
    """Whether the current numbers are near, or the typed one is nearly any that the other has or
    had.
    """
    return other.number > OTHER_NUMBER or near(holder.person.personal_id, other.person.personal_id)
