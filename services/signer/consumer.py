"""What the signer does when doses were verified, or withdrawn."""

from collections.abc import Sequence
from functools import partial

from contracts.events import DosesWithdrawn
from contracts.ids import DoseId
from contracts.topics import VERIFIED, WITHDRAWN
from services.chassis.bus import Event
from services.chassis.db import Transaction
from services.chassis.subscriptions import Subscription
from services.signer.context import Context
from services.signer.issuance.service import issue_verified
from services.signer.store import intents as store
from services.signer.store.intents import RevokedVersion, VersionKey


def subscriptions(context: Context) -> list[Subscription]:
    """The topics the signer follows."""

    async def on_withdrawn(tx: Transaction, events: Sequence[Event]) -> None:
        chunks = [DosesWithdrawn.model_validate_json(event.value) for event in events]
        ended = [
            RevokedVersion(DoseId(dose.dose_id), dose.version, dose.reason)
            for chunk in chunks
            for dose in chunk.doses
        ]
        await store.withdraw(tx, ended)
        await store.free_injections(
            tx, [VersionKey(withdrawal.dose_id, withdrawal.version) for withdrawal in ended]
        )

    return [
        Subscription(VERIFIED, partial(issue_verified, context), ("doses",)),
        Subscription(WITHDRAWN, on_withdrawn, ("doses",)),
    ]
