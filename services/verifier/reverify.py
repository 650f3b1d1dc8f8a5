"""Asks records to send doses again, to be verified anew.

This is the one way by which an officer's decision or a change of the registry takes effect.
"""

from collections.abc import Sequence

from contracts.events import MAX_CHUNK, DosesRecheck, RecheckedDose, RecheckReason
from contracts.ids import DoseId
from contracts.topics import RECHECK
from services.chassis.db import Transaction
from services.verifier.context import Context


async def request_reverification(
    context: Context,
    tx: Transaction,
    doses: Sequence[tuple[DoseId, int]],
    reason: RecheckReason,
) -> None:
    """Puts events of (dose id, version) into the outbox, in chunks.

    Nothing of a person is in them.
    """
    for at in range(0, len(doses), MAX_CHUNK):
        chunk = doses[at : at + MAX_CHUNK]
        event = DosesRecheck(
            doses=[
                RecheckedDose(dose_id=dose_id, version=version, reason=reason)
                for dose_id, version in chunk
            ]
        )
        await context.outbox.put(
            tx, RECHECK.name, f"dose/{chunk[0][0]}", RECHECK.name, event.model_dump_json().encode()
        )
    context.metrics.count("recheck_asked", reason, len(doses))
