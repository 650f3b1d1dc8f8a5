"""Has doses verified again that may be judged otherwise now.

People decided, the registry changed, or another record of the same injection is gone.
"""

from collections import defaultdict
from collections.abc import Sequence

from contracts.events import DosesRecheck, DosesRecorded, RecheckReason
from contracts.topics import EXPRESS_ROWS, RECORDED
from contracts.words import State
from services.chassis import trace
from services.chassis.bus import Event
from services.chassis.db import Transaction
from services.records.context import Context
from services.records.doses import store as doses
from services.records.doses.store import DoseRow, DoseWithStatus
from services.records.doses.versions import NO_BATCH, recorded_dose

_BY = "verifier"


async def on_recheck(context: Context, tx: Transaction, events: Sequence[Event]) -> None:
    """Has each of these doses verified again that has the same version and is not withdrawn."""
    for event in events:
        requested = {
            dose.dose_id: dose for dose in DosesRecheck.model_validate_json(event.value).doses
        }
        by_reason: dict[RecheckReason, list[DoseWithStatus]] = defaultdict(list)
        for dose in await doses.lock_doses(tx, list(requested)):
            request = requested[dose.id]
            if dose.version == request.version and dose.state != State.WITHDRAWN:
                by_reason[request.reason].append(dose)
        for reason, of_reason in by_reason.items():
            with trace.continued(event.headers):
                await verify_again(context, tx, of_reason, _BY, reason)


async def verify_again(
    context: Context, tx: Transaction, locked: Sequence[DoseWithStatus], by: str, reason: str
) -> None:
    """Makes a new version of each of these locked doses, at least one, and has it verified.

    The content is the same. The older version is not ended: what was issued for it holds until the
    signer hears how the new one was judged.
    """
    newer = [_next_version(dose) for dose in locked]
    await doses.add_versions(tx, newer, by, reason)
    event = DosesRecorded(
        batch_id=NO_BATCH,
        doses=[recorded_dose(context.sealer, dose, dose.version + 1) for dose in locked],
    )
    # a decision's dose must not wait behind an upload; many doses of a registry's change must not
    # hold up a walk-in
    lane = RECORDED.lane(len(newer) <= EXPRESS_ROWS)
    await context.outbox.put(
        tx, lane, f"dose/{newer[0].id}", RECORDED.name, event.model_dump_json().encode()
    )
    context.metrics.count("recheck_told", reason, len(newer))


def _next_version(dose: DoseWithStatus) -> DoseRow:
    # the batch keeps the older version: its rows are counted by it
    same = DoseRow(*(getattr(dose, name) for name in DoseRow._fields))
    return same._replace(version=dose.version + 1, batch_id=NO_BATCH, row=0)
