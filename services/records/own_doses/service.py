"""Which of the doses that bear a number are the person's own.

A verified dose is. One that merely bears the number is where its name and birth date are the
person's, or a slip of theirs. A number is mistyped into another's, and nobody is shown another.
One without the number is where the verifier calls its person certain.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from contracts.identity.known_person import TypedIdentity, is_likely, is_surely
from contracts.ids import DoseId
from contracts.standing import DoseStanding, standing_of
from contracts.words import Grade, Reason, State
from services.chassis.db import Transaction
from services.chassis.encryption import Sealer
from services.records.domain.namesakes import births_alike
from services.records.doses.versions import person_of
from services.records.own_doses import store
from services.records.own_doses.store import NumberedDose
from services.records.schema import NAMESAKE_INDEX, PERSON_INDEX
from vietnamese.dates import Birth, read_birth
from vietnamese.id_numbers import number_key
from vietnamese.plain_names import namesake

_BEST_KNOWN = (Grade.EXACT, Grade.EQUIVALENT, Grade.EXEMPT, Grade.REPAIRED)
"""Of these grades the first says best what the person is registered as."""


class PersonalDoses(NamedTuple):
    """The doses of one person. `others`: how many more bear the number under another name."""

    own: Sequence[NumberedDose]
    others: int


class JudgedPerson(NamedTuple):
    """The sealed person of a dose at the version that was judged."""

    id: DoseId
    person: bytes


def identity_of(full_name: str, date_of_birth: str) -> TypedIdentity | None:
    """Name and birth date as somebody wrote them; None where the date cannot be read."""
    birth = read_birth(date_of_birth.strip())
    if birth is None or not full_name.strip():
        return None
    return TypedIdentity(full_name.strip(), birth.text, birth.precision)


def identity_in_token(claims: Mapping[str, Any]) -> TypedIdentity | None:
    """What a token says of its bearer in the claims `name` and `birthdate`; None where it does
    not.
    """
    name, birthdate = claims.get("name"), claims.get("birthdate")
    if not isinstance(name, str) or not isinstance(birthdate, str) or not birthdate:
        return None
    return identity_of(name, birthdate)


async def doses_of_person(
    tx: Transaction, sealer: Sealer, number: str, known: TypedIdentity | None
) -> PersonalDoses:
    """The doses of the holder of this number; `known`: what a token says of the holder."""
    rows = await store.doses_of_number(tx, PERSON_INDEX.of(sealer, number))
    persons = {row.id: person_of(sealer, row) for row in rows}
    holders = [*([known] if known else ()), *_registered_as(sealer, rows)]
    own = [
        row
        for row in rows
        if (row.confirmed and row.judged)
        or (
            (row.confirmed or number_key(persons[row.id]["personal_id"]) == number)
            and _is_one_of(typed_identity_of(persons[row.id]), holders)
        )
    ]
    others = len(rows) - len(own)
    known_ids = {row.id for row in rows}
    own += [
        row
        for row in await _unconfirmed(tx, sealer, number, holders)
        if row.id not in known_ids and _is_one_of(_typed(sealer, row), holders)
    ]
    own.sort(key=lambda row: (row.date_given, row.id), reverse=True)
    return PersonalDoses(own, others)


async def doses_of_asker(
    tx: Transaction, sealer: Sealer, number: str, asked: TypedIdentity
) -> list[NumberedDose]:
    """The doses under this number that are of who asks without a token, the newest first.

    Name and birth date must surely be theirs. The sex must be, too, unless just that is wrong with
    the dose.
    """
    numbered = [
        row
        for row in await store.doses_of_number(tx, PERSON_INDEX.of(sealer, number))
        if row.confirmed or number_key(person_of(sealer, row)["personal_id"]) == number
    ]
    unconfirmed = await _unconfirmed(tx, sealer, number, [asked])
    fitting: dict[DoseId, NumberedDose] = {}
    for row in (*numbered, *unconfirmed):
        typed = _typed(sealer, row)
        if (typed.sex in (None, asked.sex) or Reason.SEX_DIFFERS in (row.reasons or ())) and (
            is_surely(asked, typed.full_name, typed.date_of_birth)
            or is_surely(typed, asked.full_name, asked.date_of_birth)
        ):
            fitting.setdefault(row.id, row)
    return sorted(fitting.values(), key=lambda row: (row.date_given, row.id), reverse=True)


def standing(row: NumberedDose) -> DoseStanding:
    """Where a dose stands; one that was changed since it was judged waits again."""
    gone = row.state == State.WITHDRAWN
    return standing_of(
        row.state if row.judged or gone else None,
        row.reasons or (),
        row.refusal,
        commune_known=bool(row.commune_code),
        act=row.act,
    )


def typed_identity_of(person: dict[str, Any]) -> TypedIdentity:
    """The identity of a stored person as typed."""
    return TypedIdentity(
        person["full_name"], person["date_of_birth"], person["date_precision"], person["sex"]
    )


async def _unconfirmed(
    tx: Transaction, sealer: Sealer, number: str, holders: Iterable[TypedIdentity]
) -> list[NumberedDose]:
    """Doses of namesakes that nobody has judged, or confirmed, and that are the number's holder's.

    Either that number was typed, or none but its holder can be meant. Who else has the same name
    and birth date is never told apart by these alone.
    """
    indexes = {
        NAMESAKE_INDEX.of(sealer, namesake(holder.full_name, text))
        for holder in holders
        if holder.precision in ("day", "month", "year")
        for text in births_alike(Birth(holder.date_of_birth, holder.precision, None))
    }
    person = PERSON_INDEX.of(sealer, number)
    found = await store.unconfirmed_namesakes(tx, sorted(indexes), person)
    certain = {one.id for one in found if one.certain}
    return [
        row
        for row in await store.doses_by_id(tx, [one.id for one in found])
        if row.id in certain or number_key(person_of(sealer, row)["personal_id"]) == number
    ]


def _typed(sealer: Sealer, row: NumberedDose) -> TypedIdentity:
    return typed_identity_of(person_of(sealer, row))


def _registered_as(sealer: Sealer, rows: Iterable[NumberedDose]) -> list[TypedIdentity]:
    """How the number's holder is written where it was verified best."""
    by_grade: dict[Grade | None, list[TypedIdentity]] = {}
    for row in rows:
        if row.confirmed and row.judged_person is not None:
            person = person_of(sealer, JudgedPerson(row.id, row.judged_person))
            by_grade.setdefault(row.grade, []).append(typed_identity_of(person))
    return next((by_grade[grade] for grade in _BEST_KNOWN if grade in by_grade), [])


def _is_one_of(typed: TypedIdentity, holders: Iterable[TypedIdentity]) -> bool:
    """Whether what was typed is a holder, whichever of the two is written with the slip."""
    return any(
        is_likely(typed, holder.full_name, holder.date_of_birth)
        or is_likely(holder, typed.full_name, typed.date_of_birth)
        for holder in holders
    )
