"""Whoever owns a database can change its audit, and `hochieu audit` says so: by the chain, and
where that was computed anew, by a head that was copied outside.
"""

import asyncio
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr
from typer.testing import CliRunner

from deploy.audit.chain import Link
from deploy.audit.chains import check_chain
from deploy.audit.heads import Head, read_heads
from deploy.audit.report import Report
from deploy.audit.run import audit
from deploy.audit.store import Snapshot
from deploy.cli.main import program
from services.chassis import audit as looks
from services.chassis.audit import Act
from services.chassis.audit_heads import AuditHeads, AuditSettings
from services.chassis.auth import Principal
from services.chassis.db import Database, DatabaseSettings
from services.chassis.telemetry import Metrics
from tests.support.owned import Owned, fetch, migrated_database, run
from tests.support.postgres import PostgresServer

SERVICES = ("records", "verifier", "signer")
OFFICER = Principal('Nguyễn "\\\t\u2028 ✓', frozenset({"police", "station"}), {})
READ = Act("dose_read", "dose", "correction")
OFF, ON = "ALTER TABLE audit DISABLE TRIGGER ALL", "ALTER TABLE audit ENABLE TRIGGER ALL"
_REWRITTEN = """
DO $$ DECLARE entry audit; place bigint := 0; previous bytea := '';
BEGIN
    DELETE FROM audit_chain;
    FOR entry IN SELECT * FROM audit ORDER BY id LOOP
        place := place + 1; previous := audit_link(previous, place, entry);
        INSERT INTO audit_chain VALUES (place, entry.id, previous);
    END LOOP;
END $$
"""


@pytest.fixture
async def owned(postgres: PostgresServer) -> dict[str, Owned]:
    """The three databases, each with its owner and five looks."""
    databases = {name: await migrated_database(postgres, name) for name in SERVICES}
    for database in databases.values():
        await look(database, 5)
    return databases


async def look(database: Owned, times: int, days_ago: int = 0) -> None:
    """So many looks, each in a transaction of its own, with the service's own rights."""
    async with Database.open(DatabaseSettings(url=SecretStr(database.service))) as db:
        for subject in range(times):
            async with db.begin() as tx:
                await looks.note(tx, OFFICER, READ, [subject, -(1 << 63)], scope="a=1 b=é")
    if days_ago:
        await run(
            database.admin,
            OFF,
            f"UPDATE audit SET at = at - interval '{days_ago} days'",
            _REWRITTEN,
            ON,
        )


async def found(databases: dict[str, Owned], heads: Sequence[Head] = ()) -> dict[str, list[str]]:
    """Codes with their examples."""
    addresses = {name: database.service for name, database in databases.items()}
    report = await audit(addresses, None, heads)
    return {code: finding.examples for code, finding in report.findings.items()}


async def head_of(service: str, database: Owned, days_ago: int = 0) -> Head:
    """The head of a chain, as it was copied some days ago."""
    [(position, digest)] = await fetch(
        database.admin, "SELECT position, hash FROM audit_chain ORDER BY position DESC LIMIT 1"
    )
    assert isinstance(position, int) and isinstance(digest, bytes)
    return Head(service, datetime.now(UTC) - timedelta(days=days_ago), position, digest)


async def test_chains_that_nobody_touched_are_clean_whatever_is_in_the_rows(
    owned: dict[str, Owned],
) -> None:
    heads = [await head_of(name, database) for name, database in owned.items()]
    await look(owned["records"], 3)
    assert await found(owned, heads) == {}


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        (["UPDATE audit SET caller = 'x' WHERE id = 3"], {"AUDIT_ALTERED": ["3"]}),
        (["UPDATE audit SET at = at + interval '1 us' WHERE id = 1"], {"AUDIT_ALTERED": ["1"]}),
        (["DELETE FROM audit WHERE id = 3"], {"AUDIT_MISSING": ["3"]}),
        (
            ["DELETE FROM audit WHERE id = 3", "DELETE FROM audit_chain WHERE position = 3"],
            {"AUDIT_MISSING": ["3–3"]},
        ),
        (["DELETE FROM audit WHERE id = 5"], {"AUDIT_MISSING": ["5"]}),
        (["DELETE FROM audit_chain WHERE position = 5"], {"AUDIT_UNCHAINED": ["1"]}),
        (
            ["DELETE FROM audit WHERE id < 3", "DELETE FROM audit_chain WHERE position < 3"],
            {"AUDIT_BEGINNING": ["1–2"]},
        ),
        (
            ["DELETE FROM audit WHERE id < 3", "DELETE FROM audit_chain WHERE position < 2"],
            {"AUDIT_BEGINNING": ["1–2"]},
        ),
        (
            [
                "INSERT INTO audit (caller, roles, act, purpose, stated, kind, subjects, scope,"
                " shown) VALUES ('x', '{}', '', '', false, '', '{}', '', 1)"
            ],
            {"AUDIT_UNCHAINED": ["1"]},
        ),
    ],
)
async def test_what_a_superuser_does_to_the_rows_is_named(
    owned: dict[str, Owned], service: str, statements: list[str], expected: dict[str, list[str]]
) -> None:
    await run(owned[service].admin, OFF, *statements, ON)
    named = {code: [f"{service}: {where}" for where in places] for code, places in expected.items()}
    assert await found(owned) == named


async def test_a_tail_that_is_cut_with_its_links_shows_beside_a_head_outside(
    owned: dict[str, Owned],
) -> None:
    head = await head_of("verifier", owned["verifier"])
    await run(
        owned["verifier"].admin,
        OFF,
        "DELETE FROM audit WHERE id > 3",
        "DELETE FROM audit_chain WHERE position > 3",
        ON,
    )
    assert await found(owned) == {}
    named = await found(owned, [head])
    assert list(named) == ["AUDIT_CUT"]
    assert named["AUDIT_CUT"][0].startswith("verifier: 5 (")


