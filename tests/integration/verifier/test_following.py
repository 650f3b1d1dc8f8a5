"""The follower of the registry's feed: no change is missed, whenever it comes, and none is worked off for ever."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import httpx
import pytest

from contracts.events import DoseFacts, DosesRecheck, DosesRecorded, Person, RecordedDose, checked
from contracts.topics import RECHECK, RECORDED
from deploy.sample.population import Registered
from services.chassis.bus import Event
from services.chassis.bus.codec import decompress
from services.chassis.errors import TransientError
from services.verifier.changes import SETTLED_AFTER, Follower
from services.verifier.consumer import subscriptions
from services.verifier.context import Context
from services.verifier.store import cases, feed
from tests.integration.verifier.work import BINH, HOME, TAM


def _recorded(person: Registered, dose_id: int, version: int = 1, **otherwise: Any) -> Event:
    fields = {"full_name": person.full_name, "date_of_birth": person.date_of_birth, "sex": person.sex, "personal_id": person.personal_id}
    home = dict(zip(("province_code", "district_code", "commune_code"), HOME, strict=True))
    typed = checked(Person, {**fields, **home, "date_precision": "day"} | otherwise)
    facts = DoseFacts(product="comirnaty", lot="FK0112", dose_number=1, dose_kind="primary", date_given=date(2021, 11, 2))
    dose = RecordedDose(dose_id=dose_id, version=version, source_id=str(dose_id), facility_code="68001", person=typed, facts=facts)
    value = DosesRecorded(batch_id=1, doses=[dose]).model_dump_json().encode()
    return Event(str(uuid4()), RECORDED.name, RECORDED.name, "/records", str(dose_id), datetime.now(UTC), value, {})


async def _judge(context: Context, *events: Event) -> None:
    handler = {one.topic: one.handler for one in subscriptions(context)}[RECORDED.name]
    async with context.db.begin() as tx:
        await handler(tx, events)


async def _asked(context: Context) -> list[tuple[int, int]]:
    """(dose id, version) that records was asked to tell again since the last time."""
    async with context.db.begin() as tx:
        rows = await tx.raw.fetch("DELETE FROM outbox WHERE topic = $1 RETURNING event_id, id, value", RECHECK.name)
    values: Sequence[bytes] = [decompress(row["value"]) for row in sorted(rows, key=lambda row: row["id"])]
    return [(dose.dose_id, dose.version) for value in values for dose in DosesRecheck.model_validate_json(value).doses]


async def _order(context: Context, person: Registered, kind: str = "corrected", **new: Any) -> None:
    client: httpx.AsyncClient = context.registry._client
    answer = await client.post("/registry/v1/control", json={"changes": [{"kind": kind, "personal_id": person.personal_id, **new}]})
    assert answer.status_code == 200, answer.text


async def test_a_change_is_worked_off_once_when_seen_and_once_when_settled(context: Context) -> None:
    await _judge(context, _recorded(TAM, 1), _recorded(BINH, 2))
    follower = Follower(context)
    await _order(context, TAM, full_name="Nguyễn Thị Tám")
    now = datetime.now(UTC)
    await follower.look(now)
    assert await _asked(context) == [(1, 1)]
    await follower.look(now)
    assert await _asked(context) == []

    await _judge(context, _recorded(TAM, 1, 2))
    await follower.look(now + 2 * SETTLED_AFTER)
    async with context.db.begin() as tx:
        assert await feed.position(tx) == 1
    # of the old version it still asks, which records knows to be old; what was judged since is left alone
    assert (1, 2) not in await _asked(context)


async def test_a_verification_that_was_on_its_way_when_the_change_came_is_not_missed(context: Context) -> None:
    follower = Follower(context)
    handler = {one.topic: one.handler for one in subscriptions(context)}[RECORDED.name]
    async with context.db.begin() as tx:
        await handler(tx, [_recorded(TAM, 1)])
        await _order(context, TAM, full_name="Nguyễn Thị Tám")
        await follower.look(datetime.now(UTC))
        assert await _asked(context) == []
    await follower.look(datetime.now(UTC) + 2 * SETTLED_AFTER)
    assert await _asked(context) == [(1, 1)]


async def test_a_follower_that_starts_anew_goes_on_where_the_last_one_had_settled(context: Context) -> None:
    await _order(context, TAM, full_name="Nguyễn Thị Tám")
    await Follower(context).look(datetime.now(UTC) + 2 * SETTLED_AFTER)
    await _judge(context, _recorded(TAM, 1))
    await Follower(context).look(datetime.now(UTC))
    assert await _asked(context) == []


async def test_a_change_that_touches_nothing_that_was_used_asks_for_nothing(context: Context) -> None:
    await _judge(context, _recorded(TAM, 1))
    await _order(context, TAM, commune_code="24775")
    await Follower(context).look(datetime.now(UTC))
    assert await _asked(context) == []


async def test_many_changes_are_followed_page_by_page(context: Context) -> None:
    await _judge(context, _recorded(TAM, 1))
    client: httpx.AsyncClient = context.registry._client
    orders = [{"kind": "corrected", "personal_id": BINH.personal_id, "commune_code": f"{n:05}"} for n in range(700)]
    last = {"kind": "died", "personal_id": TAM.personal_id}
    assert (await client.post("/registry/v1/control", json={"changes": [*orders, last]})).status_code == 200
    await Follower(context).look(datetime.now(UTC) + 2 * SETTLED_AFTER)
    assert set(await _asked(context)) == {(1, 1)}
    async with context.db.begin() as tx:
        assert await feed.position(tx) == 701


async def test_a_registry_that_is_away_moves_nothing_and_is_caught_up_with(context: Context) -> None:
    await _judge(context, _recorded(TAM, 1))
    await _order(context, TAM, kind="died")
    client: httpx.AsyncClient = context.registry._client
    await client.post("/registry/v1/control", json={"behaviour": {"outage": True}})
    follower = Follower(context)
    with pytest.raises(TransientError):
        await follower.look(datetime.now(UTC))
    assert await _asked(context) == []
    await client.post("/registry/v1/control", json={"behaviour": {}})
    await follower.look(datetime.now(UTC))
    assert await _asked(context) == [(1, 1)]


async def test_an_older_version_that_comes_late_opens_no_case(context: Context) -> None:
    await _judge(context, _recorded(TAM, 1, 2))
    await _judge(context, _recorded(TAM, 1, 1, personal_id=""))
    async with context.db.begin() as tx:
        case = await cases.one(tx, 1)
    assert case is not None
    assert (case.version, case.state) == (2, "closed")
