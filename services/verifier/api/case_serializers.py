"""Turns stored cases into what officers see.

The disputed attributes are whole for the police, and hints for others.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from contracts import registry
from contracts.access import Role
from contracts.events import Person, RegistryPerson
from contracts.masks import mask_name, mask_registered
from services.chassis.auth import Principal
from services.chassis.encryption import Sealer
from services.verifier.api import models
from services.verifier.api.verification_serializers import (
    attributes,
    doubts,
    is_told_deaths,
    stored_attributes,
)
from services.verifier.domain.deaths import evidence_without_deaths, reasons_without_deaths
from services.verifier.domain.overrides import compare_with_registered
from services.verifier.evidence import MatchEvidence, StoredCandidate, open_evidence
from services.verifier.store.cases import CaseRow
from services.verifier.store.officer_decisions import DecisionRow, open_persons, open_reason
from services.verifier.store.verification_queries import CertifiedVersion
from services.verifier.store.verifications import VerificationRow
from vietnamese.visible_text import visible


def case_item(case: CaseRow, caller: Principal) -> models.Case:
    """One case as it stands in the list."""
    reasons = case.reasons if is_told_deaths(caller) else reasons_without_deaths(case.reasons)
    return models.Case.model_validate({**case._asdict(), "id": case.dose_id, "reasons": reasons})


@dataclass(frozen=True, slots=True)
class CaseFile:
    """What a case is shown with.

    Its verification and evidence, the version that was certified before, and the decisions.
    """

    verification: VerificationRow | None
    evidence: MatchEvidence | None
    older: CertifiedVersion | None = None
    decisions: Sequence[DecisionRow] = ()


def case_detail(
    sealer: Sealer, case: CaseRow, file: CaseFile, caller: Principal
) -> models.CaseDetail:
    """One case with what is disputed."""
    whole = Role.POLICE in caller.roles
    verification, evidence = file.verification, file.evidence
    differing = (
        stored_attributes(verification.attributes, deaths=whole) if verification is not None else []
    )
    candidates: list[models.Candidate] = []
    if evidence is not None and evidence.used is not None:
        candidates = [_used_person(evidence.typed, evidence.used, differing, whole)]
    elif evidence is not None and case.state != "closed":
        candidates = [
            candidate_shown(evidence.typed, suggested, whole) for suggested in evidence.suggestions
        ]
    return models.CaseDetail(
        **case_item(case, caller).model_dump(),
        attributes=differing,
        doubts=doubts(verification.doubts if verification is not None else None),
        candidates=candidates,
        certified_as=_certified_as(sealer, file.older, evidence, whole)
        if file.older is not None
        else None,
        decisions=[_decision(sealer, decision) for decision in file.decisions] if whole else [],
    )


def _certified_as(
    sealer: Sealer, older: CertifiedVersion, evidence: MatchEvidence | None, whole: bool
) -> models.CertifiedAs:
    """Of an exact or equivalent version nothing was kept but that it was another person."""
    kept = open_evidence(sealer, older.dose_id, older.evidence)
    if kept is None or kept.used is None:
        return models.CertifiedAs(version=older.version, personal_id=None, full_name=None)
    number = kept.used.personal_id or kept.used.passport_number
    name = visible(kept.used.full_name)
    if not whole:
        number, name = (
            mask_registered(number),
            mask_name(kept.used.full_name, evidence.typed.full_name if evidence else ""),
        )
    return models.CertifiedAs(version=older.version, personal_id=number, full_name=name)


def _decision(sealer: Sealer, decision: DecisionRow) -> models.DecisionMade:
    return models.DecisionMade(
        version=decision.version,
        decision=decision.kind,
        personal_ids=open_persons(sealer, decision),
        note_code=decision.note_code,
        reason=_read_by_people(open_reason(sealer, decision.dose_id, decision.reason)),
        decided_by=decision.decided_by,
        at=decision.at,
        approved_by=decision.approved_by,
        approval_reason=_read_by_people(
            open_reason(sealer, decision.dose_id, decision.approval_reason)
        ),
        in_force=decision.in_force,
        undone_by=decision.undone_by,
    )


def candidate_shown(
    typed_person: Person, suggested: StoredCandidate, whole: bool
) -> models.Candidate:
    person = suggested.person
    return models.Candidate(
        personal_id=person.personal_id if whole else mask_registered(person.personal_id),
        confidence=round(suggested.confidence, 3),
        evidence=list(suggested.evidence) if whole else evidence_without_deaths(suggested.evidence),
        disputed=[
            _disputed(typed_person, person, attribute, whole)
            for attribute in attributes(compare_with_registered(typed_person, person), deaths=whole)
        ],
    )


def _used_person(
    typed_person: Person, used: RegistryPerson, differing: Iterable[models.Attribute], whole: bool
) -> models.Candidate:
    return models.Candidate(
        personal_id=used.personal_id if whole else mask_registered(used.personal_id),
        confidence=1,
        evidence=[],
        disputed=[_disputed(typed_person, used, attribute, whole) for attribute in differing],
    )


def _disputed(
    typed_person: Person,
    person: registry.Person | RegistryPerson,
    attribute: models.Attribute,
    whole: bool,
) -> models.Disputed:
    """Both values of one attribute, for the police alone."""
    if not whole:
        return models.Disputed(**attribute.model_dump())
    return models.Disputed(
        **attribute.model_dump(),
        typed=_read_by_people(getattr(typed_person, attribute.name, None)),
        registered=_read_by_people(getattr(person, attribute.name, None)),
    )


def _read_by_people(text: str | None) -> str | None:
    """A value as officers read it, with what nobody sees in it marked."""
    return "\n".join(map(visible, text.splitlines())) if text else None
