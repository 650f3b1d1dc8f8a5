"""`/verify`: whether the text of a QR code, or the code in a picture, is to be believed."""

import asyncio
import json

from fastapi import APIRouter, Depends, Request

from contracts.uvci import is_well_formed
from services.chassis.auth import Public
from services.chassis.gate import BodySize, MaxBody
from services.chassis.http import problems
from services.chassis.limits import client_address, household
from services.signer import errors
from services.signer.api import models
from services.signer.api.dependencies import Ctx
from services.signer.api.verdicts import answer
from services.signer.context import Context
from services.signer.hcert.verify import HcertStep, HcertVerdict, is_certificate
from services.signer.hcert.verify import verify as judge
from services.signer.pictures.arrivals import ArrivingPicture
from services.signer.pictures.kinds import UnknownKindError
from services.signer.pictures.picture_reader import PictureReader
from services.signer.store import certificates as store

router = APIRouter(
    tags=["verification"],
    dependencies=[Depends(Public("whoever is shown a passport must be able to check it"))],
)

PICTURES = ("image/png", "image/jpeg", "image/webp", "image/gif", "application/pdf")
# what browsers and mail programs call them; what a picture is, its bytes say
_OTHER_NAMES = (
    "image/jpg",
    "image/pjpeg",
    "image/x-png",
    "image/heic",
    "image/heif",
    "application/x-pdf",
    "application/octet-stream",
)
MAX_JSON = 200_000
_RECEIVING_S = 60.0

_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": models.VerifyRequest.model_json_schema()},
            **{kind: {"schema": {"type": "string", "format": "binary"}} for kind in PICTURES},
        },
    }
}


@router.post(
    "/verify",
    summary="Whether a code is to be believed",
    openapi_extra=_BODY,
    responses=problems(408, 413, 415, 422, 429, 503),
    # larger than any picture that is taken: the answer that it is too large is ours
    dependencies=[Depends(MaxBody(BodySize.PICTURE))],
)
async def verify_passport(request: Request, context: Ctx) -> models.VerifyAnswer:
    """Send the code's text as JSON, or a picture (PNG, JPEG, WebP, GIF) or PDF with one or several
    codes in it.

    A code not to be believed is answered with the reason, not refused.
    """
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type in PICTURES or media_type in _OTHER_NAMES:
        who = household(client_address(request, context.cfg.lookup.address_header))
        await context.pictures.admit(who)
        with context.pictures.arrivals.receive(who) as picture:
            await _receive(request, picture, context.pictures)
            texts = await _codes_in(picture, context.pictures)
        codes = await _verdicts(context, texts)
        main = next(
            (verdict for verdict, text in zip(codes, texts, strict=True) if is_certificate(text)),
            codes[0],
        )
        return models.VerifyAnswer(**main.model_dump(), codes=codes)
    if media_type != "application/json":
        raise errors.media_type_unknown()
    (verdict,) = await _verdicts(context, [await _text(request)])
    return models.VerifyAnswer(**verdict.model_dump())


async def _verdicts(context: Context, texts: list[str]) -> list[models.CodeVerdict]:
    verdicts = [judge(text, context.trust, context.clock()) for text in texts]
    if any(map(_own_identifier, verdicts)):
        async with context.db.begin() as tx:
            verdicts = [
                verdict.revoked(await store.is_revoked(tx, uvci))
                if (uvci := _own_identifier(verdict))
                else verdict
                for verdict in verdicts
            ]
    for verdict in verdicts:
        context.metrics.count("checked", verdict.code)
    return [answer(verdict) for verdict in verdicts]


def _own_identifier(verdict: HcertVerdict) -> str | None:
    """The identifier that may stand among the revoked; only of what is genuine, so that nobody can
    ask for another's.
    """
    uvci = verdict.opened.uvci if verdict.opened else None
    return (
        uvci if uvci and verdict.steps.get(HcertStep.SIGNATURE) and is_well_formed(uvci) else None
    )


async def _text(request: Request) -> str:
    body = await _body(request)
    try:
        # not strict: a code pasted into JSON by hand brings its line breaks along
        return models.VerifyRequest.model_validate(json.loads(body, strict=False)).qr
    except (ValueError, RecursionError) as error:
        raise errors.no_code_sent() from error


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > MAX_JSON:
            raise errors.body_too_large(MAX_JSON)
    return bytes(body)


async def _receive(request: Request, picture: ArrivingPicture, reader: PictureReader) -> None:
    """Receives a picture in good time; until it is whole it takes the room of its bytes alone."""
    try:
        async with asyncio.timeout(_RECEIVING_S):
            async for part in request.stream():
                reader.take(picture, part)
    except TimeoutError as error:
        raise errors.picture_too_slow() from error


async def _codes_in(picture: ArrivingPicture, reader: PictureReader) -> list[str]:
    try:
        texts = await reader.read(picture)
    except UnknownKindError as error:
        raise errors.picture_kind_unknown(str(error)) from error
    except ValueError as error:
        raise errors.picture_unreadable() from error
    if not texts:
        raise errors.no_code_in_picture()
    return texts
