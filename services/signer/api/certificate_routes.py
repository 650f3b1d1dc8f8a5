"""`/certificates/{uvci}`: one certificate, as data, picture and page. The identifier has `:`, `/`
and `#`, so it comes percent-encoded.
"""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response

from contracts.access import STAFF, Role, callers_reach
from contracts.uvci import is_well_formed
from services.chassis import audit
from services.chassis.auth import Allow, Principal
from services.chassis.http import problems
from services.chassis.volume import counted
from services.signer import errors
from services.signer.api import models, serializers
from services.signer.api.audit_acts import CERTIFICATE, Why
from services.signer.api.dependencies import Ctx
from services.signer.api.downloads import PDF, PNG, SVG, described, file_response
from services.signer.api.passport_routes import person_of
from services.signer.context import Context
from services.signer.documents import pdf_page, qr_code
from services.signer.documents.view import ShownCertificate, UnknownKeyError, open_certificate
from services.signer.store import certificates as store
from services.signer.store.intents import StoredIntent

router = APIRouter(tags=["certificates"])
readers = Allow(Role.CITIZEN, *STAFF)
Uvci = Annotated[
    str,
    Path(
        description="the certificate's identifier with its `#` and check character, percent-encoded"
    ),
]
Caller = Annotated[Principal, Depends(counted(readers))]
_REFUSALS = (401, 403, 404, 410, 422, 429, 503)
_PNG, _SVG = (described(kind, "the QR code", *_REFUSALS) for kind in (PNG, SVG))
_PDF = described(PDF, "one page, A4", *_REFUSALS)


@router.get(
    "/certificates/{uvci:path}.png",
    summary="A certificate's QR code as PNG",
    response_class=Response,
    responses=_PNG,
)
async def download_certificate_png(
    context: Ctx, uvci: Uvci, caller: Caller, why: Why = None
) -> Response:
    """Eight dots a module: 60 mm at 342 dots an inch."""
    shown = await _unrevoked(context, uvci, caller, why)
    return await file_response(partial(qr_code.png, shown.qr), PNG)


@router.get(
    "/certificates/{uvci:path}.svg",
    summary="A certificate's QR code as SVG",
    response_class=Response,
    responses=_SVG,
)
async def download_certificate_svg(
    context: Ctx, uvci: Uvci, caller: Caller, why: Why = None
) -> Response:
    """Fits where it is put; print it at 35 to 60 mm."""
    shown = await _unrevoked(context, uvci, caller, why)
    return await file_response(partial(qr_code.svg, shown.qr), SVG)


@router.get(
    "/certificates/{uvci:path}.pdf",
    summary="A certificate to print",
    response_class=Response,
    responses=_PDF,
)
async def download_certificate_pdf(
    context: Ctx, uvci: Uvci, caller: Caller, why: Why = None
) -> Response:
    """In Vietnamese and English, with the QR code; one that has expired says so."""
    shown = await _unrevoked(context, uvci, caller, why)
    page = partial(pdf_page.certificate, shown, context.cfg.public_origin, context.clock())
    return await file_response(page, PDF, "chung-nhan-tiem-chung.pdf")


@router.get(
    "/certificates/{uvci:path}",
    summary="A certificate",
    responses=problems(*_REFUSALS),
)
async def read_certificate(
    context: Ctx, response: Response, uvci: Uvci, caller: Caller, why: Why = None
) -> models.Certificate:
    """A certificate that the caller may not see is told as not found."""
    shown = await _visible(context, uvci, caller, why)
    response.headers["Cache-Control"] = "no-store"
    return serializers.certificate(shown, context.clock())


async def _unrevoked(
    context: Context, uvci: str, caller: Principal, why: str | None
) -> ShownCertificate:
    """The certificate, if the caller may see it and it was not revoked; ServiceError 404 or 410
    else.
    """
    shown = await _visible(context, uvci, caller, why)
    if shown.stored.revoked is not None:
        raise errors.certificate_revoked()
    return shown


async def _visible(
    context: Context, uvci: str, caller: Principal, why: str | None
) -> ShownCertificate:
    """The certificate, if the caller is its person, or of the staff with its dose within reach,
    whose look is written down; ServiceError 404 else.

    410 where its key was taken away, so that nobody may rely on it.
    """
    async with context.db.begin() as tx:
        stored = await store.certificate(tx, uvci) if is_well_formed(uvci) else None
        if stored is not None and not _is_own(context, stored.intent, caller):
            dose = stored.intent
            if callers_reach(caller).covers(dose.facility_code, dose.residence):
                await audit.note(tx, caller, CERTIFICATE, [dose.dose_id], why=why, scope=uvci)
            else:
                stored = None
    if stored is None:
        raise errors.certificate_not_found()
    try:
        return open_certificate(context, stored)
    except UnknownKeyError as error:
        raise errors.certificate_key_withdrawn() from error


def _is_own(context: Context, dose: StoredIntent, caller: Principal) -> bool:
    return Role.CITIZEN in caller.roles and dose.person == person_of(context, caller)
