"""`/me/passport`: the citizen's own, as data and as a page to print."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from contracts.access import Role
from services.chassis.auth import Allow, Principal
from services.chassis.errors import ServiceError
from services.chassis.http import problems
from services.signer.api import models, serializers
from services.signer.api.dependencies import Ctx
from services.signer.api.downloads import PDF, described, file_response
from services.signer.context import Context
from services.signer.documents import pdf_page
from services.signer.documents.view import ShownCertificate, injections, open_known, passport_of
from services.signer.store import certificates as store
from services.signer.store.intents import PersonIndex, person_index

router = APIRouter(tags=["passport"])
citizen = Allow(Role.CITIZEN)
Citizen = Annotated[Principal, Depends(citizen)]


def person_of(context: Context, caller: Principal) -> PersonIndex | None:
    """The blind index of the citizen whose token it is; None where the token names nobody."""
    personal_id = caller.claims.get("personal_id")
    if not isinstance(personal_id, str) or not personal_id:
        return None
    return person_index(context.sealer, personal_id)


@router.get(
    "/me/passport", summary="The caller's own passport", responses=problems(401, 403, 404, 503)
)
async def mine(context: Ctx, response: Response, caller: Citizen) -> models.Passport:
    """Where none is due, the problem document says why."""
    certificates = await _certificates(context, caller)
    now = context.clock()
    response.headers["Cache-Control"] = "no-store"
    return models.Passport(
        fields=[serializers.field(line) for line in passport_of(certificates)],
        certificates=[serializers.certificate(shown, now) for shown in certificates],
    )


@router.get(
    "/me/passport.pdf",
    summary="The caller's own passport, to print",
    response_class=Response,
    responses=described(PDF, "one page, A4", 401, 403, 404, 503),
)
async def page(context: Ctx, caller: Citizen) -> Response:
    """The eleven fields in Vietnamese and English, with the QR code of the last dose."""
    certificates = await _certificates(context, caller)
    return await file_response(
        partial(pdf_page.passport, certificates, context.cfg.public_origin, context.clock()),
        PDF,
        "ho-chieu-vac-xin.pdf",
    )


async def _certificates(context: Context, caller: Principal) -> list[ShownCertificate]:
    """The caller's certificates, in the order the doses were given; ServiceError where no passport
    is due, which says why.
    """
    person = person_of(context, caller)
    if person is None:
        raise ServiceError(
            403,
            "TOKEN_WITHOUT_PERSON",
            "Phiên đăng nhập không có số định danh cá nhân.",
            "The token carries no personal ID.",
        )
    async with context.db.begin() as tx:
        stored = await store.certificates_of(tx, [person])
    eligibility = context.profile.eligibility
    if not stored:
        raise ServiceError(
            404,
            "NO_VERIFIED_DOSE",
            "Chưa có mũi tiêm nào của bạn được xác minh và ký số (hộ chiếu vắc xin được cấp cho"
            f" người từ {eligibility.min_age} tuổi). Hãy hỏi cơ sở đã tiêm cho bạn hoặc trạm y tế"
            " nơi cư trú.",
            "No dose of yours has been verified and signed yet (a passport is due from the age of"
            f" {eligibility.min_age}). Ask the facility that vaccinated you, or the health station"
            " where you live.",
        )
    shown = injections(open_known(context, stored))
    if not shown:
        raise ServiceError(
            404,
            "CERTIFICATES_TO_BE_REISSUED",
            "Khóa đã ký các chứng nhận của bạn không còn được sử dụng; các chứng nhận phải được cấp"
            " lại. Hãy thử lại sau.",
            "The key that signed your certificates is no longer used; they must be issued anew. Try"
            " again later.",
        )
    if not eligibility.passport_due(len(shown)):
        raise ServiceError(
            404,
            "TOO_FEW_DOSES",
            f"Hộ chiếu vắc xin được cấp khi có ít nhất {eligibility.min_doses} mũi tiêm đã xác"
            f" minh; bạn có {len(shown)}.",
            f"A passport is due from {eligibility.min_doses} verified doses; you have"
            f" {len(shown)}.",
        )
    return shown
