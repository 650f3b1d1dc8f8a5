"""Mails what is owed about complaints."""

import asyncio
from datetime import datetime
from email.message import EmailMessage

from services.chassis.mail import Mailer, begin_letter
from services.records.complaints import service, store
from services.records.complaints.complaint_email import subject_and_text
from services.records.complaints.store import OwedEmail
from services.records.context import Context
from services.records.owed_letters import LOOK_S, LetterKind, mail_all_forever, mail_first
from services.records.own_doses.store import doses_by_id
from services.records.standing_letters.letter_text import dose_in_words


async def mail_forever(
    context: Context, mailer: Mailer, stop: asyncio.Event, look_s: float = LOOK_S
) -> None:
    """Looks for e-mails to send every `look_s` seconds, until `stop` is set."""
    await mail_all_forever(context, mailer, _letters(), stop, look_s)


async def mail_one(context: Context, mailer: Mailer) -> bool:
    """Mails what has been due longest; False where nothing is due, or where it must wait."""
    return await mail_first(context, mailer, _letters())


async def _message(
    context: Context, owed: OwedEmail, sender: str, now: datetime
) -> EmailMessage | None:
    sealer = context.sealer
    answer = service.answer_of(sealer, owed)
    corrected = (owed.corrected or "").split()
    stands = await _where_its_dose_stands(context, owed)
    subject, text = subject_and_text(
        owed.id, owed.created_at, owed.due_at, answer, corrected, stands
    )
    address = service.contact_of(sealer, owed.id, owed.contact)["email"]
    message = begin_letter(sender, address, subject, now, name=f"complaint-letter-{owed.letter_id}")
    message.set_content(text)
    return message


async def _where_its_dose_stands(context: Context, owed: OwedEmail) -> tuple[str, str] | None:
    """In the words of every letter about doses; None where no dose is known, or no longer is.

    Nor where one was corrected, which says what follows: an office may have named it, and then
    nobody has shown that it is the sender's.
    """
    if owed.dose_id is None or owed.answer is None or owed.corrected:
        return None
    async with context.db.begin() as tx:
        doses = await doses_by_id(tx, [owed.dose_id])
    return dose_in_words(doses[0]) if doses else None


def _told(owed: OwedEmail) -> dict[str, object]:
    return {"complaint": owed.id}


def _letters() -> LetterKind[OwedEmail]:
    return LetterKind(
        "complaint_letter",
        store.take_email,
        store.postpone_email,
        store.settle_email,
        _message,
        _told,
    )
