"""Carries out what people accepted at a desk, by the same casework as an officer's decision.

What does not hold any more changes nothing, and who accepted is told why. The dose is verified
again, and comes back with what the registry says now.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from contracts.acceptance import AcceptanceRule, Proof
from contracts.case_states import AcceptanceRefusal
from contracts.events import AcceptedSuggestion, RefusedAcceptance, SuggestionsAccepted
from contracts.ids import DoseId
from contracts.registry import Person as Registered
from contracts.words import ELIGIBLE_GRADES, Grade
from services.chassis.bus import Event
from services.chassis.db import Transaction
from services.chassis.errors import ServiceError
from services.verifier import case_decisions, errors
from services.verifier.case_decisions import DecisionRequest
from services.verifier.case_news import tell_cases
from services.verifier.casework import CaseSubject, NoteCode, case_of_verification, subject_of
from services.verifier.context import Context
from services.verifier.domain.acceptance_proof import AcceptedPerson, Unproved, acceptance_of
from services.verifier.domain.confirmation_policy import ConfirmationRule
from services.verifier.domain.overrides import current_bearer
from services.verifier.evidence import MatchEvidence
from services.verifier.registry import NumberHolders
from services.verifier.reverify import request_reverification
from services.verifier.store import (
    acceptances,
    cases,
    officer_decisions,
    verification_queries,
)
from services.verifier.store.cases import CaseRow
from vietnamese.dates import day_in_viet_nam

_NOTES: Mapping[Proof, NoteCode] = {
    Proof.CARD: "PAPERS_SEEN",
    Proof.GUARDIAN: "PAPERS_SEEN",
    Proof.SIGHT: "REGISTRY_CHECKED",
}
_REFUSALS: Mapping[Unproved, AcceptanceRefusal] = {
    Unproved.NOT_SUGGESTED: AcceptanceRefusal.NOT_SUGGESTED,
    Unproved.CHANGED: AcceptanceRefusal.REGISTRY_CHANGED,
    Unproved.CARD: AcceptanceRefusal.CARD_NOT_REGISTERED,
    Unproved.GUARDIAN: AcceptanceRefusal.GUARDIAN_NOT_PROVED,
    Unproved.NOT_ALLOWED: AcceptanceRefusal.NOT_ALLOWED,
}


@dataclass(slots=True)
class _Followed:
    """What follows of a batch of acceptances, and is told once at its end."""

    changed: list[DoseId] = field(default_factory=list)
    decided: list[tuple[DoseId, int]] = field(default_factory=list)
    again: list[tuple[DoseId, int]] = field(default_factory=list)
    refused: list[RefusedAcceptance] = field(default_factory=list)

    def refuse(self, accepted: AcceptedSuggestion, code: AcceptanceRefusal) -> None:
        """Has who accepted told why it did not hold."""
        self.refused.append(
            RefusedAcceptance(accepted.dose_id, accepted.version, accepted.at, code)
        )


async def on_accepted(context: Context, tx: Transaction, events: Sequence[Event]) -> None:
    """Decides as each acceptance says where it holds by the table, the card and the registry."""
    chunks = [SuggestionsAccepted.model_validate_json(event.value) for event in events]
    acts = sorted(
        (one for chunk in chunks for one in chunk.suggestions),
        key=lambda one: (one.dose_id, one.at),
    )
    numbers = {one.personal_id for one in acts if one.act == "accept"}
    numbers |= {one.card.personal_id for one in acts if one.card is not None}
    holders = await context.registry.lookup(numbers)
    followed = _Followed()
    for one in acts:
        if one.act == "undo":
            outcome = await _undo(context, tx, one)
        else:
            outcome = await _accept(context, tx, one, holders, followed)
        context.metrics.count("accepted_suggestion", outcome)
    await request_reverification(context, tx, followed.decided, "case decided")
    again = list(dict.fromkeys(followed.again))
    await request_reverification(context, tx, again, "registry changed")
    await tell_cases(context, tx, followed.changed, followed.refused)


async def _accept(
    context: Context,
    tx: Transaction,
    accepted: AcceptedSuggestion,
    holders: NumberHolders,
    followed: _Followed,
) -> str:
    """Answers what came of it, as a word for operations."""
    dose_id = DoseId(accepted.dose_id)
    case = await _waiting_case(tx, accepted, followed)
    if case is None:
        return await _overtaken(tx, accepted, followed)
    if await acceptances.is_taken_back(tx, accepted):
        return "undone"
    try:
        subject = await subject_of(context, tx, case, "confirm")
    except ServiceError:
        return await _overtaken(tx, accepted, followed)
    found = _accepted_person(subject.evidence, accepted, holders)
    rule: AcceptanceRule | Unproved = Unproved.NOT_SUGGESTED
    if found is not None:
        today = day_in_viet_nam(accepted.at)
        rule = acceptance_of(subject.evidence.typed, Grade(case.grade), accepted, found, today)
    if isinstance(rule, Unproved):
        # it comes back to people with what holds now
        followed.again.append((dose_id, case.version))
        followed.refuse(accepted, _REFUSALS[rule])
        return str(rule)
    assert found is not None
    return await _decide(context, tx, case, subject, accepted, found.person, rule, followed)


async def _overtaken(tx: Transaction, accepted: AcceptedSuggestion, followed: _Followed) -> str:
    """The dose went on without it. One that comes again after it took effect is not refused."""
    last = await officer_decisions.latest(tx, DoseId(accepted.dose_id))
    is_own = (
        last is not None
        and last.version == accepted.version
        and accepted.accepted_by in (last.decided_by, last.approved_by)
    )
    if not is_own and not await acceptances.is_taken_back(tx, accepted):
        followed.refuse(accepted, AcceptanceRefusal.OVERTAKEN)
    return "overtaken"


async def _decide(
    context: Context,
    tx: Transaction,
    case: CaseRow,
    subject: CaseSubject,
    accepted: AcceptedSuggestion,
    person: Registered,
    rule: AcceptanceRule,
    followed: _Followed,
) -> str:
    pending = await officer_decisions.awaiting(tx, case.dose_id, case.version)
    if pending is not None and rule.officers > 1 and accepted.role != "police":
        return "awaiting_second"  # a desk is only ever the first of two
    request = DecisionRequest(
        "confirm",
        _NOTES[accepted.proof],
        person,
        rule=ConfirmationRule(rule.officers),
    )
    try:
        state = await case_decisions.write_decision(
            context, tx, case, subject, request, accepted.accepted_by
        )
    except ServiceError as refusal:
        # another officer named somebody else, or it comes again: what stands, stands
        if refusal.code != errors.second_officer_needed().code:
            followed.refuse(accepted, AcceptanceRefusal.DECISIONS_DIFFER)
        return refusal.code.lower()
    followed.changed.append(case.dose_id)
    if state == "decided":
        followed.decided.append((case.dose_id, case.version))
    return state


async def _waiting_case(
    tx: Transaction, accepted: AcceptedSuggestion, followed: _Followed
) -> CaseRow | None:
    """The locked case of that version while nobody has decided it; one is opened where none is."""
    dose_id = DoseId(accepted.dose_id)
    case = await cases.one(tx, dose_id, lock=True)
    if case is not None and (case.version, case.state) != (accepted.version, "closed"):
        return case if case.version == accepted.version and case.state != "decided" else None
    verification = await verification_queries.newest(tx, dose_id)
    if (
        verification is None
        or verification.version != accepted.version
        or verification.grade in ELIGIBLE_GRADES
    ):
        return None
    if case is None:
        await cases.put(tx, [case_of_verification(verification, "open")])
    else:
        await cases.move(tx, dose_id, "open", "opened", accepted.accepted_by)
    followed.changed.append(dose_id)
    return await cases.one(tx, dose_id, lock=True)


def _accepted_person(
    evidence: MatchEvidence, accepted: AcceptedSuggestion, holders: NumberHolders
) -> AcceptedPerson | None:
    """Who was suggested under that number; None where nobody was."""
    suggested = [
        candidate
        for candidate in evidence.suggestions
        if candidate.person.personal_id == accepted.personal_id
    ]
    if not suggested:
        return None
    [candidate] = suggested
    return AcceptedPerson(
        candidate.person,
        candidate.confidence,
        candidate.certain is not None,
        [other.person for other in evidence.suggestions],
        _bearer(accepted.personal_id, holders),
        _bearer(accepted.card.personal_id, holders) if accepted.card is not None else None,
    )


def _bearer(number: str, holders: NumberHolders) -> Registered | None:
    """Who has the number; None where nobody has, or the entry cannot be read."""
    return None if number in holders.unreadable else current_bearer(number, holders.people)


async def _undo(context: Context, tx: Transaction, taken_back: AcceptedSuggestion) -> str:
    dose_id = DoseId(taken_back.dose_id)
    await acceptances.take_back(tx, taken_back)
    case = await cases.one(tx, dose_id, lock=True)
    last = await officer_decisions.latest(tx, dose_id)
    is_own = (
        last is not None
        and last.version == taken_back.version
        and last.decided_by == taken_back.accepted_by
        and last.approved_by is None
    )
    if case is None or not is_own:
        return "nothing to undo"
    await case_decisions.undo(context, tx, case, taken_back.accepted_by)
    return "undone"
