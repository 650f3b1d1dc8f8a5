"""`/certificates/{uvci}`: one certificate, as data and as a picture. The identifier holds `:`, `/` and `#`, so it comes percent-encoded."""

import asyncio
from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response

from contracts.access import Role
from services.chassis.auth import Allow, Principal
from services.chassis.errors import ServiceError
from services.chassis.http import problems
from services.signer import pictures, store
from services.signer.api import models, shapes
from services.signer.api.passport import person_of
from services.signer.context import Context
from services.signer.domain.uvci import is_well_formed
from services.signer.present import Shown, open_certificate

router = APIRouter(tags=["certificates"])
STAFF = frozenset({Role.STATION, Role.POLICE, Role.PROVINCE, Role.MINISTRY, Role.SERVICE})
readers = Allow(Role.CITIZEN, *STAFF)
Uvci = Annotated[str, Path(description="the certificate's identifier with its `#` and check character, percent-encoded")]
Caller = Annotated[Principal, Depends(readers)]
PNG, SVG = "image/png", "image/svg+xml"


def _picture(media_type: str) -> dict[int | str, dict[str, object]]:
    schema = {"schema": {"type": "string", "format": "binary"}}
    return {200: {"description": "the QR code", "content": {media_type: schema}}, **problems(401, 403, 404, 410, 422, 503)}


@router.get("/certificates/{uvci:path}.png", summary="A certificate's QR code as PNG", response_class=Response, responses=_picture(PNG))
async def png(request: Request, uvci: Uvci, caller: Caller) -> Response:
    """Eight dots a module: 60 mm at 342 dots an inch."""
    return await _drawn(request, uvci, caller, pictures.png, PNG)


@router.get("/certificates/{uvci:path}.svg", summary="A certificate's QR code as SVG", response_class=Response, responses=_picture(SVG))
async def svg(request: Request, uvci: Uvci, caller: Caller) -> Response:
    """Fits where it is put; print it at 35 to 60 mm."""
    return await _drawn(request, uvci, caller, pictures.svg, SVG)


@router.get("/certificates/{uvci:path}", summary="A certificate", responses=problems(401, 403, 404, 422, 503))
async def read(request: Request, response: Response, uvci: Uvci, caller: Caller) -> models.Certificate:
    """A certificate that the caller may not see is told as not found."""
    shown = await _visible(request.app.state.context, uvci, caller)
    response.headers["Cache-Control"] = "no-store"
    return shapes.certificate(shown, request.app.state.context.clock())


async def _drawn(request: Request, uvci: str, caller: Principal, draw: Callable[[str], bytes], media_type: str) -> Response:
    shown = await _visible(request.app.state.context, uvci, caller)
    if shown.stored.revoked is not None:
        raise ServiceError(
            410,
            "CERTIFICATE_REVOKED",
            "Chứng nhận đã bị thu hồi, không còn mã QR.",
            "The certificate was revoked; it has no code now.",
        )
    return Response(await asyncio.to_thread(draw, shown.qr), media_type=media_type, headers={"Cache-Control": "no-store"})


async def _visible(context: Context, uvci: str, caller: Principal) -> Shown:
    """The certificate, if the caller is its person or of the staff, whose look is written down; ServiceError 404 else."""
    async with context.db.begin() as tx:
        stored = await store.certificate(tx, uvci) if is_well_formed(uvci) else None
        if stored is not None and caller.roles & STAFF:
            await store.note_look(tx, caller.subject, uvci)
        elif stored is not None and stored.intent.person != person_of(context, caller):
            stored = None
    if stored is None:
        raise ServiceError(404, "CERTIFICATE_NOT_FOUND", "Không tìm thấy chứng nhận này.", "There is no such certificate for you.")
    return open_certificate(context, stored)