async def test_a_whole_chain_that_was_computed_anew_shows_beside_a_head_outside(
    owned: dict[str, Owned],
) -> None:
    head = await head_of("signer", owned["signer"])
    await run(owned["signer"].admin, OFF, "UPDATE audit SET caller = 'x'", _REWRITTEN, ON)
    assert await found(owned) == {}
    assert list(await found(owned, [head])) == ["AUDIT_REWRITTEN"]


async def test_what_retention_took_leaves_a_chain_that_can_be_checked(
    owned: dict[str, Owned],
) -> None:
    records = owned["records"]
    await look(records, 0, days_ago=400)
    old = await head_of("records", records, days_ago=400)
    await look(records, 2)
    async with Database.open(DatabaseSettings(url=SecretStr(records.service))) as db:
        for gone in (2, 2, 1, 0):
            async with db.begin() as tx:
                assert await looks.forget(tx, datetime.now(UTC), 2) == gone
    assert await fetch(
        records.admin, "SELECT act, shown FROM audit WHERE act <> 'dose_read' ORDER BY id"
    ) == [("audit_forget", 2), ("audit_forget", 2), ("audit_forget", 1)]
    assert await found(owned, [old, await head_of("records", records)]) == {}
    # who took the beginning as retention would, but before its time, is told by a younger head
    young = old._replace(at=datetime.now(UTC) - timedelta(days=300), position=4)
    assert list(await found(owned, [young])) == ["AUDIT_BEGINNING"]


async def test_a_row_that_is_missing_stops_retention_so_that_it_stays_to_be_seen(
    owned: dict[str, Owned],
) -> None:
    records = owned["records"]
    await look(records, 0, days_ago=400)
    await run(records.admin, OFF, "DELETE FROM audit WHERE id = 3", ON)
    async with (
        Database.open(DatabaseSettings(url=SecretStr(records.service))) as db,
        db.begin() as tx,
    ):
        assert await looks.forget(tx, datetime.now(UTC), 100) == 2
    assert await found(owned) == {"AUDIT_MISSING": ["records: 3"]}


async def test_who_looks_again_reads_on_from_the_last_link_and_knows_it_again(
    owned: dict[str, Owned],
) -> None:
    signer = owned["signer"]
    codes, verified = await looked(signer, None)
    assert verified is not None and (codes, verified.position) == ([], 5)
    await look(signer, 2)
    # what lies before was looked at, and is again when all of it is
    await run(signer.admin, OFF, "UPDATE audit SET caller = 'x' WHERE id = 2", ON)
    codes, verified = await looked(signer, verified)
    assert verified is not None and (codes, verified.position) == ([], 7)
    assert await looked(signer, verified) == ([], verified)
    await run(signer.admin, OFF, _REWRITTEN, ON)
    assert (await looked(signer, verified))[0] == ["AUDIT_REWRITTEN"]
    await run(
        signer.admin, OFF, "DELETE FROM audit_chain WHERE position > 5; DELETE FROM audit", ON
    )
    assert (await looked(signer, verified))[0] == ["AUDIT_CUT"]


async def looked(database: Owned, verified: Link | None) -> tuple[list[str], Link | None]:
    """The codes that are found from a link on, and the last link."""
    report = Report()
    async with Snapshot.of(database.service) as snapshot:
        last = await check_chain(report, "signer", snapshot, verified=verified)
    return list(report.findings), last


async def test_transactions_at_the_same_time_make_one_chain(owned: dict[str, Owned]) -> None:
    await asyncio.gather(*(look(owned["records"], 20) for _ in range(8)))
    assert await found(owned) == {}
    assert await fetch(owned["records"].admin, "SELECT count(*) FROM audit_chain") == [(165,)]


async def test_heads_are_copied_to_the_log_and_a_file_when_they_moved(
    owned: dict[str, Owned],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file = tmp_path / "heads.jsonl"
    async with Database.open(DatabaseSettings(url=SecretStr(owned["signer"].service))) as db:
        chore = AuditHeads("signer", db, Metrics(), AuditSettings(heads_file=file))
        for more in (0, 0, 1):
            await look(owned["signer"], more)
            await chore.copy(datetime.now(UTC))
    heads = read_heads(file.read_text().splitlines())
    assert [(head.service, head.position) for head in heads] == [("signer", 5), ("signer", 6)]
    assert heads[-1].hash == (await head_of("signer", owned["signer"])).hash
    assert await found(owned, heads) == {}


async def test_the_command_compares_with_heads_in_a_log_whatever_stands_around_them(
    owned: dict[str, Owned], tmp_path: Path
) -> None:
    head = await head_of("signer", owned["signer"])
    line = {
        "service": "signer", "event": "audit_head", "timestamp": head.at.isoformat(),
        "position": head.position, "hash": head.hash.hex(),
    }  # fmt: skip
    log = tmp_path / "signer.log"
    log.write_text(
        "signer-worker-1  | {audit_head\nsigner-worker-1  | " + json.dumps(line) + '\n{"event":"x"}'
    )
    addresses = [f"--{name}={database.service}" for name, database in owned.items()]

    def command() -> tuple[int, str]:
        arguments = ["audit", *addresses, f"--bus-url={owned['signer'].admin}", f"--heads={log}"]
        result = CliRunner().invoke(program(), arguments)
        return result.exit_code, result.output

    code, output = await asyncio.to_thread(command)
    assert code == 0, output
    await run(owned["signer"].admin, OFF, "UPDATE audit SET caller = 'x'", _REWRITTEN, ON)
    code, output = await asyncio.to_thread(command)
    assert code == 1 and "AUDIT_REWRITTEN" in output, output
