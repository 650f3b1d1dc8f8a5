"""`/cases`: what officers must decide, and their decisions.

Callers reach the people who live in their areas.
"""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from contracts.access import Role, callers_reach
from contracts.case_states import CaseState
from contracts.ids import DoseId
from contracts.registry import Person
from contracts.words import Doubt, Reason
from services.chassis import audit
from services.chassis.auth import Allow, Principal
from services.chassis.db import Transaction
from services.chassis.http import problems
from services.chassis.idempotency import Claim, Key
from services.chassis.paging import (
    Page,
    Pages,
)
from services.chassis.volume import counted
from services.verifier import case_decisions, errors
from services.verifier.api import models
from services.verifier.api.audit_acts import CASE_LIST, CASE_READ, CASE_UNDO, LOOK_UP, Why, case_act
from services.verifier.api.case_serializers import CaseFile, case_detail, case_item
from services.verifier.api.dependencies import Ctx
from services.verifier.api.verification_serializers import is_told_deaths
from services.verifier.casework import WAITING, CaseSubject, find_case, subject_of
from services.verifier.context import Context
from services.verifier.domain.confirmation_policy import passes_as_typed
from services.verifier.domain.overrides import current_bearer
from services.verifier.evidence import open_evidence
from services.verifier.prior_certification import standing_version
from services.verifier.store import cases, officer_decisions, verification_queries
from services.verifier.store.cases import CaseRow
from services.verifier.store.verification_queries import newest_certified
from services.verifier.threads.rules import MessageKind
from services.verifier.threads.service import note_done, require_unclaimed

router = APIRouter(tags=["cases"])
readers = Allow(Role.POLICE, Role.STATION, Role.PROVINCE, Role.MINISTRY)
officers = Allow(Role.POLICE)
undoers = Allow(Role.POLICE, Role.MINISTRY)
CaseId = Annotated[
    DoseId, Path(ge=1, lt=1 << 63, description="the dose's id: a dose has one case at a time")
]
_MOST_DECISIONS = 100


@router.get("/cases", summary="Cases that wait for people", responses=problems(401, 403, 422, 503))
async def list_cases(
    context: Ctx,
    pages: Pages,
    caller: Annotated[Principal, Depends(readers)],
    state: Annotated[
        CaseState | None, Query(description="all that wait, where it is left out")
    ] = None,
    reason: Annotated[
        Reason | Doubt | None, Query(description="of one attribute that differs, or a doubt")
    ] = None,
    why: Why = None,
) -> Page[models.Case]:
    """Of people who live in the caller's areas. Nothing personal is in the list, and every look is
    written down.
    """
    if reason is Reason.PERSON_DECEASED and not is_told_deaths(caller):
        raise errors.reason_of_police()
    after = pages.after(int)
    states = [state] if state else WAITING
    async with context.db.begin() as tx:
        rows = await cases.find(
            tx,
            _residences(caller),
            states,
            reason=reason,
            after=after[0] if after else 0,
            limit=pages.limit,
        )
        await audit.note(tx, caller, CASE_LIST, [case.dose_id for case in rows], why=why)
    return pages.page([case_item(case, caller) for case in rows], rows, lambda row: (row.dose_id,))


@router.get(
    "/cases/{case_id}",
    summary="What is disputed",
    responses=problems(401, 403, 404, 422, 429, 503),
)
async def read_case(
    context: Ctx,
    case_id: CaseId,
    caller: Annotated[Principal, Depends(counted(readers))],
    why: Why = None,
) -> models.CaseDetail:
    """Only the attributes that differ: side by side for the police, as hints for others. A repair
    that the machine made is shown too.
    """
    async with context.db.begin() as tx:
        case = await _visible(tx, case_id, caller)
        verification = await verification_queries.one(tx, case.dose_id, case.version)
        evidence, older = None, None
        if verification is not None:
            evidence = open_evidence(context.sealer, case.dose_id, verification.evidence)
        if verification is not None and Doubt.PERSON_CHANGED in (verification.doubts or ()):
            version = case.dose_id, case.version
            older = await standing_version(tx, (await newest_certified(tx, [version])).get(version))
        decisions = (
            await officer_decisions.of_dose(tx, case_id, _MOST_DECISIONS)
            if Role.POLICE in caller.roles
            else []
        )
        await audit.note(tx, caller, CASE_READ, [case_id], why=why)
    file = CaseFile(verification, evidence, older, decisions)
    return case_detail(context.sealer, case, file, caller)


