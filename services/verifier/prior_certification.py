"""Whom a dose was certified as before, and whether that is the person of today; the registry's old
numbers are the same person's.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from contracts.events import Person, RecordedDose, RegistryPerson
from contracts.registry import Person as Registered
from contracts.words import Grade, Result
from services.chassis.db import Transaction
from services.chassis.encryption import Sealer
from services.verifier.domain.match_person import Verdict, numbers, registered
from services.verifier.domain.overrides import compared
from services.verifier.evidence import Marks, fingerprint, marks_of, open_evidence, used_index
from services.verifier.registry import Known, Registry
from services.verifier.store import verifications


@dataclass(frozen=True, slots=True)
class Certified:
    """An older version that was let through: the columns of its verification.

    `standing`: nobody has taken back the confirmation that it rests on, made on version
    `confirmed_at`.
    """

    dose_id: int
    version: int
    grade: str
    number: int | None
    used: int | None
    typed: int | None
    evidence: bytes | None
    rests_on: int | None = None
    confirmed_at: int | None = None
    standing: bool = True

    @classmethod
    def of_row(cls, row: Any) -> "Certified":
        """As the store has it."""
        return cls(**{name: row[name] for name in cls.__slots__})

    @classmethod
    def of_verdict(
        cls, sealer: Sealer, dose: RecordedDose, verdict: Verdict, rests_on: int | None
    ) -> "Certified":
        """As the store will have it, of a dose that is judged together with a newer version."""
        assert verdict.person is not None
        number, used, typed = indexes(sealer, dose.person, verdict)
        return cls(dose.dose_id, dose.version, verdict.grade, number, used, typed, None, rests_on)


async def certified_before(
    tx: Transaction, versions: Sequence[tuple[int, int]]
) -> dict[tuple[int, int], Certified]:
    """Of each (dose id, version), as far as it was let through before, the newest older version
    that was.
    """
    return {
        (row["dose_id"], row["before"]): Certified.of_row(row)
        for row in await verifications.certified(tx, versions)
    }


async def what_stands(tx: Transaction, newest: Certified | None) -> Certified | None:
    """The version that a new one is compared with: where a confirmation was taken back, who the
    dose was certified as before it.
    """
    older = newest
    while older is not None and not older.standing and older.confirmed_at is not None:
        before = older.dose_id, min(older.confirmed_at + 1, older.version)
        still = (await certified_before(tx, [before])).get(before)
        if still is None:
            break
        older = still
    return older


def indexes(sealer: Sealer, typed: Person, verdict: Verdict) -> tuple[int, int, int]:
    """`number`, `used` and `typed` of an eligible verdict, as the schema says."""
    person = verdict.person
    assert person is not None
    if verdict.grade is Grade.EXEMPT:
        return marks_of(sealer, person)
    return sealer.blind(person.personal_id), used_index(sealer, person), fingerprint(sealer, typed)


async def is_same_person(
    registry: Registry,
    sealer: Sealer,
    older: Certified,
    verdict: Verdict,
    known: Known,
    asked: Collection[str],
) -> bool:
    """Whether an eligible verdict is of the person whom the older version was certified as.

    `asked`: the numbers of which `known` has every holder. In doubt it is not: then two officers
    look.
    """
    person = verdict.person
    assert person is not None
    if verdict.grade is Grade.EXEMPT or older.grade == Grade.EXEMPT:
        return verdict.grade == older.grade and _is_same_foreigner(older, marks_of(sealer, person))
    if older.used == used_index(sealer, person):
        return True
    holder = holder_of(person, known.people, asked)
    number = next(
        (one for one in (holder.personal_id, *holder.old_ids) if sealer.blind(one) == older.number),
        None,
    )
    if number is None:
        return False
    if older.used == used_index(sealer, replace(registered(holder), personal_id=number)):
        # nothing but the number is new
        return True
    # the registry has other data of the number's bearer by now; or the number was, or is, somebody
    # else's besides
    bearers = known if number in asked else await registry.lookup([number])
    others = [
        one for one in bearers.people.get(number, ()) if one.personal_id != holder.personal_id
    ]
    return not others and number not in bearers.unreadable


def holder_of(
    person: RegistryPerson, known: Mapping[str, Sequence[Registered]], asked: Collection[str]
) -> Registered:
    """The registry's entry that a verdict's person was taken from."""
    holders = (one for number in (person.personal_id, *asked) for one in known.get(number, ()))
    return next(one for one in holders if one.personal_id == person.personal_id)


def _is_same_foreigner(older: Certified, now: Marks) -> bool:
    """Whether two of passport, name and birth date agree; one of them may have been put right."""
    if older.typed is None:
        # of a time when nothing was kept to compare by
        return False
    return [older.number == now.passport, older.used == now.name, older.typed == now.birth].count(
        True
    ) > 1


def is_typed_alike(
    sealer: Sealer, older: Certified, typed: Person, known: Mapping[str, Sequence[Registered]]
) -> bool:
    """Whether the typed person is the one who was typed in the older version, so that only the
    registry, or a decision, is new.
    """
    if older.grade == Grade.EXEMPT:
        return (older.number, older.used, older.typed) == marks_of(sealer, typed)
    if older.typed is not None:
        return older.typed == fingerprint(sealer, typed)
    if evidence := open_evidence(sealer, older):
        return fingerprint(sealer, evidence.typed) == fingerprint(sealer, typed)
    # a first version of which the grade says all: it was typed as registered, or nearly
    if older.used == used_index(sealer, typed):
        return True
    own = numbers(typed)
    for holder in (one for number in own for one in known.get(number, ())):
        if older.used == used_index(sealer, registered(holder)):
            same = (
                {Result.EQUIVALENT, Result.PARTIAL}
                if older.grade == Grade.REPAIRED
                else {Result.EQUIVALENT}
            )
            return all(one.result in same for one in compared(typed, holder))
    # the registry's data of the person are no more what they were: they are why it fails, if it is
    # still their number
    return any(sealer.blind(number) == older.number for number in own)
