"""Who writes to the bus mints nothing: events that their topic's writer has not signed are set
aside, and the honest ones beside them are handled.
"""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
from pydantic import SecretStr

from contracts.topics import RECORDED, VERIFIED, WITHDRAWN, Topic
from contracts.words import State
from deploy.audit import letters
from deploy.sample import generate
from services.chassis.bus import Bus, BusSettings, Event, open_bus
from services.chassis.bus.codec import compress, decompress
from services.chassis.bus.settings import REPLAYED
from tests.integration.signer.work import dose, verified, withdrawn
from tests.integration.verifier.work import BINH, EVERYBODY, TAM, typed
from tests.support.bus import PATIENCE_S
from tests.support.country import EVERYONE, Country, open_country
from tests.support.postgres import PostgresServer, postgres  # noqa: F401
from tests.support.signatures import signatures
from tests.support.stack import System

_MINTED = "SELECT uvci FROM intent ORDER BY uvci"
_REVOKED = "SELECT uvci FROM revocation ORDER BY uvci"
_STRANGER = 900_001


@pytest.fixture
async def country(postgres: PostgresServer, tmp_path: Path) -> AsyncIterator[Country]:
    """Three services with one dose issued, and another one waiting to be sent."""
    async with open_country(postgres, tmp_path, EVERYBODY) as opened:
        answer = await opened.client.post("/batches", json={"doses": [typed(TAM)]})
        assert answer.status_code == 202, answer.text
        await opened.work(*EVERYONE)
        assert len(await opened.rows("signer", _MINTED)) == 1
        yield opened


async def events_of(url: str, topic: Topic) -> list[Event]:
    """What lies in the event log on both lanes, as somebody who reads the bus sees it."""
    connection = await asyncpg.connect(url)
    try:
        rows = await connection.fetch(
            "SELECT topic, id, type, source, key, time, headers, value FROM event"
            " WHERE topic = ANY($1) ORDER BY position", [topic.name, topic.express],
        )  # fmt: skip
    finally:
        await connection.close()
    return [
        Event(
            row["id"], row["topic"], row["type"], row["source"], row["key"], row["time"],
            decompress(row["value"]), json.loads(row["headers"]),
        )
        for row in rows
    ]  # fmt: skip


def of_another_dose(event: Event) -> Event:
    """The same event about a dose that nobody has recorded."""
    value = json.loads(event.value)
    value["doses"][0]["dose_id"] = _STRANGER
    value["doses"][0]["facts"]["date_given"] = "2021-12-24"
    return replace(event, id=str(uuid4()), value=json.dumps(value).encode())


def by_a_stranger(event: Event, folder: Path) -> Event:
    """Signed with a key that somebody has made."""
    return signatures(folder / "stranger")["verifier"].signer.sign(event)


def by_records(event: Event, folder: Path) -> Event:
    """Signed by whoever has taken records over, which may not say this."""
    return signatures(folder / "events")["records"].signer.sign(event)


FORGERIES: dict[str, tuple[Topic, Callable[[Event, Path], Event]]] = {
    "verified, without a signature": (
        VERIFIED, lambda event, _: replace(of_another_dose(event), headers={})
    ),
    "verified, altered": (VERIFIED, lambda event, _: of_another_dose(event)),
    "verified, by a stranger": (
        VERIFIED, lambda event, folder: by_a_stranger(of_another_dose(event), folder)
    ),
    "recorded, without a signature": (
        RECORDED, lambda event, _: replace(of_another_dose(event), headers={})
    ),
    "recorded, altered": (RECORDED, lambda event, _: of_another_dose(event)),
    "recorded, moved to the lane of verified": (
        RECORDED, lambda event, _: replace(event, topic=VERIFIED.name, id=str(uuid4()))
    ),
    "recorded, as a withdrawal": (
        RECORDED, lambda event, _: replace(event, topic=WITHDRAWN.name, type=WITHDRAWN.name)
    ),
}  # fmt: skip


@pytest.mark.parametrize("forgery", FORGERIES)
async def test_a_forged_event_mints_nothing_and_lies_among_the_dead_letters(
    country: Country, tmp_path: Path, forgery: str
) -> None:
    minted = await country.rows("signer", _MINTED)
    topic, forge = FORGERIES[forgery]
    [honest] = await events_of(country.bus_url, topic)
    forged = forge(honest, tmp_path)
    await country.bus.publish([forged])
    answer = await country.client.post("/batches", json={"doses": [typed(BINH)]})
    assert answer.status_code == 202, answer.text
    await country.work(*EVERYONE)
    now = await country.rows("signer", _MINTED)
    assert len(now) == 2 and set(minted) < set(now)
    assert {stand[1] for stand in (await country.stand()).values()} == {State.ISSUED}
    lying = [one async for one in letters.waiting(country.bus, [forged.topic])]
    assert {letter.id for letter in lying} == {forged.id}
    assert {letter.headers["dlq_error"] for letter in lying} == {"UntrustedEventError"}


