"""The follower of the registry's feed: no change is missed, whenever it comes, and none is worked
off for ever.
"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from contracts.events import DosesRecheck
from contracts.ids import DoseId
from contracts.topics import RECHECK, RECORDED
from deploy.sample.population import Registered
from services.chassis.bus import Event
from services.chassis.bus.codec import decompress
from services.chassis.errors import TransientError
from services.chassis.inbox import first_time
from services.verifier.consumer import subscriptions
from services.verifier.context import Context
from services.verifier.registry_feed import SETTLED_AFTER_S, FeedFollower
from services.verifier.store import cases, feed
from tests.integration.verifier.conftest import holding
from tests.integration.verifier.work import BINH, EVERYBODY, TAM, recorded, recorded_dose
from tests.support.bus import PATIENCE_S
from tests.support.postgres import PostgresServer
from tests.support.registry import registry

SEEN = 1_000.0
SETTLED = SEEN + SETTLED_AFTER_S


def _at(seconds: float) -> Callable[[], float]:
    """A clock that stands still."""
    return lambda: seconds


def _recorded(person: Registered, dose_id: int, version: int = 1, **otherwise: Any) -> Event:
    return recorded(recorded_dose(person, dose_id, version, **otherwise))


async def _judge(context: Context, *events: Event) -> None:
    handler = {one.topic: one.handler for one in subscriptions(context)}[RECORDED.name]
    async with context.db.begin() as tx:
        await handler(tx, events)


async def _asked(context: Context) -> list[tuple[int, int]]:
    """(dose id, version) that records was asked to tell again since the last time."""
    async with context.db.begin() as tx:
        rows = await tx.raw.fetch(
            "DELETE FROM outbox WHERE topic = $1 RETURNING event_id, id, value", RECHECK.name
        )
    values: Sequence[bytes] = [
        decompress(row["value"]) for row in sorted(rows, key=lambda row: row["id"])
    ]
    return [
        (dose.dose_id, dose.version)
        for value in values
        for dose in DosesRecheck.model_validate_json(value).doses
    ]


async def _position(context: Context) -> int:
    """Up to where the feed is done with."""
    async with context.db.begin() as tx:
        return await feed.position(tx)


async def _settles(context: Context, follower: FeedFollower, sequence: int) -> None:
    """Looks until the feed is done with: any open transaction of the server, another test's too, is
    waited for.
    """
    async with asyncio.timeout(PATIENCE_S):
        while await _position(context) < sequence:
            await follower.look(_at(SETTLED))


async def _order(context: Context, person: Registered, kind: str = "corrected", **new: Any) -> None:
    client: httpx.AsyncClient = context.registry._client
    answer = await client.post(
        "/registry/v1/control",
        json={"changes": [{"kind": kind, "personal_id": person.personal_id, **new}]},
    )
    assert answer.status_code == 200, answer.text


async def test_a_change_is_worked_off_once_when_seen_and_once_when_settled(
    context: Context,
) -> None:
    await _judge(context, _recorded(TAM, 1), _recorded(BINH, 2))
    follower = FeedFollower(context)
    await _order(context, TAM, full_name="Nguyễn Thị Tám")
    await follower.look(_at(SEEN))
    assert await _asked(context) == [(1, 1)]
    await follower.look(_at(SEEN))
    assert await _asked(context) == []

    await _judge(context, _recorded(TAM, 1, 2))
    await _settles(context, follower, 1)
    # of the old version it still asks, which records knows to be old; what was judged since is left
    # alone
    assert (1, 2) not in await _asked(context)


async def test_a_verification_on_its_way_is_not_missed_however_long_it_takes(
    context: Context,
) -> None:
    follower, event = FeedFollower(context), _recorded(TAM, 1)
    handler = {one.topic: one.handler for one in subscriptions(context)}[RECORDED.name]
    async with context.db.begin() as tx:
        await first_time(tx, "verifier", [event])
        await handler(tx, [event])
        await _order(context, TAM, full_name="Nguyễn Thị Tám")
        for look in (SEEN, SETTLED, SETTLED + 3600):
            await follower.look(_at(look))
        assert await _asked(context) == []
        assert await _position(context) == 0
    await _settles(context, follower, 1)
    assert await _asked(context) == [(1, 1)]


async def test_a_change_settles_from_when_it_was_seen_however_old_it_is(
    postgres: PostgresServer, tmp_path: Path
) -> None:
    """The registry's clock is an hour behind, or its feed an hour late."""

    def behind() -> datetime:
        return datetime.now(UTC) - timedelta(hours=1)

    async with (
        registry(tmp_path, EVERYBODY, now=behind) as people,
        holding(postgres, people) as late,
    ):
        await _order(late, TAM, full_name="Nguyễn Thị Tám")
        follower = FeedFollower(late)
        await follower.look(_at(SEEN))
        await follower.look(_at(SEEN + SETTLED_AFTER_S - 1))
        assert await _position(late) == 0
        await _settles(late, follower, 1)


