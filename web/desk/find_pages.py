"""`/desk/find`: one calm page a person, with what each dose waits for, and their codes again."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import Response

from contracts.access import Role
from contracts.citizen_card import read_card
from services.chassis.errors import ServiceError
from web.asking import answered
from web.clients.records.api.people import find_people
from web.clients.records.models import PersonSearch
from web.clients.records.models import Purpose as RecordsPurpose
from web.clients.records.types import UNSET
from web.clients.signer.api.certificates import download_certificate_pdf
from web.clients.signer.models import Purpose as SignerPurpose
from web.desk.find_views import PURPOSES, cards
from web.desk.form_errors import FieldError, errors_behind, shown_errors
from web.desk.typed_birth import TypedDay
from web.guards import signed_in
from web.languages import chosen, language_of
from web.rendering import page
from web.sessions.session import Session

router = APIRouter()
Staff = Annotated[
    Session,
    Depends(signed_in(Role.FACILITY, Role.STATION, Role.POLICE, Role.PROVINCE, Role.MINISTRY)),
]
_TEMPLATE = "desk/find.html"
_PURPOSES = frozenset(code for code, _, _ in PURPOSES)


@router.get("/desk/find")
async def show_find(request: Request, session: Staff) -> Response:
    """The empty form."""
    return _page(request, {"purpose": "assistance"}, TypedDay("", "", "", False))


@router.post("/desk/find")
async def find(
    request: Request,
    session: Staff,
    number: Annotated[str, Form(max_length=400)] = "",
    full_name: Annotated[str, Form(max_length=200)] = "",
    commune_code: Annotated[str, Form(max_length=5)] = "",
    purpose: Annotated[str, Form()] = "assistance",
    whole: Annotated[str, Form()] = "",
    cursor: Annotated[str, Form(max_length=500)] = "",
) -> Response:
    """The people that fit, by what was typed or scanned; nothing of them is in an address."""
    birth = TypedDay.of(dict(await request.form()), "birth")
    purpose = purpose if purpose in _PURPOSES else "assistance"
    typed = {
        "number": number.strip(),
        "full_name": full_name.strip(),
        "commune_code": commune_code.strip(),
        "purpose": purpose,
    }
    if not (typed["number"] or typed["full_name"]):
        return _page(request, typed, birth, status=422, errors=_nothing_typed())
    try:
        people = answered(
            await find_people.asyncio_detailed(
                client=session.client("records"),
                body=PersonSearch.from_dict(_asked(typed, birth)),
                masked=not whole,
                x_purpose=RecordsPurpose(purpose),
                cursor=cursor or UNSET,
            )
        )
    except ServiceError as refused:
        if refused.status != 422:
            raise
        return _page(
            request, typed, birth, status=422, errors=errors_behind(refused, _FIELD_OF, "number")
        )
    return _page(
        request, typed, birth, people=people, cards=cards(session, people), whole=bool(whole)
    )


@router.get("/desk/print/{token}")
async def print_certificate(request: Request, session: Staff, token: str) -> Response:
    """The certificate of a found dose, to be printed for the person who is there."""
    response = await download_certificate_pdf.asyncio_detailed(
        session.recall(token),
        client=session.client("signer"),
        x_purpose=SignerPurpose.ASSISTANCE,
    )
    answered(response)
    return Response(
        response.content,
        media_type="application/pdf",
        headers={
            "Content-Disposition": 'inline; filename="chung-nhan-tiem-chung.pdf"',
            "Cache-Control": "no-store",
        },
    )


def _asked(typed: dict[str, str], birth: TypedDay) -> dict[str, Any]:
    """What records is asked; the line of a card says the number by itself."""
    if typed["number"]:
        card = read_card(typed["number"])
        return {"number": card.personal_id if card else typed["number"][:40]}
    asked = {"full_name": typed["full_name"], "date_of_birth": birth.text}
    return asked | ({"commune_code": typed["commune_code"]} if typed["commune_code"] else {})


_FIELD_OF = {
    "SEARCH_NUMBER_UNREADABLE": "number",
    "SEARCH_BIRTH_UNREADABLE": "birth",
    "SEARCH_YEAR_NEEDS_PLACE": "commune_code",
}


def _nothing_typed() -> list[FieldError]:
    return [
        FieldError(
            "number",
            "Hãy gõ hoặc quét số giấy tờ, hoặc gõ họ tên và ngày sinh",
            "Type or scan a number, or type name and birth date",
        )
    ]


def _page(
    request: Request,
    typed: dict[str, str],
    birth: TypedDay,
    *,
    status: int = 200,
    errors: Sequence[FieldError] = (),
    **views: Any,
) -> Response:
    return page(
        request,
        _TEMPLATE,
        status=status,
        typed=typed,
        birth=birth.shown,
        purposes=[(code, chosen(language_of(request), vi, en)) for code, vi, en in PURPOSES],
        errors=shown_errors(request, errors),
        **{"people": None, "cards": [], "whole": False, **views},
    )
