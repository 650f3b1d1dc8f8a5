"""From verdicts to what is told: advice for each reason, and suggestions masked for whoever may not
see the registry's data.
"""

import json
import unicodedata
from collections.abc import Iterable
from typing import Any

from contracts.access import Role
from contracts.events import AttributeResult, Person, RegistryPerson, checked
from contracts.masks import mask_registered
from contracts.reasons import ADVICE, UNREADABLE_ENTRY, Advice, advice_of_reason
from contracts.words import Grade, Result
from services.chassis.auth import Principal
from services.verifier.api import models
from services.verifier.evidence import Evidence

_COMPARED = ("personal_id", "full_name", "date_of_birth", "sex")


def attributes(results: Iterable[AttributeResult]) -> list[models.Attribute]:
    """Attribute results with the words for their reasons."""
    told = []
    for one in results:
        advice = _advice(one)
        told.append(
            models.Attribute(
                name=one.name,
                result=one.result,
                reason=one.reason,
                message=advice.vi if advice else "",
                message_en=advice.en if advice else "",
            )
        )
    return told


def _advice(one: AttributeResult) -> Advice | None:
    if one.reason is None:
        return (
            UNREADABLE_ENTRY
            if one.name == "status" and one.result is Result.ABSENT_IN_REGISTRY
            else None
        )
    return ADVICE.get(one.reason)


def stored_attributes(stored: str | None) -> list[models.Attribute]:
    """The attributes of a stored verification; all match where nothing is stored."""
    if stored is None:
        return [models.Attribute(name=name, result=Result.MATCH) for name in _COMPARED]
    return attributes(checked(AttributeResult, one) for one in json.loads(stored))


def doubts(codes: Iterable[str] | None) -> list[models.Doubted]:
    """Doubts with the words for them."""
    told = [(code, advice_of_reason(code)) for code in codes or ()]
    return [
        models.Doubted(code=code, message=advice.vi, message_en=advice.en) for code, advice in told
    ]


def suggestions(evidence: Evidence | None, caller: Principal) -> list[models.Suggestion]:
    """Whole for the police, who own identity; for others a hint that tells nothing they did not
    type.
    """
    if evidence is None:
        return []
    whole = Role.POLICE in caller.roles
    return [
        models.Suggestion(
            personal_id=one.person.personal_id
            if whole
            else mask_registered(one.person.personal_id),
            full_name=one.person.full_name
            if whole
            else mask_name(one.person.full_name, evidence.typed.full_name),
            confidence=round(one.confidence, 3),
            evidence=one.evidence,
        )
        for one in evidence.suggestions
    ]


def mask_name(name: str, typed: str) -> str:
    """`Lê Bảo Tú` as `Lê * Tú` where Lê and Tú were typed: nothing is told that the caller did not
    write.
    """
    known = set(_words(typed))
    return " ".join(word if word in known else "*" for word in _words(name))


def _words(name: str) -> list[str]:
    return unicodedata.normalize("NFC", name).split()


def verification(row: Any, evidence: Evidence | None, caller: Principal) -> models.Verification:
    """One stored verification as it is told."""
    police = Role.POLICE in caller.roles
    return models.Verification(
        dose_id=row.dose_id,
        source_id=row.source_id,
        version=row.version,
        grade=row.grade,
        attributes=stored_attributes(row.attributes),
        doubts=doubts(row.doubts),
        replaced=_replaced(row) if row.grade in (Grade.EQUIVALENT, Grade.REPAIRED) else [],
        typed=_identity(evidence.typed) if evidence is not None and police else None,
        used=_identity(evidence.used)
        if evidence is not None and evidence.used is not None and police
        else None,
        suggestions=suggestions(evidence, caller),
        algorithm=row.algorithm,
        registry_time=row.registry_time,
    )


def _replaced(row: Any) -> list[str]:
    return [one.name for one in stored_attributes(row.attributes) if one.result is not Result.MATCH]


def _identity(person: Person | RegistryPerson) -> models.Identity:
    return models.Identity.model_validate(person, from_attributes=True)
