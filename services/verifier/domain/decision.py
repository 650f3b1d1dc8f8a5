"""What a decision is made of. Nothing here is changed once made; `slots` without `frozen`, because
millions are made.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from contracts.events import AttributeResult, RecordedDose, RegistryPerson, VerifiedDose
from contracts.registry import MAX_FOUND, Key
from contracts.registry import Person as Registered
from contracts.words import ELIGIBLE_GRADES, Grade
from services.verifier.domain.candidate_ranking import Suggestion
from services.verifier.domain.id_column import Number
from services.verifier.domain.policy import Judgement

SUGGESTED_FROM = 50
"""Of so many people the likeliest are suggested; who else shares a key is left out."""


class Open(NamedTuple):
    """What is known of a typed person while others are searched for: the number and the name as
    they can be read, the number's holders, how the best of them compares, and whether nothing but a
    rival keeps that one from going on.
    """

    number: Number
    name: str
    holders: Sequence[Registered] = ()
    holder: Registered | None = None
    judgement: Judgement | None = None
    but_for_rivals: bool = False


@dataclass(slots=True)
class Verdict:
    """A decision. `attributes`: those that differ; `person`: only where eligible, for an exempt one
    as typed.

    Non-empty `search`: the verdict is provisional, never eligible; search the registry by these
    keys and `conclude`.
    """

    grade: Grade
    attributes: tuple[AttributeResult, ...]
    person: RegistryPerson | None
    suggestions: tuple[Suggestion, ...] = ()
    search: tuple[Key, ...] = ()
    open: Open | None = None

    @property
    def most(self) -> int:
        """How many people its search is to show."""
        return MAX_FOUND if self.open is not None and self.open.but_for_rivals else SUGGESTED_FROM


def verified(dose: RecordedDose, verdict: Verdict) -> VerifiedDose:
    """What others are told: the registry's person and the dose's facts only where a certificate may
    follow.
    """
    if verdict.grade in ELIGIBLE_GRADES:
        return VerifiedDose(
            dose.dose_id,
            dose.version,
            verdict.grade,
            verdict.attributes,
            verdict.person,
            dose.facts,
        )
    return VerifiedDose(dose.dose_id, dose.version, verdict.grade, verdict.attributes)
