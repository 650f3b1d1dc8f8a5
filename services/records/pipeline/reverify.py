"""Doses told again as they stand, because the verifier may judge them otherwise now: people
decided, or the registry changed.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from contracts.events import DosesRecheck, DosesRecorded, RecheckReason
from contracts.topics import EXPRESS_ROWS, RECORDED
from contracts.words import State
from services.chassis import trace
from services.chassis.bus import Event
from services.chassis.db import Transaction
from services.records.context import Context
from services.records.doses import store as doses
from services.records.doses.store import DoseRow
from services.records.doses.versions import NO_BATCH, recorded_dose

_BY = "verifier"


async def on_recheck(context: Context, tx: Transaction, events: Sequence[Event]) -> None:
    """Makes a new version with the same content of each dose that is asked for at its current
    version and not withdrawn.

    The older version is not ended: what was issued for it holds until the signer hears how the new
    one was judged.
    """
    for event in events:
        wanted = {one.dose_id: one for one in DosesRecheck.model_validate_json(event.value).doses}
        asked: dict[RecheckReason, list[Any]] = defaultdict(list)
        for row in await doses.lock_doses(tx, list(wanted)):
            if row.version == wanted[row.id].version and row.state != State.WITHDRAWN:
                asked[wanted[row.id].reason].append(row)
        for reason, rows in asked.items():
            with trace.continued(event.headers):
                await verify_again(context, tx, rows, _BY, reason)


async def verify_again(
    context: Context, tx: Transaction, rows: Sequence[Any], by: str, reason: str
) -> None:
    """Makes a new version with the same content of each of these locked doses, at least one, and
    has it verified.
    """
    newer = [_next_version(row) for row in rows]
    await doses.add_versions(tx, newer, by, reason)
    event = DosesRecorded(
        batch_id=NO_BATCH,
        doses=[recorded_dose(context.sealer, row, row.version + 1) for row in rows],
    )
    # a decision's dose must not wait behind an upload; many doses of a registry's change must not
    # hold up a walk-in
    lane = RECORDED.lane(len(newer) <= EXPRESS_ROWS)
    await context.outbox.put(
        tx, lane, f"dose/{newer[0].id}", RECORDED.name, event.model_dump_json().encode()
    )
    context.metrics.count("recheck_told", reason, len(newer))


def _next_version(row: Any) -> DoseRow:
    # the batch keeps the older version: its rows are counted by it
    own = {name: getattr(row, name) for name in DoseRow._fields}
    return DoseRow(**{**own, "version": row.version + 1, "batch_id": NO_BATCH, "row": 0})
