"""Whom a typed person may be: the registered people who were found, ranked.

Each has a confidence, and the evidence in words.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import exp

from contracts.certain_kinds import CertainKind
from contracts.registry import Person
from contracts.words import Reason
from services.verifier.domain.id_column import near
from services.verifier.domain.scoring import OTHER_NUMBER, PLACE_WEIGHTS, SAME_NUMBER, MatchScore

SURE = 0.9
"""From this confidence on, hints take a candidate for the person whom the row means."""

# odds that the typed person is none of those found: not registered, or mistyped beyond what the
# blocking keys stand
_NOBODY = 0.1
_WORTH_SAYING = 0.3
_MOST = 3
MARGIN = 1.5
"""Who agrees less than the number's holder by no more than this fits as well."""
# how much likelier one's own number is typed than a relative's or a twin's: 0.7 to 0.05
_MISTAKEN = 2.6
FAR = 6.0
"""What speaks against a namesake who lives elsewhere under quite another number."""


@dataclass(slots=True)
class RankedCandidate:
    """A registered person whom the typed one may be.

    `confidence`: 0 to 1. `certain`: why people may confirm it by the page.
    """

    person: Person
    confidence: float
    evidence: tuple[Reason | str, ...]
    certain: CertainKind | None = None


def suggestions(scores: Sequence[MatchScore]) -> tuple[RankedCandidate, ...]:
    """The likeliest first; none where nobody is likely enough.

    The confidence is the share of one person's odds in everybody's, those of being none of them
    included.
    """
    ranked = sorted(scores, key=lambda scored: (-scored.log_odds, scored.person.personal_id))[:20]
    odds = [exp(min(scored.log_odds, 50.0)) for scored in ranked]
    everything = _NOBODY + sum(odds)
    return tuple(
        RankedCandidate(scored.person, round(share / everything, 4), scored.evidence)
        for scored, share in zip(ranked[:_MOST], odds, strict=False)
        if share / everything >= _WORTH_SAYING
    )


def competitors(holder: MatchScore, others: Sequence[MatchScore]) -> list[MatchScore]:
    """Who competes with the number's holder, so that the number alone would decide.

    Competitors fit name, birth, sex and residence as well, or are registered just as was typed.
    """
    return [
        other
        for other in others
        if other.person.personal_id != holder.person.personal_id
        and (
            _is_meant_instead(holder, other)
            or _agreement_beside(holder, other) > holder.agreement + holder.coarse - MARGIN
        )
    ]


def level_scores(scores: Sequence[MatchScore]) -> list[MatchScore]:
    """The scores on level ground, where the number has a holder.

    Number and residence get the weight that they have between people who are mistaken for each
    other.
    """
    holder = max(scores, key=lambda scored: scored.number, default=None)
    if holder is None or holder.number < SAME_NUMBER:
        return list(scores)
    return [_levelled(holder, scored) for scored in scores]


def _levelled(holder: MatchScore, scored: MatchScore) -> MatchScore:
    number, agreement, least = scored.number, scored.agreement, SAME_NUMBER - _MISTAKEN
    meant_instead = scored is not holder and _is_meant_instead(holder, scored)
    if number < least and (meant_instead or _confusable(holder, scored)):
        number = least
    if meant_instead:
        agreement += max(PLACE_WEIGHTS[holder.place] - PLACE_WEIGHTS[scored.place], 0.0)
    if (number, agreement) == (scored.number, scored.agreement):
        return scored
    return replace(scored, number=number, agreement=agreement)


def _agreement_beside(holder: MatchScore, other: MatchScore) -> float:
    """How well another agrees beside the holder, any agreeing birth date as an exact one.

    A rare name does not make it likelier that the one rather than the other was typed. Neither does
    a birth date registered as a year alone, which clinics type as 1 January.
    """
    rarity = holder.rarity - other.rarity if holder.rarity and other.rarity else 0.0
    return other.agreement + other.coarse + rarity - (0.0 if _confusable(holder, other) else FAR)


def _is_meant_instead(holder: MatchScore, other: MatchScore) -> bool:
    """Whether another is registered just as was typed, and only the number may be wrong.

    Residence does not count here: clinics type their own commune, or none. Numbers are mistaken for
    those that look alike. Where the holder is less exactly as was typed, more numbers are mistaken:
    those of the commune, and of people who may live anywhere. So are those of twins, who were born
    in one province.
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


def _confusable(holder: MatchScore, other: MatchScore) -> bool:
    """Whether the numbers of two people are easily mistaken.

    Those of neighbours, relatives and twins are; that of a stranger far away is not.
    """
    home = other.person.commune_code
    return (
        not home
        or other.place == "SAME_COMMUNE"
        or home == holder.person.commune_code
        or _numbers_alike(holder, other)
    )


def _numbers_alike(holder: MatchScore, other: MatchScore) -> bool:
    """Whether the current numbers are near, or the other has or had nearly the typed one."""
    return other.number > OTHER_NUMBER or near(holder.person.personal_id, other.person.personal_id)
