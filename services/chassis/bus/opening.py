"""Opens the bus that the settings name."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from services.chassis.bus.port import Bus
from services.chassis.bus.settings import BusSettings


def open_bus(cfg: BusSettings) -> AbstractAsyncContextManager[Bus]:
    """The adapter that `cfg.url` names, held for the life of the process."""
    return _open_kafka(cfg) if cfg.is_kafka else _open_postgres(cfg)


# imported when used, so that neither adapter's driver costs start-up time and memory where the
# other one runs
@asynccontextmanager
async def _open_postgres(cfg: BusSettings) -> AsyncIterator[Bus]:
    from services.chassis.bus.postgres import EventLog

    async with EventLog.open(cfg) as bus:
        yield bus


@asynccontextmanager
async def _open_kafka(cfg: BusSettings) -> AsyncIterator[Bus]:
    from services.chassis.bus.kafka import KafkaBus

    async with KafkaBus.open(cfg) as bus:
        yield bus