async def test_an_answer_of_the_very_moment_of_a_change_is_taken_for_one_of_before(
    postgres: PostgresServer, tmp_path: Path
) -> None:
    """A registry whose clock knows whole seconds, or hardly goes."""
    noon = datetime(2022, 4, 1, 12, tzinfo=UTC)
    async with (
        registry(tmp_path, EVERYBODY, now=lambda: noon) as people,
        holding(postgres, people) as coarse,
    ):
        follower, handler = (
            FeedFollower(coarse),
            {one.topic: one.handler for one in subscriptions(coarse)}[RECORDED.name],
        )
        async with coarse.db.begin() as tx:
            await handler(tx, [_recorded(TAM, 1)])
            await _order(coarse, TAM, full_name="Nguyễn Thị Tám")
            await follower.look(_at(SEEN))
        await _settles(coarse, follower, 1)
        assert await _asked(coarse) == [(1, 1)]


async def test_a_follower_that_starts_anew_goes_on_where_the_last_one_had_settled(
    context: Context,
) -> None:
    await _order(context, TAM, full_name="Nguyễn Thị Tám")
    follower = FeedFollower(context)
    await follower.look(_at(SEEN))
    await _settles(context, follower, 1)
    await _judge(context, _recorded(TAM, 1))
    await FeedFollower(context).look(_at(SEEN))
    assert await _asked(context) == []


async def test_a_follower_that_starts_anew_waits_anew_with_what_had_not_settled(
    context: Context,
) -> None:
    await _order(context, TAM, full_name="Nguyễn Thị Tám")
    await FeedFollower(context).look(_at(SEEN))
    follower = FeedFollower(context)
    for look in (SETTLED - 1, SETTLED):
        await follower.look(_at(look))
        assert await _position(context) == 0


async def test_a_change_that_touches_nothing_that_was_used_asks_for_nothing(
    context: Context,
) -> None:
    await _judge(context, _recorded(TAM, 1))
    await _order(context, TAM, commune_code="24775")
    await FeedFollower(context).look(_at(SEEN))
    assert await _asked(context) == []


async def test_many_changes_are_followed_page_by_page(context: Context) -> None:
    await _judge(context, _recorded(TAM, 1))
    client: httpx.AsyncClient = context.registry._client
    orders = [
        {"kind": "corrected", "personal_id": BINH.personal_id, "commune_code": f"{n:05}"}
        for n in range(700)
    ]
    last = {"kind": "died", "personal_id": TAM.personal_id}
    assert (
        await client.post("/registry/v1/control", json={"changes": [*orders, last]})
    ).status_code == 200
    follower = FeedFollower(context)
    await follower.look(_at(SEEN))
    await _settles(context, follower, 701)
    assert set(await _asked(context)) == {(1, 1)}


async def test_a_registry_that_is_away_moves_nothing_and_is_caught_up_with(
    context: Context,
) -> None:
    await _judge(context, _recorded(TAM, 1))
    await _order(context, TAM, kind="died")
    client: httpx.AsyncClient = context.registry._client
    await client.post("/registry/v1/control", json={"behaviour": {"outage": True}})
    follower = FeedFollower(context)
    with pytest.raises(TransientError):
        await follower.look(_at(SEEN))
    assert await _asked(context) == []
    await client.post("/registry/v1/control", json={"behaviour": {}})
    await follower.look(_at(SEEN))
    assert await _asked(context) == [(1, 1)]


async def test_an_older_version_that_comes_late_opens_no_case(context: Context) -> None:
    await _judge(context, _recorded(TAM, 1, 2))
    await _judge(context, _recorded(TAM, 1, 1, personal_id=""))
    async with context.db.begin() as tx:
        case = await cases.one(tx, DoseId(1))
    assert case is not None
    assert (case.version, case.state) == (2, "closed")
