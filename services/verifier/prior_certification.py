"""Whom a dose was certified as before, and whether that is the person of today.

The old numbers in the registry are the same person's.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from contracts.events import Person, RecordedDose, RegistryPerson
from contracts.ids import DoseId
from contracts.registry import Person as Registered
from contracts.words import Grade, Result
from services.chassis.db import Transaction
from services.chassis.encryption import Sealer
from services.verifier.domain.decision import MatchDecision, registry_data
from services.verifier.domain.match_person import lookup_numbers
from services.verifier.domain.overrides import compare_with_registered
from services.verifier.domain.recorded_person import is_recorded_foreigner, is_recorded_person
from services.verifier.evidence import open_evidence
from services.verifier.registry import NumberHolders, Registry
from services.verifier.store.verification_queries import (
    CertifiedVersion,
    FirstVersion,
    newest_certified,
)
from services.verifier.store.verifications import (
    ForeignerIndexes,
    fingerprint,
    foreigner_indexes,
    number_index,
    registry_index,
)


def certified_now(
    sealer: Sealer, dose: RecordedDose, decision: MatchDecision, rests_on: int | None
) -> CertifiedVersion:
    """An eligible version as the store will have it.

    A newer version of the same dose, verified together with it, is compared with this.
    """
    person = decision.person
    assert person is not None
    if decision.grade is Grade.EXEMPT:
        number, used, typed = foreigner_indexes(sealer, person)
    else:
        number, used = number_index(sealer, person.personal_id), registry_index(sealer, person)
        typed = fingerprint(sealer, dose.person)
    return CertifiedVersion(
        DoseId(dose.dose_id), dose.version, decision.grade, number, used, typed, None, rests_on
    )


async def standing_version(
    tx: Transaction, newest: CertifiedVersion | None
) -> CertifiedVersion | None:
    """The certified version that a new one is compared with.

    Where a confirmation was taken back, it is whom the dose was certified as before that.
    """
    older = newest
    while older is not None and not older.standing and older.confirmed_at is not None:
        before = older.dose_id, min(older.confirmed_at + 1, older.version)
        earlier = (await newest_certified(tx, [before])).get(before)
        if earlier is None:
            break
        older = earlier
    return older


async def is_same_person(
    registry: Registry,
    sealer: Sealer,
    older: CertifiedVersion,
    decision: MatchDecision,
    holders: NumberHolders,
    looked_up: Collection[str],
) -> bool:
    """Whether an eligible decision is about the person whom the older version was certified as.

    `looked_up`: the numbers of which `holders` has everybody. In doubt the answer is no: then two
    officers look.
    """
    person = decision.person
    assert person is not None
    if decision.grade is Grade.EXEMPT or older.grade == Grade.EXEMPT:
        return decision.grade == older.grade and _is_same_foreigner(
            older, foreigner_indexes(sealer, person)
        )
    if older.used == registry_index(sealer, person):
        return True
    holder = holder_of(person, holders.people, looked_up)
    number = next(
        (
            own
            for own in (holder.personal_id, *holder.old_ids)
            if number_index(sealer, own) == older.number
        ),
        None,
    )
    if number is None:
        return False
    if older.used == registry_index(sealer, replace(registry_data(holder), personal_id=number)):
        # nothing but the number is new
        return True
    # the registry has other data of the number's bearer by now; or the number was, or is, somebody
    # else's besides
    bearers = holders if number in looked_up else await registry.lookup([number])
    others = [
        bearer
        for bearer in bearers.people.get(number, ())
        if bearer.personal_id != holder.personal_id
    ]
    return not others and number not in bearers.unreadable


def holder_of(
    person: RegistryPerson,
    holders_of: Mapping[str, Sequence[Registered]],
    looked_up: Collection[str],
) -> Registered:
    """The registry's entry that the person of a decision was taken from."""
    holders = (
        holder
        for number in (person.personal_id, *looked_up)
        for holder in holders_of.get(number, ())
    )
    return next(holder for holder in holders if holder.personal_id == person.personal_id)


def is_as_recorded(
    sealer: Sealer,
    first: Person | FirstVersion | None,
    decision: MatchDecision,
    holders_of: Mapping[str, Sequence[Registered]],
    looked_up: Collection[str],
) -> bool:
    """Whether an eligible decision may be about the person whom the dose was recorded for.

    `first`: as that person was typed, or the first verification, which says so. Where none is
    known there is nothing to compare with; where it was forgotten the answer is no.
    """
    if first is None:
        return True
    if isinstance(first, FirstVersion):
        evidence = open_evidence(sealer, first.dose_id, first.evidence)
        if evidence is None:
            return False
        first = evidence.typed
    person = decision.person
    assert person is not None
    if decision.grade is Grade.EXEMPT or not person.personal_id:
        return is_recorded_foreigner(first, person)
    return is_recorded_person(first, holder_of(person, holders_of, looked_up))


def _is_same_foreigner(older: CertifiedVersion, today: ForeignerIndexes) -> bool:
    """Whether two of passport, name and birth date agree; one of them may have been put right."""
    if older.typed is None:
        # of a time when nothing was kept to compare by
        return False
    agreeing = [
        older.number == today.passport,
        older.used == today.name,
        older.typed == today.birth,
    ]
    return agreeing.count(True) > 1


def is_typed_alike(
    sealer: Sealer,
    older: CertifiedVersion,
    typed_person: Person,
    holders_of: Mapping[str, Sequence[Registered]],
) -> bool:
    """Whether the same person was typed in the older version.

    If so, only the registry or an officer's decision is new.
    """
    if older.grade == Grade.EXEMPT:
        return (older.number, older.used, older.typed) == foreigner_indexes(sealer, typed_person)
    if older.typed is not None:
        return older.typed == fingerprint(sealer, typed_person)
    if evidence := open_evidence(sealer, older.dose_id, older.evidence):
        return fingerprint(sealer, evidence.typed) == fingerprint(sealer, typed_person)
    # a first version of which the grade says all: it was typed as registered, or nearly
    if older.used == registry_index(sealer, typed_person):
        return True
    own = lookup_numbers(typed_person)
    for holder in (holder for number in own for holder in holders_of.get(number, ())):
        if older.used == registry_index(sealer, registry_data(holder)):
            small_differences = (
                {Result.EQUIVALENT, Result.PARTIAL}
                if older.grade == Grade.REPAIRED
                else {Result.EQUIVALENT}
            )
            return all(
                attribute.result in small_differences
                for attribute in compare_with_registered(typed_person, holder)
            )
    # the registry's data of the person have changed: that is why the dose fails, if the number is
    # still theirs
    return any(number_index(sealer, number) == older.number for number in own)
