"""The way of one group's poisonous events to their dead-letter topics: bounded, so that a bad
release stops instead of emptying a topic.
"""

import logging
import time
import traceback
from collections import deque
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from services.chassis.bus import Bus, Event
from services.chassis.bus.settings import DLQ_GROUP, DLQ_SUFFIX
from services.chassis.bus.signatures import UntrustedEventError

_log = logging.getLogger(__name__)


class TooMuchPoisonError(Exception):
    """More dead letters than allowed: the release is bad, not the events."""


class DeadLetters:
    """Takes at most `most` events in `window_s`, those of an earlier process included that still
    wait for people.
    """

    def __init__(
        self,
        bus: Bus,
        group: str,
        topics: Sequence[str],
        *,
        attempts: int,
        most: int,
        window_s: float,
    ) -> None:
        self._bus = bus
        self._group = group
        self._topics = topics
        self._attempts = attempts
        self._most = most
        self._window_s = window_s
        self._taken: deque[float] | None = None

    async def take(self, event: Event, error: Exception) -> None:
        """Publishes the event to its dead-letter topic; the error's text stays here, since it may
        quote somebody's data.
        """
        if self._taken is None:
            self._taken = await self._recall()
        now = time.monotonic()
        while self._taken and self._taken[0] < now - self._window_s:
            self._taken.popleft()
        if len(self._taken) >= self._most:
            raise TooMuchPoisonError(
                f"{len(self._taken)} dead letters from {event.topic} in {self._window_s:.0f} s"
            )
        await self._publish(event, error, {"dlq_attempts": str(self._attempts)})
        self._taken.append(now)
        _log.error("event %s of %s is dead-lettered: %s", event.id, event.topic, _where(error))

    async def set_aside(self, event: Event, error: UntrustedEventError) -> None:
        """Publishes an event that is not its writer's to the dead letters.

        There is no limit: whoever writes to the topic could else stop the service with it.
        """
        await self._publish(event, error, {"dlq_attempts": "0", "dlq_reason": error.reason})
        _log.error("event %s of %s is set aside: %s", event.id, event.topic, error.reason)

    async def _publish(self, event: Event, error: Exception, more: dict[str, str]) -> None:
        headers = event.headers | {
            "dlq_error": type(error).__name__,
            "dlq_topic": event.topic,
            "dlq_group": self._group,
            "dlq_time": datetime.now(UTC).isoformat(),
            **more,
        }
        await self._bus.publish([replace(event, topic=event.topic + DLQ_SUFFIX, headers=headers)])

    async def _recall(self) -> deque[float]:
        """When the group's waiting letters were written; who is stopped is started again, and would
        else empty the topic in portions.
        """
        now, today = time.monotonic(), datetime.now(UTC)
        async with aclosing(
            self._bus.peek([topic + DLQ_SUFFIX for topic in self._topics], DLQ_GROUP)
        ) as letters:
            own = [
                letter.headers
                async for letter in letters
                if letter.headers.get("dlq_group") == self._group
                and letter.headers.get("dlq_error") != UntrustedEventError.__name__
            ]
        ages = [
            (today - datetime.fromisoformat(headers["dlq_time"])).total_seconds()
            for headers in own
            if "dlq_time" in headers
        ]
        return deque(sorted(now - age for age in ages))


def _where(error: Exception) -> str:
    """The error's class and place, without its text."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} at {Path(frame.filename).name}:{frame.lineno} {frame.name}"
