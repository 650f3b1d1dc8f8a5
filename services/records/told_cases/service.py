"""Follows what the verifier tells of cases, and writes to who must bring papers."""

import json
from collections.abc import Sequence

from contracts.events import CasesChanged, ChangedCase
from services.chassis.bus import Event
from services.chassis.db import Transaction
from services.records.complaints import store as complaints
from services.records.context import Context
from services.records.schema import COMPLAINT_CONTACT
from services.records.standing_letters.letter_text import LetterReason
from services.records.standing_letters.service import may_be_mailed, owe_letter
from services.records.told_cases import store


async def on_cases_changed(context: Context, tx: Transaction, events: Sequence[Event]) -> None:
    """Keeps how cases stand, and why acceptances did not hold; older news change nothing."""
    chunks = [CasesChanged.model_validate_json(event.value) for event in events]
    newest: dict[int, ChangedCase] = {}
    for one in (case for chunk in chunks for case in chunk.cases):
        known = newest.setdefault(one.dose_id, one)
        if (known.version, known.step) < (one.version, one.step):
            newest[one.dose_id] = one
    stored = await store.put(tx, list(newest.values()))
    await store.refuse(tx, [one for chunk in chunks for one in chunk.refused])
    asked = [dose_id for dose_id, one in newest.items() if dose_id in stored and _asks_papers(one)]
    if asked:
        await _write_for_papers(context, tx, asked)
    for dose_id in stored:
        context.metrics.count("case_told", newest[dose_id].act)


def _asks_papers(case: ChangedCase) -> bool:
    return case.act == "papers_asked" and case.state == "asked_for_papers"


async def _write_for_papers(context: Context, tx: Transaction, dose_ids: Sequence[int]) -> None:
    """Owes a letter to whoever complained of such a dose, waits for the answer, and gave an
    address.
    """
    for complaint in await complaints.open_about(tx, dose_ids):
        if complaint.contact is None:
            continue
        contact = COMPLAINT_CONTACT.unseal(context.sealer, complaint.contact, complaint.id)
        email = json.loads(contact).get("email")
        if email and await may_be_mailed(context, email):
            await owe_letter(
                context, tx, LetterReason.PAPERS, email, [complaint.dose_id], complaint.id
            )
