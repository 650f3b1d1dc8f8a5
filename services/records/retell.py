"""`python -m services.records.retell pending AGE | withdrawn AGE`: tells again what was lost with
the broker's events.

pending AGE     doses that were recorded longer ago than AGE and still wait for the verifier or the
signer, each at the version it has: who
                handled it already says again what came of it, and nothing is signed twice
withdrawn AGE   doses that were withdrawn within AGE: their certificates are revoked, where that is
not done
AGE is a number of hours or days: 36h, 40d. Both may be stopped and begun again. Wait until lag is 0
first: what is unread is not lost, and
would be handled twice. The events leave by the running processes of records. Settings: those of
records.
"""

import asyncio
import re
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby
from operator import attrgetter

from contracts.events import MAX_CHUNK, DosesRecorded
from contracts.topics import RECORDED
from services.chassis.bus import open_bus
from services.chassis.db import Database
from services.chassis.encryption import Sealer
from services.chassis.errors import TransientError
from services.chassis.outbox import Outbox
from services.chassis.telemetry import configure_logging
from services.chassis.transient import is_transient
from services.records.doses.versions import publish_withdrawn, recorded_dose
from services.records.pipeline.store import replay as store
from services.records.settings import Settings

_SLICE = 5_000
_AGE = re.compile(r"([1-9]\d{0,3})([hd])")


async def retell_pending(
    db: Database, outbox: Outbox, sealer: Sealer, before: datetime, slice_of: int = _SLICE
) -> int:
    """Puts `doses.recorded` of what was recorded before then and waits; answers how many doses."""
    told, after = 0, 0
    while True:
        async with db.begin() as tx:
            last, waiting = await store.unanswered(tx, after, before, slice_of)
            if last is None:
                return told
            for at in range(0, len(waiting), MAX_CHUNK):
                rows = await store.as_they_stand(tx, waiting[at : at + MAX_CHUNK])
                for batch_id, members in groupby(rows, key=attrgetter("batch_id")):
                    event = DosesRecorded(
                        batch_id=batch_id,
                        doses=[recorded_dose(sealer, row, row.version) for row in members],
                    )
                    # never the express lane: many old doses must not hold up a walk-in
                    key = f"retold/{event.doses[0].dose_id}"
                    await outbox.put(
                        tx, RECORDED.name, key, RECORDED.name, event.model_dump_json().encode()
                    )
        after, told = last, told + len(waiting)


async def retell_withdrawn(db: Database, outbox: Outbox, since: datetime) -> int:
    """Puts `doses.withdrawn` of what was withdrawn since then; answers how many doses."""
    told, after = 0, 0
    while True:
        async with db.begin() as tx:
            ended = await store.withdrawn_since(tx, since, after, MAX_CHUNK)
            await publish_withdrawn(outbox, tx, ended)
        if len(ended) < MAX_CHUNK:
            return told + len(ended)
        after, told = ended[-1][0], told + len(ended)


async def run(
    arguments: Sequence[str], db: Database, outbox: Outbox, sealer: Sealer, now: datetime
) -> str:
    """Does one command and answers what to print; ValueError says that it was misspelt."""
    match arguments:
        case ["pending", age]:
            return (
                f"{await retell_pending(db, outbox, sealer, now - read_age(age)):,} doses told"
                " again"
            )
        case ["withdrawn", age]:
            return (
                f"{await retell_withdrawn(db, outbox, now - read_age(age)):,} withdrawals told"
                " again"
            )
    raise ValueError("no such command")


def read_age(text: str) -> timedelta:
    """An age as typed; ValueError where it is none."""
    if (found := _AGE.fullmatch(text)) is None:
        raise ValueError(f"{text} is no age: a number of hours or days, as 36h or 40d")
    number = int(found[1])
    return timedelta(hours=number) if found[2] == "h" else timedelta(days=number)


async def _main(arguments: Sequence[str]) -> str:
    cfg = Settings()
    configure_logging("records", cfg.log_level)
    async with Database.open(cfg.database) as db, open_bus(cfg.bus) as bus:
        return await run(
            arguments, db, Outbox(db, bus, "records"), Sealer.of(cfg.seal), datetime.now(UTC)
        )


def main() -> None:
    """SystemExit 2 with the usage where the command is none, 1 with a line where it fails."""
    arguments = sys.argv[1:]
    if (
        len(arguments) != 2
        or arguments[0] not in ("pending", "withdrawn")
        or not _AGE.fullmatch(arguments[1])
    ):
        sys.stderr.write(f"{__doc__}\n")
        raise SystemExit(2)
    try:
        sys.stdout.write(asyncio.run(_main(arguments)) + "\n")
    except (TransientError, OSError) as error:
        raise SystemExit(f"retell: {error}") from error
    except Exception as error:
        if not is_transient(error):
            raise
        raise SystemExit(
            f"retell: database or bus does not answer ({type(error).__name__})"
        ) from error


if __name__ == "__main__":
    main()
