"""The topics that the verifier follows."""

from collections.abc import Sequence
from functools import partial

from contracts.events import DosesWithdrawn
from contracts.ids import DoseId
from contracts.topics import ACCEPTED, RECORDED, WITHDRAWN
from services.chassis.bus import Event
from services.chassis.db import Transaction
from services.chassis.subscriptions import Subscription
from services.verifier.accepted_suggestions import on_accepted
from services.verifier.context import Context
from services.verifier.store import cases, verification_queries, watches
from services.verifier.threads import store as threads
from services.verifier.verify_doses import verify_doses


def subscriptions(context: Context) -> list[Subscription]:
    """What is done with the events of each topic."""
    on_recorded = partial(verify_doses, context)
    return [
        Subscription(RECORDED, on_recorded, ("doses",)),
        Subscription(WITHDRAWN, _forget_withdrawn, ("doses",)),
        Subscription(ACCEPTED, partial(on_accepted, context), ("suggestions",)),
    ]


async def _forget_withdrawn(tx: Transaction, events: Sequence[Event]) -> None:
    """Deletes the evidence of withdrawn doses, and closes their cases."""
    chunks = [DosesWithdrawn.model_validate_json(event.value) for event in events]
    ended = sorted((DoseId(dose.dose_id), dose.version) for chunk in chunks for dose in chunk.doses)
    await verification_queries.forget(tx, ended)
    await cases.close(tx, dict(ended))
    await threads.forget(tx, [dose_id for dose_id, _ in ended])
    await watches.end(tx, dict(ended))
