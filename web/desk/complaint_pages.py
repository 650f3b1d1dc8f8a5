"""`/desk/complaints`: what people say is wrong, with the clock of each, and the office's answer."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import Response

from contracts.access import Role
from contracts.standing import Words
from services.chassis.errors import ServiceError
from web.asking import answered
from web.clients.records.api.complaints import (
    answer_complaint,
    download_complaint_picture,
    forward_complaint,
    list_complaints,
    read_complaint,
)
from web.clients.records.models import Answer, Complaint, Forwarding, Standing
from web.clients.records.types import UNSET
from web.context import context_of
from web.desk.form_errors import FieldError, errors_behind, shown_errors
from web.guards import signed_in
from web.languages import chosen, language_of
from web.rendering import go_to, page
from web.sessions.session import Session

router = APIRouter()
Office = Annotated[Session, Depends(signed_in(Role.FACILITY, Role.PROVINCE, Role.MINISTRY))]
_KINDS = {
    "wrong_data": Words("Thông tin sai", "Wrong data"),
    "missing_dose": Words("Thiếu mũi tiêm", "A dose is missing"),
    "wrong_person": Words("Nhầm người", "Wrong person"),
    "other": Words("Việc khác", "Something else"),
}
_STATES = ("open", "overdue", "answered")


@router.get("/desk/complaints")
async def show_complaints(
    request: Request, session: Office, state: str = "open", cursor: str = ""
) -> Response:
    """The list, the oldest first: its time ends first."""
    state = state if state in _STATES else "open"
    found = answered(
        await list_complaints.asyncio_detailed(
            client=session.client("records"),
            state=Standing(state),
            limit=50,
            cursor=cursor or UNSET,
        )
    )
    now = context_of(request).clock()
    return page(
        request,
        "desk/complaints.html",
        items=[(one, _hours_left(one.due_at, now)) for one in found.items],
        next_page=found.next_ or None,
        state=state,
        kinds=_kinds(request),
    )


@router.get("/desk/complaints/{complaint_id}")
async def show_complaint(request: Request, session: Office, complaint_id: int) -> Response:
    """One complaint: what it says, who can be reached, and the field for the answer."""
    return _page(request, await _read(session, complaint_id), "", [])


@router.get("/desk/complaints/{complaint_id}/picture")
async def show_picture(request: Request, session: Office, complaint_id: int) -> Response:
    """The picture that came with it."""
    response = await download_complaint_picture.asyncio_detailed(
        complaint_id, client=session.client("records")
    )
    answered(response)
    return Response(
        response.content,
        media_type=response.headers["content-type"],
        headers={"Cache-Control": "no-store", "Content-Disposition": "inline"},
    )


@router.post("/desk/complaints/{complaint_id}/answer")
async def answer(
    request: Request,
    session: Office,
    complaint_id: int,
    text: Annotated[str, Form(max_length=2000)] = "",
) -> Response:
    """The office's answer, which is mailed where an address was left."""
    if not text.strip():
        error = FieldError("text", "Hãy viết câu trả lời", "Write the answer")
        return _page(request, await _read(session, complaint_id), text, [error])
    answered(
        await answer_complaint.asyncio_detailed(
            complaint_id, client=session.client("records"), body=Answer(text=text.strip())
        )
    )
    session.say("done", "Đã trả lời phản ánh.", "The complaint is answered.")
    return go_to("/desk/complaints")


@router.post("/desk/complaints/{complaint_id}/forward")
async def forward(
    request: Request,
    session: Office,
    complaint_id: int,
    office: Annotated[str, Form(max_length=5)] = "",
) -> Response:
    """To another facility (five digits) or a province (two); its clock goes on."""
    office = office.strip()
    name = "province_code" if len(office) == len("00") else "facility_code"
    try:
        answered(
            await forward_complaint.asyncio_detailed(
                complaint_id,
                client=session.client("records"),
                body=Forwarding.from_dict({name: office}),
            )
        )
    except ServiceError as refused:
        if refused.status not in (409, 422):
            raise
        errors = errors_behind(refused, {}, "office")
        return _page(request, await _read(session, complaint_id), "", errors, office)
    session.say("done", "Đã chuyển phản ánh.", "The complaint is handed on.")
    return go_to("/desk/complaints")


async def _read(session: Session, complaint_id: int) -> Complaint:
    complaint: Complaint = answered(
        await read_complaint.asyncio_detailed(complaint_id, client=session.client("records"))
    )
    return complaint


def _hours_left(due_at: datetime, now: datetime) -> int:
    due = due_at if due_at.tzinfo else due_at.replace(tzinfo=UTC)
    return int((due - now).total_seconds() // 3600)


def _kinds(request: Request) -> dict[str, str]:
    return {code: chosen(language_of(request), *words) for code, words in _KINDS.items()}


def _page(
    request: Request, one: Complaint, text: str, errors: list[FieldError], office: str = ""
) -> Response:
    return page(
        request,
        "desk/complaint.html",
        status=422 if errors else 200,
        one=one,
        hours_left=_hours_left(one.due_at, context_of(request).clock()),
        text=text or str(one.answer or ""),
        office=office,
        kinds=_kinds(request),
        errors=shown_errors(request, errors),
    )
