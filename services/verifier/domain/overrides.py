"""What people decided of a dose, and what it makes of the machine's verdict; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from contracts.events import AttributeResult, Person
from contracts.registry import Person as Registered
from contracts.words import ELIGIBLE_GRADES, Grade, Reason, Result
from services.verifier.domain.compare_births import compare_births, compare_sexes
from services.verifier.domain.compare_names import compare_names
from services.verifier.domain.comparison import (
    SAME,
    Finding,
    attribute,
    equal,
    finding,
    other,
    part,
)
from services.verifier.domain.hold_policy import OF_ANOTHER, PASSPORT_OF_ANOTHER
from services.verifier.domain.id_column import read_number, slip
from services.verifier.domain.match_person import Verdict, registered

_DIED = attribute("status", other(Reason.PERSON_DECEASED))


@dataclass(frozen=True, slots=True)
class Settled:
    """Decisions in force of one dose: who it is, by personal number, or who it is not.

    `as_typed`: of a foreigner, who has no number, that it is or is not who was typed. Of the
    confirmation: its `decision`, the `doubts` that it was made in view of, and the newest version
    on which two officers made it (`by_two`, 0: none).
    """

    confirmed: str | None = None
    rejected: frozenset[str] = frozenset()
    as_typed: bool | None = None
    decision: int | None = None
    doubts: frozenset[str] = frozenset()
    by_two: int = 0

    @property
    def numbers(self) -> frozenset[str]:
        """Everybody's whom it is about."""
        return self.rejected | {self.confirmed} if self.confirmed else self.rejected


NOTHING = Settled()


def confirms(settled: Settled, verdict: Verdict, known: Mapping[str, Sequence[Registered]]) -> bool:
    """Whether it is the confirmed person whom a verdict is about."""
    if verdict.person is None or settled.decision is None:
        return False
    if settled.confirmed is None:
        return settled.as_typed is True and verdict.grade is Grade.EXEMPT
    holder = bearer(settled.confirmed, known)
    return holder is not None and holder.personal_id == verdict.person.personal_id


def settle(
    person: Person, verdict: Verdict, settled: Settled, known: Mapping[str, Sequence[Registered]]
) -> Verdict:
    """The verdict as people decided; a confirmed number that is nobody's any more leaves it to the
    machine again.

    Nobody is ever let through by a rejection.
    """
    if settled.as_typed is False and verdict.grade is Grade.EXEMPT:
        return Verdict(Grade.MISMATCH, (PASSPORT_OF_ANOTHER,), None)
    holder = bearer(settled.confirmed, known) if settled.confirmed else None
    return (
        _confirmed(person, verdict, holder)
        if holder
        else _without(verdict, settled.rejected, known)
    )


def _confirmed(person: Person, verdict: Verdict, holder: Registered) -> Verdict:
    if verdict.person is not None and verdict.person.personal_id == holder.personal_id:
        # the registry, or the typed data, now says by itself what people said
        return verdict
    attributes = compared(person, holder)
    if holder.status != "alive":
        return Verdict(Grade.REVIEW, (*attributes, _DIED), None)
    data = registered(holder)
    return Verdict(Grade.REPAIRED, attributes, data)


def _without(
    verdict: Verdict, rejected: frozenset[str], known: Mapping[str, Sequence[Registered]]
) -> Verdict:
    if not rejected:
        return verdict
    # whoever was rejected stays so under a new number
    rejected = rejected.union(
        now.personal_id for number in rejected if (now := bearer(number, known))
    )
    if verdict.grade in ELIGIBLE_GRADES:
        if verdict.person is None or verdict.person.personal_id not in rejected:
            return verdict
        others = tuple(one for one in verdict.attributes if one.name != "personal_id")
        return Verdict(Grade.MISMATCH, (OF_ANOTHER, *others), None)
    left = tuple(one for one in verdict.suggestions if one.person.personal_id not in rejected)
    grade = Grade.MISMATCH if verdict.grade is Grade.REVIEW and not left else verdict.grade
    return replace(verdict, grade=grade, suggestions=left)


def bearer(number: str, known: Mapping[str, Sequence[Registered]]) -> Registered | None:
    """Who has the number now, or else the only one who had it."""
    holders = known.get(number, ())
    now = [one for one in holders if one.personal_id == number] or holders
    return now[0] if len(now) == 1 else None


def compared(person: Person, holder: Registered) -> tuple[AttributeResult, ...]:
    """How the typed person differs from a registered one, whatever number was typed."""
    found = {
        "personal_id": _number(person, holder),
        "full_name": compare_names(person.full_name, holder.full_name),
        "date_of_birth": compare_births(
            person.date_of_birth, person.date_precision, holder.date_of_birth
        ),
        "sex": compare_sexes(person.sex, holder.sex),
    }
    return tuple(attribute(name, one) for name, one in found.items() if one is not SAME)


def _number(person: Person, holder: Registered) -> Finding:
    number = read_number(person.personal_id or person.passport_number)
    if holder.personal_id in number.candidates:
        return equal(number.reason) if number.reason else SAME
    if not number.candidates:
        return finding(
            Result.ABSENT_IN_REQUEST if number.grade is Grade.MISSING_ID else Result.MISMATCH,
            number.reason,
        )
    typed = number.candidates[0]
    if typed in holder.old_ids:
        return part(Reason.OLD_ID if len(typed) < len(holder.personal_id) else Reason.SUPERSEDED_ID)
    return other(slip(typed, holder.personal_id) or Reason.ID_OF_ANOTHER)
