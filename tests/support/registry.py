"""The registry's stub inside the test's own process, over people written down in the test."""

import csv
import time
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Event

import httpx

from deploy.sample.population import Registered
from deploy.stubs.registry.__main__ import load
from deploy.stubs.registry.app import Desk, create_app
from deploy.stubs.registry.behaviour import Behaviour, Conduct
from deploy.stubs.registry.sources import PeopleFile, Source

HOA = Registered(
    "068180000001",
    ("250123456",),
    "Nguyễn Thị Hòa",
    "1980-05-03",
    "female",
    "VN",
    "68",
    "681",
    "24769",
    "alive",
)
HUNG = Registered(
    "079085123456",
    ("250123456", "079085000009"),
    "Trần Văn Hùng",
    "1985",
    "male",
    "VN",
    "79",
    "791",
    "27001",
    "alive",
)
LAN = Registered(
    "001190000007", (), 'Lê "Bé" Lan', "1990-12", "female", "VN", "01", "011", "00190", "alive"
)


def write_people(file: Path, people: Iterable[Registered]) -> Path:
    """A file as the stub reads it."""
    with file.open("w", encoding="utf-8", newline="") as out:
        rows = csv.writer(out)
        rows.writerow(Registered._fields)
        rows.writerows(
            [one if isinstance(one, str) else ";".join(one) for one in person] for person in people
        )
    return file


@asynccontextmanager
async def registry(
    folder: Path,
    source: Source | Iterable[Registered] = (HOA, HUNG, LAN),
    *,
    token: str | None = None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the stub whose people are stored below `folder`."""
    if isinstance(source, Iterable):
        source = PeopleFile(write_people(folder / "people.csv", source))
    desk = Desk(
        Conduct(Behaviour(), time.monotonic),
        now=now,
        token=token,
        register=load(folder / "cache", source, Event()),
    )
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(create_app(desk)), base_url="http://registry"
    ) as client:
        yield client
