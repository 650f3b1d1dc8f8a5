"""How aiokafka's clients are made from the settings, and held: started when first needed, made anew
after an error.
"""

import asyncio
import ssl
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Generic, Protocol, TypeVar

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor

from services.chassis.bus.settings import BusSettings

MAX_MESSAGE_BYTES = 16 * 1024 * 1024
FINISH_S = 30  # a batch in hand has this long before its partition leaves
_BATCH_BYTES = 1024 * 1024
_CLOSE_S = 10


class Client(Protocol):
    """What aiokafka's clients have in common, as far as holding goes."""

    async def start(self) -> None:
        """Connects."""


C = TypeVar("C", bound=Client)


class Held(Generic[C]):
    """One client, started when first needed and shared; after an error it is let go and the next
    use makes another.
    """

    def __init__(self, make: Callable[[], C], stop: Callable[[C], Any]) -> None:
        self._make = make
        self._stop = stop
        self._client: C | None = None
        self._starting = asyncio.Lock()
        self._leaving: set[asyncio.Task[None]] = set()

    async def get(self) -> C:
        """The client, started."""
        async with self._starting:
            if self._client is None:
                client = self._make()
                try:
                    await client.start()
                except BaseException:
                    await self._end(client)
                    raise
                self._client = client
            return self._client

    def let_go(self, client: C) -> None:
        """Gives the client up; what it still has to send it sends, or not, in the background."""
        if self._client is client:
            self._client = None
        leaving = asyncio.create_task(self._end(client))
        self._leaving.add(leaving)
        leaving.add_done_callback(self._leaving.discard)

    async def close(self) -> None:
        """Ends the client and those given up before."""
        if self._client is not None:
            self.let_go(self._client)
        if self._leaving:
            _, late = await asyncio.wait(self._leaving, timeout=_CLOSE_S)
            for task in late:
                task.cancel()

    async def _end(self, client: C) -> None:
        # it is given up because it failed; its own last words change nothing
        with suppress(Exception):
            await self._stop(client)


def producer(cfg: BusSettings) -> Held[AIOKafkaProducer]:
    """An idempotent producer that waits for all replicas."""
    return Held(
        lambda: AIOKafkaProducer(
            **connection(cfg),
            acks="all",
            enable_idempotence=True,
            compression_type="zstd",
            max_batch_size=_BATCH_BYTES,
            max_request_size=MAX_MESSAGE_BYTES,
        ),
        lambda client: client.stop(),
    )


def admin(cfg: BusSettings) -> Held[AIOKafkaAdminClient]:
    """The client that makes topics and reads a group's offsets."""
    return Held(lambda: AIOKafkaAdminClient(**connection(cfg)), lambda client: client.close())


def watcher(cfg: BusSettings) -> Held[AIOKafkaConsumer]:
    """A consumer of no group that reads where partitions end."""
    return Held(
        lambda: AIOKafkaConsumer(**connection(cfg), enable_auto_commit=False),
        lambda client: client.stop(),
    )


def group_consumer(cfg: BusSettings, group: str) -> AIOKafkaConsumer:
    """One member of `group`, which reads from the start what the group has not read, and commits by
    hand.
    """
    return AIOKafkaConsumer(
        **connection(cfg),
        group_id=group,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        # the sticky one is broken (aiokafka#1176)
        partition_assignment_strategy=(RoundRobinPartitionAssignor,),
        session_timeout_ms=15_000,
        heartbeat_interval_ms=3_000,
        rebalance_timeout_ms=2 * FINISH_S * 1000,
        # a group's leader gives nobody a topic that its broker has not heard of yet: soon after a
        # topic was made, it must look again
        metadata_max_age_ms=5_000,
        # a member that waits out an outage of the registry is not a dead one
        max_poll_interval_ms=3_600_000,
    )


def connection(cfg: BusSettings) -> dict[str, Any]:
    """What every client needs to reach the brokers."""
    settings: dict[str, Any] = {"bootstrap_servers": cfg.servers, "request_timeout_ms": 20_000}
    if cfg.tls:
        context = ssl.create_default_context(cafile=cfg.ca_file)
        if cfg.cert_file:
            context.load_cert_chain(cfg.cert_file, cfg.key_file)
        settings["ssl_context"] = context
    if cfg.sasl_mechanism:
        settings |= {
            "sasl_mechanism": cfg.sasl_mechanism,
            "sasl_plain_username": cfg.username,
            "sasl_plain_password": cfg.sasl_password,
        }
    settings["security_protocol"] = ("SASL_" if cfg.sasl_mechanism else "") + (
        "SSL" if cfg.tls else "PLAINTEXT"
    )
    return settings
