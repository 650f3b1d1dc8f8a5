"""What officers may decide of a case, and what it takes.

A decision changes nothing by itself: it is written down, and the dose is verified anew with it in
force.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from contracts.case_states import CaseAct, CaseState
from contracts.registry import Person as Registered
from contracts.words import Doubt
from services.chassis.db import Transaction
from services.verifier import errors
from services.verifier.bulk import store as bulk_rows
from services.verifier.case_news import tell_cases
from services.verifier.casework import CaseSubject, NoteCode, is_repair
from services.verifier.context import Context
from services.verifier.domain.confirmation_policy import (
    CandidateStanding,
    ConfirmationRule,
    at_least_two,
    confirmation_rule,
    passes_as_typed,
    standing_of,
)
from services.verifier.evidence import MatchEvidence
from services.verifier.reverify import request_reverification
from services.verifier.store import cases, officer_decisions
from services.verifier.store.cases import CaseRow
from services.verifier.store.officer_decisions import (
    DecisionKind,
    DecisionRow,
    NewDecision,
    open_persons,
    seal_persons,
    seal_reason,
)
from services.verifier.store.verifications import fingerprint

_ACTS: Mapping[CaseState, CaseAct] = {
    "decided": "decided",
    "asked_for_papers": "papers_asked",
    "awaiting_second": "first_confirmed",
}


@dataclass(frozen=True, slots=True)
class DecisionRequest:
    """What an officer asks for a case.

    `person`: the registered one who is meant. `reason`: the officer's own words. `rule`: what a
    confirmation takes, where it was accepted at a desk by the table of `contracts.acceptance`.
    """

    kind: DecisionKind
    note_code: NoteCode
    person: Registered | None = None
    reason: str | None = None
    rule: ConfirmationRule | None = None

    @property
    def number(self) -> str | None:
        """The personal number of the meant person."""
        return self.person.personal_id if self.person else None


async def decide(
    context: Context,
    tx: Transaction,
    case: CaseRow,
    subject: CaseSubject,
    request: DecisionRequest,
    officer: str,
) -> CaseState:
    """Carries out an officer's request on a case that the caller has locked.

    Answers the new state of the case. ServiceError 409 where a second officer is needed, or names
    somebody else; 422 where a reason or a person is missing.
    """
    state = await write_decision(context, tx, case, subject, request, officer)
    await tell_cases(context, tx, [case.dose_id])
    if state == "decided":
        await request_reverification(context, tx, [(case.dose_id, case.version)], "case decided")
    return state


async def write_decision(
    context: Context,
    tx: Transaction,
    case: CaseRow,
    subject: CaseSubject,
    request: DecisionRequest,
    officer: str,
) -> CaseState:
    """The same, but for telling it, and having the dose verified anew where it is decided."""
    pending = await officer_decisions.awaiting(tx, case.dose_id, case.version)
    if request.kind == "confirm":
        state = await _confirm(context, tx, case, subject, request, officer, pending)
    else:
        # the second officer does not confirm: the first one's confirmation ends, and the dose goes
        # no further by it
        if pending is not None:
            await officer_decisions.undo(tx, pending.id, officer)
        persons = _rejected(subject.evidence, request.number)
        in_force = request.kind == "reject"
        await _write(context, tx, case, subject, request, officer, persons, in_force=in_force)
        state = "decided" if request.kind == "reject" else "asked_for_papers"
    await cases.move(tx, case.dose_id, state, _ACTS[state], officer)
    context.metrics.count("case", state)
    return state


def _rejected(evidence: MatchEvidence, number: str | None) -> list[str]:
    """The numbers of whom it is not: the named one, or everybody whom the case is about."""
    if evidence.used is not None:
        if number not in (None, evidence.used.personal_id):
            raise errors.person_not_used()
        return [evidence.used.personal_id]
    return [number] if number else _suggested_numbers(evidence)


def _suggested_numbers(evidence: MatchEvidence) -> list[str]:
    return [candidate.person.personal_id for candidate in evidence.suggestions]


async def _confirm(
    context: Context,
    tx: Transaction,
    case: CaseRow,
    subject: CaseSubject,
    request: DecisionRequest,
    officer: str,
    pending: DecisionRow | None,
) -> CaseState:
    rule = _confirmation_rule(subject, request)
    persons = [request.person.personal_id] if request.person else []
    if pending is not None and open_persons(context.sealer, pending) != persons:
        raise errors.decisions_differ()
    if pending is not None and pending.decided_by == officer:
        raise errors.second_officer_needed()
    if rule.reason and request.reason is None:
        raise errors.reason_missing()
    if pending is None:
        alone = rule.officers == 1
        await _write(context, tx, case, subject, request, officer, persons, in_force=alone)
        return "decided" if alone else "awaiting_second"
    reason = seal_reason(context.sealer, case.dose_id, request.reason)
    await officer_decisions.approve(tx, pending.id, officer, reason)
    return "decided"


def _confirmation_rule(subject: CaseSubject, request: DecisionRequest) -> ConfirmationRule:
    """What it takes to confirm the meant person.

    ServiceError 422 where somebody must be named and is not.
    """
    typed = subject.evidence.typed
    if request.person is not None:
        standing = standing_of(typed, request.person, _suggested_numbers(subject.evidence))
    elif passes_as_typed(typed):
        standing = CandidateStanding.AS_TYPED
    else:
        raise errors.person_missing()
    person_changed = Doubt.PERSON_CHANGED in subject.doubts
    if request.rule is not None:
        return at_least_two(request.rule) if person_changed else request.rule
    return confirmation_rule(standing, person_changed=person_changed)


async def _write(
    context: Context,
    tx: Transaction,
    case: CaseRow,
    subject: CaseSubject,
    request: DecisionRequest,
    officer: str,
    persons: Sequence[str],
    *,
    in_force: bool,
) -> None:
    await officer_decisions.add(
        tx,
        NewDecision(
            dose_id=case.dose_id,
            version=case.version,
            fingerprint=fingerprint(context.sealer, subject.evidence.typed),
            kind=request.kind,
            persons=seal_persons(context.sealer, case.dose_id, persons),
            note_code=request.note_code,
            decided_by=officer,
            in_force=in_force,
            doubts=list(subject.doubts),
            reason=seal_reason(context.sealer, case.dose_id, request.reason),
        ),
    )


async def undo(context: Context, tx: Transaction, case: CaseRow, officer: str) -> CaseState:
    """Takes back the last decision on a case that the caller has locked.

    A dose that was let through by it is verified anew, and revoked unless it passes without.
    Answers the new state of the case. ServiceError 409 where there is no decision.
    """
    last = await officer_decisions.latest(tx, case.dose_id)
    if last is None:
        raise errors.nothing_decided()
    state, again = await undo_decision(context, tx, case, last, officer)
    await tell_cases(context, tx, [case.dose_id])
    if again:
        await request_reverification(context, tx, [(case.dose_id, case.version)], "decision undone")
    return state


async def undo_decision(
    context: Context, tx: Transaction, case: CaseRow, last: DecisionRow, officer: str
) -> tuple[CaseState, bool]:
    """Takes back the last decision; the new state, and whether the dose is to be verified anew.

    From then on the dose is decided singly. The caller tells it.
    """
    await officer_decisions.undo(tx, last.id, officer)
    await bulk_rows.note_undone(tx, last.id)
    await cases.leave_bulk(tx, [case.dose_id])
    state = case.state
    if state in ("awaiting_second", "decided"):
        # nobody has to decide of a repair
        state = "closed" if is_repair(case) else "open"
        await cases.move(tx, case.dose_id, state, "undone", officer)
    context.metrics.count("case", "undone")
    return state, last.in_force
