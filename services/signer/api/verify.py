"""`/verify`: whether the text of a QR code, or the code in a picture, is to be believed."""

import asyncio
from typing import Any

from fastapi import APIRouter, Depends, Request
from pydantic import ValidationError

from services.chassis.auth import Public
from services.chassis.errors import ServiceError
from services.chassis.http import problems
from services.signer.api import models
from services.signer.context import Context
from services.signer.domain.uvci import is_well_formed
from services.signer.hcert.cose import encode_kid
from services.signer.hcert.schema import known_entry
from services.signer.hcert.verify import Opened, Step, Verdict
from services.signer.hcert.verify import verify as judge
from services.signer.reader import PictureReader
from services.signer.store import certificates as store

router = APIRouter(tags=["verification"], dependencies=[Depends(Public("whoever is shown a passport must be able to check it"))])

PICTURES = ("image/png", "image/jpeg")
MAX_JSON, MAX_PICTURE = 200_000, 12_000_000
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


@router.post("/verify", summary="Whether a code is to be believed", openapi_extra=_BODY, responses=problems(408, 413, 415, 422, 503))
async def verify(request: Request) -> models.VerifyAnswer:
    """Send the code's text as JSON, or a picture (PNG, JPEG). A code not to be believed is answered with the reason, not refused."""
    context: Context = request.app.state.context
    verdict = judge(await _text(request, context.pictures), context.trust, context.clock())
    uvci = verdict.opened.uvci if verdict.opened else None
    if uvci and verdict.steps.get(Step.SIGNATURE) and is_well_formed(uvci):
        async with context.db.begin() as tx:
            verdict = verdict.revoked(await store.is_revoked(tx, uvci))
    context.metrics.count("checked", verdict.code)
    return _answer(verdict)


async def _text(request: Request, reader: PictureReader) -> str:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type in PICTURES:
        with reader.place():
            return await _code_in(await _picture(request), reader)
    if media_type != "application/json":
        raise ServiceError(415, "MEDIA_TYPE_UNKNOWN", "Hãy gửi JSON, hoặc ảnh PNG hay JPEG.", "Send JSON, or a picture as PNG or JPEG.")
    try:
        return models.VerifyRequest.model_validate_json(await _body(request, MAX_JSON)).qr
    except ValidationError as error:
        raise ServiceError(422, "REQUEST_INVALID", 'Hãy gửi {"qr": "HC1:…"}.', 'Send {"qr": "HC1:…"}.') from error


async def _body(request: Request, most: int) -> bytes:
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > most:
            raise ServiceError(413, "BODY_TOO_LARGE", f"Nội dung quá {most:,} byte.", f"The body has more than {most:,} bytes.")
    return bytes(body)


async def _picture(request: Request) -> bytes:
    """Received in good time: there are few places."""
    try:
        async with asyncio.timeout(_RECEIVING_S):
            return await _body(request, MAX_PICTURE)
    except TimeoutError as error:
        raise ServiceError(
            408, "PICTURE_TOO_SLOW", "Ảnh gửi lên quá chậm; hãy gửi ảnh nhỏ hơn.", "The picture came too slowly; send a smaller one."
        ) from error


async def _code_in(picture: bytes, reader: PictureReader) -> str:
    try:
        texts = await reader.read(picture)
    except ValueError as error:
        raise ServiceError(
            422, "PICTURE_UNREADABLE", "Không đọc được ảnh này, hoặc ảnh quá lớn.", "The picture cannot be read, or is too large."
        ) from error
    if not texts:
        raise ServiceError(422, "NO_CODE_IN_PICTURE", "Không thấy mã QR trong ảnh.", "There is no QR code in the picture.")
    return next((text for text in texts if text.startswith("HC1:")), texts[0])


def _answer(verdict: Verdict) -> models.VerifyAnswer:
    return models.VerifyAnswer(
        valid=verdict.valid,
        code=verdict.code,
        reason_vi=verdict.reason_vi,
        reason_en=verdict.reason_en,
        steps=dict(verdict.steps),
        certificate=_presented(verdict.opened) if verdict.opened else None,
    )


def _presented(opened: Opened) -> models.Presented:
    """Only what the schema knows: the rest of a foreign payload may be anything that CBOR can say, and no JSON can."""
    name: dict[str, Any]
    name, birth, entry = known_entry(opened.payload)
    return models.Presented.model_validate(
        {
            "kid": encode_kid(opened.kid) if opened.kid else None,
            "issuer": opened.issuer,
            "issued_at": opened.issued_at,
            "expires_at": opened.expires_at,
            "kind": opened.kind,
            "uvci": opened.uvci,
            "name": name,
            "date_of_birth": birth,
            "entry": entry,
            "faults": list(opened.faults),
        }
    )
