"""`/desk/check`: before the injection. One field with the cursor in it, and green, or what differs.

A card scanner types the card's line and Enter; people who have no card are typed.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import Response

from contracts.access import Role
from contracts.citizen_card import read_card
from services.chassis.errors import ServiceError
from web.asking import answered
from web.clients.verifier.api.checks import check_people
from web.clients.verifier.models import Checks, Purpose
from web.desk.check_views import Verdict, against_card, verdict
from web.desk.form_errors import FieldError, errors_behind, shown_errors
from web.desk.typed_birth import TypedDay
from web.guards import signed_in
from web.page_headers import policy
from web.rendering import is_part, page
from web.sessions.session import Session

router = APIRouter()
Clerk = Annotated[Session, Depends(signed_in(Role.FACILITY, Role.STATION))]
_Text = Annotated[str, Form(max_length=400)]
_HEADERS = {
    # the camera reads cards; its reader is WebAssembly where the browser has none
    "Content-Security-Policy": policy(wasm=True),
    "Permissions-Policy": "camera=(self), geolocation=(), microphone=(), payment=(), usb=()",
}
_NO_CARD = FieldError(
    "line",
    "Dòng này không phải của thẻ CCCD; hãy quét lại, hoặc gõ từng ô bên dưới",
    "This is not the line of a card; scan it again, or type the fields below",
)
_TOO_LITTLE = FieldError(
    "line",
    "Hãy quét thẻ, hoặc gõ số định danh, họ tên và ngày sinh",
    "Scan the card, or type number, name and birth date",
)


@router.get("/desk/check")
async def show_check(request: Request, session: Clerk) -> Response:
    """The field that waits for a scanner."""
    return _page(request, {}, TypedDay("", "", "", False))


@router.post("/desk/check")
async def check_person(
    request: Request,
    session: Clerk,
    line: _Text = "",
    personal_id: _Text = "",
    full_name: _Text = "",
    sex: _Text = "",
    guardian: _Text = "",
) -> Response:
    """The answer for one person; with a script it is put above those before."""
    birth = TypedDay.of(dict(await request.form()), "birth")
    typed = {
        "line": line.strip(),
        "personal_id": personal_id.strip(),
        "full_name": full_name.strip(),
        "date_of_birth": birth.text,
        "sex": sex if sex in ("male", "female") else "",
        "guardian": guardian.strip(),
    }
    card = read_card(typed["line"]) if typed["line"] else None
    if typed["line"] and card is None:
        return _page(request, typed, birth, errors=[_NO_CARD])
    if card is None and not (typed["full_name"] or typed["personal_id"]):
        return _page(request, typed, birth, errors=[_TOO_LITTLE])
    person = {
        name: typed[name]
        for name in ("personal_id", "full_name", "date_of_birth", "sex")
        if typed[name] and card is None
    }
    if card is not None:
        person["card"] = typed["line"]
    asked: dict[str, Any] = dict(person)
    if typed["guardian"]:
        asked["guardian"] = {"card": typed["guardian"]}
    try:
        checked = answered(
            await check_people.asyncio_detailed(
                client=session.client("verifier"),
                body=Checks.from_dict({"people": [asked]}),
                x_purpose=Purpose.VACCINATION,
            )
        )
    except ServiceError as refused:
        if refused.status != 422:
            raise
        return _page(request, typed, birth, errors=errors_behind(refused, _FIELDS, "line"))
    name = card.full_name if card else typed["full_name"]
    number = card.personal_id if card else typed["personal_id"]
    shown = verdict(checked.items[0], name, number, against_card(card, typed))
    if is_part(request):
        return page(request, "desk/check_result.html", one=shown)
    return _page(request, {}, TypedDay("", "", "", False), results=[shown])


_FIELDS = {
    "people.0.card": "line",
    "people.0.guardian.card": "guardian",
    "people.0.date_of_birth": "birth",
}


def _page(
    request: Request,
    typed: dict[str, str],
    birth: TypedDay,
    *,
    errors: list[FieldError] | None = None,
    results: list[Verdict] | None = None,
) -> Response:
    shown = shown_errors(request, errors or ())
    if errors and is_part(request):
        return page(request, "desk/check_error.html", errors=shown)
    return page(
        request,
        "desk/check.html",
        status=422 if errors else 200,
        headers=_HEADERS,
        typed=typed,
        birth=birth.shown,
        errors=shown,
        results=results or [],
    )
