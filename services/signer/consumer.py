"""What the signer does when doses were verified, or withdrawn."""

from collections.abc import Sequence

from contracts.events import DosesVerified, DosesWithdrawn
from contracts.topics import VERIFIED, WITHDRAWN
from services.chassis import trace
from services.chassis.bus import Event
from services.chassis.db import Transaction
from services.chassis.subscriptions import Subscription
from services.signer.context import Context
from services.signer.issuance import service
from services.signer.store import certificates as store


def subscriptions(context: Context) -> list[Subscription]:
    """The topics the signer follows."""

    async def on_verified(tx: Transaction, events: Sequence[Event]) -> None:
        chunks = [DosesVerified.model_validate_json(event.value).doses for event in events]
        doses = [dose for chunk in chunks for dose in chunk]
        # nearly always all are of one upload, and of its trace
        several = trace.several([event.headers for event in events])
        traces = (
            {
                dose.dose_id: event.headers
                for event, chunk in zip(events, chunks, strict=True)
                for dose in chunk
            }
            if several
            else None
        )
        # before anything is issued: the lock of a withdrawal can be shared afterwards, but not the
        # other way round
        ended = await service.end_corrected(tx, doses)
        # the transaction that decides cannot see what this one ended
        standing = [dose for dose in doses if dose.version > ended.get(dose.dose_id, 0)]
        await service.issue(
            context, tx, standing, events[0].topic == VERIFIED.express, events[0].key, traces
        )
        await store.free(tx, list(ended.items()))

    async def on_withdrawn(tx: Transaction, events: Sequence[Event]) -> None:
        chunks = [DosesWithdrawn.model_validate_json(event.value) for event in events]
        ended = [dose for chunk in chunks for dose in chunk.doses]
        await store.withdraw(tx, [(dose.dose_id, dose.version, dose.reason) for dose in ended])
        await store.free(tx, [(dose.dose_id, dose.version) for dose in ended])

    return [
        Subscription(VERIFIED.name, VERIFIED.express, on_verified, ("doses",)),
        Subscription(WITHDRAWN.name, WITHDRAWN.express, on_withdrawn, ("doses",)),
    ]
