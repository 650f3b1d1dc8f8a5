"""Whom a typed person may be: the registered people who were found, ranked, each with a confidence and the evidence in words."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import exp

from contracts.registry import Person
from contracts.words import Reason
from services.verifier.domain.ids import near
from services.verifier.domain.weigh import SAME_NUMBER, Weight

SURE = 0.9
"""From here on a suggestion is taken as what the row means, in hints."""

_NOBODY = 0.1  # odds that the typed person is none of those found: not registered, or mistyped beyond what search keys stand
_WORTH_SAYING = 0.3
_MOST = 3
MARGIN = 1.5  # who fits this little worse than the number's holder fits as well
_MISTAKEN = 2.6  # how much likelier one's own number is typed than a relative's or a twin's: 0.7 to 0.05
FAR = 6.0  # what speaks against a namesake who lives elsewhere under quite another number


@dataclass(slots=True)
class Suggestion:
    """A registered person whom the typed one may be; `confidence` 0 to 1."""

    person: Person
    confidence: float
    evidence: tuple[Reason | str, ...]


def suggestions(weights: Sequence[Weight]) -> tuple[Suggestion, ...]:
    """The likeliest first; none where nothing is good enough.

    The confidence is the share of one person's odds among everybody's and those of being none of them.
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
    """Who else fits name, birth, sex and residence as well as the number's holder does, so that the number alone would decide."""
    return [
        other for other in others if other.person.personal_id != holder.person.personal_id and _fit(holder, other) > holder.fit - MARGIN
    ]


def level(weights: Sequence[Weight]) -> list[Weight]:
    """The weights with a number taken for what it is worth between people whose numbers are mistaken for each other's."""
    holder = max(weights, key=lambda weight: weight.number, default=None)
    if holder is None or holder.number < SAME_NUMBER:
        return list(weights)
    least = SAME_NUMBER - _MISTAKEN
    return [replace(one, number=least) if one.number < least and _confusable(holder, one) else one for one in weights]


def _fit(holder: Weight, other: Weight) -> float:
    """How well another fits beside the holder; what was typed is no likelier of one of two people for the other's name being rare."""
    rarity = holder.rarity - other.rarity if holder.rarity and other.rarity else 0.0
    return other.fit + rarity - (0.0 if _confusable(holder, other) else FAR)


def _confusable(holder: Weight, other: Weight) -> bool:
    """A neighbour's number is easily mistaken, as are relatives' and twins'; a stranger's far away is not."""
    one, two = holder.person, other.person
    return (two.commune_code != "" and (other.place == "SAME_COMMUNE" or two.commune_code == one.commune_code)) or near(
        one.personal_id, two.personal_id
    )
