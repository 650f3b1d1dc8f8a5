"""`hochieu audit-log` over three migrated databases: who looked at a dose anywhere, and what one
caller looked at, page by page.
"""

import asyncio
from collections.abc import Iterable
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest
from pydantic import SecretStr
from typer.testing import CliRunner

from deploy.audit.looks import Wanted, looks
from deploy.cli.main import program
from services.chassis import audit
from services.chassis.audit import Act
from services.chassis.auth import Principal
from services.chassis.db import Database, DatabaseSettings
from services.chassis.migrate import upgrade
from services.records.__main__ import MIGRATIONS as RECORDS
from services.signer.app import MIGRATIONS as SIGNER
from services.verifier.__main__ import MIGRATIONS as VERIFIER
from services.verifier.retention import retention
from services.verifier.settings import VerifierRetention
from tests.support.postgres import PostgresServer

FOLDERS = {"records": RECORDS, "verifier": VERIFIER, "signer": SIGNER}
OFFICER = Principal("officer", frozenset({"police"}), {})


@pytest.fixture
async def urls(postgres: PostgresServer) -> dict[str, str]:
    """Three migrated databases with nothing in them."""
    found = {name: await postgres.database_url(name) for name in FOLDERS}
    for name, folder in FOLDERS.items():
        await upgrade(DatabaseSettings(url=SecretStr(found[name])), folder)
    return found


async def look(url: str, act: Act, subjects: Iterable[int], **more: Any) -> None:
    """One look, in a transaction of its own."""
    async with AsyncExitStack() as held:
        db = await held.enter_async_context(Database.open(DatabaseSettings(url=SecretStr(url))))
        async with db.begin() as tx:
            await audit.note(tx, OFFICER, act, list(subjects), **more)


async def run(url: str, statement: str) -> list[tuple[object, ...]]:
    """The rows of one statement."""
    connection = await asyncpg.connect(url)
    try:
        return [tuple(row) for row in await connection.fetch(statement)]
    finally:
        await connection.close()


READ, CASE, CERTIFICATE = (
    Act(code, "dose", "correction") for code in ("dose_read", "case_read", "certificate")
)
EXPORT, CHECK = Act("batch_export", "batch", "correction"), Act("check", "person", "vaccination")


async def test_a_dose_is_found_in_all_three_and_in_the_files_of_its_batch(
    urls: dict[str, str],
) -> None:
    await run(
        urls["records"],
        "INSERT INTO dose (id, facility_code, source_id, version, batch_id, row, digest,"
        " province_code, district_code, commune_code, product, lot, dose_number, dose_kind,"
        " date_given, person) VALUES (7, 'F', 's', 1, 3, 1, 0, '', '', '', '', '', 1, '',"
        " '2021-01-01', '')",
    )
    await look(urls["records"], READ, [6, 7, 8], why="complaint")
    await look(urls["records"], READ, [6])
    await look(urls["records"], EXPORT, [3], shown=40, scope="masked")
    await look(urls["records"], EXPORT, [4], shown=40)
    await look(urls["verifier"], CASE, [7])
    await look(urls["verifier"], CHECK, [7])  # a blind index that happens to be the same number
    await look(urls["signer"], CERTIFICATE, [7], scope="URN:UVCI:01:VN:A#B")
    await look(urls["signer"], CERTIFICATE, [])
    found = await looks(urls, Wanted(dose=7), 50)
    assert [(one.service, one.act, one.purpose, one.stated, one.shown) for one in found] == [
        ("signer", "certificate", "correction", False, 1),
        ("verifier", "case_read", "correction", False, 1),
        ("records", "batch_export", "correction", False, 40),
        ("records", "dose_read", "complaint", True, 3),
    ]
    given = [part for name, url in urls.items() for part in (f"--{name}", url)]
    said = await asyncio.to_thread(
        CliRunner().invoke, program(), ["audit-log", "--dose", "7", *given], env={"COLUMNS": "200"}
    )
    assert said.exit_code == 0, said.output
    # a line is broken where the terminal ends
    output = " ".join(said.output.split())
    for words in (
        "signer: certificate",
        "(correction)",
        "batch 3",
        "officer",
        "giải quyết phản ánh / working on a complaint",
    ):
        assert words in output
    assert (
        await asyncio.to_thread(CliRunner().invoke, program(), ["audit-log", *given])
    ).exit_code == 2


async def test_a_callers_looks_come_page_by_page_and_none_twice_or_never(
    urls: dict[str, str],
) -> None:
    for at in range(4):
        for url in urls.values():
            await look(url, READ, [at])
    connection = await asyncpg.connect(urls["verifier"])
    try:  # three in one instant, as one request may write
        async with connection.transaction():
            for _ in range(3):
                await connection.execute(
                    "INSERT INTO audit (caller, roles, act, purpose, stated, kind, subjects, scope,"
                    " shown) VALUES ('officer', '{}', 'check', 'vaccination', false, 'person',"
                    " '{1}', '', 1)"
                )
    finally:
        await connection.close()
    whole = await looks(urls, Wanted(caller="officer"), 1000)
    seen, before = [], None
    while page := await looks(urls, Wanted(caller="officer", before=before), 2):
        seen += page
        before = page[-1].at
    assert len(whole) == 15
    assert seen == whole
    assert await looks(urls, Wanted(caller="nobody"), 10) == []


@pytest.mark.parametrize("service", list(FOLDERS))
@pytest.mark.parametrize(
    "change", ["UPDATE audit SET caller = ''", "DELETE FROM audit", "TRUNCATE audit"]
)
async def test_no_audit_takes_a_change(urls: dict[str, str], service: str, change: str) -> None:
    await look(urls[service], READ, [1])
    with pytest.raises(asyncpg.RaiseError, match="append-only"):
        await run(urls[service], change)


async def test_settled_evidence_is_forgotten_and_what_waits_keeps_it(urls: dict[str, str]) -> None:
    old, young = (datetime.now(UTC) - timedelta(days=days) for days in (40, 3))
    rows = [
        (1, 1, "repaired", old), (2, 1, "mismatch", old), (3, 1, "mismatch", old), (3, 2,
        "mismatch", old), (4, 1, "repaired", young),
        (5, 1, "review", old), (6, 1, "not_found", young), (6, 2, "exact", young),
    ]  # fmt: skip
    async with Database.open(DatabaseSettings(url=SecretStr(urls["verifier"]))) as db:
        async with db.begin() as tx:
            await tx.raw.executemany(
                "INSERT INTO verification (dose_id, version, grade, registry_time, batch_id,"
                " source_id, facility_code, residence, algorithm, evidence) VALUES ($1, $2, $3, $4,"
                " 1, '', '', '', '', 'sealed')",
                rows,
            )
        await retention(db, VerifierRetention()).purge(datetime.now(UTC))
        assert await run(
            urls["verifier"], "SELECT count(*) FROM verification WHERE evidence IS NULL"
        ) == [(0,)]
        for _ in range(2):
            await retention(db, VerifierRetention(evidence_days=30)).purge(datetime.now(UTC))
    gone = await run(
        urls["verifier"],
        "SELECT dose_id, version FROM verification WHERE evidence IS NULL ORDER BY 1, 2",
    )
    assert gone == [(1, 1), (3, 1)]
