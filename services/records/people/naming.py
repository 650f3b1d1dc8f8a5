"""Makes the index by name and birth date of doses that were recorded before there was one."""

import asyncio

from services.chassis.periodic import UnknownError, periodic
from services.records.context import Context
from services.records.doses.versions import person_of
from services.records.people import store
from services.records.schema import NAMESAKE_INDEX
from vietnamese.plain_names import namesake

_AT_ONCE = 500
_PAUSE_S, _REST_S = 0.05, 600.0
"""Seconds after some doses, and where there are none left."""


async def name_forever(context: Context, stop: asyncio.Event) -> None:
    """Works off the doses without the index beside everything else, until `stop` is set."""

    async def turn() -> float:
        return _PAUSE_S if await name_some(context) else _REST_S

    await periodic("namesakes", turn, stop, _REST_S, UnknownError.IS_LOGGED)


async def name_some(context: Context, at_once: int = _AT_ONCE) -> int:
    """Makes the index of the oldest doses that lack it; answers of how many."""
    sealer = context.sealer
    async with context.db.begin() as tx:
        named = {}
        for row in await store.take_unnamed(tx, at_once):
            person = person_of(sealer, row)
            key = namesake(person["full_name"], person["date_of_birth"])
            named[row.id] = NAMESAKE_INDEX.of(sealer, key)
        await store.set_namesakes(tx, named)
    return len(named)
