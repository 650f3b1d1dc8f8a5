"""Forty days of counts behind today's, and one facility's habit that a rule mends."""

from collections.abc import Callable
from typing import Any, Final

import asyncpg

from contracts.access import Role
from services.chassis.db import plain_dsn
from tests.support.files import csv_file, typed
from tests.support.site import Site

FACILITY: Final = "01999"
_PAST = """
INSERT INTO progress_day (kind, code, day, recorded, withdrawn, pending, not_sendable, confirmed,
    repaired, exempt, waiting, issued, worked, counted_at)
SELECT kind, code, day - n, recorded, 0, 0, not_sendable, confirmed, repaired, exempt,
    waiting + 10 * n, greatest(0, issued - 10 * n), worked, now()
FROM progress_day, generate_series(1, 40) AS n
WHERE day = (SELECT max(day) FROM progress_day)
ON CONFLICT DO NOTHING
"""


async def give_days(site: Site) -> None:
    """Records the facility's doses (telephones in the ID column), and gives the past to what is
    counted.
    """
    wrong = [
        typed(
            n, source_id=f"habit-{n}", facility_code=FACILITY, phone="",
            personal_id=f"09123456{n:02}", full_name=f"Lê Thị Số {n}",
            province_code="01", district_code="011", commune_code="00001",
        )
        for n in range(15)
    ]  # fmt: skip
    await site.system.push(csv_file(wrong))
    await until_counted(site, lambda funnel: funnel["pending"] == 0 and funnel["recorded"] > 3000)
    connection = await asyncpg.connect(plain_dsn(site.system.stack.databases["records"]))
    await connection.execute(_PAST)
    await connection.close()
    async with site.system.client(Role.MINISTRY) as client:
        searched = await client.post("/records/v1/clusters/search")
        assert searched.status_code == 204, searched.text


async def until_counted(site: Site, is_so: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """The country's funnel once it is so."""
    async with site.system.client(Role.MINISTRY) as client:
        for _ in range(600):
            answer = await client.get("/records/v1/progress/overview")
            funnel: dict[str, Any] = answer.json()["funnel"]
            if is_so(funnel):
                return funnel
            # the next request is answered when the worker has had its turn
            await client.get("/records/readyz")
    raise AssertionError(funnel)
