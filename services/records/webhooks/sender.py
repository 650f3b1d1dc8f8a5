"""Sends the messages of webhooks, and tries again for a day while their address does not take them.

A message is taken for a while before it is sent. A worker that dies in between leaves it to be sent
again under the same id: at least once, and apps know repeats by it.
"""

import asyncio
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Final

import httpx
import structlog

from services.chassis.db import Transaction
from services.chassis.periodic import UnknownError, periodic
from services.records.context import Context
from services.records.settings import WebhookSettings
from services.records.webhooks import fan_out
from services.records.webhooks.rules import pause_after, signed_headers
from services.records.webhooks.store import hooks, news
from services.records.webhooks.store.hooks import WebhookRow
from services.records.webhooks.store.news import DueRow
from services.records.webhooks.store.tables import SECRET
from services.records.webhooks.target import TargetError, resolve

_LOOK_S: Final = 2.0
_IN_HAND: Final = timedelta(minutes=2)
_AT_ONCE: Final = 20
KEPT_FOR: Final = timedelta(days=30)
_log = structlog.get_logger()


async def send_forever(context: Context, stop: asyncio.Event, look_s: float = _LOOK_S) -> None:
    """Looks for what is to be told every `look_s` seconds, until `stop` is set."""

    async def work() -> None:
        while not stop.is_set() and (await fan_out.tell(context) | await send_due(context)):
            pass

    # whatever goes wrong, the messages are safe where they are
    await periodic("webhooks", work, stop, look_s, UnknownError.IS_LOGGED)


async def forget_old(context: Context, now: datetime) -> None:
    """Forgets messages that were sent or given up long ago."""
    async with context.db.begin() as tx:
        await news.forget_messages(tx, now - KEPT_FOR)


async def send_due(context: Context) -> bool:
    """Sends what is due, one message of each webhook at the same time; False where nothing was."""
    now = context.clock()
    async with context.db.begin() as tx:
        due = await news.take_due(tx, now, now + _IN_HAND, _AT_ONCE)
    if not due:
        return False
    await asyncio.gather(*(_send_one(context, message, hook) for message, hook in due))
    return True


async def _send_one(context: Context, message: DueRow, hook: WebhookRow) -> None:
    outcome = await post(
        hook.url, message, _secrets(context, hook), context.clock(), context.cfg.webhook
    )
    async with context.db.begin() as tx:
        await _settle(context, tx, message, outcome)


async def _settle(context: Context, tx: Transaction, message: DueRow, outcome: str) -> None:
    now, pause = context.clock(), pause_after(message.tries)
    taken = outcome.startswith("2")
    again = None if taken or pause is None else now + pause
    await news.settle(tx, message.id, outcome, delivered_at=now if taken else None, due_at=again)
    context.metrics.count("webhook", "taken" if taken else "not_taken")
    if outcome == str(HTTPStatus.GONE.value) or (again is None and not taken):
        await hooks.disable(tx, message.webhook_id, now, outcome)
        _log.warning("webhook_disabled", webhook=message.webhook_id, outcome=outcome)
        context.metrics.count("webhook", "disabled")


def _secrets(context: Context, hook: WebhookRow) -> list[bytes]:
    secrets = [SECRET.unseal(context.sealer, hook.secret, hook.id)]
    if hook.old_secret is not None and hook.old_until and context.clock() < hook.old_until:
        secrets.append(SECRET.unseal(context.sealer, hook.old_secret, hook.id))
    return secrets


async def post(
    url: str, message: DueRow, secrets: list[bytes], now: datetime, cfg: WebhookSettings
) -> str:
    """One try; answers the status, or the kind of error. No redirect is followed, and of the answer
    nothing but its status is read.
    """
    try:
        target = await resolve(url, cfg)
    except TargetError as error:
        return str(error)
    headers = {
        **signed_headers(str(message.id), message.body, now, secrets),
        "content-type": "application/json",
        "host": target.header,
        "user-agent": "hochieu-webhooks/1",
    }
    try:
        async with (
            asyncio.timeout(cfg.timeout_s),
            # neither proxies nor names of this machine's environment
            httpx.AsyncClient(trust_env=False, timeout=cfg.timeout_s) as client,
            client.stream(
                "POST",
                target.pinned,
                content=message.body.encode(),
                headers=headers,
                extensions={"sni_hostname": target.host},
            ) as answer,
        ):
            return str(answer.status_code)
    except TimeoutError:
        return "timeout"
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return type(error).__name__
