"""One odd entry of the registry, or one odd question, holds nobody else up, and lets nobody
through.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
from pydantic import SecretStr

from contracts.events import DosesRecheck
from contracts.ids import DoseId
from contracts.topics import RECHECK, RECORDED
from contracts.words import ELIGIBLE_GRADES, Grade, Result
from deploy.sample.population import Registered
from services.chassis.bus import BusSettings, open_bus
from services.chassis.bus.codec import decompress
from services.chassis.consumer import Consumer, Limits
from services.chassis.errors import TransientError
from services.chassis.subscriptions import split_lists
from services.verifier.consumer import subscriptions
from services.verifier.context import Context
from services.verifier.domain.overrides import Override
from services.verifier.matching import match_people
from services.verifier.registry import QuestionRefusedError
from services.verifier.registry_feed import FeedFollower
from services.verifier.store import cases, feed, verification_queries
from tests.integration.verifier.conftest import holding
from tests.integration.verifier.work import BINH, CHAU, DUNG, TAM, recorded, recorded_dose
from tests.support.bus import PATIENCE_S, running, take_waiting
from tests.support.odd_registry import OddRegistry, client_of
from tests.support.postgres import PostgresServer

OLD = "250123456"
NAMELESS = "068190009999"


def _entry(person: Registered, **odd: Any) -> dict[str, Any]:
    return person._asdict() | {"old_ids": []} | odd


@pytest.fixture
def odd() -> OddRegistry:
    """Tâm without a sex, who once had another number; three others as they should be."""
    return OddRegistry(
        [_entry(TAM, sex=None, old_ids=[OLD]), _entry(BINH), _entry(CHAU), _entry(DUNG)]
    )


@pytest.fixture
async def context(postgres: PostgresServer, odd: OddRegistry) -> AsyncIterator[Context]:
    """What a process holds, over that registry."""
    async with client_of(odd) as people, holding(postgres, people) as held:
        yield held


async def _grades(context: Context, *doses: Any) -> list[Grade]:
    return [
        decision.grade
        for decision in (
            await match_people(context.registry, [dose.person for dose in doses])
        ).decisions
    ]


@pytest.mark.parametrize("number", [TAM.personal_id, OLD])
async def test_who_cannot_be_read_goes_to_people_by_every_number_and_the_others_go_on(
    context: Context, number: str
) -> None:
    judged = await match_people(
        context.registry, [recorded_dose(one, 1, personal_id=number).person for one in (TAM,)]
    )
    assert [(one.name, one.result, one.reason) for one in judged.decisions[0].attributes] == [
        ("status", Result.ABSENT_IN_REGISTRY, None)
    ]
    doses = [
        recorded_dose(TAM, 1, personal_id=number),
        recorded_dose(BINH, 2),
        recorded_dose(CHAU, 3),
    ]
    assert await _grades(context, *doses) == [Grade.REVIEW, Grade.EXACT, Grade.EXACT]
    assert context.metrics.items.labels("registry", "unreadable")._value.get() >= 2


async def test_a_number_that_somebody_unreadable_once_had_is_left_to_people_whoever_has_it_now(
    context: Context, odd: OddRegistry
) -> None:
    odd.people = [_entry(TAM, sex=None, old_ids=[BINH.personal_id]), _entry(BINH)]
    assert await _grades(context, recorded_dose(BINH, 1)) == [Grade.REVIEW]
    # nor does it go on because people once said who it was
    confirmed = {0: Override(confirmed=BINH.personal_id)}
    assert (
        await match_people(
            context.registry, [recorded_dose(DUNG, 2, personal_id=OLD).person], confirmed
        )
    ).decisions[0].person is None


async def test_a_competitor_who_cannot_be_read_is_not_overlooked(
    context: Context, odd: OddRegistry
) -> None:
    slip = recorded_dose(BINH, 1, full_name="TRAN QUOC BINH")
    assert await _grades(context, slip) == [Grade.REVIEW]
    odd.people = odd.people[1:]
    assert await _grades(context, slip) == [Grade.REPAIRED]


async def test_who_shows_no_number_is_found_by_asking_for_less(
    context: Context, odd: OddRegistry
) -> None:
    odd.nameless = {NAMELESS: {**_entry(TAM), "personal_id": None}}
    doses = [
        recorded_dose(TAM, 1, personal_id=NAMELESS),
        *[recorded_dose(one, 2) for one in (BINH, CHAU, DUNG)],
    ]
    assert await _grades(context, *doses) == [Grade.REVIEW, Grade.EXACT, Grade.EXACT, Grade.EXACT]
    assert odd.lookups == [4, 2, 2, 1, 1]


async def test_where_nobody_of_many_can_be_read_the_registry_is_waited_for(
    context: Context, odd: OddRegistry
) -> None:
    odd.people = [_entry(TAM, sex="F", personal_id=f"0681800{n:05}") for n in range(20)]
    numbers = [one["personal_id"] for one in odd.people]
    with pytest.raises(TransientError):
        await context.registry.lookup(numbers)
    with pytest.raises(TransientError):
        await context.registry.search([["any"]], 20)
    odd.changes = [
        {"sequence": n, "at": "2022-04-01T06:00:00Z", "person": one}
        for n, one in enumerate(odd.people, 1)
    ]
    with pytest.raises(TransientError):
        await context.registry.changes(0)
    odd.people = [*odd.people, _entry(BINH)]
    assert (await context.registry.lookup([*numbers, BINH.personal_id])).unreadable == set(numbers)


async def test_the_case_of_an_unreadable_person_waits_for_an_officer(
    context: Context, odd: OddRegistry
) -> None:
    handler = {one.topic: one.handler for one in subscriptions(context)}[RECORDED.name]
    async with context.db.begin() as tx:
        await handler(tx, [recorded(recorded_dose(TAM, 1))])
        case = await cases.one(tx, DoseId(1))
        assert case is not None
        assert (case.state, case.grade) == ("open", "review")
    change = {
        "sequence": 1,
        "at": "2022-04-01T06:00:00Z",
        "kind": "corrected",
        "personal_id": TAM.personal_id,
    }
    # mended by halves: the feed goes on over what cannot be read
    odd.changes = [
        {**change, "person": _entry(TAM, sex=None)},
        {**change, "sequence": 2, "person": _entry(TAM)},
    ]
    await FeedFollower(context).look(lambda: 0.0)
    async with context.db.begin() as tx:
        rows = await tx.raw.fetch("SELECT value FROM outbox WHERE topic = $1", RECHECK.name)
        assert await feed.position(tx) == 0
    asked = [
        dose.dose_id
        for row in rows
        for dose in DosesRecheck.model_validate_json(decompress(row["value"])).doses
    ]
    assert asked == [1]


async def test_a_question_that_the_registry_refuses_is_poison_alone(
    context: Context, odd: OddRegistry, postgres: PostgresServer
) -> None:
    odd.refused = CHAU.personal_id
    handler = {one.topic: one.handler for one in subscriptions(context)}[RECORDED.name]
    async with AsyncExitStack() as held:
        bus = await held.enter_async_context(
            open_bus(BusSettings(url=SecretStr(await postgres.database_url("bus")), partitions=4))
        )
        await bus.publish(
            [recorded(*[recorded_dose(one, n) for n, one in enumerate((BINH, CHAU, DUNG))])]
        )
        limits = Limits(first_backoff_s=0.01, max_backoff_s=0.02)
        consumer = Consumer(
            bus,
            context.db,
            "verifier",
            [RECORDED.name],
            handler,
            split=split_lists(("doses",)),
            limits=limits,
        )
        async with running(asyncio.create_task(consumer.run())), asyncio.timeout(PATIENCE_S):
            while (await bus.lag([RECORDED.name], "verifier"))[RECORDED.name]:
                await asyncio.sleep(0.01)
        [letter] = await take_waiting(bus, f"{RECORDED.name}.dlq")
    assert [dose["dose_id"] for dose in json.loads(letter.value)["doses"]] == [1]
    assert letter.headers["dlq_error"] == QuestionRefusedError.__name__
    async with context.db.begin() as tx:
        grades = [
            row.grade if row else None
            for row in [await verification_queries.one(tx, DoseId(n), 1) for n in range(3)]
        ]
    assert [grade in ELIGIBLE_GRADES for grade in grades] == [True, False, True]
    assert grades[1] is None


@pytest.mark.parametrize("status", [301, 401, 403, 404, 408, 429, 500, 503])
async def test_what_is_wrong_with_the_way_to_the_registry_is_waited_for(
    context: Context, odd: OddRegistry, status: int
) -> None:
    odd.refused, odd.status = None, status
    with pytest.raises(TransientError):
        await context.registry.lookup([TAM.personal_id])


@pytest.mark.parametrize("status", [400, 413, 414, 422])
async def test_a_feed_that_refuses_is_waited_for_and_a_lookup_is_not(
    context: Context, odd: OddRegistry, status: int
) -> None:
    odd.refused, odd.status = None, status
    with pytest.raises(TransientError):
        await context.registry.changes(0)
    with pytest.raises(QuestionRefusedError):
        await context.registry.lookup([TAM.personal_id])
