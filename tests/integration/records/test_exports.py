"""Files are given without holding anything of the database, and a few at a time."""

import ast
import asyncio
import importlib
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.responses import StreamingResponse
from fastapi.routing import APIRoute

from contracts.access import Role
from contracts.words import Grade, Reason
from services.chassis.auth import Authenticator
from services.chassis.http import create_app
from services.records import api
from services.records.context import Context
from services.records.exports import responses
from services.records.exports.places import PAGE
from tests.integration.records.conftest import Records
from tests.support.files import csv_file, typed
from tests.support.paths import ROOT
from tests.support.tokens import TestIssuer
from tests.unit.house.sources import files

STREAMS = ("/batches/{batch_id}/rows.csv", "/batches/{batch_id}/rows.xlsx", "/worklist.csv",
           "/worklist.xlsx")  # fmt: skip
COUNTS = ("/progress/units.csv", "/progress/days.csv", "/progress/reasons.csv")
"""Files of counts by the same answer: too short here to see when their rows are read."""


@pytest.fixture
def app(context: Context, issuer: TestIssuer) -> FastAPI:
    """Records' routes, to be asked as a server asks them."""
    return create_app(
        **api.ABOUT,
        routers=api.ROUTERS,
        context=context,
        authenticator=Authenticator(issuer.settings),
        metrics=context.metrics,
        ready={},
    )


class Reader:
    """A client that takes a file part by part, as slowly as it likes; `look` is called whenever a
    part waits to be taken.
    """

    def __init__(
        self, app: FastAPI, path: str, headers: dict[str, str], look: Callable[[], object] = bool
    ) -> None:
        self._look = look
        self.status = 0
        self.headers: dict[bytes, bytes] = {}
        self.parts: list[bytes] = []
        self._taking = asyncio.Semaphore(0)
        self._gone = asyncio.Event()
        self._asked = False
        scope = {
            "type": "http", "asgi": {"version": "3.0", "spec_version": "2.3"}, "method": "GET",
            "path": f"/records/v1{path}", "raw_path": path.encode(), "query_string": b"",
            "http_version": "1.1", "scheme": "http", "server": ("records", 80),
            "client": ("127.0.0.1", 1), "root_path": "",
            "headers": [(name.lower().encode(), text.encode()) for name, text in headers.items()],
        }  # fmt: skip
        self.task = asyncio.create_task(app(scope, self._receive, self._send))

    async def _receive(self) -> Any:
        if not self._asked:
            self._asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], dict(message["headers"])
            return
        self.parts.append(message.get("body", b""))
        self._look()
        await self._taking.acquire()

    async def offered(self, parts: int) -> None:
        """Waits until so many parts were offered, or the answer has ended."""
        async with asyncio.timeout(30):
            while len(self.parts) < parts and not self.task.done():
                await asyncio.sleep(0.01)

    async def take(self, parts: int) -> None:
        """Takes so many parts."""
        for taken in range(1, parts + 1):
            await self.offered(taken)
            self._taking.release()

    async def leave(self) -> None:
        """Hangs up."""
        self._gone.set()
        await self.task

    async def rest(self) -> bytes:
        """Takes the file to its end."""
        taken = 0
        while not self.task.done():
            taken += 1
            await self.offered(taken)
            self._taking.release()
            await asyncio.sleep(0)
        await self.task
        return b"".join(self.parts)


async def _many(records: Records) -> str:
    """A batch of more than two pages, all of it on the worklist."""
    raws = [typed(number, source_id=f"s{number}") for number in range(2 * PAGE + 10)]
    batch = await records.caller(Role.SERVICE).upload(csv_file(raws))
    verdict = (Grade.MISMATCH, [Reason.NAME_DIFFERS])
    await records.judge({raw.source_id: verdict for raw in raws})
    return str(batch["batch_id"])


@pytest.mark.parametrize("path", STREAMS)
async def test_no_file_holds_a_connection_while_its_client_reads(
    records: Records, app: FastAPI, issuer: TestIssuer, context: Context, path: str
) -> None:
    path = path.format(batch_id=await _many(records))
    pool: Any = context.db._engine.pool
    held: list[int] = []
    headers = issuer.headers(Role.SERVICE)
    reader = Reader(app, path, headers, lambda: held.append(pool.checkedout()))
    content = await reader.rest()
    assert reader.status == 200
    assert len(reader.parts) > 1
    assert set(held) == {0}
    if path.endswith("csv"):
        assert content.count(b"68001") == 2 * PAGE + 10


def test_only_those_files_stream_and_all_of_them_by_the_one_answer_that_is_tested() -> None:
    streams = {
        route.path
        for service in ("records", "verifier", "signer")
        for router in importlib.import_module(f"services.{service}.api").ROUTERS
        for route in router.routes
        if isinstance(route, APIRoute)
        and isinstance(kind := getattr(route.response_class, "value", route.response_class), type)
        and issubclass(kind, StreamingResponse)
    }
    assert streams == {*STREAMS, *COUNTS}
    makers = {
        path.relative_to(ROOT).as_posix()
        for path in files(ROOT / "services")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in ("StreamingResponse", "FileResponse", "FileAnswer")
    }
    assert makers == {
        "services/records/exports/responses.py",
        "services/records/live/routes.py",  # as test_live.py has it
    }


async def test_a_caller_takes_a_few_files_at_a_time_and_gets_the_place_back_when_it_leaves(
    records: Records, app: FastAPI, issuer: TestIssuer, client: httpx.AsyncClient
) -> None:
    path = f"/batches/{await _many(records)}/rows.csv"
    headers = issuer.headers(Role.SERVICE)
    readers = [Reader(app, path, headers) for _ in range(3)]
    for reader in readers:
        await reader.offered(1)
    refused = await client.get(f"/records/v1{path}", headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (429, "TOO_MANY_EXPORTS")
    assert int(refused.headers["retry-after"]) > 0
    assert refused.json()["detail_vi"]
    other = issuer.headers(Role.MINISTRY, subject="somebody else")
    assert (await client.get(f"/records/v1{path}", headers=other)).status_code == 200
    for reader in readers:
        await reader.leave()
    assert (await client.get(f"/records/v1{path}", headers=headers)).status_code == 200


async def test_a_client_that_stops_reading_is_left(
    records: Records, app: FastAPI, issuer: TestIssuer, context: Context,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(responses, "STALL_S", 0.2)
    path = f"/batches/{await _many(records)}/rows.csv"
    reader = Reader(app, path, issuer.headers(Role.SERVICE))
    async with asyncio.timeout(30):
        await reader.task
    assert context.exports._taken == {}


async def test_a_transaction_whose_process_asks_nothing_is_ended(context: Context) -> None:
    async with context.db.begin() as tx:
        timeout = await tx.raw.fetchval("SHOW idle_in_transaction_session_timeout")
    assert timeout == "1min"
