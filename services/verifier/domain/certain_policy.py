"""Which suggestions are certain: so sure that people may confirm them by the page. One table.

Name, birth date, sex and commune must be those of one living person, as typed. Nobody else in the
whole country may have a name and a birth date like the typed ones. What remains is the number: the
table says which wrong numbers are harmless. A number that may be right makes nothing certain.
"""

from collections.abc import Sequence
from dataclasses import replace
from enum import Enum

from contracts.certain_kinds import CertainKind
from contracts.events import Person
from contracts.identity.comparison import MATCH, Comparison, mismatch
from contracts.registry import Person as Registered
from contracts.words import Reason, Result
from services.verifier.domain.candidate_ranking import RankedCandidate
from services.verifier.domain.id_column import CARD, IdReading
from services.verifier.domain.scoring import SAME_NUMBER, MatchScore

CERTAIN_FROM = 0.99
"""Below this confidence nothing is certain, whatever the table says."""


class NumberStanding(Enum):
    """What the typed number is to the suggested person."""

    NONE = "nothing was typed, or something that only filled the field"
    NOT_A_NUMBER = "a telephone number or an insurance number was typed"
    SLIPPED = "nobody's, and one slip away from one of the person's own"
    UNKNOWN_CARD = "nobody's old card, and the registry knows none of the person"
    ANOTHERS = "that of others who have neither the typed name nor the typed birth date"
    OWN = "the person's own, and nobody else's"
    MAY_BE_RIGHT = "anything else: it may be right, and the suggestion wrong"


_WHOLE_DAY = frozenset({MATCH})
_NO_DATE = frozenset({mismatch(Reason.DATE_IMPOSSIBLE)})

# number, birth date -> kind
TABLE = (
    (NumberStanding.NONE,         _WHOLE_DAY, CertainKind.MISSING_NUMBER_SOLE),
    (NumberStanding.NOT_A_NUMBER, _WHOLE_DAY, CertainKind.NO_PERSONAL_NUMBER_SOLE),
    (NumberStanding.SLIPPED,      _WHOLE_DAY, CertainKind.MISTYPED_NUMBER_SOLE),
    (NumberStanding.UNKNOWN_CARD, _WHOLE_DAY, CertainKind.UNKNOWN_CARD_SOLE),
    (NumberStanding.ANOTHERS,     _WHOLE_DAY, CertainKind.ANOTHERS_NUMBER_SOLE),
    (NumberStanding.OWN,          _NO_DATE,   CertainKind.UNREADABLE_BIRTH_HOLDER),
)  # fmt: skip
_KINDS: dict[tuple[NumberStanding, Comparison], CertainKind] = {
    (standing, birth): kind for standing, births, kind in TABLE for birth in births
}

_SAME = frozenset({Result.MATCH, Result.EQUIVALENT})
_UNLIKE_NAME, _UNLIKE_BIRTH = Reason.NAME_DIFFERS, Reason.DATE_DIFFERS


def with_certainty(
    suggestions: tuple[RankedCandidate, ...],
    person: Person,
    number: IdReading,
    scores: Sequence[MatchScore],
    *,
    holders: Sequence[Registered] = (),
    more: bool = False,
) -> tuple[RankedCandidate, ...]:
    """The suggestions, the first with its kind where it is certain.

    `scores`: of everybody who was found, in the order of the search. `holders`: who has the typed
    number. `more`: not everybody was shown.
    """
    if not suggestions or suggestions[0].confidence < CERTAIN_FROM:
        return suggestions
    kind = _kind(suggestions[0].person, person, number, scores, holders, more)
    if kind is None:
        return suggestions
    return (replace(suggestions[0], certain=kind), *suggestions[1:])


def _kind(
    suggested: Registered,
    person: Person,
    number: IdReading,
    scores: Sequence[MatchScore],
    holders: Sequence[Registered],
    more: bool,
) -> CertainKind | None:
    own = next(scored for scored in scores if scored.person.personal_id == suggested.personal_id)
    if not _is_as_typed(own, person) or not _is_sole(own, scores, more):
        return None
    numbers = [holder.personal_id for holder in holders]
    scores_of_holders = [scored for scored in scores if scored.person.personal_id in numbers]
    return _KINDS.get((_standing(own, person, number, scores_of_holders), own.birth))


def _is_as_typed(own: MatchScore, person: Person) -> bool:
    """Whether name, sex and commune are those of this living person, without any guess."""
    return (
        own.name.result in _SAME
        and not own.decoded
        and own.sex is MATCH
        and own.place == "SAME_COMMUNE"
        and own.person.status == "alive"
        and (own.birth is not MATCH or person.date_precision == "day")
    )


def _is_sole(own: MatchScore, scores: Sequence[MatchScore], more: bool) -> bool:
    """Whether nobody else anywhere has a name and a birth date like the typed ones.

    The search shows first who shares the most: so whoever is like was shown, as long as the last
    one shown is not like.
    """
    if more and _is_like(scores[-1]):
        return False
    return not any(_is_like(scored) for scored in scores if scored is not own)


def _is_like(scored: MatchScore) -> bool:
    """Whether somebody may be meant: no more than slips, however many, are in name and date."""
    return scored.name.reason is not _UNLIKE_NAME and scored.birth.reason is not _UNLIKE_BIRTH


def _standing(
    own: MatchScore, person: Person, number: IdReading, holders: Sequence[MatchScore]
) -> NumberStanding:
    if holders:
        if own in holders:
            alone = len(holders) == 1 and own.number == SAME_NUMBER
            return NumberStanding.OWN if alone else NumberStanding.MAY_BE_RIGHT
        unlike = all(
            holder.name.reason is _UNLIKE_NAME and holder.birth.reason is _UNLIKE_BIRTH
            for holder in holders
        )
        return NumberStanding.ANOTHERS if unlike else NumberStanding.MAY_BE_RIGHT
    if own.written is not None:
        return NumberStanding.SLIPPED
    if number.candidates:
        cards = all(len(candidate) == CARD for candidate in number.candidates)
        knows_none = not any(len(old) == CARD for old in own.person.old_ids)
        if cards and knows_none:
            return NumberStanding.UNKNOWN_CARD
        return NumberStanding.MAY_BE_RIGHT
    return _UNUSABLE.get(number.reason, NumberStanding.MAY_BE_RIGHT)


_UNUSABLE: dict[Reason | None, NumberStanding] = {
    Reason.ID_MISSING: NumberStanding.NONE,
    Reason.ID_IS_FILLER: NumberStanding.NONE,
    Reason.ID_IS_PHONE_NUMBER: NumberStanding.NOT_A_NUMBER,
    Reason.ID_IS_INSURANCE_NUMBER: NumberStanding.NOT_A_NUMBER,
}
