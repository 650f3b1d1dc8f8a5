"""From stored cases to what officers see: the disputed attributes, whole for the police and as
hints for others.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from contracts import registry
from contracts.access import Role
from contracts.events import Person, RegistryPerson
from contracts.masks import mask_registered
from services.chassis.auth import Principal
from services.chassis.encryption import Sealer
from services.verifier.api import models
from services.verifier.api.verification_serializers import (
    attributes,
    doubts,
    mask_name,
    stored_attributes,
)
from services.verifier.domain.overrides import compared
from services.verifier.evidence import Evidence, Suggested, open_evidence, open_numbers, open_reason
from services.verifier.prior_certification import Certified


def case_item(row: Any) -> models.Case:
    """One case as it stands in the list."""
    return models.Case(
        id=row.dose_id,
        **{name: getattr(row, name) for name in models.Case.model_fields if name != "id"},
    )


@dataclass(frozen=True, slots=True)
class CaseFile:
    """What a case is shown with: its verification and evidence, the version that was certified
    before, and the decisions.
    """

    verification: Any
    evidence: Evidence | None
    older: Certified | None = None
    decisions: Sequence[Any] = ()


def case_detail(sealer: Sealer, row: Any, file: CaseFile, caller: Principal) -> models.CaseDetail:
    """One case with what is disputed."""
    whole = Role.POLICE in caller.roles
    verification, evidence = file.verification, file.evidence
    differing = stored_attributes(verification.attributes) if verification is not None else []
    candidates: list[models.Candidate] = []
    if evidence is not None and evidence.used is not None:
        candidates = [_whose_data_went_on(evidence.typed, evidence.used, differing, whole)]
    elif evidence is not None and row.state != "closed":
        candidates = [_candidate(evidence.typed, one, whole) for one in evidence.suggestions]
    return models.CaseDetail(
        **case_item(row).model_dump(),
        attributes=differing,
        doubts=doubts(verification.doubts if verification is not None else None),
        candidates=candidates,
        certified_as=_certified_as(sealer, file.older, evidence, whole)
        if file.older is not None
        else None,
        decisions=[_decision(sealer, one) for one in file.decisions] if whole else [],
    )


def _certified_as(
    sealer: Sealer, older: Certified, evidence: Evidence | None, whole: bool
) -> models.CertifiedAs:
    """Of an exact or equivalent version nothing was kept but that it was another person."""
    kept = open_evidence(sealer, older)
    if kept is None or kept.used is None:
        return models.CertifiedAs(version=older.version, personal_id=None, full_name=None)
    number, name = kept.used.personal_id or kept.used.passport_number, kept.used.full_name
    if not whole:
        number, name = (
            mask_registered(number),
            mask_name(name, evidence.typed.full_name if evidence else ""),
        )
    return models.CertifiedAs(version=older.version, personal_id=number, full_name=name)


def _decision(sealer: Sealer, row: Any) -> models.DecisionMade:
    return models.DecisionMade(
        version=row.version,
        decision=row.kind,
        personal_ids=open_numbers(sealer, row),
        note_code=row.note_code,
        reason=open_reason(sealer, row.dose_id, row.reason),
        decided_by=row.decided_by,
        at=row.at,
        approved_by=row.approved_by,
        approval_reason=open_reason(sealer, row.dose_id, row.approval_reason),
        in_force=row.in_force,
        undone_by=row.undone_by,
    )


def _candidate(typed: Person, one: Suggested, whole: bool) -> models.Candidate:
    return models.Candidate(
        personal_id=one.person.personal_id if whole else mask_registered(one.person.personal_id),
        confidence=round(one.confidence, 3),
        evidence=one.evidence,
        disputed=[
            _disputed(typed, one.person, told, whole)
            for told in attributes(compared(typed, one.person))
        ],
    )


def _whose_data_went_on(
    typed: Person, used: RegistryPerson, differing: Iterable[models.Attribute], whole: bool
) -> models.Candidate:
    return models.Candidate(
        personal_id=used.personal_id if whole else mask_registered(used.personal_id),
        confidence=1,
        evidence=[],
        disputed=[_disputed(typed, used, told, whole) for told in differing],
    )


def _disputed(
    typed: Person, person: registry.Person | RegistryPerson, told: models.Attribute, whole: bool
) -> models.Disputed:
    """Both values of one attribute, for the police alone."""
    if not whole:
        return models.Disputed(**told.model_dump())
    return models.Disputed(
        **told.model_dump(),
        typed=getattr(typed, told.name, None) or None,
        registered=getattr(person, told.name, None) or None,
    )
