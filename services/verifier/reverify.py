"""Asks records to tell doses again: the one way by which a decision or a change of the registry
takes effect.
"""

from collections.abc import Sequence

from contracts.events import MAX_CHUNK, DosesRecheck, RecheckedDose, RecheckReason
from contracts.topics import RECHECK
from services.chassis.db import Transaction
from services.verifier.context import Context


async def ask_again(
    context: Context, tx: Transaction, doses: Sequence[tuple[int, int]], reason: RecheckReason
) -> None:
    """Puts events of (dose id, version) in chunks; nothing of a person is in them."""
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
