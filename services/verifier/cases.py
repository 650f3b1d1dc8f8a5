"""Cases: which verdicts people must decide, and what officers may decide of them.

A decision changes nothing by itself: it is written down, and the dose is verified anew with it in force. A repair that the machine made
is nobody's case until an officer asks for it: then it has a closed one, and may be rejected.
"""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from contracts.events import RecordedDose
from contracts.words import ELIGIBLE_GRADES, Grade
from services.chassis.db import Transaction
from services.chassis.errors import ServiceError
from services.verifier.cases_recheck import ask_again
from services.verifier.cases_settled import Settled
from services.verifier.context import Context
from services.verifier.domain.decide import Verdict, numbers
from services.verifier.evidence import Evidence, fingerprint, open_evidence, open_numbers, seal_numbers
from services.verifier.store import cases, decisions, verifications
from services.verifier.store.cases import StoredCase

WORTH_ASKING = 0.5
"""The confidence from which on a suggestion for a dose that needs correction is worth an officer's look."""

Kind = Literal["confirm", "reject", "papers"]
NoteCode = Literal["PAPERS_SEEN", "PERSON_SEEN", "REGISTRY_CHECKED", "TYPING_ERROR", "OTHER_PERSON", "PAPERS_MISSING", "OTHER"]
WAITING = ("open", "asked_for_papers", "awaiting_second")


def asks_people(verdict: Verdict) -> bool:
    """Whether an officer has to decide: the policy says so, or there is somebody to confirm."""
    if verdict.grade in ELIGIBLE_GRADES:
        return False
    return verdict.grade is Grade.REVIEW or (bool(verdict.suggestions) and verdict.suggestions[0].confidence >= WORTH_ASKING)


def case_of(dose: RecordedDose, verdict: Verdict) -> StoredCase:
    """The case of a verified dose, `closed` where nobody has to decide anything."""
    person = dose.person
    return StoredCase(
        dose_id=dose.dose_id,
        version=dose.version,
        state="open" if asks_people(verdict) else "closed",
        grade=verdict.grade.value,
        reasons=[one.reason.value for one in verdict.attributes if one.reason],
        # where no residence was typed, the police of the facility's province must find the person
        residence=person.province_code + person.district_code + person.commune_code or dose.facility_code[:2],
        facility_code=dose.facility_code,
    )


async def settled_before(context: Context, tx: Transaction, doses: Sequence[RecordedDose]) -> dict[int, Settled]:
    """What people decided of the typed persons of these doses, by place; nobody can have decided of a first version."""
    again = {dose.dose_id for dose in doses if dose.version > 1}
    made: defaultdict[tuple[int, int], list[Any]] = defaultdict(list)
    for row in await decisions.in_force(tx, sorted(again)) if again else ():
        made[row.dose_id, row.fingerprint].append(row)
    if not made:
        return {}
    prints = {at: (dose.dose_id, fingerprint(context.sealer, dose.person)) for at, dose in enumerate(doses) if dose.dose_id in again}
    return {at: _settled(context, made[key]) for at, key in prints.items() if key in made}


def _settled(context: Context, rows: Sequence[Any]) -> Settled:
    confirmed = [open_numbers(context.sealer, row)[0] for row in rows if row.kind == "confirm"]
    rejected = {number for row in rows if row.kind == "reject" for number in open_numbers(context.sealer, row)}
    return Settled(confirmed[-1] if confirmed else None, frozenset(rejected))


@dataclass(frozen=True, slots=True)
class Wish:
    """What an officer wants of a case; `number`: the registered person's, where one is meant."""

    kind: Kind
    note_code: NoteCode
    number: str | None = None


async def find(tx: Transaction, case_id: int, *, lock: bool = False) -> Any | None:
    """The case of a dose, made where there is none yet but a repair that an officer may reject."""
    row = await cases.one(tx, case_id, lock=lock)
    if row is None and (repaired := await verifications.newest(tx, case_id)) and _is_repair(repaired):
        await cases.put(tx, [_case_of_repair(repaired)])
        row = await cases.one(tx, case_id, lock=lock)
    return row


def _is_repair(row: Any) -> bool:
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


async def subject_of(context: Context, tx: Transaction, case: Any, wish: Kind) -> Evidence:
    """The evidence of a case that waits for people, or of a repair that is to be rejected; ServiceError 409 where it is neither."""
    open_to = case.state in WAITING or (case.state == "closed" and _is_repair(case) and wish == "reject")
    row = await verifications.one(tx, case.dose_id, case.version) if open_to else None
    evidence = open_evidence(context.sealer, row) if row is not None else None
    # what people confirmed is taken back, not rejected
    if evidence is None or (_is_repair(case) and await _was_confirmed(context, tx, case, evidence)):
        raise ServiceError(409, "CASE_NOT_WAITING", "Hồ sơ này không còn chờ quyết định.", "Nobody has to decide this case any more.")
    return evidence


