"""A number whose holder's entry in the registry cannot be read: as with a deceased holder people
decide, whoever else was thought of.
"""

from contracts.words import Grade, Result
from services.verifier.domain.comparison import attribute, finding
from services.verifier.domain.decision import Verdict

# without a reason: a new one would be unknown to those who read v1 of the event
_UNREADABLE = attribute("status", finding(Result.ABSENT_IN_REGISTRY, None))


def left_to_people(verdict: Verdict) -> Verdict:
    """What becomes of a final verdict that took the number for nobody's."""
    return Verdict(Grade.REVIEW, (_UNREADABLE,), None, verdict.suggestions)
