"""Suggestions sealed, and shown as far as the caller may see the registry's data."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import TypeAdapter

from contracts.acceptance import NextStep, Proof, acting_role, proofs_for
from contracts.access import Role
from contracts.events import SuggestedPerson
from contracts.ids import DoseId
from contracts.masks import MASK, mask_birth, mask_name, mask_registered
from services.chassis.auth import Principal
from services.chassis.encryption import Sealer
from services.records.domain.evidence_words import SOLE_FROM, in_words
from services.records.schema import PERSON_INDEX, SUGGESTED_PEOPLE
from services.records.suggestions.models import (
    AcceptableBy,
    Accepted,
    SuggestedPersonOut,
    SuggestionKind,
    Suggestions,
)
from services.records.suggestions.store import StoredSuggestions, SuggestionRow
from vietnamese.visible_text import visible

_PEOPLE = TypeAdapter(list[SuggestedPerson])


def suggestion_row(
    sealer: Sealer, dose_id: DoseId, version: int, people: Sequence[Mapping[str, Any]]
) -> SuggestionRow:
    """The row of a verification's suggestions, as its event tells them."""
    first = people[0]
    return SuggestionRow(
        dose_id,
        version,
        first.get("certain"),
        PERSON_INDEX.of(sealer, first["personal_id"]),
        SUGGESTED_PEOPLE.seal(sealer, json.dumps(people).encode(), dose_id),
    )


def people_of(sealer: Sealer, stored: StoredSuggestions) -> list[SuggestedPerson]:
    """The suggested people, the likeliest first."""
    plain = SUGGESTED_PEOPLE.unseal(sealer, stored.people, stored.dose_id)
    return _PEOPLE.validate_json(plain)


def suggestions_out(
    sealer: Sealer,
    stored: StoredSuggestions,
    typed: Mapping[str, Any],
    caller: Principal,
    masked: bool,
) -> Suggestions:
    """The suggestions of a dose as the caller may see them; `typed`: its person as typed."""
    people = people_of(sealer, stored)
    whole = Role.POLICE in caller.roles and not masked
    role = acting_role(caller.roles)
    return Suggestions(
        kind=kind_of(stored),
        people=[
            _person_out(place, person, typed, whole, masked, role, sole=is_sole(people))
            for place, person in enumerate(people, 1)
        ],
        dismissed=stored.dismissed_by is not None,
        accepted=_accepted(stored, caller),
    )


def kind_of(stored: StoredSuggestions | None) -> SuggestionKind:
    """What kind of suggestion it is to who cleans."""
    if stored is None or stored.dismissed_by is not None:
        return "none"
    return "certain" if stored.certain is not None else "likely"


def is_sole(people: Sequence[SuggestedPerson]) -> bool:
    """Whether the first is the only one in the country who may be meant."""
    return len(people) == 1 and people[0].confidence >= SOLE_FROM


def masked_birth(registered: str, typed: str) -> str:
    """A registered birth date to who may not see it: no more than was typed."""
    if registered == typed:
        return registered
    hidden = mask_birth(registered)
    return hidden if registered[:4] == typed[:4] else MASK * 4 + hidden[4:]


def _person_out(
    place: int,
    person: SuggestedPerson,
    typed: Mapping[str, Any],
    whole: bool,
    masked: bool,
    role: Role | None,
    *,
    sole: bool,
) -> SuggestedPersonOut:
    birth = masked_birth(person.date_of_birth, typed["date_of_birth"])
    if masked:
        birth = mask_birth(birth)
    text, text_en = in_words(person.evidence, sole=sole)
    proofs = (
        proofs_for(role, person.number_change, certain=person.certain is not None) if role else {}
    )
    return SuggestedPersonOut(
        place=place,
        personal_id=person.personal_id if whole else mask_registered(person.personal_id),
        full_name=visible(person.full_name)
        if whole
        else mask_name(person.full_name, typed["full_name"]),
        date_of_birth=person.date_of_birth if whole else birth,
        sex=person.sex if whole or typed["sex"] else None,
        confidence=person.confidence,
        evidence=list(person.evidence),
        evidence_text=text,
        evidence_text_en=text_en,
        number_change=person.number_change,
        certain=person.certain,
        acceptable_by=[AcceptableBy(proof=proof, next_step=step) for proof, step in proofs.items()],
    )


def _accepted(stored: StoredSuggestions, caller: Principal) -> Accepted | None:
    if stored.accepted_at is None or stored.proof is None or stored.next_step is None:
        return None
    return Accepted(
        proof=Proof(stored.proof),
        next_step=NextStep(stored.next_step),
        accepted_by=stored.accepted_by or "",
        accepted_at=stored.accepted_at,
        mine=stored.accepted_by == caller.subject,
    )
