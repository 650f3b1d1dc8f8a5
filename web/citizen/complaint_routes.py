"""`/complaint`: say what is wrong or missing; `/complaint/sent`: its number and its clock.

A number opens nothing here: numbers are guessed. The answer comes by mail, or to who signs in.
"""

from base64 import b64encode
from datetime import datetime
from functools import partial
from typing import Any
from uuid import uuid4

from fastapi import APIRouter, Depends, Request
from starlette.datastructures import UploadFile
from starlette.responses import Response

from services.chassis.errors import ServiceError
from services.chassis.gate import BodySize, MaxBody
from vietnamese.dates import day_in_viet_nam
from vietnamese.province_names import PROVINCE_NAMES
from vietnamese.sorting import sort_key
from web.asking import answered
from web.citizen.typed_form import TypedForm
from web.citizen.visitors import Visitor, keep, kept
from web.clients.records.api.complaints import file_complaint
from web.clients.records.models import (
    AboutDose,
    AboutDoseSex,
    ComplaintKind,
    Contact,
    NewComplaint,
)
from web.clients.records.types import UNSET
from web.context import context_of
from web.languages import chosen, language_of
from web.rendering import go_to, page

router = APIRouter()
_SHOWN_S = 60 * 60
_MOST_TEXT = 2_000
_MOST_PICTURE = 2_000_000


@router.get("/complaint")
async def show_complaint(request: Request, visitor: Visitor) -> Response:
    """The form."""
    return _form(request, _read({}, request))


@router.post("/complaint", dependencies=[Depends(MaxBody(BodySize.ATTACHMENT))])
async def send_complaint(request: Request, visitor: Visitor) -> Response:
    """Hands the complaint over, pressed twice once; what was typed comes back with every error."""
    typed = await request.form()
    form = _read(typed, request)
    body = await _complaint(form, typed)
    if body is None:
        return _form(request, form, 422)
    context = context_of(request)
    client = context.services.client("records", None, context.address(request))
    try:
        taken = answered(
            await file_complaint.asyncio_detailed(
                client=client, body=body, idempotency_key=form.text("once") or UNSET
            )
        )
    except ServiceError as error:
        refused = chosen(language_of(request), error.vi, error.en)
        return _form(request, form, error.status, refused)
    told = {
        "number": taken.complaint_id,
        "due": taken.due_at.isoformat(),
        "mailed": bool(form.text("email")),
    }
    keep(request, "complained", told, _SHOWN_S)
    return go_to("/complaint/sent")


@router.get("/complaint/sent")
async def show_complaint_sent(request: Request, visitor: Visitor) -> Response:
    """The number of what this browser sent last, and by when it is answered."""
    told = kept(request, "complained")
    if not isinstance(told, dict):
        return go_to("/complaint")
    due = datetime.fromisoformat(told["due"])
    return page(
        request,
        "citizen/complaint_sent.html",
        number=told["number"],
        due=due,
        mailed=told["mailed"],
    )


async def _complaint(form: TypedForm, typed: Any) -> NewComplaint | None:
    """The complaint of a form; None where something in it is to be mended."""
    kind, text, province = form.text("kind"), form.text("text"), form.text("province")
    if kind not in set(ComplaintKind):
        form.errors["kind"] = form.t("Xin chọn việc cần phản ánh.", "Please choose what it is.")
    if not text:
        form.errors["text"] = form.t("Xin viết điều gì chưa đúng.", "Please write what is wrong.")
    elif len(text) > _MOST_TEXT:
        form.errors["text"] = form.t(
            f"Xin viết gọn trong 2.000 chữ; hiện có {len(text)}.",
            f"Please keep to 2,000 letters; there are {len(text)}.",
        )
    if province not in PROVINCE_NAMES:
        form.errors["province"] = form.t("Xin chọn tỉnh cư trú.", "Please choose the province.")
    email = form.email(needed=False)
    about = _about(form) if form.text("number") or form.text("full_name") else None
    picture = await _picture(form, typed.get("picture"))
    if form.errors:
        return None
    return NewComplaint(
        kind=ComplaintKind(kind),
        text=text,
        province_code=province,
        contact=Contact(email=email) if email else UNSET,
        about=about or UNSET,
        picture=picture or UNSET,
    )


def _about(form: TypedForm) -> AboutDose | None:
    name, birth, sex = form.full_name(), form.birth(), form.sex()
    number, given = form.number(), form.given()
    if form.errors or given is None:
        return None
    return AboutDose(
        full_name=name,
        date_of_birth=birth,
        sex=AboutDoseSex(sex),
        personal_id=number,
        date_given=given,
    )


async def _picture(form: TypedForm, sent: object) -> str | None:
    if not isinstance(sent, UploadFile) or not sent.filename:
        return None
    content = await sent.read()
    if len(content) > _MOST_PICTURE:
        form.errors["picture"] = form.t(
            "Ảnh lớn hơn 2 MB; xin gửi ảnh nhỏ hơn.", "The picture is larger than 2 MB."
        )
    return b64encode(content).decode()


def _read(typed: Any, request: Request) -> TypedForm:
    today = day_in_viet_nam(context_of(request).clock())
    return TypedForm(typed, partial(chosen, language_of(request)), today)


def _form(
    request: Request, form: TypedForm, status: int = 200, refused: str | None = None
) -> Response:
    names = ("kind", "text", "province", "email", "full_name", "sex", "number")
    provinces = sorted(PROVINCE_NAMES.items(), key=lambda one: sort_key(one[1]))
    return page(
        request,
        "citizen/complaint.html",
        status=status,
        typed={name: form.text(name) for name in names},
        birth=form.parts("birth"),
        last=form.parts("last"),
        provinces=provinces,
        once=form.text("once") or uuid4().hex,
        errors=form.errors,
        refused=refused,
    )
