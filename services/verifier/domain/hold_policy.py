"""Which doses are held for people although the machine would let them go on.

The sender doubts them, or a certified dose would become another person's. One table, asked by a few
yes or no. Whether two people are the same is found out elsewhere (`prior_certification.py`).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from contracts.identity.comparison import attribute_result, mismatch
from contracts.words import ELIGIBLE_GRADES, Doubt, Grade, Reason
from services.verifier.domain.candidate_ranking import RankedCandidate
from services.verifier.domain.decision import MatchDecision

OF_ANOTHER = attribute_result("personal_id", mismatch(Reason.ID_OF_ANOTHER))
PASSPORT_OF_ANOTHER = attribute_result("passport_number", mismatch(Reason.ID_OF_ANOTHER))


class HoldFacts(NamedTuple):
    """What the table is asked by.

    `eligible`: the dose would go on by itself. `another`: an older version was certified as another
    person; where the dose is not eligible, it is typed as somebody else. `by_two`: two officers
    confirmed the new person since. `taken_back`: officers took back what the older version was
    certified by.
    """

    eligible: bool
    another: bool
    by_two: bool = False
    taken_back: bool = False


@dataclass(frozen=True, slots=True)
class HoldRule:
    """What follows from the facts.

    `two_officers`: two officers must decide. `older_stays`: the older certificate stays valid until
    they have.
    """

    two_officers: bool = False
    older_stays: bool = False


_AS_MATCHED = HoldRule()
_OLDER_STAYS = HoldRule(two_officers=True, older_stays=True)
_OLDER_ENDS = HoldRule(two_officers=True)
_EITHER = (False, True)

# eligible, another, by two, taken back -> what follows
TABLE = (
    (_EITHER,  (False,), _EITHER,  _EITHER,  _AS_MATCHED),
    ((True,),  (True,),  (True,),  _EITHER,  _AS_MATCHED),
    ((True,),  (True,),  (False,), (False,), _OLDER_STAYS),
    ((True,),  (True,),  (False,), (True,),  _OLDER_ENDS),
    ((False,), (True,),  _EITHER,  (False,), _OLDER_STAYS),
    ((False,), (True,),  _EITHER,  (True,),  _OLDER_ENDS),
)  # fmt: skip
RULES_BY_FACTS = {
    HoldFacts(is_eligible, is_another, two, back): rule
    for eligible, another, by_two, taken_back, rule in TABLE
    for is_eligible in eligible
    for is_another in another
    for two in by_two
    for back in taken_back
}
"""The table by its facts."""


@dataclass(slots=True)
class HeldDecision:
    """The decision on a dose after the second look.

    `doubts`: why people must decide. `public_doubts`: those of them that the event tells.
    """

    decision: MatchDecision
    doubts: tuple[str, ...] = ()
    public_doubts: tuple[str, ...] = ()


def hold(
    decision: MatchDecision,
    facts: HoldFacts,
    doubts: Sequence[str],
    matched_person: Callable[[], RankedCandidate | None],
) -> HeldDecision:
    """The decision as the table has it.

    `doubts`: those of the sender that nobody has lifted. `matched_person`: whom an eligible
    decision is about, where the registry has them; it is called only where the dose is held.
    """
    rule = RULES_BY_FACTS[facts]
    all_doubts = tuple(
        dict.fromkeys((*doubts, Doubt.PERSON_CHANGED.value) if rule.two_officers else doubts)
    )
    if facts.eligible and all_doubts:
        decision = _for_people(decision, matched_person(), taken_back=rule is _OLDER_ENDS)
    # whoever reads PERSON_CHANGED lets the older certificate stand
    public = (
        all_doubts
        if rule.older_stays
        else tuple(doubt for doubt in all_doubts if doubt != Doubt.PERSON_CHANGED)
    )
    return HeldDecision(decision, all_doubts, public)


def _for_people(
    decision: MatchDecision, person: RankedCandidate | None, *, taken_back: bool
) -> MatchDecision:
    attributes = decision.attributes
    if taken_back:
        # some reason must be public: the number is said to be another's
        reason = PASSPORT_OF_ANOTHER if decision.grade is Grade.EXEMPT else OF_ANOTHER
        others = [attribute for attribute in attributes if attribute.name != reason.name]
        attributes = (reason, *others)
    return MatchDecision(Grade.REVIEW, attributes, None, (person,) if person else ())


def is_eligible(decision: MatchDecision) -> bool:
    """Whether a dose of this decision goes on."""
    return decision.grade in ELIGIBLE_GRADES
