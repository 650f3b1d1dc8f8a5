"""`/`: the look-up, for people who do not use an app; `/check-mail`: what comes next."""

from datetime import timedelta
from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.chassis.errors import ServiceError
from vietnamese.dates import day_in_viet_nam
from web.asking import answered
from web.citizen.typed_form import TypedForm
from web.citizen.visitors import Visitor, keep, kept, signer
from web.clients.signer.api.lookups import ask_lookup
from web.clients.signer.models import LookupRequest, LookupRequestSex
from web.clients.signer.types import UNSET
from web.context import context_of
from web.languages import chosen, language_of
from web.rendering import go_to, page

router = APIRouter()
_SHOWN_S = 15 * 60
_HELP_AFTER = timedelta(minutes=2)


@router.get("/")
async def show_look_up(request: Request, visitor: Visitor) -> Response:
    """The form."""
    return _form(request, _read({}, request))


@router.post("/")
async def ask_look_up(request: Request, visitor: Visitor) -> Response:
    """Hands the look-up over; what was typed comes back with every error."""
    form = _read(await request.form(), request)
    name, birth, sex = form.full_name(), form.birth(), form.sex()
    number, last, email = form.number(), form.given(), form.email()
    if form.errors or last is None:
        return _form(request, form, 422)
    body = LookupRequest(
        full_name=name,
        date_of_birth=birth,
        sex=LookupRequestSex(sex),
        personal_id=number,
        last_dose_date=last,
        email=email,
        code=form.text("code") or UNSET,
    )
    context = context_of(request)
    try:
        answered(await ask_lookup.asyncio_detailed(client=signer(context, request), body=body))
    except ServiceError as error:
        refused = chosen(language_of(request), error.vi, error.en)
        return _form(request, form, error.status, refused)
    keep(request, "asked", {"email": email, "at": context.clock().isoformat()}, _SHOWN_S)
    return go_to("/check-mail")


@router.get("/check-mail")
async def show_check_mail(request: Request, visitor: Visitor) -> Response:
    """Says the same to all: whether the data match is nobody's to know."""
    asked = kept(request, "asked") or {}
    after_s = int(_HELP_AFTER.total_seconds())
    return page(request, "citizen/check_mail.html", email=asked.get("email"), help_after_s=after_s)


def _read(typed: Any, request: Request) -> TypedForm:
    language = language_of(request)
    today = day_in_viet_nam(context_of(request).clock())
    return TypedForm(typed, partial(chosen, language), today)


def _form(
    request: Request, form: TypedForm, status: int = 200, refused: str | None = None
) -> Response:
    names = ("full_name", "sex", "number", "email", "code")
    return page(
        request,
        "citizen/look_up.html",
        status=status,
        typed={name: form.text(name) for name in names},
        birth=form.parts("birth"),
        last=form.parts("last"),
        errors=form.errors,
        refused=refused,
    )
