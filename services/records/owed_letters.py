"""Mails letters that are owed, and tries again while the mail server is away.

A letter is taken for a while before it is handed over, and forgotten after: no two workers have it
in hand. A worker that dies in between leaves it to be sent again under the same message id. Mail
programs know it for the same one.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Generic, Protocol, TypeVar
from uuid import UUID

import structlog

from services.chassis.db import Transaction
from services.chassis.errors import TransientError
from services.chassis.mail import Mailer, MailRefusedError
from services.chassis.periodic import UnknownError, periodic
from services.records.context import Context

LOOK_S = 5.0
_IN_HAND = timedelta(minutes=5)  # more than all steps of handing one message over may take together
_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(seconds=30), timedelta(minutes=15)
_log = structlog.get_logger()


class OwedLetter(Protocol):
    """A letter as it is taken; `tries` counts this one."""

    @property
    def letter_id(self) -> UUID: ...
    @property
    def tries(self) -> int: ...


Owed = TypeVar("Owed", bound=OwedLetter)


@dataclass(frozen=True, slots=True)
class LetterKind(Generic[Owed]):
    """One kind of letters: where they are kept, and how one is written.

    `write` answers None where there is nothing to say any more. `told`: what a log line says of a
    letter, which is nothing personal.
    """

    name: str
    take: Callable[[Transaction, datetime, datetime], Awaitable[Owed | None]]
    postpone: Callable[[Transaction, UUID, datetime], Awaitable[None]]
    settle: Callable[[Transaction, UUID], Awaitable[None]]
    write: Callable[[Context, Owed, str, datetime], Awaitable[EmailMessage | None]]
    told: Callable[[Owed], dict[str, object]]


async def mail_all_forever(
    context: Context,
    mailer: Mailer,
    kind: LetterKind[Owed],
    stop: asyncio.Event,
    look_s: float = LOOK_S,
) -> None:
    """Looks for letters to send every `look_s` seconds, until `stop` is set.

    A mail server or database that is away is waited for.
    """

    async def work() -> None:
        while not stop.is_set() and await mail_first(context, mailer, kind):
            pass

    # whatever goes wrong, the letters are safe where they are
    await periodic(f"{kind.name}s", work, stop, look_s, UnknownError.IS_LOGGED)


async def mail_first(context: Context, mailer: Mailer, kind: LetterKind[Owed]) -> bool:
    """Mails what has been due longest.

    False where nothing is due, or where it must wait: then the next may have to wait, too.
    """
    now = context.clock()
    async with context.db.begin() as tx:
        owed = await kind.take(tx, now, now + _IN_HAND)
    if owed is None:
        return False
    try:
        message = await kind.write(context, owed, mailer.sender, now)
        if message is not None:
            await mailer.hand_over(message)
    except TransientError as error:
        _log.warning(f"{kind.name}_postponed", **kind.told(owed), error=str(error))
        context.metrics.count(kind.name, "postponed")
        async with context.db.begin() as tx:
            await kind.postpone(tx, owed.letter_id, now + _pause(owed.tries))
        return False
    except MailRefusedError as error:
        _log.error(f"{kind.name}_refused", **kind.told(owed), error=str(error))
        context.metrics.count(kind.name, "refused")
    else:
        context.metrics.count(kind.name, "mailed" if message is not None else "not_needed")
    async with context.db.begin() as tx:
        await kind.settle(tx, owed.letter_id)
    return True


def _pause(tries: int) -> timedelta:
    return min(_LONGEST_PAUSE, _FIRST_PAUSE * (1 << min(tries - 1, 10)))
