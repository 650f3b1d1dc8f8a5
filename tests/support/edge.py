"""The edge of the containers as a process on this machine: the same program and the same
configuration, before other addresses.
"""

import asyncio
import os
import shutil
import ssl
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from deploy.containers import certificate
from tests.support.paths import DEPLOY
from tests.support.stack import System, free_port

_MISSING = "nginx is not on this machine (on Debian: apt-get install nginx-light)"
_START_S = 20.0
Answer = tuple[int, dict[str, str], bytes]
"""Status, headers by their names in small letters, body."""


@dataclass(frozen=True, slots=True)
class Edge:
    """A running edge: its port, the file of its certificate, and its first process."""

    port: int
    authority: Path
    pid: int

    @property
    def origin(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    @property
    def memory(self) -> int:
        """Bytes of all its processes."""
        first = psutil.Process(self.pid)
        return sum(one.memory_info().rss for one in (first, *first.children(recursive=True)))

    async def connect(
        self, source: str = "127.0.0.1"
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A TLS connection from an address of this machine."""
        return await asyncio.open_connection(
            "127.0.0.1", self.port, local_addr=(source, 0), limit=1 << 22,
            ssl=ssl.create_default_context(cafile=str(self.authority)),
            server_hostname="localhost",
        )  # fmt: skip

    async def ask(
        self, head: str, body: bytes = b"", source: str = "127.0.0.1", host: str = "localhost"
    ) -> Answer:
        """One request, byte by byte as it is given: `GET /path`, and header lines below it."""
        first, *more = head.strip().splitlines()
        lines = [f"{first} HTTP/1.1", f"Host: {host}", "Connection: close", *more]
        if body:
            lines.append(f"Content-Length: {len(body)}")
        reader, writer = await self.connect(source)
        try:
            writer.write("\r\n".join([*lines, "", ""]).encode() + body)
            return parse(await reader.read())
        finally:
            await close(writer)


def parse(raw: bytes) -> Answer:
    """An answer that ended with its connection."""
    head, _, body = raw.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    pairs = [line.partition(": ") for line in lines]
    headers = {name.lower(): value for name, _, value in pairs}
    assert len(headers) == len(lines), f"a header comes twice: {lines}"
    return int(first.split()[1]), headers, body


async def read_answer(reader: asyncio.StreamReader) -> Answer:
    """The answer on a connection that stays open, as its `Content-Length` measures it."""
    head = await reader.readuntil(b"\r\n\r\n")
    status, headers, _ = parse(head)
    return status, headers, await reader.readexactly(int(headers["content-length"]))


async def close(writer: asyncio.StreamWriter) -> None:
    """Closes a connection, whatever became of it."""
    writer.close()
    with suppress(OSError, ssl.SSLError):
        await asyncio.wait_for(writer.wait_closed(), 5)


@asynccontextmanager
async def edge(parts: Mapping[str, Path], **settings: str) -> AsyncIterator[Edge]:
    """Runs `deploy/edge/start.sh` before the Unix sockets of `parts`; `settings` are more of its
    variables. Skips where nginx is missing, and fails in CI.
    """
    if shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin") is None:
        if os.environ.get("CI"):
            pytest.fail(_MISSING)
        pytest.skip(_MISSING)
    folder = Path(tempfile.mkdtemp(prefix="hochieu-edge-"))
    pair = folder / "edge.crt", folder / "edge.key"
    certificate.provide_pair(*pair)
    port = free_port()
    environment = {
        "PATH": f"{os.environ['PATH']}:/usr/sbin",
        "EDGE_RUN": str(folder / "run"),
        "EDGE_SPOOL": str(folder),
        "EDGE_LISTEN": f"127.0.0.1:{port}",
        "EDGE_ORIGIN": f"https://127.0.0.1:{port}",
        "EDGE_CERTIFICATE": str(pair[0]),
        "EDGE_KEY": str(pair[1]),
        # the sockets of the parts belong to whoever runs the tests
        "EDGE_GLOBAL": "user root;" if os.geteuid() == 0 else "",
        **{f"EDGE_{name.upper()}": f"unix:{path}" for name, path in parts.items()},
        **settings,
    }
    log = (folder / "log").open("wb")
    process = await asyncio.create_subprocess_exec(
        str(DEPLOY / "edge/start.sh"), env=environment, stdout=log, stderr=log
    )
    try:
        await _listening(process, port, folder / "log")
        yield Edge(port, pair[0], process.pid)
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()
        log.close()
        shutil.rmtree(folder, ignore_errors=True)


@asynccontextmanager
async def edge_of(system: System, **settings: str) -> AsyncIterator[Edge]:
    """The edge before a running system's services."""
    names = ("records", "verifier", "signer", "mail", "web")
    sockets = {part.name: part.socket for part in system.stack.parts if part.name in names}
    async with edge({name: path for name, path in sockets.items() if path}, **settings) as running:
        yield running


async def _listening(process: asyncio.subprocess.Process, port: int, log: Path) -> None:
    async with asyncio.timeout(_START_S):
        while process.returncode is None:
            with suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                return
            await asyncio.sleep(0.05)
    pytest.fail(f"nginx did not start: {log.read_text()[-2000:]}")
