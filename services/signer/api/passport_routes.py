"""`/me/passport`: the citizen's own, as data and as a page to print."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from contracts.access import Role
from services.chassis.auth import Allow, Principal
from services.chassis.http import problems
from services.signer import errors
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
async def read_passport(context: Ctx, response: Response, caller: Citizen) -> models.Passport:
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
async def download_passport_pdf(context: Ctx, caller: Citizen) -> Response:
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
        raise errors.token_without_person()
    async with context.db.begin() as tx:
        stored = await store.certificates_of(tx, [person])
    eligibility = context.profile.eligibility
    if not stored:
        raise errors.no_verified_dose(eligibility.min_age)
    shown = injections(open_known(context, stored))
    if not shown:
        raise errors.certificates_to_be_reissued()
    if not eligibility.passport_due(len(shown)):
        raise errors.too_few_doses(eligibility.min_doses, len(shown))
    return shown
