"""`/webhooks`: addresses of apps that are told what has happened."""

import os
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Path

from contracts.access import Role, callers_reach, sender_of
from services.chassis.auth import Allow, Principal
from services.chassis.db import Transaction
from services.chassis.http import problems
from services.chassis.paging import Page, PageRequest, page_request
from services.records.dependencies import Ctx
from services.records.webhooks import errors, models
from services.records.webhooks.rules import (
    OLD_SECRET_FOR,
    SECRET_BYTES,
    WebhookEvent,
    body_of,
    secret_text,
)
from services.records.webhooks.store import hooks, news
from services.records.webhooks.store.hooks import WebhookRow
from services.records.webhooks.store.tables import SECRET
from services.records.webhooks.target import check_form

router = APIRouter(tags=["webhooks"])
Owner = Annotated[
    Principal,
    Depends(Allow(Role.FACILITY, Role.STATION, Role.PROVINCE, Role.MINISTRY, Role.SERVICE)),
]
WebhookId = Annotated[int, Path(ge=1, lt=1 << 63)]
_LAST = 50
_REFUSALS = problems(401, 403, 404, 422, 503)


@router.post(
    "/webhooks",
    status_code=201,
    summary="Register an address",
    responses=problems(401, 403, 409, 422, 503),
)
async def register_webhook(
    context: Ctx, caller: Owner, new: models.NewWebhook
) -> models.WebhookWithSecret:
    """It is told what the token may see now, of what happens from now on. The secret is shown this
    once.
    """
    cfg = context.cfg.webhook
    check_form(new.url, cfg)
    secret = os.urandom(SECRET_BYTES)
    async with context.db.begin() as tx:
        if await hooks.count_of(tx, sender_of(caller)) >= cfg.per_caller:
            raise errors.too_many_webhooks(cfg.per_caller)
        webhook_id = await hooks.add(
            tx,
            sender_of(caller),
            caller.subject,
            callers_reach(caller).tokens,
            new.url,
            list(dict.fromkeys(new.events)),
        )
        await hooks.set_secret(
            tx, webhook_id, SECRET.seal(context.sealer, secret, webhook_id), None, None
        )
        row = await _own(tx, caller, webhook_id)
    return _with_secret(row, secret)


@router.get("/webhooks", summary="The caller's webhooks", responses=problems(401, 403, 422, 503))
async def list_webhooks(
    context: Ctx, caller: Owner, pages: Annotated[PageRequest, Depends(page_request(50))]
) -> Page[models.Webhook]:
    """Of a facility those of everybody who works there."""
    after = pages.after(int)
    async with context.db.begin() as tx:
        rows = await hooks.list_own(tx, sender_of(caller), after[0] if after else 0, pages.limit)
    return pages.page([_shown(row) for row in rows], rows, lambda row: (row.id,))


@router.delete(
    "/webhooks/{webhook_id}",
    status_code=204,
    summary="Forget a webhook",
    responses=_REFUSALS,
)
async def delete_webhook(context: Ctx, caller: Owner, webhook_id: WebhookId) -> None:
    """With all that it was still to be told."""
    async with context.db.begin() as tx:
        if not await hooks.remove(tx, sender_of(caller), webhook_id):
            raise errors.webhook_not_found()


@router.post("/webhooks/{webhook_id}/rotate", summary="Change the secret", responses=_REFUSALS)
async def rotate_webhook_secret(
    context: Ctx, caller: Owner, webhook_id: WebhookId
) -> models.WebhookWithSecret:
    """For a day both secrets sign, so that an app can change over without missing a message."""
    secret = os.urandom(SECRET_BYTES)
    async with context.db.begin() as tx:
        row = await _own(tx, caller, webhook_id)
        await hooks.set_secret(
            tx,
            webhook_id,
            SECRET.seal(context.sealer, secret, webhook_id),
            row.secret,
            context.clock() + OLD_SECRET_FOR,
        )
    return _with_secret(row, secret)


@router.post(
    "/webhooks/{webhook_id}/test",
    status_code=202,
    summary="Send a message to try it",
    responses=problems(401, 403, 404, 409, 422, 503),
)
async def test_webhook(context: Ctx, caller: Owner, webhook_id: WebhookId) -> None:
    """Its type is `ping`; whether it was taken stands among the deliveries."""
    async with context.db.begin() as tx:
        row = await _own(tx, caller, webhook_id)
        if row.disabled_at is not None:
            raise errors.webhook_disabled()
        body = body_of(WebhookEvent.PING, [], context.clock())
        await news.add_message(tx, row.id, WebhookEvent.PING, body)


@router.get(
    "/webhooks/{webhook_id}/deliveries",
    summary="The last messages, newest first",
    responses=_REFUSALS,
)
async def list_webhook_deliveries(
    context: Ctx, caller: Owner, webhook_id: WebhookId
) -> list[models.WebhookDelivery]:
    """Fifty at most, and whether each was taken."""
    async with context.db.begin() as tx:
        await _own(tx, caller, webhook_id)
        rows = await hooks.deliveries(tx, webhook_id, _LAST)
    return [
        models.WebhookDelivery(
            message_id=str(row.id),
            event=WebhookEvent(row.kind),
            created_at=row.created_at,
            tries=row.tries,
            delivered_at=row.delivered_at,
            next_try_at=row.due_at,
            outcome=row.outcome,
        )
        for row in rows
    ]


async def _own(tx: Transaction, caller: Principal, webhook_id: int) -> WebhookRow:
    row = await hooks.read_own(tx, sender_of(caller), webhook_id)
    if row is None:
        raise errors.webhook_not_found()
    return row


def _shown(row: WebhookRow) -> models.Webhook:
    notice = notice_en = None
    if row.disabled_at is not None:
        host = urlsplit(row.url).hostname
        notice = f"{host} không nhận tin trong một ngày ({row.disabled_by}); hãy đăng ký lại."
        notice_en = f"{host} took no message for a day ({row.disabled_by}); register it anew."
    return models.Webhook(
        webhook_id=row.id,
        url=row.url,
        events=[WebhookEvent(one) for one in row.events],
        created_at=row.created_at,
        disabled_at=row.disabled_at,
        notice=notice,
        notice_en=notice_en,
    )


def _with_secret(row: WebhookRow, secret: bytes) -> models.WebhookWithSecret:
    return models.WebhookWithSecret(**_shown(row).model_dump(), secret=secret_text(secret))
