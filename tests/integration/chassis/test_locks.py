"""Locks of a process: they exclude everybody else and cost the pool of connections nothing."""

import asyncio

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from services.chassis import locks
from services.chassis.db import Database, DatabaseSettings
from services.chassis.errors import ServiceError, TransientError
from services.chassis.idempotency import Idempotency
from tests.integration.chassis.conftest import IDEMPOTENCY, SEEN

_MANY = 40  # several times a pool of 8 connections and 4 more


async def test_more_keyed_writes_than_the_pool_has_connections_all_come_through(
    db: Database,
) -> None:
    idempotency = Idempotency(db, IDEMPOTENCY)
    claimed = asyncio.Barrier(_MANY + 1)

    async def write(number: int) -> None:
        async with idempotency.claim(
            "address:192.0.2.1", "POST /things", f"key-{number:05d}"
        ) as claim:
            assert claim is not None
            await claimed.wait()  # all hold their key now
            async with db.begin() as tx:
                await tx.execute(SEEN.insert().values(id=str(number)))
                await claim.store(tx, b"body", number)

    async def read() -> None:
        await claimed.wait()
        await db.ping()

    async with asyncio.timeout(20):
        await asyncio.gather(*(write(number) for number in range(_MANY)), read())
    async with db.begin() as tx:
        kept = await tx.execute(
            text("SELECT count(*) FROM seen JOIN idempotency ON idempotency.body::text = seen.id")
        )
        assert kept.scalar_one() == _MANY


async def test_a_key_in_hand_is_refused_in_the_same_process_and_in_another(
    db: Database, url: str
) -> None:
    async with Database.open(DatabaseSettings(url=SecretStr(url))) as another:
        async with Idempotency(db, IDEMPOTENCY).claim("who", "POST /things", "key-00001"):
            for process in (db, another):
                with pytest.raises(ServiceError) as refused:
                    async with Idempotency(process, IDEMPOTENCY).claim(
                        "who", "POST /things", "key-00001"
                    ):
                        pytest.fail("let in")
                assert refused.value.code == "REQUEST_IN_PROGRESS"
        async with another.lock(1) as held, db.lock(2) as too:
            assert (held, too) == (True, True)
        async with db.lock(1) as held, another.lock(2) as too:
            assert (held, too) == (True, True)


async def test_who_is_cancelled_gives_back_its_own_lock_and_no_other(
    db: Database, url: str
) -> None:
    async def hold_for_ever() -> None:
        async with db.lock(2):
            await asyncio.Event().wait()

    async with Database.open(DatabaseSettings(url=SecretStr(url))) as another, db.lock(1):
        for steps in range(8):  # into the statement as well as into the block
            holding = asyncio.create_task(hold_for_ever())
            for _ in range(steps):
                await asyncio.sleep(0)
            holding.cancel()
            await asyncio.wait({holding})
            async with asyncio.timeout(5):
                while True:
                    async with another.lock(2) as free:
                        if free:
                            break
                    await asyncio.sleep(0.01)
            async with another.lock(1) as free:
                assert not free


async def test_a_session_that_is_ended_frees_its_locks_and_the_next_one_has_another_session(
    db: Database, url: str
) -> None:
    async with Database.open(DatabaseSettings(url=SecretStr(url))) as another:
        async with db.lock(1) as held:
            assert held
            async with another.begin() as tx:
                await tx.execute(
                    text(
                        "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"
                        " AND objid = 1"
                    )
                )
            async with asyncio.timeout(5):
                while True:
                    async with another.lock(1) as free:
                        if free:
                            break
                    await asyncio.sleep(0.01)
        async with db.lock(1) as held, another.lock(1) as free:
            assert (held, free) == (True, False)


async def test_a_process_holds_so_many_locks_and_refuses_more_for_now(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locks, "_MOST", 1)
    async with db.lock(1):
        with pytest.raises(TransientError):
            async with db.lock(2):
                pytest.fail("let in")
    async with db.lock(2) as held:
        assert held
