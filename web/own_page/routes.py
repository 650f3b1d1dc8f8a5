"""`/me`: the own passport, where each dose stands, and complaints."""

import json
from typing import Annotated, Any
from uuid import uuid4

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import Response

from contracts.access import Role
from services.chassis.errors import ServiceError
from vietnamese.province_names import PROVINCE_NAMES
from vietnamese.sorting import sort_key
from web.asking import answered
from web.citizen.opened_passport import saved
from web.citizen.passport_view import code_png, shown_passport
from web.clients.records.api.complaints import file_complaint, list_own_complaints
from web.clients.records.api.doses import list_own_doses
from web.clients.records.models import ComplaintKind, Contact, NewComplaint
from web.clients.records.types import UNSET
from web.clients.signer.api.passport import download_passport_pdf, read_passport
from web.guards import signed_in
from web.languages import chosen, language_of
from web.own_page.standing_view import DoseView, complaint_view, dose_view, stops
from web.rendering import go_to, page
from web.sessions.session import Session

router = APIRouter()
Citizen = Annotated[Session, Depends(signed_in(Role.CITIZEN))]
_PRIVATE = {"Cache-Control": "no-store"}
_MOST_TEXT = 2_000


@router.get("/me")
async def show_own_page(request: Request, citizen: Citizen) -> Response:
    """Passport, doses and complaints; what one service cannot say leaves the others."""
    language = language_of(request)
    passport, missing = await _passport(citizen)
    doses, others, note = await _doses(request, citizen)
    complaints = answered(
        await list_own_complaints.asyncio_detailed(client=citizen.client("records"), limit=100)
    )
    return page(
        request,
        "own_page/me.html",
        headers=_PRIVATE,
        passport=shown_passport(passport) if passport else None,
        missing=chosen(language, missing.vi, missing.en) if missing else "",
        doses=doses,
        others=others,
        note=note,
        stops=stops(language),
        complaints=[complaint_view(one, language) for one in complaints.items[::-1]],
    )


@router.get("/me/passport")
async def show_own_passport(request: Request, citizen: Citizen) -> Response:
    """The passport, large."""
    passport, _ = await _passport(citizen)
    if passport is None:
        return go_to("/me")
    shown = shown_passport(passport)
    return page(request, "citizen/passport.html", headers=_PRIVATE, passport=shown, own=True)


@router.get("/me/passport/ho-chieu-vac-xin.pdf")
async def print_own_passport(request: Request, citizen: Citizen) -> Response:
    """The passport to print."""
    answer = await download_passport_pdf.asyncio_detailed(client=citizen.client("signer"))
    if int(answer.status_code) == 404:
        return go_to("/me")
    answered(answer)
    return saved(answer.content, "application/pdf", "ho-chieu-vac-xin.pdf")


@router.get("/me/passport/dose-{number}.png")
async def save_own_code(request: Request, number: int, citizen: Citizen) -> Response:
    """One dose's code as a picture."""
    passport, _ = await _passport(citizen)
    if passport is None or not 1 <= number <= len(passport.certificates):
        return go_to("/me")
    picture = code_png(passport.certificates[number - 1].qr)
    return saved(picture, "image/png", f"mui-{number}.png")


@router.get("/me/complaint/{token}")
async def show_own_complaint(request: Request, token: str, citizen: Citizen) -> Response:
    """A complaint about one dose, or none of them (`new`)."""
    dose = await _named(request, citizen, token)
    return _form(request, token, dose, {}, {})


