"""Works off the look-ups: mails a passport where name, birth date, sex, ID and date of the last dose all match; else does nothing."""

import asyncio
import logging

import structlog

from services.chassis.failures import is_transient
from services.chassis.mail import Mailer
from services.signer.context import Context
from services.signer.domain.identity import Known, same_person
from services.signer.domain.passport import full_name
from services.signer.letter import letter
from services.signer.lookups import Lookup
from services.signer.present import Shown, open_certificate
from services.signer.store import certificates as store

_log = structlog.get_logger()


async def work_off(context: Context, mailer: Mailer, stop: asyncio.Event) -> None:
    """Answers one look-up after another until `stop` is set; a look-up that fails costs no other."""
    stopping = asyncio.create_task(stop.wait())
    try:
        while not stop.is_set():
            coming = asyncio.create_task(context.lookups.waiting.get())
            await asyncio.wait({coming, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if not coming.done():
                coming.cancel()
                return
            try:
                await answer(context, mailer, coming.result())
            except Exception as error:
                _log.log(logging.WARNING if is_transient(error) else logging.ERROR, "lookup_failed", error=type(error).__name__)
            finally:
                context.lookups.waiting.task_done()
    finally:
        stopping.cancel()


async def answer(context: Context, mailer: Mailer, lookup: Lookup) -> None:
    """Answers one look-up."""
    async with context.db.begin() as tx:
        stored = await store.certificates_of(tx, lookup.persons)
    certificates = [open_certificate(context, one) for one in stored]
    if not context.profile.eligibility.passport_due(len(certificates)) or not certificates:
        context.metrics.count("lookup", "none_due")
        return
    if not same_person(lookup.asked, _known(certificates)):
        context.metrics.count("lookup", "differs")
        return
    message = await asyncio.to_thread(letter, certificates, lookup.email, mailer.sender, context.cfg.public_origin, context.clock())
    context.metrics.count("lookup", "mailed" if await mailer.send(message) else "mail_failed")


def _known(certificates: list[Shown]) -> Known:
    last = certificates[-1]
    payload = last.held.payload
    return Known(full_name(payload["nam"]), payload["dob"], last.sex, last.stored.intent.date_given)
