"""`/cases`: the next case by itself, one key a decision, and what a second officer must look at."""

from typing import Annotated, Final
from uuid import uuid4

from fastapi import APIRouter, Depends, Form, Path, Query, Request
from pydantic import Field
from starlette.responses import JSONResponse, Response

from contracts.access import Role
from services.chassis.errors import ServiceError
from web.cases import case_answers
from web.cases.case_views import case_view
from web.clients.verifier.api.cases import decide_case, undo_decision
from web.clients.verifier.models import Decision, DecisionDecision, DecisionNoteCode
from web.errors import SignInNeededError
from web.guards import signed_in
from web.rendering import go_to, is_part, page
from web.sessions.session import Session

router = APIRouter()
OFFICERS: Final = signed_in(Role.POLICE)
Officer = Annotated[Session, Depends(OFFICERS)]
CaseId = Annotated[int, Path(ge=1, lt=1 << 63)]
SentKey = Annotated[str, Form(pattern="^[A-Za-z0-9-]{8,64}$")]
Beside = Annotated[
    list[Annotated[int, Field(ge=1, lt=1 << 63)]], Query(default_factory=list, max_length=50)
]
_NOTES: Final = {
    "confirm": DecisionNoteCode.REGISTRY_CHECKED,
    "reject": DecisionNoteCode.OTHER_PERSON,
    "papers": DecisionNoteCode.PAPERS_MISSING,
}


@router.get("/cases")
async def show_cases(
    request: Request, officer: Officer, beside: Beside, second: bool = False
) -> Response:
    """The next case; for a script the case alone, another than those `beside`."""
    taken = await case_answers.next_case(officer, second=second, beside=beside)
    return page(
        request,
        "cases/case.html" if is_part(request) else "cases/index.html",
        case=case_view(taken["case"]) if taken["case"] else None,
        left=taken["left"],
        waiting_second=taken["waiting_second"],
        second=second,
        new_key=lambda: str(uuid4()),
    )


@router.get("/cases/{case_id}")
async def show_case(
    request: Request, officer: Officer, case_id: CaseId, second: bool = False
) -> Response:
    """One case by its link, as after taking a decision back."""
    case = await case_answers.one_case(officer, case_id)
    return page(
        request,
        "cases/case.html" if is_part(request) else "cases/index.html",
        case=case_view(case),
        left=0,
        waiting_second=0,
        second=second,
        new_key=lambda: str(uuid4()),
    )


@router.post("/cases/{case_id}/decide")
async def decide(
    request: Request,
    officer: Officer,
    case_id: CaseId,
    decision: Annotated[str, Form(pattern="^(confirm|reject|papers)$")],
    version: Annotated[int, Form(ge=1, le=32767)],
    key: SentKey,
    personal_id: Annotated[str, Form(pattern="^([0-9]{12})?$")] = "",
    reason: Annotated[str, Form(max_length=500)] = "",
    second: Annotated[bool, Form()] = False,
) -> Response:
    """One decision; the next case follows by itself."""
    body = Decision(
        decision=DecisionDecision(decision), note_code=_NOTES[decision], version=version
    )
    # asking for papers is about nobody; the form names somebody all the same
    if personal_id and decision != "papers":
        body.personal_id = personal_id
    if reason.strip():
        body.reason = reason.strip()
    sent = decide_case.asyncio_detailed(
        client=officer.client("verifier"), case_id=case_id, body=body, idempotency_key=key
    )
    done = {
        "decided": ("Đã quyết định.", "Decided."),
        "awaiting_second": ("Đã ghi; chờ cán bộ thứ hai.", "Noted; a second officer must confirm."),
        "asked_for_papers": ("Đã báo trạm y tế cần giấy tờ.", "The station is asked for papers."),
    }
    try:
        answer = await case_answers.got(sent)
    except SignInNeededError:
        raise
    except ServiceError as error:
        if is_part(request):
            return case_answers.refused(error)
        raise
    vi, en = done.get(answer["state"], done["decided"])
    if is_part(request):
        return JSONResponse({"vi": vi, "en": en})
    officer.say("done", vi, en)
    return go_to("/cases?second=true" if second else "/cases")


@router.post("/cases/{case_id}/undo")
async def undo(request: Request, officer: Officer, case_id: CaseId) -> Response:
    """Takes the last decision back, and shows the case again."""
    client = officer.client("verifier")
    try:
        await case_answers.got(undo_decision.asyncio_detailed(client=client, case_id=case_id))
    except SignInNeededError:
        raise
    except ServiceError as error:
        if is_part(request):
            return case_answers.refused(error)
        raise
    if is_part(request):
        return JSONResponse({"vi": "Đã hoàn tác.", "en": "Taken back."})
    officer.say("done", "Đã hoàn tác.", "Taken back.")
    return go_to(f"/cases/{case_id}")
