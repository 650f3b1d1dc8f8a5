import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services.chassis.errors import TransientError
from services.signer.keys.backends import key_store
from services.signer.keys.ring import KeyRing, LiveRing
from services.signer.settings import KeysSettings

NOW = datetime(2022, 4, 1, tzinfo=UTC)


async def test_following_tells_of_new_keys_and_keeps_the_old_while_unreadable(
    tmp_path: Path,
) -> None:
    now = [NOW]
    live = LiveRing(key_store(KeysSettings(dir=tmp_path), "VN", "test", lambda: now[0]))
    first, stop, heard = live.active, asyncio.Event(), asyncio.Event()
    told: list[int] = []

    def hear(ring: KeyRing) -> None:
        told.append(len(ring.signers))
        heard.set()

    async def again() -> None:
        heard.clear()
        await asyncio.wait_for(heard.wait(), 20)

    following = asyncio.create_task(live.follow(stop, 0.01, hear))
    await again()
    broken = tmp_path / "dsc-broken.pem"
    broken.write_text("nothing")
    with pytest.raises(TransientError, match=r"dsc-broken\.pem"):
        live.read_again()
    assert live.active.envelope.kid == first.envelope.kid
    broken.unlink()
    now[0] = NOW + timedelta(days=183)
    while told[-1] == 1:
        await again()
    assert live.active.envelope.kid != first.envelope.kid
    stop.set()
    await following
    assert set(told) == {1, 2}


def test_a_key_that_is_not_there_is_looked_for_once_between_two_readings(tmp_path: Path) -> None:
    readings: list[int] = []
    read = key_store(KeysSettings(dir=tmp_path), "VN", "test", lambda: NOW)

    def counted() -> KeyRing:
        readings.append(1)
        return read()

    live = LiveRing(counted)
    for _ in range(3):
        with pytest.raises(KeyError):
            live.envelope(b"12345678")
    assert len(readings) == 2
    live.read_again()
    with pytest.raises(KeyError):
        live.envelope(b"12345678")
    assert len(readings) == 4
