"""Answers look-ups: mails a passport where name, birth date, sex, ID and date of the last dose all
match, and does nothing otherwise.
"""

import asyncio
import logging
import secrets
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta
from uuid import uuid4

import structlog

from contracts.events import LookupsUnanswered, UnansweredLookup
from contracts.identity.comparison import MATCH, Comparison
from contracts.topics import UNANSWERED
from services.chassis.db import Transaction
from services.chassis.mail import Mailer, canonical_mailbox
from services.chassis.transient import is_transient
from services.signer.context import Context
from services.signer.documents.passport_email import LetterLink, letter
from services.signer.documents.view import ShownCertificate, injections, open_known
from services.signer.domain.lookup_match import (
    CertifiedPerson,
    LookupDetails,
    number_before,
    same_name_and_birth,
    same_person,
)
from services.signer.domain.passport import full_name
from services.signer.lookup_queue import QueuedLookup
from services.signer.store import aliases, lookup_codes, passport_links
from services.signer.store import certificates as store
from services.signer.store.intents import PersonIndex
from services.signer.store.passport_links import LinkedPerson
from vietnamese.id_numbers import number_key

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
    """Answers one look-up: with the passport, or by telling records that there is none to mail."""
    token = secrets.token_urlsafe(32)
    now, cfg = context.clock(), context.cfg
    async with context.db.begin() as tx:
        if lookup.code is not None and not await lookup_codes.try_code(tx, lookup.code, now):
            context.metrics.count("lookup", "not_answered")
            return
        certificates = await _certificates_for(context, tx, lookup)
        if not context.profile.eligibility.passport_due(len(certificates)) or not certificates:
            # never why: whether a number has certificates is nobody's to know
            context.metrics.count("lookup", "not_answered")
            await _tell_unanswered(context, tx, lookup)
            return
        # counted here, where a letter leaves: what matches nobody takes nothing from a mailbox
        mailbox = context.sealer.blind(f"mailbox:{canonical_mailbox(lookup.email)}")
        if not await context.lookups.may_be_mailed(mailbox):
            context.metrics.count("lookup", "mailbox_full")
            return
        if lookup.code is not None:
            await lookup_codes.use(tx, lookup.code)
        last = certificates[-1]
        whose = LinkedPerson(last.stored.intent.person, last.content.nationality)
        await passport_links.add(tx, token, whose, now + timedelta(hours=cfg.lookup.link_hours))
    link = LetterLink(f"{cfg.public_origin}/p/{token}", cfg.lookup.link_hours)
    message = await asyncio.to_thread(
        letter, certificates, link, lookup.email, mailer.sender, cfg.public_origin, now
    )
    context.metrics.count("lookup", "mailed" if await mailer.send(message) else "mail_failed")


async def _tell_unanswered(context: Context, tx: Transaction, lookup: QueuedLookup) -> None:
    """Tells records what was typed: it knows the doses that are not ready."""
    number = number_key(lookup.number)
    if not number:
        return
    details = lookup.details
    asked = UnansweredLookup(
        details.full_name,
        details.date_of_birth,
        details.sex,
        number,
        details.last_dose,
        lookup.email,
    )
    event = LookupsUnanswered(lookups=[asked]).model_dump_json().encode()
    await context.outbox.put(tx, UNANSWERED.name, str(uuid4()), UNANSWERED.name, event)


async def _certificates_for(
    context: Context, tx: Transaction, lookup: QueuedLookup
) -> list[ShownCertificate]:
    """The certificates that a look-up asks for; none where its details are wrong."""
    personal = lookup.persons[0]
    before = set(await aliases.persons_of(tx, personal)) - {personal}
    stored = await store.certificates_of(tx, [*lookup.persons, *before])
    by_number: dict[PersonIndex, Comparison | None] = {
        personal: MATCH,
        **dict.fromkeys(before, number_before(number_key(lookup.number))),
    }
    return injections(
        _certificates_of_person(lookup.details, open_known(context, stored), by_number)
    )


def _certificates_of_person(
    details: LookupDetails,
    candidates: Sequence[ShownCertificate],
    by_number: Mapping[PersonIndex, Comparison | None],
) -> list[ShownCertificate]:
    """The certificates of the person who is looked up; none where no candidate is that person, or
    two are.

    Candidates share a number, now or before. Each certificate must bear the name and birth date of
    the look-up, and all of them one nationality: two countries may give out one number.
    `by_number`: how the typed number compares with each person's.
    """
    people: dict[LinkedPerson, list[ShownCertificate]] = defaultdict(list)
    for shown in candidates:
        person = shown.stored.intent.person
        if same_name_and_birth(details, _person_of(shown, by_number.get(person))):
            people[LinkedPerson(person, shown.content.nationality)].append(shown)
    fitting = [
        certificates
        for whose, certificates in people.items()
        if same_person(details, _person_of(certificates[-1], by_number.get(whose.person)))
    ]
    return fitting[0] if len(fitting) == 1 else []


def _person_of(shown: ShownCertificate, number: Comparison | None) -> CertifiedPerson:
    payload = shown.content.payload
    return CertifiedPerson(
        full_name(payload["nam"]),
        payload["dob"],
        shown.sex,
        shown.stored.intent.date_given,
        number,
    )