@router.post("/me/complaint/{token}")
async def send_own_complaint(
    request: Request,
    token: str,
    citizen: Citizen,
    kind: Annotated[str, Form(max_length=40)] = "",
    text: Annotated[str, Form(max_length=20_000)] = "",
    province: Annotated[str, Form(max_length=2)] = "",
    email: Annotated[str, Form(max_length=300)] = "",
    once: Annotated[str, Form(max_length=64)] = "",
) -> Response:
    """Hands it over; pressed twice it is sent once."""
    dose = await _named(request, citizen, token)
    typed = {"kind": kind, "text": text.strip(), "province": province, "email": email.strip()}
    typed["once"] = once
    errors = _errors(request, typed)
    if errors:
        return _form(request, token, dose, typed, errors, 422)
    body = NewComplaint(
        kind=ComplaintKind(kind),
        text=typed["text"],
        province_code=province,
        contact=Contact(email=typed["email"]) if typed["email"] else UNSET,
        dose_id=int(json.loads(citizen.recall(token))) if dose else UNSET,
    )
    try:
        taken = answered(
            await file_complaint.asyncio_detailed(
                client=citizen.client("records"), body=body, idempotency_key=once or UNSET
            )
        )
    except ServiceError as error:
        language = language_of(request)
        refused = chosen(language, error.vi, error.en)
        return _form(request, token, dose, typed, {"text": refused}, error.status)
    number = taken.complaint_id
    citizen.say(
        "done",
        f"Đã nhận khiếu nại số {number}; trả lời chậm nhất sau 48 giờ.",
        f"Complaint no. {number} was taken; the answer is due within 48 hours.",
    )
    return go_to("/me")


async def _passport(citizen: Session) -> tuple[Any, ServiceError | None]:
    """The passport, or why there is none."""
    answer = await read_passport.asyncio_detailed(client=citizen.client("signer"))
    try:
        return answered(answer), None
    except ServiceError as error:
        if error.status != 404:
            raise
        return None, error


async def _doses(request: Request, citizen: Session) -> tuple[list[DoseView], int, str]:
    language = language_of(request)
    own = answered(await list_own_doses.asyncio_detailed(client=citizen.client("records")))
    note = own.note
    shown = [
        dose_view(dose, citizen.remember(json.dumps(dose.dose_id)), language) for dose in own.items
    ]
    return shown, own.others, chosen(language, note.vi, note.en) if note else ""


async def _named(request: Request, citizen: Session, token: str) -> DoseView | None:
    """The dose that an address stands for, of the citizen's own."""
    if token == "new":  # noqa: S105
        return None
    dose_id = json.loads(citizen.recall(token))
    own = answered(await list_own_doses.asyncio_detailed(client=citizen.client("records")))
    language = language_of(request)
    found = (dose_view(one, token, language) for one in own.items if one.dose_id == dose_id)
    return next(found, None)


def _errors(request: Request, typed: dict[str, str]) -> dict[str, str]:
    language = language_of(request)
    errors: dict[str, str] = {}
    if typed["kind"] not in set(ComplaintKind):
        errors["kind"] = chosen(
            language, "Xin chọn việc cần phản ánh.", "Please choose what it is."
        )
    if not 1 <= len(typed["text"]) <= _MOST_TEXT:
        errors["text"] = chosen(
            language,
            "Xin viết điều gì chưa đúng, trong 2.000 chữ.",
            "Please write what is wrong, in 2,000 letters.",
        )
    if typed["province"] not in PROVINCE_NAMES:
        errors["province"] = chosen(
            language, "Xin chọn tỉnh cư trú.", "Please choose the province."
        )
    return errors


def _form(
    request: Request,
    token: str,
    dose: DoseView | None,
    typed: dict[str, str],
    errors: dict[str, str],
    status: int = 200,
) -> Response:
    provinces = sorted(PROVINCE_NAMES.items(), key=lambda one: sort_key(one[1]))
    shown = {name: typed.get(name, "") for name in ("kind", "text", "province", "email")}
    return page(
        request,
        "own_page/complaint.html",
        status=status,
        headers=_PRIVATE,
        token=token,
        dose=dose,
        typed=shown,
        once=typed.get("once") or uuid4().hex,
        provinces=provinces,
        errors=errors,
    )