@router.post(
    "/cases/{case_id}/decision",
    summary="Decide a case",
    responses=problems(401, 403, 404, 409, 422, 429, 503),
)
async def decide_case(
    context: Ctx,
    case_id: CaseId,
    decision: models.Decision,
    caller: Annotated[Principal, Depends(counted(officers))],
    idempotency_key: Key = None,
    why: Why = None,
) -> models.Decided:
    """A confirmation of another ID number than the typed one takes two officers. So does a
    certified dose that would become another person's (PERSON_CHANGED). Each of the two must give a
    reason for a person who is no candidate. So they must for the holder of the typed number whose
    name and birth date both differ. A foreigner is confirmed as typed, without a number, with the
    `version` that was looked at. A repair that the machine made can be rejected: what was issued by
    it is revoked. The dose is verified again by itself.
    """
    route = f"POST /cases/{case_id}/decision"
    async with context.idempotency.claim(caller.subject, route, idempotency_key) as claim:
        # keyed: an officer's body has few possible numbers in it
        body = b"%d" % context.sealer.blind(decision.model_dump_json())
        if claim is not None and claim.answer is not None:
            answer = models.Decided.model_validate(claim.replay(body))
            async with context.db.begin() as tx:
                await audit.note(tx, caller, CASE_READ, [case_id], why=why)
            return answer
        return await _decide(context, caller, why, case_id, decision, claim, body)


async def _decide(
    context: Context,
    caller: Principal,
    why: str | None,
    case_id: DoseId,
    decision: models.Decision,
    claim: Claim | None,
    body: bytes,
) -> models.Decided:
    async with context.db.begin() as tx:
        seen = await _visible(tx, case_id, caller)
        if decision.version not in (None, seen.version):
            raise errors.case_changed()
        subject = await subject_of(context, tx, seen, decision.decision)
        if decision.personal_id is not None:
            await audit.note(
                tx, caller, LOOK_UP, [context.sealer.blind(decision.personal_id)], why=why
            )
        elif decision.decision == "confirm":
            _require_confirmable_as_typed(subject, decision)
    # the registry is asked outside of a transaction, so that nobody else's case waits for it
    person = await _registered(context, decision) if decision.personal_id is not None else None
    async with context.db.begin() as tx:
        case = await _visible(tx, case_id, caller, lock=True)
        if case.version != seen.version:
            raise errors.case_changed()
        subject = await subject_of(context, tx, case, decision.decision)
        wanted = case_decisions.DecisionRequest(
            decision.decision, decision.note_code, person, decision.reason
        )
        require_unclaimed(case, caller.subject)
        state = await case_decisions.decide(context, tx, case, subject, wanted, caller.subject)
        kind: MessageKind = "papers_asked" if decision.decision == "papers" else "decided"
        await note_done(context, tx, case_id, kind, caller.subject)
        await audit.note(tx, caller, case_act(decision.decision), [case_id], why=why)
        answer = models.Decided(id=case_id, state=state)
        if claim is not None:
            await claim.store(tx, body, answer.model_dump(mode="json"))
    return answer


def _require_confirmable_as_typed(subject: CaseSubject, decision: models.Decision) -> None:
    """ServiceError where this person cannot be confirmed without a number.

    Only a foreigner can, who may have been typed otherwise since: the version says who was seen.
    """
    if not passes_as_typed(subject.evidence.typed):
        raise errors.person_missing()
    if decision.version is None:
        raise errors.version_missing()


async def _registered(context: Context, decision: models.Decision) -> Person:
    """Who has the number now, or had it; ServiceError where nobody, or nobody alive, does."""
    assert decision.personal_id is not None
    holders = await context.registry.lookup([decision.personal_id])
    person = current_bearer(decision.personal_id, holders.people)
    if person is None:
        raise errors.person_not_found()
    if decision.decision == "confirm" and person.status != "alive":
        raise errors.person_deceased()
    return person


@router.delete(
    "/cases/{case_id}/decision",
    summary="Take the last decision back",
    responses=problems(401, 403, 404, 409, 422, 503),
)
async def undo_decision(
    context: Ctx,
    case_id: CaseId,
    caller: Annotated[Principal, Depends(undoers)],
    why: Why = None,
    idempotency_key: Key = None,
) -> models.Decided:
    """What was issued by it is revoked, unless the dose passes without."""
    async with (
        context.idempotency.claim(
            caller.subject, f"DELETE /cases/{case_id}/decision", idempotency_key
        ) as claim,
        context.db.begin() as tx,
    ):
        if claim is not None and claim.answer is not None:
            answer = models.Decided.model_validate(claim.replay(b""))
            await audit.note(tx, caller, CASE_READ, [case_id], why=why)
            return answer
        case = await _visible(tx, case_id, caller, lock=True)
        state = await case_decisions.undo(context, tx, case, caller.subject)
        await note_done(context, tx, case_id, "undone", caller.subject)
        await audit.note(tx, caller, CASE_UNDO, [case_id], why=why)
        answer = models.Decided(id=case_id, state=state)
        if claim is not None:
            await claim.store(tx, b"", answer.model_dump(mode="json"))
    return answer


def _residences(caller: Principal) -> tuple[str, ...] | None:
    """The areas whose people the caller answers for, None for all."""
    reach = callers_reach(caller)
    return None if reach.everything else reach.residences


async def _visible(
    tx: Transaction, case_id: DoseId, caller: Principal, *, lock: bool = False
) -> CaseRow:
    """The case, where it exists and the person lives in the caller's areas.

    Otherwise ServiceError 404, the same for both.
    """
    case = await find_case(tx, case_id, lock=lock)
    areas = _residences(caller)
    if (
        case is None
        or not case.grade
        or (areas is not None and not case.residence.startswith(areas))
    ):
        raise errors.case_not_found()
    return case
