"""Cases: which verdicts people must decide, and what there is to decide of a dose.

A repair that the machine made is nobody's case until an officer asks for it: then it has a closed
one, and may be rejected.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from contracts.events import RecordedDose
from contracts.words import ELIGIBLE_GRADES, Grade
from services.chassis.db import Transaction
from services.chassis.errors import ServiceError
from services.verifier.context import Context
from services.verifier.domain.match_person import Verdict
from services.verifier.evidence import Evidence, fingerprint, open_evidence
from services.verifier.store import cases, decisions, verifications
from services.verifier.store.cases import StoredCase

WORTH_ASKING = 0.5
"""The confidence from which on a suggestion for a dose that needs correction is worth an officer's
look.
"""

Kind = Literal["confirm", "reject", "papers"]
NoteCode = Literal[
    "PAPERS_SEEN",
    "PERSON_SEEN",
    "REGISTRY_CHECKED",
    "TYPING_ERROR",
    "OTHER_PERSON",
    "PAPERS_MISSING",
    "OTHER",
]
WAITING = ("open", "asked_for_papers", "awaiting_second")


def asks_people(verdict: Verdict) -> bool:
    """Whether an officer has to decide: the policy says so, or there is somebody to confirm."""
    if verdict.grade in ELIGIBLE_GRADES:
        return False
    return verdict.grade is Grade.REVIEW or (
        bool(verdict.suggestions) and verdict.suggestions[0].confidence >= WORTH_ASKING
    )


def case_of(dose: RecordedDose, verdict: Verdict, doubts: Sequence[str] = ()) -> StoredCase:
    """The case of a verified dose, `closed` where nobody has to decide anything; `doubts` are told
    among its reasons.
    """
    person = dose.person
    return StoredCase(
        dose_id=dose.dose_id,
        version=dose.version,
        state="open" if asks_people(verdict) else "closed",
        grade=verdict.grade.value,
        reasons=[*(one.reason.value for one in verdict.attributes if one.reason), *doubts],
        # where no residence was typed, the police of the facility's province must find the person
        residence=person.province_code + person.district_code + person.commune_code
        or dose.facility_code[:2],
        facility_code=dose.facility_code,
    )


async def find(tx: Transaction, case_id: int, *, lock: bool = False) -> Any | None:
    """The case of a dose, made where there is none yet but a repair that an officer may reject."""
    row = await cases.one(tx, case_id, lock=lock)
    if (
        row is None
        and (repaired := await verifications.newest(tx, case_id))
        and is_repair(repaired)
    ):
        await cases.put(tx, [_case_of_repair(repaired)])
        row = await cases.one(tx, case_id, lock=lock)
    return row


def is_repair(row: Any) -> bool:
    return bool(row.grade == Grade.REPAIRED.value)


def _case_of_repair(row: Any) -> StoredCase:
    attributes = json.loads(row.attributes) if row.attributes else []
    return StoredCase(
        dose_id=row.dose_id,
        version=row.version,
        state="closed",
        grade=row.grade,
        reasons=[one["reason"] for one in attributes if one["reason"]],
        residence=row.residence or row.facility_code[:2],
        facility_code=row.facility_code,
    )


@dataclass(frozen=True, slots=True)
class Subject:
    """What officers decide of: the evidence, and the doubts that they were shown."""

    evidence: Evidence
    doubts: Sequence[str] = ()


async def subject_of(context: Context, tx: Transaction, case: Any, wish: Kind) -> Subject:
    """Of a case that waits for people, or of a repair that is to be rejected; ServiceError 409
    where it is neither.
    """
    open_to = case.state in WAITING or (
        case.state == "closed" and is_repair(case) and wish == "reject"
    )
    row = await verifications.one(tx, case.dose_id, case.version) if open_to else None
    evidence = open_evidence(context.sealer, row) if row is not None else None
    # what people confirmed is taken back, not rejected
    if evidence is None or (is_repair(case) and await _was_confirmed(context, tx, case, evidence)):
        raise ServiceError(
            409,
            "CASE_NOT_WAITING",
            "Hồ sơ này không còn chờ quyết định.",
            "Nobody has to decide this case any more.",
        )
    return Subject(evidence, row.doubts or () if row is not None else ())


async def _was_confirmed(context: Context, tx: Transaction, case: Any, evidence: Evidence) -> bool:
    own = fingerprint(context.sealer, evidence.typed)
    return any(
        row.kind == "confirm" and row.fingerprint == own
        for row in await decisions.in_force(tx, [case.dose_id])
    )
