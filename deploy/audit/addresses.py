"""Where the databases and the bus are: as given, else those of the embedded system in its home
folder, running or not.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import psutil

from deploy.local import postgres
from deploy.local.home import Home
from deploy.local.surroundings import without_postgres_variables
from services.chassis.bus import BusSettings
from services.chassis.environment import FromEnvironment


class _FromEnvironment(FromEnvironment):
    """`BUS_URL`, `BUS_TLS` and the like, as the services read them."""

    bus: BusSettings


@asynccontextmanager
async def found(
    databases: Mapping[str, str | None], bus_url: str | None
) -> AsyncIterator[tuple[dict[str, str], BusSettings]]:
    """The given addresses, completed from the embedded system; FileNotFoundError where that is
    needed and there is none.
    """
    given = {name: url for name, url in databases.items() if url}
    async with AsyncExitStack() as held:
        if len(given) < len(databases) or bus_url is None:
            admin = await held.enter_async_context(_embedded(Home.default().postgres))
            provided = await postgres.provide(admin)
            given = {name: provided[name] for name in databases} | given
            bus_url = bus_url or provided["bus"]
        yield given, _FromEnvironment.model_validate({"bus": {"url": bus_url}}).bus


@asynccontextmanager
async def found_databases(databases: Mapping[str, str | None]) -> AsyncIterator[dict[str, str]]:
    """The same without a bus."""
    given = {name: url for name, url in databases.items() if url}
    if len(given) == len(databases):
        yield given
        return
    async with _embedded(Home.default().postgres) as admin:
        provided = await postgres.provide(admin)
        yield {name: provided[name] for name in databases} | given


@asynccontextmanager
async def _embedded(folder: Path) -> AsyncIterator[str]:
    """The administrator's address of a server that runs on `folder`, or of one that runs for this
    block.
    """
    if not (folder / "PG_VERSION").exists():
        raise FileNotFoundError(folder)
    lines = (
        pid_file.read_text().splitlines()
        if (pid_file := folder / "postmaster.pid").exists()
        else []
    )
    if len(lines) > 4 and psutil.pid_exists(int(lines[0])):
        with without_postgres_variables():
            yield f"postgresql://postgres:@/postgres?host={lines[4]}"
        return
    async with postgres.embedded(folder) as admin:
        yield admin
