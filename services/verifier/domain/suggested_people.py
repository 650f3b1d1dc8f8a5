"""Whom records may suggest to people who clean, and by which keys others may come to be meant."""

from contracts.acceptance import NumberChange
from contracts.events import MAX_SUGGESTED, Person, SuggestedPerson
from contracts.identity.name_forms import heard
from contracts.keys import births, close_keys, namesake_keys, person_keys
from contracts.registry import Person as Registered
from contracts.words import Grade
from services.verifier.domain.decision import MatchDecision
from services.verifier.domain.match_person import lookup_numbers

_NOBODYS = frozenset({Grade.MISSING_ID, Grade.ILL_FORMED_ID, Grade.NOT_FOUND})
"""Grades of doses whose typed number, if any, is no registered person's."""
_FEW_SHARE = ("n", "r", "d")
_READ = ("day", "month", "year")


def suggested_people(person: Person, decision: MatchDecision) -> tuple[SuggestedPerson, ...]:
    """The living whom a dose that is not eligible may mean, the likeliest first.

    Deaths are told to the police alone, so of the dead nothing is said at all.
    """
    alive = [found for found in decision.suggestions if found.person.status == "alive"]
    return tuple(
        SuggestedPerson(
            found.person.personal_id,
            found.person.full_name,
            found.person.date_of_birth,
            found.person.sex,
            found.confidence,
            number_change(person, decision.grade, found.person),
            tuple(map(str, found.evidence)),
            residence_registered(found.person),
            found.certain,
        )
        for found in alive[:MAX_SUGGESTED]
    )


def number_change(person: Person, grade: Grade, registered: Registered) -> NumberChange:
    """What it would do to the typed number if the dose were this registered person's."""
    typed = lookup_numbers(person)
    if registered.personal_id in typed:
        return NumberChange.NONE
    if grade in _NOBODYS or not set(registered.old_ids).isdisjoint(typed):
        return NumberChange.GIVEN
    return NumberChange.CHANGED


def residence_registered(person: Registered) -> str:
    """The codes of the registered residence, joined as a typed one is."""
    return person.province_code + person.district_code + person.commune_code


def watched_keys(person: Person) -> list[str]:
    """Keys that few people share: who is registered under one later may be the typed person."""
    _, name = heard(person.full_name)
    born = births(person.date_of_birth) if person.date_precision in _READ else []
    communes = (person.commune_code,) if person.commune_code else ()
    return close_keys(name, born, communes) + namesake_keys(name, communes)


def keys_of_registered(person: Registered) -> list[str]:
    """The keys of `watched_keys` under which a registered person is found."""
    keys = person_keys(person.full_name, person.date_of_birth, person.commune_code)
    return [key for key in keys if key.startswith(_FEW_SHARE)]
