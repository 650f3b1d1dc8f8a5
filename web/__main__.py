"""`python -m web migrate|api`: the only place that says how the pages are put together."""

import asyncio
import sys
from contextlib import AsyncExitStack
from datetime import UTC, datetime

import uvloop

from services.chassis.db import Database
from services.chassis.migrate import MigrationSettings, SchemaError, migrate, require_schema
from services.chassis.periodic import UnknownError, periodic
from services.chassis.run import MIGRATE, serve, stop_on_signal
from services.chassis.telemetry import Metrics, configure_logging
from web.app import MIGRATIONS, create_pages, make_context
from web.asking import Services
from web.pages import ROUTERS
from web.settings import Settings

_PURGE_S = 300.0


async def run(cfg: Settings) -> None:
    """Serves the pages until a signal."""
    configure_logging("web", cfg.log_level)
    await require_schema(cfg.database, MIGRATIONS, may_own=cfg.environment != "production")
    metrics = Metrics()
    async with AsyncExitStack() as opened:
        stop = await opened.enter_async_context(stop_on_signal())
        db = await opened.enter_async_context(Database.open(cfg.database))
        services = await opened.enter_async_context(Services.open(cfg))
        context = make_context(cfg, db, services, metrics)
        app = create_pages(ROUTERS, context=context, metrics=metrics, ready={"database": db.ping})

        async def purge() -> None:
            await context.sessions.purge(datetime.now(UTC))

        async with asyncio.TaskGroup() as live:
            live.create_task(serve(app, cfg.http, stop))
            live.create_task(
                periodic("purge", purge, stop, _PURGE_S, UnknownError.ENDS_THE_SERVICE)
            )


def main(arguments: list[str]) -> None:
    """Migrates and ends, or serves; SystemExit with what to do where it can do neither."""
    match arguments[1:]:
        case [duty] if duty == MIGRATE:
            configure_logging("web", "info")
            uvloop.run(migrate(MigrationSettings().database, MIGRATIONS))
        case ["api"]:
            try:
                uvloop.run(run(Settings()))
            except SchemaError as error:
                raise SystemExit(str(error)) from error
        case _:
            sys.stderr.write("usage: python -m web migrate|api\n")
            raise SystemExit(2)


if __name__ == "__main__":
    main(sys.argv)
