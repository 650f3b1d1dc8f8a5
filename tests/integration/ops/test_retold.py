"""Events that the broker deleted before they were read: the operator's command tells them again,
and every dose gets where it belongs.
"""

import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import pytest

from contracts.topics import ISSUED, RECORDED, VERIFIED, WITHDRAWN, Topic
from services.chassis.encryption import Sealer
from services.records.pipeline.replay import replay_pending
from services.records.retell import read_age, run
from tests.integration.verifier.work import BINH, EVERYBODY, TAM, typed
from tests.support.country import EVERYONE, SEAL, Country, open_country
from tests.support.postgres import PostgresServer

_REVOKED = "SELECT uvci FROM revocation ORDER BY uvci"
_VALID = (
    f"SELECT dose_id, version, uvci FROM intent WHERE uvci NOT IN ({_REVOKED}) ORDER BY dose_id"
)


@pytest.fixture
async def country(postgres: PostgresServer, tmp_path: Path) -> AsyncIterator[Country]:
    """Three services with nothing on record over one event log."""
    async with open_country(postgres, tmp_path, EVERYBODY) as opened:
        yield opened


async def lose(country: Country, topic: Topic) -> None:
    """Deletes what is in the log of a topic, read or not."""
    connection = await asyncpg.connect(country.bus_url)
    try:
        status = await connection.execute(
            "DELETE FROM event WHERE topic = ANY($1)", [topic.name, topic.express]
        )
    finally:
        await connection.close()
    assert status != "DELETE 0"


async def retell(country: Country, what: str, *, later: timedelta = timedelta(hours=2)) -> str:
    """Runs the command with an age of one hour, some time later."""
    one = country.services["records"]
    return await run(
        [what, "1h" if what == "pending" else "1d"],
        one.db,
        one.outbox,
        Sealer.of(SEAL),
        datetime.now(UTC) + later,
    )


async def record(country: Country) -> dict[int, int]:
    """Two people's doses, one of them corrected at once: their versions by id."""
    answer = await country.client.post("/batches", json={"doses": [typed(TAM), typed(BINH)]})
    assert answer.status_code == 202, answer.text
    corrected, _ = ids = [
        row[0] for row in await country.rows("records", "SELECT id FROM dose ORDER BY id")
    ]
    patched = await country.client.patch(
        f"/doses/{corrected}", json={"reason": "by the box", "lot": "FK0113"}
    )
    assert patched.status_code == 200, patched.text
    return dict(zip(ids, (2, 1), strict=True))


@pytest.mark.parametrize(
    ("before", "lost", "left"),
    [
        ((), RECORDED, ("pending", None)),
        (("verifier",), VERIFIED, ("pending", None)),
        (("verifier", "signer"), VERIFIED, ("issued", None)),
        (("verifier", "signer"), ISSUED, ("eligible", "exact")),
    ],
    ids=["recorded", "verified", "verified for records alone", "issued"],
)
async def test_doses_whose_events_were_lost_are_told_again_and_issued_once(
    country: Country, before: Sequence[str], lost: Topic, left: tuple[str, str | None]
) -> None:
    versions = await record(country)
    await country.publish("records")
    for name in before:
        await country.work(name)
    await lose(country, lost)
    await country.work(*EVERYONE)
    signed, revoked = await country.rows("signer", _VALID), await country.rows("signer", _REVOKED)
    assert {dose[1:3] for dose in (await country.stand()).values()} == {left}

    assert await retell(country, "pending", later=timedelta()) == "0 doses told again"
    assert await retell(country, "pending") == "2 doses told again"
    await country.work(*EVERYONE)
    stand = await country.stand()
    assert {dose_id: one[:3] for dose_id, one in stand.items()} == {
        id_: (version, "issued", "exact") for id_, version in versions.items()
    }
    certificates = await country.rows("signer", _VALID)
    assert [(dose_id, one[0], one[3]) for dose_id, one in sorted(stand.items())] == certificates
    assert signed in ([], certificates), "what was signed before keeps its identifier"
    assert await country.rows("signer", _REVOKED) == revoked
    assert await country.rows(
        "verifier", "SELECT dose_id, max(version) FROM verification GROUP BY dose_id ORDER BY 1"
    ) == [*sorted(versions.items())]
    assert await retell(country, "pending") == "0 doses told again"


async def test_a_withdrawal_that_was_lost_is_told_again_and_ends_the_certificate(
    country: Country,
) -> None:
    (first, second) = await record(country)
    await country.work(*EVERYONE)
    uvci = (await country.stand())[first][3]
    answer = await country.client.request(
        "DELETE", f"/doses/{first}", params={"reason": "entered_in_error"}
    )
    assert answer.status_code in (200, 204), answer.text
    await country.publish("records")
    await lose(country, WITHDRAWN)
    await country.work(*EVERYONE)
    revoked = await country.rows("signer", _REVOKED)
    assert (uvci,) not in revoked

    assert await retell(country, "withdrawn", later=timedelta(days=2)) == "0 withdrawals told again"
    for _ in range(2):
        assert await retell(country, "withdrawn") == "1 withdrawals told again"
        await country.work(*EVERYONE)
        assert await country.rows("signer", _REVOKED) == sorted([*revoked, (uvci,)])
    assert {id_: one[1] for id_, one in (await country.stand()).items()} == {
        first: "withdrawn",
        second: "issued",
    }


async def test_doses_are_looked_at_in_slices_and_told_by_their_batch(country: Country) -> None:
    for _ in range(2):
        answer = await country.client.post(
            "/batches", json={"doses": [typed(TAM) for _ in range(3)]}
        )
        assert answer.status_code == 202
    await country.publish("records")
    await lose(country, RECORDED)
    one = country.services["records"]
    assert (
        await replay_pending(
            one.db, one.outbox, Sealer.of(SEAL), datetime.now(UTC) + timedelta(hours=1), slice_of=2
        )
        == 6
    )
    await country.work(*EVERYONE)
    batches = await country.rows(
        "records", "SELECT batch_id, count(*) FROM dose GROUP BY batch_id ORDER BY 1"
    )
    assert (
        await country.rows(
            "verifier", "SELECT batch_id, count(*) FROM verification GROUP BY batch_id ORDER BY 1"
        )
        == batches
    )
    assert [count for _, count in batches] == [3, 3]


@pytest.mark.parametrize("text", ["", "d", "0d", "1w", "1.5d", "-1d", "10000d", "1d "])
def test_an_age_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no age"):
        read_age(text)


def test_an_age_is_hours_or_days() -> None:
    assert (read_age("36h"), read_age("40d")) == (timedelta(hours=36), timedelta(days=40))


def test_a_command_that_is_none_prints_how_it_is_used() -> None:
    shown = subprocess.run(
        [sys.executable, "-m", "services.records.retell", "pending"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert shown.returncode == 2
    assert "withdrawn AGE" in shown.stderr
