"""`/passport-links`: what the link of a look-up's letter opens, once."""

import secrets
from datetime import timedelta
from functools import partial

from fastapi import APIRouter, Depends, Request, Response

from services.chassis.auth import Public
from services.chassis.context import held_context
from services.chassis.db import Transaction
from services.chassis.http import problems
from services.chassis.limits import client_address
from services.signer import errors
from services.signer.api import models, serializers
from services.signer.api.dependencies import Ctx
from services.signer.api.downloads import PDF, described, file_response
from services.signer.context import Context
from services.signer.documents import pdf_page
from services.signer.documents.view import ShownCertificate, injections, open_known, passport_of
from services.signer.store import certificates as store
from services.signer.store import passport_links
from services.signer.store.passport_links import LinkedPerson


async def count_opening(request: Request) -> None:
    """Counts what comes from an address, before its body is read: nobody guesses links."""
    context: Context = await held_context(request)
    address = client_address(request, context.cfg.lookup.address_header)
    await context.lookups.admit_opening(address)


router = APIRouter(
    tags=["lookups"],
    dependencies=[
        Depends(Public("who has the letter has no token; the link is the proof", count_opening))
    ],
)


@router.post(
    "/passport-links/open",
    summary="Open the passport of a look-up's letter, once",
    responses=problems(404, 422, 429, 503),
)
async def open_passport_link(
    context: Ctx, response: Response, body: models.PassportLink
) -> models.OpenedPassport:
    """A link is good for one opening within its time. Who opened it may look again for a short
    while with `again`.
    """
    now, again = context.clock(), secrets.token_urlsafe(32)
    until = now + timedelta(minutes=context.cfg.lookup.again_minutes)
    async with context.db.begin() as tx:
        whose = await passport_links.open_once(tx, body.token, now, again, until)
        certificates = await _certificates(context, tx, whose)
    response.headers["Cache-Control"] = "no-store"
    return models.OpenedPassport(
        passport=_passport(context, certificates), again=again, again_until=until
    )


@router.post(
    "/passport-links/again",
    summary="Look again at a passport whose link was opened",
    responses=problems(404, 422, 429, 503),
)
async def reopen_passport_link(
    context: Ctx, response: Response, body: models.PassportLink
) -> models.Passport:
    """With the token that the opening gave, while its time runs."""
    certificates = await _again(context, body)
    response.headers["Cache-Control"] = "no-store"
    return _passport(context, certificates)


@router.post(
    "/passport-links/passport.pdf",
    summary="The passport of an opened link, to print",
    response_class=Response,
    responses=described(PDF, "one page, A4", 404, 422, 429, 503),
)
async def print_passport_link(context: Ctx, body: models.PassportLink) -> Response:
    """With the token that the opening gave, while its time runs."""
    certificates = await _again(context, body)
    return await file_response(
        partial(pdf_page.passport, certificates, context.cfg.public_origin, context.clock()),
        PDF,
        "ho-chieu-vac-xin.pdf",
    )


async def _again(context: Context, body: models.PassportLink) -> list[ShownCertificate]:
    async with context.db.begin() as tx:
        whose = await passport_links.look_again(tx, body.token, context.clock())
        return await _certificates(context, tx, whose)


async def _certificates(
    context: Context, tx: Transaction, whose: LinkedPerson | None
) -> list[ShownCertificate]:
    """What a link opens, the first dose first; ServiceError 404 where it opens nothing any more."""
    if whose is None:
        raise errors.link_not_open()
    stored = await store.certificates_of(tx, [whose.person])
    shown = [
        one
        for one in injections(open_known(context, stored))
        if one.content.nationality == whose.nationality
    ]
    if not shown:
        raise errors.link_not_open()
    return shown


def _passport(context: Context, certificates: list[ShownCertificate]) -> models.Passport:
    now = context.clock()
    return models.Passport(
        fields=[serializers.field(line) for line in passport_of(certificates)],
        certificates=[serializers.certificate(shown, now) for shown in certificates],
    )
