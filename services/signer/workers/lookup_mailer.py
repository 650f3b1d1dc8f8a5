"""Answers look-ups: mails a passport where name, birth date, sex, ID and date of the last dose all
match, and does nothing otherwise.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Sequence

import structlog

from services.chassis.db import Transaction
from services.chassis.mail import Mailer, canonical_mailbox
from services.chassis.transient import is_transient
from services.signer.context import Context
from services.signer.documents.passport_email import letter
from services.signer.documents.view import ShownCertificate, injections, open_known
from services.signer.domain.lookup_match import (
    CertifiedPerson,
    LookupDetails,
    same_name_and_birth,
    same_person,
)
from services.signer.domain.passport import full_name
from services.signer.lookup_queue import QueuedLookup
from services.signer.store import certificates as store
from services.signer.store import lookup_codes

_log = structlog.get_logger()


async def work_off(context: Context, mailer: Mailer, stop: asyncio.Event) -> None:
    """Answers one look-up after another until `stop` is set; a look-up that fails costs no
    other.
    """
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
                _log.log(
                    logging.WARNING if is_transient(error) else logging.ERROR,
                    "lookup_failed",
                    error=type(error).__name__,
                )
            finally:
                context.lookups.waiting.task_done()
    finally:
        stopping.cancel()


async def answer(context: Context, mailer: Mailer, lookup: QueuedLookup) -> None:
    """Answers one look-up."""
    async with context.db.begin() as tx:
        certificates = await _certificates_for(context, tx, lookup)
        if not context.profile.eligibility.passport_due(len(certificates)) or not certificates:
            # never why: whether a number has certificates is nobody's to know
            context.metrics.count("lookup", "not_answered")
            return
        # counted here, where a letter leaves: what matches nobody takes nothing from a mailbox
        mailbox = context.sealer.blind(f"mailbox:{canonical_mailbox(lookup.email)}")
        if not await context.lookups.may_be_mailed(mailbox):
            context.metrics.count("lookup", "mailbox_full")
            return
        if lookup.code is not None:
            await lookup_codes.use(tx, lookup.code)
    message = await asyncio.to_thread(
        letter,
        certificates,
        lookup.email,
        mailer.sender,
        context.cfg.public_origin,
        context.clock(),
    )
    context.metrics.count("lookup", "mailed" if await mailer.send(message) else "mail_failed")


async def _certificates_for(
    context: Context, tx: Transaction, lookup: QueuedLookup
) -> list[ShownCertificate]:
    """The certificates that a look-up asks for; none where its details are wrong, or its code."""
    if lookup.code is not None and not await lookup_codes.try_code(
        tx, lookup.code, context.clock()
    ):
        return []
    stored = await store.certificates_of(tx, lookup.persons)
    return injections(_certificates_of_person(lookup.details, open_known(context, stored)))


def _certificates_of_person(
    details: LookupDetails, candidates: Sequence[ShownCertificate]
) -> list[ShownCertificate]:
    """The certificates of the person who is looked up; none where no candidate is that person.

    Candidates share a number. Each certificate must bear the name and birth date of the look-up,
    and all of them one nationality: two countries may give out one number.
    """
    by_nationality: dict[str, list[ShownCertificate]] = defaultdict(list)
    for shown in candidates:
        if same_name_and_birth(details, _person_of(shown)):
            by_nationality[shown.content.nationality].append(shown)
    return next(
        (
            certificates
            for certificates in by_nationality.values()
            if same_person(details, _person_of(certificates[-1]))
        ),
        [],
    )


def _person_of(shown: ShownCertificate) -> CertifiedPerson:
    payload = shown.content.payload
    return CertifiedPerson(
        full_name(payload["nam"]), payload["dob"], shown.sex, shown.stored.intent.date_given
    )
