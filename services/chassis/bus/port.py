"""What a bus is to the services: two adapters stand behind it, a PostgreSQL event log and Apache
Kafka.
"""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Event:
    """One CloudEvents 1.0 event in binary mode: attributes beside, the JSON value as bytes
    (uncompressed here).
    """

    id: str
    topic: str
    type: str
    source: str
    key: str
    time: datetime
    value: bytes
    headers: dict[str, str] = field(default_factory=dict)  # traceparent and the like


@dataclass(frozen=True, slots=True)
class EventBatch:
    """Events of one topic that are handled together; `position` is the adapter's own."""

    topic: str
    events: Sequence[Event]
    position: Any


class Bus(Protocol):
    """A durable, at-least-once bus."""

    async def publish(self, events: Sequence[Event]) -> None:
        """Returns once every event is stored durably (`acks=all`); raises TransientError
        otherwise.
        """

    def batches(
        self, topics: Sequence[str], group: str, *, max_events: int = 4
    ) -> AsyncGenerator[EventBatch, None]:
        """Batches for one member of a consumer group, without end; an uncommitted batch comes
        again, here or at another member.
        """

    async def commit(self, batch: EventBatch) -> None:
        """Marks the batch as handled: the last step, after the handler's own commit."""

    def peek(self, topics: Sequence[str], group: str) -> AsyncGenerator[Event, None]:
        """What the group has not committed yet, oldest first in each partition; nothing is taken,
        and what comes later is left out.
        """

    async def lag(self, topics: Sequence[str], group: str) -> dict[str, int]:
        """Events not yet committed by the group, by topic."""

    async def ping(self) -> None:
        """Fails if the bus does not answer."""
