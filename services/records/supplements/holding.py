"""The mark by which the signer holds a supplement, put on and taken off: each a new version."""

from dataclasses import replace

from contracts.events import DosesRecorded
from contracts.topics import RECORDED
from contracts.words import Mark, State
from services.chassis.db import Transaction
from services.records.context import Context
from services.records.domain.digest import digest64
from services.records.domain.doubts import with_doubts
from services.records.domain.parse_row import parse_row
from services.records.doses import store as doses
from services.records.doses.store import DoseRow, DoseWithStatus
from services.records.doses.versions import NO_BATCH, doubts_of, raw_row_of, recorded_dose


async def set_held(
    context: Context, tx: Transaction, stored: DoseWithStatus, by: str, reason: str, *, held: bool
) -> None:
    """Has a locked dose verified again with the mark, or without it.

    Nothing happens where it is so already, or where the dose is withdrawn.
    """
    codes = doubts_of(stored)
    if stored.state == State.WITHDRAWN or (Mark.SUPPLEMENT_OPEN in codes) == held:
        return
    codes = tuple(code for code in codes if code != Mark.SUPPLEMENT_OPEN)
    if held:
        codes = (*codes, Mark.SUPPLEMENT_OPEN.value)
    version = stored.version + 1
    row = DoseRow(*(getattr(stored, name) for name in DoseRow._fields))._replace(
        version=version,
        batch_id=NO_BATCH,
        row=0,
        doubts=" ".join(codes) or None,
        digest=_digest(context, stored, codes),
    )
    await doses.add_versions(tx, [row], by, reason)
    told = replace(recorded_dose(context.sealer, stored, version), doubts=codes)
    event = DosesRecorded(batch_id=NO_BATCH, doses=[told]).model_dump_json().encode()
    await context.outbox.put(tx, RECORDED.lane(True), f"dose/{stored.id}", RECORDED.name, event)


def _digest(context: Context, stored: DoseWithStatus, codes: tuple[str, ...]) -> int:
    """The digest of the same content with these codes."""
    raw = raw_row_of(context.sealer, stored)
    dose = parse_row(raw, today=context.today(), facilities=None).dose
    if dose is None:
        # a rule is stricter by now; whatever is sent later differs from it
        return digest64((str(stored.digest), *codes))
    return with_doubts(dose, codes).content
