"""`/desk/supplement`: a station records a missing dose from its slip, looked over once."""

import secrets
from base64 import b64encode
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, UploadFile
from starlette.responses import Response

from contracts.access import Role
from contracts.standing import Words
from services.chassis.errors import ServiceError
from services.chassis.gate import BodySize, MaxBody
from web.asking import answered
from web.clients.records.api.doses import read_dose
from web.clients.records.api.supplements import record_supplement
from web.clients.records.models import NewSupplement
from web.clients.records.models import Purpose as RecordsPurpose
from web.clients.verifier.api.checks import check_people
from web.clients.verifier.models import Checks, Purpose
from web.desk.check_views import Verdict, verdict
from web.desk.form_errors import FieldError, errors_behind, shown_errors
from web.desk.supplement_views import KINDS, TEXTS, TypedSupplement, products
from web.desk.typed_birth import TypedDay
from web.guards import signed_in
from web.languages import chosen, language_of
from web.rendering import go_to, page
from web.sessions.session import Session

router = APIRouter()
Station = Annotated[Session, Depends(signed_in(Role.STATION))]
_NOTHING = TypedDay("", "", "", False)
_MOST = 2_000_000
_NEEDED = {
    "full_name": Words("Thiếu họ và tên", "The name is missing"),
    "sex": Words("Chọn giới tính", "Choose the sex"),
    "province_code": Words("Thiếu mã tỉnh nơi ở", "The code of the province is missing"),
    "facility_code": Words("Thiếu mã cơ sở đã tiêm", "The facility's code is missing"),
    "product": Words("Chọn vắc xin", "Choose the vaccine"),
    "dose_number": Words("Chọn mũi thứ mấy", "Say which dose it was"),
    "dose_kind": Words("Chọn loại mũi", "Choose the kind of dose"),
}
_FIELDS = {
    **{name: name for name in TEXTS},
    "date_of_birth": "birth",
    "date_given": "given",
    "PICTURE_TOO_LARGE": "picture",
    "PICTURE_UNKNOWN": "picture",
    "PERSON_NOT_OF_YOUR_AREA": "commune_code",
}


@router.get("/desk/supplement")
async def show_supplement(request: Request, session: Station, of: str = "") -> Response:
    """The form; `of`: of a person who was found, whose data stand in it already."""
    texts = dict.fromkeys(TEXTS, "")
    texts |= _own_area(session)
    birth = _NOTHING
    if of:
        found = answered(
            await read_dose.asyncio_detailed(
                int(session.recall(of)),
                client=session.client("records"),
                x_purpose=RecordsPurpose.CORRECTION,
            )
        ).person
        known = found.to_dict()
        texts |= {name: str(known.get(name) or "") for name in TEXTS if name in known}
        year, month, day = [*found.date_of_birth.split("-"), "", "", ""][:3]
        birth = TypedDay(day, month, year, bool(year) and not month)
    return _form(request, TypedSupplement(texts, birth, _NOTHING), [])


@router.post("/desk/supplement")
async def look_over_supplement(request: Request, session: Station) -> Response:
    """What was typed once more, with what the registry says of the person; nothing is sent yet."""
    typed = TypedSupplement.of(dict(await request.form()))
    errors = _missing(typed)
    if errors or (await request.form()).get("change"):
        return _form(request, typed, errors)
    return await _looked_over(request, session, typed, [])


@router.post("/desk/supplement/send", dependencies=[Depends(MaxBody(BodySize.ATTACHMENT))])
async def send_supplement(
    request: Request,
    session: Station,
    picture: UploadFile | None = None,
    key: Annotated[str, Form(pattern="^[A-Za-z0-9_-]{20,60}$")] = "",
) -> Response:
    """Records it, once however often the button is pressed."""
    typed = TypedSupplement.of(dict(await request.form()))
    content = await picture.read(_MOST + 1) if picture else b""
    if not content or len(content) > _MOST:
        error = FieldError(
            "picture",
            "Hãy chọn ảnh chụp giấy xác nhận tiêm, nhỏ hơn 2 MB",
            "Choose a picture of the slip, smaller than 2 MB",
        )
        return await _looked_over(request, session, typed, [error])
    try:
        answered(
            await record_supplement.asyncio_detailed(
                client=session.client("records"),
                body=NewSupplement.from_dict(typed.body(b64encode(content).decode())),
                idempotency_key=key,
            )
        )
    except ServiceError as refused:
        if refused.status not in (403, 409, 413, 422):
            raise
        errors = errors_behind(refused, _FIELDS, "facility_code")
        if errors[0].field == "picture":
            return await _looked_over(request, session, typed, errors)
        return _form(request, typed, errors)
    session.say(
        "done",
        "Đã ghi bổ sung. Cơ sở đã tiêm được báo; có chứng nhận khi cơ sở xác nhận hoặc hết hạn.",
        "Recorded. The facility is told; the certificate follows once it confirms, or in time.",
    )
    return go_to("/desk/supplements")


def _missing(typed: TypedSupplement) -> list[FieldError]:
    errors = [
        FieldError(name, words.vi, words.en)
        for name, words in _NEEDED.items()
        if not typed.texts[name]
    ]
    if not typed.birth.text:
        errors.insert(1, FieldError("birth", "Thiếu ngày sinh", "The birth date is missing"))
    if not typed.given.text:
        errors.append(FieldError("given", "Thiếu ngày tiêm", "The day of the dose is missing"))
    return errors


def _own_area(session: Session) -> dict[str, str]:
    """Where the station's people live, as far as its account says one place."""
    areas = session.claims.get("areas")
    if not isinstance(areas, list) or len(areas) != 1:
        return {}
    area = str(areas[0])
    codes = {"province_code": area[:2], "district_code": area[2:5], "commune_code": area[5:10]}
    return {name: code for name, code in codes.items() if code}


async def _looked_over(
    request: Request, session: Session, typed: TypedSupplement, errors: list[FieldError]
) -> Response:
    return page(
        request,
        "desk/supplement_check.html",
        status=422 if errors else 200,
        typed=typed,
        products=dict(products()),
        kinds={code: chosen(language_of(request), *words) for code, words in KINDS},
        checked=await _checked(session, typed),
        errors=shown_errors(request, errors),
        key=secrets.token_urlsafe(24),
    )


async def _checked(session: Session, typed: TypedSupplement) -> Verdict | None:
    """What the registry says of the person; None where it cannot be asked now."""
    person = {
        "full_name": typed.texts["full_name"],
        "date_of_birth": typed.birth.text,
        "personal_id": typed.texts["personal_id"],
        "sex": typed.texts["sex"],
    }
    try:
        checked = answered(
            await check_people.asyncio_detailed(
                client=session.client("verifier"),
                body=Checks.from_dict({"people": [person]}),
                x_purpose=Purpose.CORRECTION,
            )
        )
    except ServiceError as refused:
        if refused.status not in (422, 429, 503):
            raise
        return None
    return verdict(checked.items[0], typed.texts["full_name"], typed.texts["personal_id"], ())


def _form(request: Request, typed: TypedSupplement, errors: list[FieldError]) -> Response:
    return page(
        request,
        "desk/supplement.html",
        status=422 if errors else 200,
        typed=typed,
        products=products(),
        kinds=[(code, chosen(language_of(request), *words), None) for code, words in KINDS],
        errors=shown_errors(request, errors),
    )
