"""From stored cases to what officers see: the disputed attributes, whole for the police and as hints for others."""

from collections.abc import Iterable
from typing import Any

from contracts import registry
from contracts.access import Role
from contracts.events import Person, RegistryPerson
from contracts.masks import mask_registered
from services.chassis.auth import Principal
from services.verifier.api import models
from services.verifier.api.present import attributes, stored_attributes
from services.verifier.cases_settled import compared
from services.verifier.evidence import Evidence, Suggested


def case_item(row: Any) -> models.Case:
    """One case as it stands in the list."""
    return models.Case(id=row.dose_id, **{name: getattr(row, name) for name in models.Case.model_fields if name != "id"})


def case_detail(row: Any, verification: Any, evidence: Evidence | None, caller: Principal) -> models.CaseDetail:
    """One case with what is disputed."""
    whole = Role.POLICE in caller.roles
    differing = stored_attributes(verification.attributes) if verification is not None else []
    candidates: list[models.Candidate] = []
    if evidence is not None and evidence.used is not None:
        candidates = [_whose_data_went_on(evidence.typed, evidence.used, differing, whole)]
    elif evidence is not None and row.state != "closed":
        candidates = [_candidate(evidence.typed, one, whole) for one in evidence.suggestions]
    return models.CaseDetail(**case_item(row).model_dump(), attributes=differing, candidates=candidates)


def _candidate(typed: Person, one: Suggested, whole: bool) -> models.Candidate:
    return models.Candidate(
        personal_id=one.person.personal_id if whole else mask_registered(one.person.personal_id),
        confidence=round(one.confidence, 3),
        evidence=one.evidence,
        disputed=[_disputed(typed, one.person, told, whole) for told in attributes(compared(typed, one.person))],
    )


def _whose_data_went_on(typed: Person, used: RegistryPerson, differing: Iterable[models.Attribute], whole: bool) -> models.Candidate:
    return models.Candidate(
        personal_id=used.personal_id if whole else mask_registered(used.personal_id),
        confidence=1,
        evidence=[],
        disputed=[_disputed(typed, used, told, whole) for told in differing],
    )


def _disputed(typed: Person, person: registry.Person | RegistryPerson, told: models.Attribute, whole: bool) -> models.Disputed:
    """Both values of one attribute, for the police alone."""
    if not whole:
        return models.Disputed(**told.model_dump())
    return models.Disputed(
        **told.model_dump(), typed=getattr(typed, told.name, None) or None, registered=getattr(person, told.name, None) or None
    )
