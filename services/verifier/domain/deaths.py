"""That somebody has died is for the police alone, who decide what becomes of such a dose.

Anybody else who types a whole identity would learn it of anybody. They are told what they are told
of an entry that cannot be used for another cause: that the police must check.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from contracts.events import AttributeResult
from contracts.identity.comparison import attribute_result, comparison, mismatch
from contracts.words import Reason, Result

DIED: Final = attribute_result("status", mismatch(Reason.PERSON_DECEASED))
_UNUSABLE: Final = attribute_result("status", comparison(Result.ABSENT_IN_REGISTRY, None))


def without_deaths(attributes: Sequence[AttributeResult]) -> Sequence[AttributeResult]:
    """Attribute results as others see them: of the dead, what else differs would tell them apart
    too.
    """
    died = any(attribute.reason == Reason.PERSON_DECEASED for attribute in attributes)
    return (_UNUSABLE,) if died else attributes


def reasons_without_deaths(reasons: Sequence[str]) -> Sequence[str]:
    """The reasons of the same attributes, as codes."""
    return [] if Reason.PERSON_DECEASED in reasons else reasons


def evidence_without_deaths(evidence: Iterable[str]) -> list[str]:
    """What speaks for or against a candidate, as codes."""
    return [code for code in evidence if code != Reason.PERSON_DECEASED]
