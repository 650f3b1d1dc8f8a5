"""Owes letters about where doses stand, and writes them as the doses stand when they leave."""

import asyncio
import json
from collections.abc import Sequence
from datetime import datetime
from email.message import EmailMessage
from uuid import uuid4

from contracts.events import LookupsUnanswered, UnansweredLookup
from contracts.words import State
from services.chassis.bus import Event
from services.chassis.db import Transaction
from services.chassis.mail import Mailer, begin_letter, canonical_mailbox
from services.records.context import Context
from services.records.owed_letters import LOOK_S, LetterKind, mail_all_forever, mail_first
from services.records.own_doses import service as own_doses
from services.records.own_doses.store import NumberedDose, doses_by_id
from services.records.schema import MAILBOX_INDEX, STANDING_LETTER
from services.records.standing_letters import store
from services.records.standing_letters.letter_text import LetterReason, subject_and_text, to_be_told
from services.records.standing_letters.store import OwedStandingLetter


async def on_unanswered(context: Context, tx: Transaction, events: Sequence[Event]) -> None:
    """Owes a letter to who asked for a passport that is not ready; nothing where the details are
    nobody's.
    """
    for event in events:
        for asked in LookupsUnanswered.model_validate_json(event.value).lookups:
            doses = await _doses_of(context, tx, asked)
            if doses and await may_be_mailed(context, asked.email):
                ids = [dose.id for dose in doses]
                await owe_letter(context, tx, LetterReason.LOOKUP, asked.email, ids)
            context.metrics.count("unanswered_lookup", "letter" if doses else "nobody")


async def _doses_of(
    context: Context, tx: Transaction, asked: UnansweredLookup
) -> list[NumberedDose]:
    """The doses of who asked; none where name, birth date, sex or the day of the last one is
    another's.
    """
    identity = own_doses.identity_of(asked.full_name, asked.date_of_birth)
    if identity is None:
        return []
    doses = await own_doses.doses_of_asker(
        tx, context.sealer, asked.personal_id, identity._replace(sex=asked.sex)
    )
    living = [dose for dose in doses if dose.state != State.WITHDRAWN]
    # newest first
    return living if living and living[0].date_given == asked.last_dose_date else []


async def may_be_mailed(context: Context, email: str) -> bool:
    """Counts one letter to a mailbox; False where it got too many: anybody gives any address."""
    mailbox = MAILBOX_INDEX.of(context.sealer, canonical_mailbox(email))
    return await context.complaints.count("standing_mailbox", str(mailbox))


async def owe_letter(
    context: Context,
    tx: Transaction,
    reason: LetterReason,
    email: str,
    dose_ids: Sequence[int],
    complaint: int | None = None,
) -> None:
    """Owes one letter, sealed until it leaves."""
    letter_id = uuid4()
    content = json.dumps({"email": email, "doses": list(dose_ids), "complaint": complaint})
    sealed = STANDING_LETTER.seal(context.sealer, content.encode(), letter_id.int)
    await store.owe(tx, [(letter_id, reason, sealed, context.clock())])


async def mail_forever(
    context: Context, mailer: Mailer, stop: asyncio.Event, look_s: float = LOOK_S
) -> None:
    """Looks for letters to send every `look_s` seconds, until `stop` is set."""
    await mail_all_forever(context, mailer, _letters(), stop, look_s)


async def mail_one(context: Context, mailer: Mailer) -> bool:
    """Mails what has been due longest; False where nothing is due, or where it must wait."""
    return await mail_first(context, mailer, _letters())


async def _message(
    context: Context, owed: OwedStandingLetter, sender: str, now: datetime
) -> EmailMessage | None:
    opened = STANDING_LETTER.unseal(context.sealer, owed.content, owed.letter_id.int)
    content = json.loads(opened)
    async with context.db.begin() as tx:
        doses = to_be_told(LetterReason(owed.kind), await doses_by_id(tx, content["doses"]))
    if not doses:
        return None
    subject, text = subject_and_text(
        LetterReason(owed.kind), doses, context.cfg.public_origin, content["complaint"]
    )
    message = begin_letter(
        sender, content["email"], subject, now, name=f"standing-letter-{owed.letter_id}"
    )
    message.set_content(text)
    return message


def _told(_: OwedStandingLetter) -> dict[str, object]:
    return {}


def _letters() -> LetterKind[OwedStandingLetter]:
    return LetterKind("standing_letter", store.take, store.postpone, store.settle, _message, _told)
