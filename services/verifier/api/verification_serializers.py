"""Turns match decisions into answers: advice for each reason, and suggestions.

The registry's data are masked for whoever may not see them.
"""

import json
from collections.abc import Iterable, Sequence

from contracts.access import Role
from contracts.events import AttributeResult, Person, RegistryPerson, checked
from contracts.masks import mask_name, mask_registered
from contracts.reasons import ADVICE, UNREADABLE_ENTRY, Advice, advice_of_reason
from contracts.words import Grade, Result
from services.chassis.auth import Principal
from services.verifier.api import models
from services.verifier.domain.deaths import evidence_without_deaths, without_deaths
from services.verifier.evidence import MatchEvidence
from services.verifier.store.verifications import VerificationRow
from vietnamese.visible_text import visible

_COMPARED = ("personal_id", "full_name", "date_of_birth", "sex")


def is_told_deaths(caller: Principal) -> bool:
    """Whether the caller may learn that somebody has died."""
    return Role.POLICE in caller.roles


def attributes(results: Sequence[AttributeResult], *, deaths: bool) -> list[models.Attribute]:
    """Attribute results with the words for their reasons; `deaths`: whether they may be told."""
    worded = []
    for result in results if deaths else without_deaths(results):
        advice = _advice(result)
        worded.append(
            models.Attribute(
                name=result.name,
                result=result.result,
                reason=result.reason,
                message=advice.vi if advice else "",
                message_en=advice.en if advice else "",
            )
        )
    return worded


def _advice(attribute: AttributeResult) -> Advice | None:
    if attribute.reason is None:
        unreadable = attribute.name == "status" and attribute.result is Result.ABSENT_IN_REGISTRY
        return UNREADABLE_ENTRY if unreadable else None
    return ADVICE.get(attribute.reason)


def stored_attributes(stored: str | None, *, deaths: bool) -> list[models.Attribute]:
    """The attributes of a stored verification. All match where nothing is stored."""
    if stored is None:
        return [models.Attribute(name=name, result=Result.MATCH) for name in _COMPARED]
    results = [checked(AttributeResult, result) for result in json.loads(stored)]
    return attributes(results, deaths=deaths)


def doubts(codes: Iterable[str] | None) -> list[models.Doubted]:
    """Doubts with the words for them."""
    advised = [(code, advice_of_reason(code)) for code in codes or ()]
    return [
        models.Doubted(code=code, message=advice.vi, message_en=advice.en)
        for code, advice in advised
    ]


def suggestions(evidence: MatchEvidence | None, caller: Principal) -> list[models.Suggestion]:
    """The suggestions: whole for the police, who own identity.

    For others they are hints that tell nothing they did not type.
    """
    if evidence is None:
        return []
    whole = Role.POLICE in caller.roles
    return [
        models.Suggestion(
            personal_id=candidate.person.personal_id
            if whole
            else mask_registered(candidate.person.personal_id),
            full_name=visible(candidate.person.full_name)
            if whole
            else mask_name(candidate.person.full_name, evidence.typed.full_name),
            confidence=round(candidate.confidence, 3),
            evidence=list(candidate.evidence)
            if whole
            else evidence_without_deaths(candidate.evidence),
        )
        for candidate in evidence.suggestions
    ]


def verification_item(
    row: VerificationRow, evidence: MatchEvidence | None, caller: Principal
) -> models.Verification:
    """One stored verification as the caller may see it."""
    police = Role.POLICE in caller.roles
    return models.Verification(
        dose_id=row.dose_id,
        source_id=row.source_id,
        version=row.version,
        grade=Grade(row.grade),
        attributes=stored_attributes(row.attributes, deaths=is_told_deaths(caller)),
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


def _replaced(row: VerificationRow) -> list[str]:
    return [
        attribute.name
        for attribute in stored_attributes(row.attributes, deaths=False)
        if attribute.result is not Result.MATCH
    ]


def _identity(person: Person | RegistryPerson) -> models.Identity:
    """The person as officers read it: nothing in it is hidden from them, and none is sent back."""
    return models.Identity(
        personal_id=visible(person.personal_id or ""),
        full_name=visible(person.full_name),
        date_of_birth=visible(person.date_of_birth),
        sex=person.sex,
    )
