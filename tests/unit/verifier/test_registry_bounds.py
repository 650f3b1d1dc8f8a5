"""What the registry answers is read within bounds."""

from collections.abc import AsyncIterator

import httpx
import pytest

from services.chassis.errors import TransientError
from services.chassis.telemetry import Metrics
from services.verifier.registry import Registry


async def test_an_answer_without_an_end_is_left_before_it_fills_the_memory() -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += 1 << 20
            yield bytes(1 << 20)

    transport = httpx.MockTransport(lambda _: httpx.Response(200, content=endless()))
    async with httpx.AsyncClient(transport=transport, base_url="http://registry") as client:
        with pytest.raises(TransientError, match="larger"):
            await Registry(client, Metrics()).changes(0)
    assert sent < 100 << 20
