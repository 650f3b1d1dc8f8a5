"""Puts events into the outbox again that were lost with the broker's.

Whoever handled one before handles it as a repetition: nothing is signed twice.
"""

from datetime import datetime
from itertools import groupby
from operator import attrgetter

from contracts.events import MAX_CHUNK, DosesRecorded
from contracts.topics import RECORDED
from services.chassis.db import Database
from services.chassis.encryption import Sealer
from services.chassis.outbox import Outbox
from services.records.doses.versions import publish_withdrawn, recorded_dose
from services.records.pipeline.store import replay as store

_SLICE = 5_000


async def replay_pending(
    db: Database, outbox: Outbox, sealer: Sealer, before: datetime, slice_of: int = _SLICE
) -> int:
    """Replays `doses.recorded` of doses recorded before then that still wait; answers how many."""
    replayed, after = 0, 0
    while True:
        async with db.begin() as tx:
            unanswered = await store.unanswered(tx, after, before, slice_of)
            if unanswered.last is None:
                return replayed
            waiting = unanswered.ids
            for at in range(0, len(waiting), MAX_CHUNK):
                doses = await store.current_doses(tx, waiting[at : at + MAX_CHUNK])
                for batch_id, of_batch in groupby(doses, key=attrgetter("batch_id")):
                    event = DosesRecorded(
                        batch_id=batch_id,
                        doses=[recorded_dose(sealer, dose, dose.version) for dose in of_batch],
                    )
                    # never the express lane: many old doses must not hold up a walk-in
                    key = f"retold/{event.doses[0].dose_id}"
                    await outbox.put(
                        tx, RECORDED.name, key, RECORDED.name, event.model_dump_json().encode()
                    )
        after, replayed = unanswered.last, replayed + len(waiting)


async def replay_withdrawn(db: Database, outbox: Outbox, since: datetime) -> int:
    """Replays `doses.withdrawn` of doses withdrawn since then; answers how many."""
    replayed, after = 0, 0
    while True:
        async with db.begin() as tx:
            withdrawn = await store.withdrawn_since(tx, since, after, MAX_CHUNK)
            await publish_withdrawn(outbox, tx, withdrawn)
        replayed += len(withdrawn)
        if len(withdrawn) < MAX_CHUNK:
            return replayed
        after = withdrawn[-1].dose_id
