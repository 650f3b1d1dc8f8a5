"""An app that takes webhooks: a small HTTP server on this machine."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import NamedTuple


class Taken(NamedTuple):
    """One message that came."""

    target: str
    headers: dict[str, str]
    body: str


class WebhookApp:
    """What came, and how it answers: `status` and `more` headers."""

    def __init__(self) -> None:
        self.messages: list[Taken] = []
        self.status = 200
        self.more = ""
        self.url = ""

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        first, *lines = head.strip().split("\r\n")
        headers = {
            name.lower(): value for name, _, value in (line.partition(": ") for line in lines)
        }
        body = (await reader.readexactly(int(headers.get("content-length", "0")))).decode()
        self.messages.append(Taken(first.split(" ")[1], headers, body))
        writer.write(
            f"HTTP/1.1 {self.status} X\r\n{self.more}content-length: 2\r\n"
            "connection: close\r\n\r\nok".encode()
        )
        await writer.drain()
        writer.close()


@asynccontextmanager
async def webhook_app() -> AsyncIterator[WebhookApp]:
    """One that runs; its address names this machine by its name."""
    app = WebhookApp()
    server = await asyncio.start_server(app._answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    app.url = f"http://127.0.0.1:{port}/told?from=hochieu"
    async with server:
        yield app
