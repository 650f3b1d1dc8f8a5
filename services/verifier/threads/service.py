"""What is said in a thread, and what follows of it for the case."""

from datetime import UTC, datetime

from contracts.access import Role
from contracts.ids import DoseId
from contracts.words import ELIGIBLE_GRADES
from services.chassis.auth import Principal
from services.chassis.db import Transaction
from services.verifier import case_decisions, errors
from services.verifier.case_decisions import DecisionRequest
from services.verifier.case_news import tell_cases
from services.verifier.casework import case_of_verification, find_case, subject_of
from services.verifier.context import Context
from services.verifier.store import cases, verification_queries
from services.verifier.store.cases import CaseRow
from services.verifier.threads import errors as thread_errors
from services.verifier.threads import store
from services.verifier.threads.models import NewMessage
from services.verifier.threads.rules import (
    FOLLOWS,
    FROM,
    MAX_PICTURE,
    MessageKind,
    SaidKind,
    media_type_of,
)
from services.verifier.threads.store import NewMessageRow

_GRADES = {str(grade) for grade in ELIGIBLE_GRADES}


async def visible_case(
    tx: Transaction, case_id: DoseId, areas: tuple[str, ...] | None, *, lock: bool = False
) -> CaseRow:
    """The case of a dose whose person lives in one of the areas, or one to be opened.

    A dose that waits for correction without a case gets a closed one. ServiceError 404 otherwise.
    """
    case = await find_case(tx, case_id, lock=lock)
    if case is None or not case.grade:
        verification = await verification_queries.newest(tx, case_id)
        if verification is not None and verification.grade not in _GRADES:
            await cases.put(tx, [case_of_verification(verification, "closed")])
            case = await cases.one(tx, case_id, lock=lock)
    if (
        case is None
        or not case.grade
        or (areas is not None and not case.residence.startswith(areas))
    ):
        raise errors.case_not_found()
    return case


async def say(
    context: Context, tx: Transaction, case: CaseRow, said: NewMessage, caller: Principal
) -> None:
    """Writes down what somebody says of a case that the caller has locked, and moves the case.

    ServiceError 409 where nobody may say so now, 422 where the picture is none.
    """
    role = Role.POLICE if Role.POLICE in caller.roles else Role.STATION
    if (role, said.kind) not in FOLLOWS or not _is_now(said.kind, case):
        raise thread_errors.not_to_be_said()
    media_type = media_type_of(said.picture) if said.picture else None
    if said.picture and (media_type is None or len(said.picture) > MAX_PICTURE):
        raise thread_errors.picture_unfit()
    state = FOLLOWS[role, said.kind]
    if said.kind == "papers_asked":
        subject = await subject_of(context, tx, case, "papers")
        request = DecisionRequest("papers", "PAPERS_MISSING")
        await case_decisions.write_decision(context, tx, case, subject, request, caller.subject)
    elif state is not None and said.kind != "note":
        await cases.move(tx, case.dose_id, state, said.kind, caller.subject)
    if state is not None:
        await tell_cases(context, tx, [case.dose_id])
    message = NewMessageRow(
        case.dose_id, said.kind, caller.subject, role, said.text, said.picture, media_type
    )
    await store.add(tx, context.sealer, message)
    context.metrics.count("thread", said.kind)


def _is_now(kind: SaidKind, case: CaseRow) -> bool:
    if kind == "sent_to_police" and case.grade in _GRADES:
        return False
    return kind not in FROM or case.state in FROM[kind]


def require_unclaimed(case: CaseRow, officer: str) -> None:
    """ServiceError 409 where another officer has the case in hand."""
    if (
        case.claimed_by not in (None, officer)
        and case.claimed_until is not None
        and case.claimed_until > datetime.now(UTC)
    ):
        raise thread_errors.claimed()


async def note_done(
    context: Context, tx: Transaction, case_id: DoseId, kind: MessageKind, officer: str
) -> None:
    """Writes into the thread what an officer did."""
    done = NewMessageRow(case_id, kind, officer, Role.POLICE)
    await store.add(tx, context.sealer, done)
