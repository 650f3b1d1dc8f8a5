"""From stored cases to what officers see: the disputed attributes, whole for the police and as hints for others."""

from typing import Any

from contracts import registry
from contracts.access import Role
from contracts.events import Person
from contracts.masks import mask_number
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
    shown = evidence.suggestions if evidence is not None and row.state != "closed" else []
    return models.CaseDetail(
        **case_item(row).model_dump(),
        attributes=stored_attributes(verification.attributes) if verification is not None else [],
        candidates=[_candidate(evidence.typed, one, whole) for one in shown] if evidence is not None else [],
    )


def _candidate(typed: Person, one: Suggested, whole: bool) -> models.Candidate:
    differing = attributes(compared(typed, one.person))
    return models.Candidate(
        personal_id=one.person.personal_id if whole else mask_number(one.person.personal_id),
        confidence=round(one.confidence, 3),
        evidence=one.evidence,
        disputed=[_side_by_side(typed, one.person, told) if whole else models.Disputed(**told.model_dump()) for told in differing],
    )


def _side_by_side(typed: Person, person: registry.Person, told: models.Attribute) -> models.Disputed:
    return models.Disputed(
        **told.model_dump(), typed=getattr(typed, told.name, None) or None, registered=getattr(person, told.name, None) or None
    )
