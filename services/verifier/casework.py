"""Cases: which decisions people must take, and what there is to decide of a dose.

A repair that the machine made has no case until an officer asks for it. Then it gets a closed one,
which the officer may reject.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from contracts.case_states import CaseState
from contracts.events import RecordedDose
from contracts.ids import DoseId
from contracts.words import ELIGIBLE_GRADES, Grade
from services.chassis.db import Transaction
from services.verifier import errors
from services.verifier.context import Context
from services.verifier.domain.decision import MatchDecision
from services.verifier.domain.hold_policy import HeldDecision
from services.verifier.evidence import MatchEvidence, open_evidence
from services.verifier.store import cases, officer_decisions, verification_queries
from services.verifier.store.cases import CaseRow, NewCase
from services.verifier.store.officer_decisions import DecisionKind
from services.verifier.store.verifications import VerificationRow, fingerprint, residence_of

WORTH_ASKING = 0.5
"""From this confidence on, a suggestion for a dose that needs correction is worth an officer's
look.
"""

NoteCode = Literal[
    "PAPERS_SEEN",
    "PERSON_SEEN",
    "REGISTRY_CHECKED",
    "TYPING_ERROR",
    "OTHER_PERSON",
    "PAPERS_MISSING",
    "OTHER",
]
WAITING: tuple[CaseState, ...] = ("open", "asked_for_papers", "awaiting_second")


async def open_cases(
    tx: Transaction,
    doses: Sequence[RecordedDose],
    decisions: Sequence[MatchDecision],
    second_results: Mapping[int, HeldDecision],
) -> None:
    """Opens the cases of doses that officers must decide; of corrected ones replaces the case.

    `second_results`: by place, what the second look made of a dose. From here on the cases of
    corrected doses are locked, closed ones too.
    """
    first_versions = [
        at
        for at, decision in enumerate(decisions)
        if asks_people(decision) and doses[at].version == 1
    ]
    corrected = [at for at in second_results if doses[at].version > 1]

    def new_case(at: int) -> NewCase:
        return case_of(
            doses[at], decisions[at], second_results[at].doubts if at in second_results else ()
        )

    await cases.open_new(tx, [new_case(at) for at in first_versions])
    await cases.put(tx, [new_case(at) for at in corrected])


def asks_people(decision: MatchDecision) -> bool:
    """Whether an officer has to decide: the policy says so, or there is somebody to confirm."""
    if decision.grade in ELIGIBLE_GRADES:
        return False
    return decision.grade is Grade.REVIEW or (
        bool(decision.suggestions) and decision.suggestions[0].confidence >= WORTH_ASKING
    )


def case_of(dose: RecordedDose, decision: MatchDecision, doubts: Sequence[str] = ()) -> NewCase:
    """The case of a verified dose, `closed` where nobody has to decide anything.

    `doubts` are among its reasons.
    """
    reasons = [attribute.reason.value for attribute in decision.attributes if attribute.reason]
    return NewCase(
        dose_id=DoseId(dose.dose_id),
        version=dose.version,
        state="open" if asks_people(decision) else "closed",
        grade=decision.grade.value,
        reasons=[*reasons, *doubts],
        # where no residence was typed, the police of the facility's province must find the person
        residence=residence_of(dose.person) or dose.facility_code[:2],
        facility_code=dose.facility_code,
        certain=_certain_kind(decision) if not doubts else None,
    )


def _certain_kind(decision: MatchDecision) -> str | None:
    """The kind by which the first suggestion is certain, where an officer has to decide."""
    if decision.grade is Grade.REVIEW or not asks_people(decision):
        return None
    return decision.suggestions[0].certain


async def find_case(tx: Transaction, case_id: DoseId, *, lock: bool = False) -> CaseRow | None:
    """The case of a dose.

    One is made only for a repair, which an officer may reject.
    """
    case = await cases.one(tx, case_id, lock=lock)
    if case is not None:
        return case
    verification = await verification_queries.newest(tx, case_id)
    if verification is None or not is_repair(verification):
        return None
    await cases.put(tx, [case_of_verification(verification, "closed")])
    return await cases.one(tx, case_id, lock=lock)


def is_repair(row: CaseRow | VerificationRow) -> bool:
    """Whether the machine repaired the dose, so that it went on."""
    return row.grade == Grade.REPAIRED.value


def case_of_verification(verification: VerificationRow, state: CaseState) -> NewCase:
    """The case of a dose that has none yet."""
    attributes = json.loads(verification.attributes) if verification.attributes else []
    return NewCase(
        dose_id=verification.dose_id,
        version=verification.version,
        state=state,
        grade=verification.grade,
        reasons=[attribute["reason"] for attribute in attributes if attribute["reason"]],
        residence=verification.residence or verification.facility_code[:2],
        facility_code=verification.facility_code,
    )


@dataclass(frozen=True, slots=True)
class CaseSubject:
    """What officers decide of: the evidence, and the doubts that they were shown."""

    evidence: MatchEvidence
    doubts: Sequence[str] = ()


async def subject_of(
    context: Context, tx: Transaction, case: CaseRow, kind: DecisionKind
) -> CaseSubject:
    """What an officer who decides so decides of.

    ServiceError 409 where the case does not wait for people, and is no repair to be rejected.
    """
    can_be_decided = case.state in WAITING or (
        case.state == "closed" and is_repair(case) and kind == "reject"
    )
    verification = (
        await verification_queries.one(tx, case.dose_id, case.version) if can_be_decided else None
    )
    evidence = (
        open_evidence(context.sealer, verification.dose_id, verification.evidence)
        if verification is not None
        else None
    )
    # what people confirmed is taken back, not rejected
    if (
        verification is None
        or evidence is None
        or (is_repair(case) and await _was_confirmed(context, tx, case, evidence))
    ):
        raise errors.case_not_waiting()
    return CaseSubject(evidence, verification.doubts or ())


async def _was_confirmed(
    context: Context, tx: Transaction, case: CaseRow, evidence: MatchEvidence
) -> bool:
    typed = fingerprint(context.sealer, evidence.typed)
    return any(
        decision.kind == "confirm" and decision.fingerprint == typed
        for decision in await officer_decisions.in_force(tx, [case.dose_id])
    )
