"""`/desk/supplements`: what stations recorded, and what facility and province say of it."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import Response

from contracts.access import Role
from contracts.products import PRODUCTS
from web.asking import answered
from web.clients.records.api.supplements import (
    confirm_supplement,
    contest_supplement,
    list_supplements,
    rule_on_supplement,
    show_supplement_picture,
)
from web.clients.records.models import Contest, Ruling, SupplementState
from web.clients.records.types import UNSET
from web.desk.supplement_views import REASONS, STATES
from web.guards import signed_in
from web.languages import chosen, language_of
from web.rendering import go_to, page
from web.sessions.session import Session

router = APIRouter()
Office = Annotated[
    Session, Depends(signed_in(Role.FACILITY, Role.STATION, Role.PROVINCE, Role.MINISTRY))
]
Facility = Annotated[Session, Depends(signed_in(Role.FACILITY))]
Ruler = Annotated[Session, Depends(signed_in(Role.PROVINCE, Role.MINISTRY))]
_LIST = "/desk/supplements"


@router.get("/desk/supplements")
async def show_supplements(
    request: Request, session: Office, state: str = "", cursor: str = ""
) -> Response:
    """The list, those first that wait for who looks at it."""
    own = "contested" if session.roles & {Role.PROVINCE, Role.MINISTRY} else "waiting"
    state = state if state in STATES or state == "all" else own
    found = answered(
        await list_supplements.asyncio_detailed(
            client=session.client("records"),
            limit=50,
            state=UNSET if state == "all" else SupplementState(state),
            cursor=cursor or UNSET,
        )
    )
    language = language_of(request)
    return page(
        request,
        "desk/supplements.html",
        items=found.items,
        next_page=found.next_ or None,
        state=state,
        states={code: (shape, chosen(language, *words)) for code, (shape, words) in STATES.items()},
        reasons=[(code, chosen(language, *words)) for code, words in REASONS],
        products={code: product.name for code, product in PRODUCTS.items()},
    )


@router.get("/desk/supplements/{supplement_id}/picture")
async def show_slip(request: Request, session: Office, supplement_id: int) -> Response:
    """The slip, to be compared with the books."""
    response = await show_supplement_picture.asyncio_detailed(
        supplement_id, client=session.client("records")
    )
    answered(response)
    return Response(
        response.content,
        media_type=response.headers["content-type"],
        headers={"Cache-Control": "no-store", "Content-Disposition": "inline"},
    )


@router.post("/desk/supplements/{supplement_id}/confirm")
async def confirm(request: Request, session: Facility, supplement_id: int) -> Response:
    """The facility gave it."""
    answered(
        await confirm_supplement.asyncio_detailed(supplement_id, client=session.client("records"))
    )
    session.say("done", "Đã xác nhận mũi tiêm.", "The dose is confirmed.")
    return go_to(_LIST)


@router.post("/desk/supplements/{supplement_id}/contest")
async def contest(
    request: Request,
    session: Facility,
    supplement_id: int,
    reason: Annotated[str, Form()],
    words: Annotated[str, Form(max_length=1000)] = "",
) -> Response:
    """The facility says that it is not right."""
    said = Contest.from_dict({"reason": reason, "words": words})
    answered(
        await contest_supplement.asyncio_detailed(
            supplement_id, client=session.client("records"), body=said
        )
    )
    session.say(
        "done",
        "Đã gửi phản đối; không cấp chứng nhận cho đến khi tỉnh quyết định.",
        "Contested; nothing is issued until the province decides.",
    )
    return go_to(_LIST)


@router.post("/desk/supplements/{supplement_id}/ruling")
async def rule(
    request: Request, session: Ruler, supplement_id: int, upheld: Annotated[bool, Form()]
) -> Response:
    """The province decides."""
    answered(
        await rule_on_supplement.asyncio_detailed(
            supplement_id, client=session.client("records"), body=Ruling(upheld=upheld)
        )
    )
    session.say("done", "Đã quyết định.", "Decided.")
    return go_to(_LIST)
