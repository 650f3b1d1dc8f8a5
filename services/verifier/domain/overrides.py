"""What officers decided of a dose, and how it overrides the machine's decision."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from contracts.events import AttributeResult, Person
from contracts.identity.compare_births import compare_births, compare_sexes
from contracts.identity.compare_names import compare_names
from contracts.identity.comparison import (
    MATCH,
    Comparison,
    attribute_result,
    comparison,
    equivalent,
    mismatch,
    partial,
)
from contracts.registry import Person as Registered
from contracts.words import ELIGIBLE_GRADES, Grade, Reason, Result
from services.verifier.domain.deaths import DIED
from services.verifier.domain.decision import MatchDecision, registry_data
from services.verifier.domain.hold_policy import OF_ANOTHER, PASSPORT_OF_ANOTHER
from services.verifier.domain.id_column import read_number, slip


@dataclass(frozen=True, slots=True)
class Override:
    """The officers' decisions in force on one dose: who the person is, and who not.

    `confirmed`, `rejected`: by personal number. `as_typed`: a foreigner, who has no number, is or
    is not who was typed; False also where nobody could be named. Of the confirmation:
    `confirmation_id`, the `doubts` that its officers saw, and `by_two`, the newest version on which
    two officers made it (0: none).
    """

    confirmed: str | None = None
    rejected: frozenset[str] = frozenset()
    as_typed: bool | None = None
    confirmation_id: int | None = None
    doubts: frozenset[str] = frozenset()
    by_two: int = 0

    @property
    def numbers(self) -> frozenset[str]:
        """The personal numbers of everybody whom it is about."""
        return self.rejected | {self.confirmed} if self.confirmed else self.rejected


NO_OVERRIDE = Override()


def is_confirmed_person(
    override: Override, decision: MatchDecision, holders_of: Mapping[str, Sequence[Registered]]
) -> bool:
    """Whether a decision is about the confirmed person."""
    if decision.person is None or override.confirmation_id is None:
        return False
    if override.confirmed is None:
        return override.as_typed is True and decision.grade is Grade.EXEMPT
    holder = current_bearer(override.confirmed, holders_of)
    return holder is not None and holder.personal_id == decision.person.personal_id


def apply_override(
    person: Person,
    decision: MatchDecision,
    override: Override,
    holders_of: Mapping[str, Sequence[Registered]],
) -> MatchDecision:
    """The decision as officers decided.

    A rejection never lets anybody through. Where nobody has the confirmed number any more, the
    machine's decision counts again.
    """
    if override.as_typed is False and decision.grade is Grade.EXEMPT:
        return MatchDecision(Grade.MISMATCH, (PASSPORT_OF_ANOTHER,), None)
    holder = current_bearer(override.confirmed, holders_of) if override.confirmed else None
    if holder:
        return _confirmed(person, decision, holder)
    left = _without_rejected(decision, override.rejected, holders_of)
    if override.as_typed is False and left.grade is Grade.REVIEW and not left.suggestions:
        # only one who has died holds the number: asked again, the officer could only say the same
        return replace(left, grade=Grade.MISMATCH)
    return left


def _confirmed(person: Person, decision: MatchDecision, holder: Registered) -> MatchDecision:
    if decision.person is not None and decision.person.personal_id == holder.personal_id:
        # the registry, or the typed data, now says by itself what people said
        return decision
    attributes = compare_with_registered(person, holder)
    if holder.status != "alive":
        return MatchDecision(Grade.REVIEW, (*attributes, DIED), None)
    return MatchDecision(Grade.REPAIRED, attributes, registry_data(holder))


def _without_rejected(
    decision: MatchDecision,
    rejected: frozenset[str],
    holders_of: Mapping[str, Sequence[Registered]],
) -> MatchDecision:
    if not rejected:
        return decision
    # whoever was rejected stays so under a new number
    rejected = rejected.union(
        bearer.personal_id for number in rejected if (bearer := current_bearer(number, holders_of))
    )
    if decision.grade in ELIGIBLE_GRADES:
        if decision.person is None or decision.person.personal_id not in rejected:
            return decision
        others = [attribute for attribute in decision.attributes if attribute.name != "personal_id"]
        return MatchDecision(Grade.MISMATCH, (OF_ANOTHER, *others), None)
    left = tuple(
        candidate
        for candidate in decision.suggestions
        if candidate.person.personal_id not in rejected
    )
    grade = Grade.MISMATCH if decision.grade is Grade.REVIEW and not left else decision.grade
    return replace(decision, grade=grade, suggestions=left)


def current_bearer(
    number: str, holders_of: Mapping[str, Sequence[Registered]]
) -> Registered | None:
    """Who has the number now, or else the only one who had it."""
    holders = holders_of.get(number, ())
    bearers = [holder for holder in holders if holder.personal_id == number] or holders
    return bearers[0] if len(bearers) == 1 else None


def compare_with_registered(person: Person, holder: Registered) -> tuple[AttributeResult, ...]:
    """How the typed person differs from a registered one, whatever number was typed."""
    comparisons = {
        "personal_id": _compare_number(person, holder),
        "full_name": compare_names(person.full_name, holder.full_name),
        "date_of_birth": compare_births(
            person.date_of_birth, person.date_precision, holder.date_of_birth
        ),
        "sex": compare_sexes(person.sex, holder.sex),
    }
    return tuple(
        attribute_result(name, compared)
        for name, compared in comparisons.items()
        if compared is not MATCH
    )


def _compare_number(person: Person, holder: Registered) -> Comparison:
    number = read_number(person.personal_id or person.passport_number)
    if holder.personal_id in number.candidates:
        return equivalent(number.reason) if number.reason else MATCH
    if not number.candidates:
        return comparison(
            Result.ABSENT_IN_REQUEST if number.grade is Grade.MISSING_ID else Result.MISMATCH,
            number.reason,
        )
    typed = number.candidates[0]
    if typed in holder.old_ids:
        return partial(
            Reason.OLD_ID if len(typed) < len(holder.personal_id) else Reason.SUPERSEDED_ID
        )
    return mismatch(slip(typed, holder.personal_id) or Reason.ID_OF_ANOTHER)
