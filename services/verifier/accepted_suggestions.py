"""Carries out what people accepted at a desk, by the same casework as an officer's decision.

What does not hold any more changes nothing: the dose is verified again, and comes back with what
the registry says now.
"""

from collections.abc import Mapping, Sequence

from contracts.acceptance import AcceptanceRule, Proof
from contracts.events import AcceptedSuggestion, SuggestionsAccepted
from contracts.ids import DoseId
from contracts.registry import Person as Registered
from contracts.words import ELIGIBLE_GRADES, Grade
from services.chassis.bus import Event
from services.chassis.db import Transaction
from services.chassis.errors import ServiceError
from services.verifier import case_decisions
from services.verifier.case_decisions import DecisionRequest
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
    for one in acts:
        if one.act == "undo":
            outcome = await _undo(context, tx, one)
        else:
            outcome = await _accept(context, tx, one, holders)
        context.metrics.count("accepted_suggestion", outcome)


async def _accept(
    context: Context, tx: Transaction, accepted: AcceptedSuggestion, holders: NumberHolders
) -> str:
    """Answers what came of it, as a word for operations."""
    dose_id = DoseId(accepted.dose_id)
    case = await _waiting_case(tx, accepted)
    if case is None:
        return "overtaken"
    if await acceptances.is_taken_back(tx, accepted):
        return "undone"
    try:
        subject = await subject_of(context, tx, case, "confirm")
    except ServiceError:
        return "overtaken"
    found = _accepted_person(subject.evidence, accepted, holders)
    rule: AcceptanceRule | Unproved = Unproved.NOT_SUGGESTED
    if found is not None:
        today = day_in_viet_nam(accepted.at)
        rule = acceptance_of(subject.evidence.typed, Grade(case.grade), accepted, found, today)
    if found is None or isinstance(rule, Unproved):
        # it comes back to people with what holds now
        await request_reverification(context, tx, [(dose_id, case.version)], "registry changed")
        return str(rule)
    return await _decide(context, tx, case, subject, accepted, found.person, rule)


async def _decide(
    context: Context,
    tx: Transaction,
    case: CaseRow,
    subject: CaseSubject,
    accepted: AcceptedSuggestion,
    person: Registered,
    rule: AcceptanceRule,
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
        return await case_decisions.decide(
            context, tx, case, subject, request, accepted.accepted_by
        )
    except ServiceError as refusal:
        # another officer named somebody else, or this one would confirm twice: what stands, stands
        return refusal.code.lower()


async def _waiting_case(tx: Transaction, accepted: AcceptedSuggestion) -> CaseRow | None:
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
        await cases.move(tx, dose_id, "open", accepted.accepted_by)
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
