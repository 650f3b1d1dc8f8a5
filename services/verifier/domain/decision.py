"""The match decision: what the machine concludes of one typed person.

Nothing here is changed once made. The classes have `slots` without `frozen`, because millions are
made.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from contracts.events import AttributeResult, RegistryPerson
from contracts.identity.comparison import attribute_result, comparison
from contracts.identity.policy import Classification
from contracts.registry import MAX_FOUND, Key
from contracts.registry import Person as Registered
from contracts.words import Grade, Result
from services.verifier.domain.candidate_ranking import RankedCandidate
from services.verifier.domain.id_column import IdReading

SUGGESTED_FROM = 50
"""Of so many people the likeliest are suggested. Others who share a blocking key are left out."""

# no reason: a new one would be unknown to those who read v1 of the event
_UNREADABLE = attribute_result("status", comparison(Result.ABSENT_IN_REGISTRY, None))


class OpenSearch(NamedTuple):
    """What is known of a typed person before others are searched for.

    `number`, `name`: as they can be read. `holders`: who has the number; `holder`: the best of
    them, with its `classification`. `but_for_competitors`: only a competitor keeps that one from
    going on.
    """

    number: IdReading
    name: str
    holders: Sequence[Registered] = ()
    holder: Registered | None = None
    classification: Classification | None = None
    but_for_competitors: bool = False


@dataclass(slots=True)
class MatchDecision:
    """A decision on one typed person.

    `attributes`: those that differ. `person`: only where eligible; of an exempt one as typed.
    `search`: where it is not empty, the decision is provisional and never eligible: search the
    registry by these keys, then call `conclude_search`.
    """

    grade: Grade
    attributes: tuple[AttributeResult, ...]
    person: RegistryPerson | None
    suggestions: tuple[RankedCandidate, ...] = ()
    search: tuple[Key, ...] = ()
    open: OpenSearch | None = None

    @property
    def most(self) -> int:
        """How many people its search is to show."""
        return (
            MAX_FOUND if self.open is not None and self.open.but_for_competitors else SUGGESTED_FROM
        )


def review_of_unreadable(decision: MatchDecision) -> MatchDecision:
    """The decision where the registry's entry of the number's holder cannot be read.

    The final decision took the number for nobody's. People decide instead, as with a deceased
    holder, whoever else was suggested.
    """
    return MatchDecision(Grade.REVIEW, (_UNREADABLE,), None, decision.suggestions)


def registry_data(person: Registered) -> RegistryPerson:
    """What others may know of a registered person: what a certificate is made of."""
    return RegistryPerson(
        person.full_name,
        person.date_of_birth,
        person.personal_id,
        "",
        person.sex,
        person.nationality,
        person.old_ids,
    )