async def _was_confirmed(context: Context, tx: Transaction, case: Any, evidence: Evidence) -> bool:
    own = fingerprint(context.sealer, evidence.typed)
    return any(row.kind == "confirm" and row.fingerprint == own for row in await decisions.in_force(tx, [case.dose_id]))


async def decide(context: Context, tx: Transaction, case: Any, evidence: Evidence, wish: Wish, officer: str) -> str:
    """Carries out an officer's wish on a case that the caller has locked, and answers the case's new state.

    ServiceError 409 where a second officer is needed, or names somebody else.
    """
    pending = await decisions.awaiting(tx, case.dose_id, case.version)
    if wish.kind == "confirm":
        state = await _confirm(context, tx, case, evidence, wish, officer, pending)
    else:
        # the second officer does not confirm: what the first said is off the table, and the dose goes no further by it
        if pending is not None:
            await decisions.undo(tx, pending.id, officer)
        shown = _rejected(evidence, wish.number)
        await _write(context, tx, case, evidence, wish, officer, shown, in_force=wish.kind == "reject")
        state = "decided" if wish.kind == "reject" else "asked_for_papers"
    await cases.move(tx, case.dose_id, state, officer)
    if state == "decided":
        await ask_again(context, tx, [(case.dose_id, case.version)], "case decided")
    context.metrics.count("case", state)
    return state


def _rejected(evidence: Evidence, number: str | None) -> list[str]:
    """The numbers of whom it is not: the one that was named, or everybody whom the case is about."""
    if evidence.used is not None:
        if number not in (None, evidence.used.personal_id):
            raise ServiceError(
                409, "PERSON_NOT_USED", "Dữ liệu đã dùng không phải của người này.", "It is not this person whose data went on."
            )
        return [evidence.used.personal_id]
    return [number] if number else [one.person.personal_id for one in evidence.suggestions]


async def _confirm(context: Context, tx: Transaction, case: Any, evidence: Evidence, wish: Wish, officer: str, pending: Any) -> str:
    """Who a person is takes two officers where the number is not the one that was typed."""
    assert wish.number is not None
    if pending is None:
        alone = wish.number in numbers(evidence.typed)
        await _write(context, tx, case, evidence, wish, officer, [wish.number], in_force=alone)
        return "decided" if alone else "awaiting_second"
    if open_numbers(context.sealer, pending) != [wish.number]:
        raise ServiceError(
            409, "DECISIONS_DIFFER", "Cán bộ trước đã chọn người khác; hãy thống nhất rồi quyết định lại.",
            "The first officer named another person; agree, undo the decision and decide again.",
        )  # fmt: skip
    if pending.decided_by == officer:
        raise ServiceError(
            409, "SECOND_OFFICER_NEEDED", "Đổi số định danh cần hai cán bộ khác nhau cùng xác nhận.",
            "A change of the ID number takes two different officers.",
        )  # fmt: skip
    await decisions.approve(tx, pending.id, officer)
    return "decided"


async def _write(
    context: Context, tx: Transaction, case: Any, evidence: Evidence, wish: Wish, officer: str, persons: Sequence[str], *, in_force: bool
) -> None:
    await decisions.add(
        tx,
        dose_id=case.dose_id,
        version=case.version,
        fingerprint=fingerprint(context.sealer, evidence.typed),
        kind=wish.kind,
        persons=seal_numbers(context.sealer, case.dose_id, persons),
        note_code=wish.note_code,
        decided_by=officer,
        in_force=in_force,
    )


async def undo(context: Context, tx: Transaction, case: Any, officer: str) -> str:
    """Takes back the last decision on a case that the caller has locked; ServiceError 409 where there is none.

    What was let through by it is judged anew, and revoked unless it passes without.
    """
    last = await decisions.latest(tx, case.dose_id)
    if last is None:
        raise ServiceError(409, "NOTHING_DECIDED", "Hồ sơ này chưa có quyết định nào.", "Nothing was decided on this case.")
    await decisions.undo(tx, last.id, officer)
    state = str(case.state)
    if state in ("awaiting_second", "decided"):
        # nobody has to decide of a repair
        state = "closed" if _is_repair(case) else "open"
        await cases.move(tx, case.dose_id, state, officer)
    if last.in_force:
        await ask_again(context, tx, [(case.dose_id, case.version)], "decision undone")
    context.metrics.count("case", "undone")
    return state
