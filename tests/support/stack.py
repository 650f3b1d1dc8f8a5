"""The whole embedded system as real processes, on a home of its own, and what tests ask of it."""

import asyncio
import shutil
import socket
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import httpx

from contracts.access import Role
from deploy.cli.client import settled
from deploy.local import issuer
from deploy.local.home import Home
from deploy.local.stack import Options, Stack, running

PATIENCE_S = 120


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class System:
    """A running system, and its clients by role."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack

    def client(self, role: Role | None = Role.SERVICE, **limits: Any) -> httpx.AsyncClient:
        """A client with a token of `role`; None: without a token."""
        headers = (
            {"Authorization": f"Bearer {issuer.token(self.stack.home, role, **limits)}"}
            if role
            else {}
        )
        return httpx.AsyncClient(base_url=self.stack.origin, headers=headers, timeout=60)

    async def push(self, content: bytes, media_type: str = "text/csv") -> dict[str, Any]:
        """Uploads a file as a service, and answers its batch once every dose is in a final
        state.
        """
        async with self.client() as client:
            created = await client.post(
                "/records/v1/batches", content=content, headers={"Content-Type": media_type}
            )
            assert created.status_code == 202, created.text
            return await self.settled(created.json()["batch_id"])

    async def settled(self, batch_id: int) -> dict[str, Any]:
        """The batch once every dose is in a final state."""
        deadline = time.monotonic() + PATIENCE_S
        async with self.client() as client:
            while True:
                batch: dict[str, Any] = (await client.get(f"/records/v1/batches/{batch_id}")).json()
                if settled(batch):
                    return batch
                assert time.monotonic() < deadline, f"not settled: {batch['states']}"
                await asyncio.sleep(0.2)

    async def rows(self, batch_id: int, **filters: Any) -> list[dict[str, Any]]:
        """Every row of a batch, page by page."""
        items: list[dict[str, Any]] = []
        async with self.client() as client:
            cursor: str | None = None
            while True:
                asked = {"limit": 1000, **filters, **({"cursor": cursor} if cursor else {})}
                page = (
                    await client.get(f"/records/v1/batches/{batch_id}/rows", params=asked)
                ).json()
                items += page["items"]
                if (cursor := page["next"]) is None:
                    return items


@contextmanager
def home() -> Iterator[Path]:
    """A folder of the system's own, gone afterwards; not one of pytest's, which another session may
    close to the database's user.
    """
    folder = Path(tempfile.mkdtemp(prefix="hochieu-home-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@asynccontextmanager
async def system(folder: Path, **options: Any) -> AsyncIterator[System]:
    """Starts everything below `folder`, and stops it at the end."""
    async with running(Home(folder), Options(port=free_port(), **options)) as stack:
        yield System(stack)