async def test_what_a_taken_over_records_says_in_the_verifier_s_place_mints_nothing(
    country: Country, tmp_path: Path
) -> None:
    [honest] = await events_of(country.bus_url, VERIFIED)
    minted = await country.rows("signer", _MINTED)
    await country.bus.publish([by_records(of_another_dose(honest), tmp_path)])
    await country.work(*EVERYONE)
    assert await country.rows("signer", _MINTED) == minted


async def test_a_row_put_into_the_verifier_s_outbox_mints_nothing(
    country: Country,
) -> None:
    answer = await country.client.post("/batches", json={"doses": [typed(BINH)]})
    assert answer.status_code == 202, answer.text
    await country.publish("records")
    minted = await country.rows("signer", _MINTED)
    service = country.services["verifier"]
    async with service.db.begin() as tx:
        await tx.raw.execute(
            "INSERT INTO outbox (topic, key, type, event_id, time, headers, value)"
            " SELECT $1, 'k', $1, 'x', now(), '{}', $2",
            VERIFIED.name, compress(verified(dose(9)).value),
        )  # fmt: skip
    await country.work("verifier", "signer")
    assert len(await country.rows("signer", _MINTED)) == len(minted) + 1


async def test_a_forged_withdrawal_revokes_nothing(country: Country) -> None:
    [dose_id] = await country.stand()
    await country.bus.publish([withdrawn(dose_id)])
    await country.work(*EVERYONE)
    assert await country.rows("signer", _REVOKED) == []
    assert len([one async for one in letters.waiting(country.bus, [WITHDRAWN.name])]) == 2


async def test_an_old_event_that_is_sent_again_brings_back_nothing_that_ended(
    country: Country,
) -> None:
    [dose_id] = await country.stand()
    old = [
        event for topic in (RECORDED, VERIFIED) for event in await events_of(country.bus_url, topic)
    ]
    answer = await country.client.request(
        "DELETE", f"/doses/{dose_id}", params={"reason": "entered_in_error"}
    )
    assert answer.is_success, answer.text
    await country.work(*EVERYONE)
    minted, revoked = await country.rows("signer", _MINTED), await country.rows("signer", _REVOKED)
    assert minted == revoked
    # as it was, and under the one other id that its signature allows: that of people's replay
    again = [replace(event, id=event.id + REPLAYED * times) for event in old for times in range(3)]
    await country.bus.publish(again)
    await country.work(*EVERYONE)
    assert await country.rows("signer", _MINTED) == minted
    assert await country.rows("signer", _REVOKED) == revoked
    assert {stand[1] for stand in (await country.stand()).values()} == {State.WITHDRAWN}


async def test_the_running_system_counts_what_is_forged_and_goes_on(
    target: System, tmp_path: Path
) -> None:
    before = await _minted(target)
    settings = BusSettings(url=SecretStr(target.stack.databases["bus"]))
    async with open_bus(settings) as bus:
        forged = [replace(verified(dose(_STRANGER + n)), time=datetime.now(UTC)) for n in range(30)]
        await bus.publish(forged)
        generate(500, 2021, tmp_path, 60)
        batch = await target.push((tmp_path / "doses.csv").read_bytes())
        assert batch["states"]["issued"]
        # records and the signer each set them aside
        lying = await _letters(bus, 2 * len(forged))
        assert lying == {"UntrustedEventError": 2 * len(forged)}
        with target.stack.direct("signer") as client:
            shown = client.get("/signer/metrics").text
        counted = 'events_total{outcome="untrusted",topic="doses.verified.v1"} 30.0'
        assert counted in shown
        assert "event_signatures_required 1.0" in shown
        await letters.settle(bus, letters.topic_names(), lambda _: True, replay=False)
    assert await _minted(target) == before + batch["states"]["issued"]


async def _minted(target: System) -> int:
    connection = await asyncpg.connect(target.stack.databases["signer"])
    try:
        return int(await connection.fetchval("SELECT count(*) FROM signature"))
    finally:
        await connection.close()


async def _letters(bus: Bus, count: int) -> Counter[str]:
    """The dead letters by their error, once there are so many."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            lying = [one async for one in letters.waiting(bus, letters.topic_names())]
            if len(lying) >= count:
                return Counter(letter.headers["dlq_error"] for letter in lying)
            await asyncio.sleep(0.1)
