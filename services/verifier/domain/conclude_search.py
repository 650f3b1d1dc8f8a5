"""Concludes a match decision after the search for others who may be meant."""

from collections.abc import Sequence

from contracts.events import AttributeResult, Person
from contracts.identity.comparison import (
    Comparison,
    attribute_result,
    comparison,
    mismatch,
    partial,
)
from contracts.registry import Found
from contracts.registry import Person as Registered
from contracts.words import Grade, Reason, Result
from services.verifier.domain.candidate_ranking import SURE, competitors, level_scores, suggestions
from services.verifier.domain.certain_policy import with_certainty
from services.verifier.domain.decision import MatchDecision, OpenSearch, registry_data
from services.verifier.domain.scoring import MatchScore, score


def conclude_search(person: Person, decision: MatchDecision, search_result: Found) -> MatchDecision:
    """The final decision after a provisional one, with what its search found.

    A final decision stays as it is.
    """
    if decision.open is None:
        return decision
    if decision.open.holder is None:
        return _conclude_unknown(person, decision.open, decision, search_result)
    others = _without_holders(search_result.people, decision.open.holders)
    return conclude_known(person, decision.open, others, more=search_result.more)


def conclude_known(
    person: Person, open_search: OpenSearch, others: Sequence[Registered], *, more: bool
) -> MatchDecision:
    """The final decision where somebody has the number.

    `others`: who else may be meant. `more`: not everybody was shown.
    """
    _, _, holders, holder, classification, but_for_competitors = open_search
    assert holder is not None and classification is not None
    _, rule, attributes = classification
    if rule is None:
        scores = scores_of(person, open_search, (*holders, *others))
        return _mismatch(person, open_search, attributes, scores, more=more)
    if not but_for_competitors:
        return review(person, open_search, attributes, (*holders, *others), None)
    # who was not shown may be a competitor too
    if more or (others and _has_competitor(person, open_search, holder, others)):
        everybody = (*holders, *others)
        return review(person, open_search, attributes, everybody, Reason.ID_OF_ANOTHER)
    return MatchDecision(rule.grade, attributes, registry_data(holder))


def _has_competitor(
    person: Person, open_search: OpenSearch, holder: Registered, others: Sequence[Registered]
) -> bool:
    own, *rest = scores_of(person, open_search, (holder, *others))
    return bool(competitors(own, rest))


def _without_holders(
    people: Sequence[Registered], holders: Sequence[Registered]
) -> list[Registered]:
    if len(holders) == 1:
        own = holders[0].personal_id
        return [person for person in people if person.personal_id != own]
    taken = [holder.personal_id for holder in holders]
    return [person for person in people if person.personal_id not in taken]


def scores_of(
    person: Person, open_search: OpenSearch, people: Sequence[Registered]
) -> list[MatchScore]:
    return [
        score(person, open_search.name, open_search.number, registered) for registered in people
    ]


def review(
    person: Person,
    open_search: OpenSearch,
    attributes: tuple[AttributeResult, ...],
    people: Sequence[Registered],
    reason: Reason | None,
) -> MatchDecision:
    """People must decide. Where the number is disputed, its own result says so by `reason`."""
    if reason:
        attributes = _with_number(attributes, partial(reason))
    candidates = suggestions(level_scores(scores_of(person, open_search, people)))
    return MatchDecision(Grade.REVIEW, attributes, None, candidates)


def _mismatch(
    person: Person,
    open_search: OpenSearch,
    attributes: tuple[AttributeResult, ...],
    scores: Sequence[MatchScore],
    *,
    more: bool,
) -> MatchDecision:
    holder = open_search.holder
    assert holder is not None
    candidates = with_certainty(
        suggestions(level_scores(scores)),
        person,
        open_search.number,
        scores,
        holders=open_search.holders,
        more=more,
    )
    if (
        candidates
        and candidates[0].confidence >= SURE
        and candidates[0].person.personal_id != holder.personal_id
    ):
        attributes = _with_number(attributes, mismatch(Reason.ID_OF_ANOTHER))
    return MatchDecision(Grade.MISMATCH, attributes, None, candidates)


def _with_number(
    attributes: tuple[AttributeResult, ...], compared: Comparison
) -> tuple[AttributeResult, ...]:
    """The attributes with this result of the number, in place of any other."""
    others = [attribute for attribute in attributes if attribute.name != "personal_id"]
    return (attribute_result("personal_id", compared), *others)


def _conclude_unknown(
    person: Person, open_search: OpenSearch, decision: MatchDecision, found: Found
) -> MatchDecision:
    """The final decision where nobody has the number. `found`: who may be meant."""
    attributes = decision.attributes
    scores = scores_of(person, open_search, found.people)
    candidates = with_certainty(
        suggestions(scores), person, open_search.number, scores, more=found.more
    )
    if decision.grade is Grade.NOT_FOUND and candidates and candidates[0].confidence >= SURE:
        # how a number was mistyped by a digit or two is worth more than that it is nobody's
        for slipped in (Reason.ID_DIGIT, Reason.ID_TRANSPOSED):
            if slipped in candidates[0].evidence:
                compared = comparison(Result.ABSENT_IN_REGISTRY, slipped)
                attributes = (attribute_result("personal_id", compared),)
    return MatchDecision(decision.grade, attributes, None, candidates)
