"""`python -m services.records.retell`: replays what was lost with the broker's events."""

import asyncio
import re
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from services.chassis.bus import open_bus
from services.chassis.bus.signatures import EventSigner
from services.chassis.db import Database
from services.chassis.encryption import Sealer
from services.chassis.errors import TransientError
from services.chassis.outbox import Outbox
from services.chassis.telemetry import configure_logging
from services.chassis.transient import is_transient
from services.records.pipeline.replay import replay_pending, replay_withdrawn
from services.records.settings import Settings

_USAGE = """\
`python -m services.records.retell pending AGE | withdrawn AGE`: tells again what was lost with the
broker's events.

pending AGE     doses that were recorded longer ago than AGE and still wait for the verifier or the
                signer, each at the version it has: who handled it already says again what came of
                it, and nothing is signed twice
withdrawn AGE   doses that were withdrawn within AGE: their certificates are revoked, where that is
                not done
AGE is a number of hours or days: 36h, 40d. Both may be stopped and begun again. Wait until lag is 0
first: what is unread is not lost, and would be handled twice. The events leave by the running
processes of records. Settings: those of records.

"""
_AGE = re.compile(r"([1-9]\d{0,3})([hd])")


async def run(
    arguments: Sequence[str], db: Database, outbox: Outbox, sealer: Sealer, now: datetime
) -> str:
    """Runs one command and answers what to print; ValueError where it is none."""
    match arguments:
        case ["pending", age]:
            return (
                f"{await replay_pending(db, outbox, sealer, now - read_age(age)):,} doses told"
                " again"
            )
        case ["withdrawn", age]:
            return (
                f"{await replay_withdrawn(db, outbox, now - read_age(age)):,} withdrawals told"
                " again"
            )
    raise ValueError("no such command")


def read_age(text: str) -> timedelta:
    """A number of hours or days, as `36h` or `40d`; ValueError where it is none."""
    if (match := _AGE.fullmatch(text)) is None:
        raise ValueError(f"{text} is no age: a number of hours or days, as 36h or 40d")
    number = int(match[1])
    return timedelta(hours=number) if match[2] == "h" else timedelta(days=number)


async def _main(arguments: Sequence[str]) -> str:
    cfg = Settings()
    configure_logging("records", cfg.log_level)
    async with Database.open(cfg.database) as db, open_bus(cfg.bus) as bus:
        outbox = Outbox(db, bus, "records", EventSigner.of(cfg.bus, "records"))
        return await run(arguments, db, outbox, Sealer.of(cfg.seal), datetime.now(UTC))


def main() -> None:
    """SystemExit 2 with the usage where the command is none, 1 with a line where it fails."""
    arguments = sys.argv[1:]
    if (
        len(arguments) != 2
        or arguments[0] not in ("pending", "withdrawn")
        or not _AGE.fullmatch(arguments[1])
    ):
        sys.stderr.write(_USAGE)
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
