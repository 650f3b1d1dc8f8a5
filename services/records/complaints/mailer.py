"""Mails what is owed about complaints, and tries again while the mail server is away.

An e-mail is taken for a while before it is handed over, and forgotten after: no two workers have
it in hand. A worker that dies in between leaves it to be sent again under the same message id.
Mail programs know it for the same one.
"""

import asyncio
from datetime import datetime, timedelta
from email.message import EmailMessage

import structlog

from services.chassis.encryption import Sealer
from services.chassis.errors import TransientError
from services.chassis.mail import Mailer, MailRefusedError, begin_letter
from services.chassis.periodic import UnknownError, periodic
from services.records.complaints import service, store
from services.records.complaints.complaint_email import subject_and_text
from services.records.complaints.store import OwedEmail
from services.records.context import Context

_LOOK_S = 5.0
_IN_HAND = timedelta(minutes=5)  # more than all steps of handing one message over may take together
_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(seconds=30), timedelta(minutes=15)
_log = structlog.get_logger()


async def mail_forever(
    context: Context, mailer: Mailer, stop: asyncio.Event, look_s: float = _LOOK_S
) -> None:
    """Looks for e-mails to send every `look_s` seconds, until `stop` is set.

    A mail server or database that is away is waited for.
    """

    async def work() -> None:
        while not stop.is_set() and await mail_one(context, mailer):
            pass

    # whatever goes wrong, the e-mails are safe where they are
    await periodic("complaint_letters", work, stop, look_s, UnknownError.IS_LOGGED)


async def mail_one(context: Context, mailer: Mailer) -> bool:
    """Mails what has been due longest.

    False where nothing is due, or where it must wait: then the next may have to wait, too.
    """
    now = context.clock()
    async with context.db.begin() as tx:
        owed = await store.take_email(tx, now, now + _IN_HAND)
    if owed is None:
        return False
    try:
        await mailer.hand_over(_message(context.sealer, owed, mailer.sender, now))
    except TransientError as error:
        _log.warning("complaint_letter_postponed", complaint=owed.id, error=str(error))
        context.metrics.count("complaint_letter", "postponed")
        async with context.db.begin() as tx:
            await store.postpone_email(tx, owed.letter_id, now + _pause(owed.tries))
        return False
    except MailRefusedError as error:
        _log.error("complaint_letter_refused", complaint=owed.id, error=str(error))
        context.metrics.count("complaint_letter", "refused")
    else:
        context.metrics.count("complaint_letter", "mailed")
    async with context.db.begin() as tx:
        await store.settle_email(tx, owed.letter_id)
    return True


def _pause(tries: int) -> timedelta:
    return min(_LONGEST_PAUSE, _FIRST_PAUSE * (1 << min(tries - 1, 10)))


def _message(sealer: Sealer, owed: OwedEmail, sender: str, now: datetime) -> EmailMessage:
    answer = service.answer_of(sealer, owed)
    subject, text = subject_and_text(owed.id, owed.created_at, owed.due_at, answer)
    address = service.contact_of(sealer, owed.id, owed.contact)["email"]
    message = begin_letter(sender, address, subject, now, name=f"complaint-letter-{owed.letter_id}")
    message.set_content(text)
    return message
