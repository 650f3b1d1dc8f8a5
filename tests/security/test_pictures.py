"""No picture keeps the others waiting, however small it is and however much it costs to read."""

import asyncio
from collections.abc import AsyncIterator

import httpx

from services.signer.documents import qr_code
from tests.support.pictures import finder_patterns, forms_within_forms, many_scans
from tests.support.siege import ANSWERED_S, besieged
from tests.support.stack import System

_SLOW, _SECONDS = 40, 6.0


def _from(target: System, address: str) -> httpx.AsyncClient:
    """A client at another address of loopback."""
    return httpx.AsyncClient(
        transport=httpx.AsyncHTTPTransport(local_address=address),
        base_url=target.stack.origin,
        timeout=60,
    )


async def _verify(client: httpx.AsyncClient, content: bytes | AsyncIterator[bytes]) -> int:
    answer = await client.post(
        "/signer/v1/verify", content=content, headers={"Content-Type": "application/octet-stream"}
    )
    return answer.status_code


async def test_an_honest_picture_is_answered_beside_hostile_ones_and_slow_uploads(
    target: System,
) -> None:
    hostile = [finder_patterns(4_000, 8, 1), forms_within_forms(), many_scans()]
    honest = qr_code.png("HC1:NO CERTIFICATE BUT A CODE")
    over = asyncio.Event()
    statuses: list[int] = []

    async def slowly() -> AsyncIterator[bytes]:
        yield b"\x89PNG\r\n\x1a\n"
        await over.wait()

    async def attack(number: int) -> None:
        async with _from(target, f"127.0.0.{10 + number}") as client:
            while not over.is_set():
                statuses.append(await _verify(client, hostile[number % len(hostile)]))

    async def hold(number: int) -> None:
        async with _from(target, f"127.0.0.{100 + number % 10}") as client:
            await _verify(client, slowly())

    seconds: list[float] = []
    loop = asyncio.get_running_loop()
    async with _from(target, "127.0.0.2") as client:
        # whoever asks first waits for the reader's start
        assert await _verify(client, honest) == 200
    async with besieged(target, least_s=_SECONDS) as siege:
        tasks = [asyncio.create_task(hold(n)) for n in range(_SLOW)]
        tasks += [asyncio.create_task(attack(n)) for n in range(3)]
        # attackers of whom nothing is known yet are served in turn with everybody else
        await asyncio.sleep(2)
        async with _from(target, "127.0.0.2") as client:
            while len(seconds) < 5:
                await asyncio.sleep(1)
                began = loop.time()
                assert await _verify(client, honest) == 200
                seconds.append(loop.time() - began)
        over.set()
        await asyncio.gather(*tasks, return_exceptions=True)
    # none is read to its end, and no part of the system falls over
    assert statuses
    assert set(statuses) <= {422, 429}, statuses
    assert max(seconds) < ANSWERED_S * max(1.0, siege.slowness), seconds
