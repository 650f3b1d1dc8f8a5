"""The thread of a dose, in the police's case and in the desk's panel."""

from base64 import b64encode
from typing import Annotated, Final
from uuid import uuid4

from fastapi import APIRouter, Depends, Form, Path, Request, UploadFile
from starlette.responses import Response

from contracts.access import Role
from services.chassis.errors import ServiceError
from services.chassis.gate import BodySize, MaxBody
from web.asking import answered
from web.cases import case_answers
from web.cases.case_words import MESSAGES, STATES, WAITS_FOR
from web.clients.verifier.api.cases import read_thread, read_thread_picture, say_in_thread
from web.clients.verifier.models import NewMessage, NewMessageKind
from web.errors import SignInNeededError
from web.guards import signed_in
from web.rendering import go_to, is_part, page
from web.sessions.session import Session

OFFICE: Final = signed_in(Role.POLICE, Role.STATION)
Person = Annotated[Session, Depends(OFFICE)]
CaseId = Annotated[int, Path(ge=1, lt=1 << 63)]
_SAYS: Final = {
    Role.POLICE: ("papers_asked", "sent_back", "note"),
    Role.STATION: ("answered", "sent_to_police", "note"),
}


async def show_thread(request: Request, person: Person, case_id: CaseId) -> Response:
    """What was said, and what may be said now."""
    return await _shown(request, person, case_id)


async def say(
    request: Request,
    person: Person,
    case_id: CaseId,
    kind: Annotated[str, Form(pattern="^(papers_asked|answered|note|sent_to_police|sent_back)$")],
    key: Annotated[str, Form(pattern="^[A-Za-z0-9-]{8,64}$")],
    text: Annotated[str, Form(max_length=2000)] = "",
    picture: UploadFile | None = None,
) -> Response:
    """Says something, with a photograph of the papers where there is one."""
    body = NewMessage(kind=NewMessageKind(kind))
    if text.strip():
        body.text = text.strip()
    content = await picture.read() if picture is not None else b""
    if content:
        body.picture = b64encode(content).decode()
    sent = say_in_thread.asyncio_detailed(
        client=person.client("verifier"), case_id=case_id, body=body, idempotency_key=key
    )
    try:
        await case_answers.got(sent)
    except SignInNeededError:
        raise
    except ServiceError as error:
        if error.status not in (403, 409, 422):
            raise
        return await _shown(request, person, case_id, error, text)
    return await _shown(request, person, case_id) if is_part(request) else go_to(request.url.path)


async def show_picture(
    request: Request,
    person: Person,
    case_id: CaseId,
    message_id: Annotated[int, Path(ge=1, lt=1 << 63)],
) -> Response:
    """The papers as they were photographed."""
    found = await read_thread_picture.asyncio_detailed(
        client=person.client("verifier"), case_id=case_id, message_id=message_id
    )
    answered(found)
    kind = found.headers.get("content-type", "application/octet-stream")
    return Response(found.content, media_type=kind, headers={"Cache-Control": "no-store"})


async def _shown(
    request: Request,
    person: Session,
    case_id: int,
    error: ServiceError | None = None,
    text: str = "",
) -> Response:
    client = person.client("verifier")
    thread = await case_answers.got(read_thread.asyncio_detailed(client=client, case_id=case_id))
    police = Role.POLICE in person.roles
    state = thread["case"]["state"]
    waits = thread["waiting_for"]
    return page(
        request,
        "cases/thread.html" if is_part(request) else "cases/thread_page.html",
        status=error.status if error else 200,
        thread=thread,
        case_id=case_id,
        says=_now(_SAYS[Role.POLICE if police else Role.STATION], state),
        message_words=MESSAGES,
        standing=WAITS_FOR[waits] if waits else STATES.get(state, STATES["decided"]),
        path_of=request.url.path.split("/thread")[0] + "/thread",
        error=error,
        text=text,
        new_key=lambda: str(uuid4()),
    )


def _now(kinds: tuple[str, ...], state: str) -> list[str]:
    """What may be said of a case in this state."""
    states = {
        "answered": ("asked_for_papers",),
        "sent_to_police": ("closed",),
        "papers_asked": ("open", "awaiting_second", "asked_for_papers"),
        "sent_back": ("open", "asked_for_papers"),
    }
    return [kind for kind in kinds if kind == "note" or state in states[kind]]


def _router(base: str) -> APIRouter:
    made = APIRouter(prefix=base)
    made.add_api_route("/thread", show_thread, methods=["GET"])
    attached = [Depends(MaxBody(BodySize.ATTACHMENT))]
    made.add_api_route("/thread", say, methods=["POST"], dependencies=attached)
    made.add_api_route("/thread/{message_id}/picture", show_picture, methods=["GET"])
    return made


police_router = _router("/cases/{case_id}")
desk_router = _router("/desk/doses/{case_id}")
