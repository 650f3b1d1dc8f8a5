"""A look-up by a number that the person had before, and who else may have had it."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest

from contracts.events import LookupsUnanswered
from contracts.topics import UNANSWERED
from services.chassis.bus import Bus
from services.signer.context import Context
from services.signer.workers.lookup_mailer import work_off
from tests.integration.signer.test_lookups import RIGHT
from tests.integration.signer.work import FIRST, HOA, HUNG, SECOND, dose, handle, verified
from tests.support.bus import PATIENCE_S, take_waiting
from tests.support.mail import Sink

CARD = "271234567"
LAN = replace(HOA, personal_id="068180000077", full_name="Nguyễn Thị Lan", old_ids=(CARD,))
HOA_BEFORE = replace(HOA, old_ids=(CARD, "068180999999"))


@pytest.fixture
async def worker(context: Context, sink: Sink) -> AsyncIterator[None]:
    stop = asyncio.Event()
    working = asyncio.create_task(work_off(context, sink.mailer(), stop))
    yield
    stop.set()
    async with asyncio.timeout(PATIENCE_S):
        await working


async def _ask(context: Context, client: httpx.AsyncClient, **changed: str) -> None:
    answer = await client.post("/signer/v1/lookups", json={**RIGHT, **changed})
    assert answer.status_code == 202
    async with asyncio.timeout(PATIENCE_S):
        await context.lookups.waiting.join()


async def _unanswered(context: Context, bus: Bus) -> list[LookupsUnanswered]:
    while await context.outbox.drain_once():
        pass
    events = await take_waiting(bus, UNANSWERED.name)
    return [LookupsUnanswered.model_validate_json(event.value) for event in events]


@pytest.mark.usefixtures("worker")
@pytest.mark.parametrize("number", [CARD, "271 234 567", "068180999999", HOA.personal_id])
async def test_who_has_an_old_card_asks_by_its_number(
    number: str, context: Context, client: httpx.AsyncClient, sink: Sink
) -> None:
    await handle(context, verified(dose(1, HOA_BEFORE, given=SECOND), dose(2, LAN, given=SECOND)))
    await _ask(context, client, personal_id=number)
    assert [message["To"] for message in sink.taken] == ["hoa@example.vn"]


@pytest.mark.usefixtures("worker")
async def test_of_two_whom_one_card_was_issued_to_who_are_alike_nobody_is_mailed(
    context: Context, client: httpx.AsyncClient, sink: Sink
) -> None:
    namesake = replace(HOA_BEFORE, personal_id="068180000077")
    await handle(
        context, verified(dose(1, HOA_BEFORE, given=SECOND), dose(2, namesake, given=SECOND))
    )
    await _ask(context, client, personal_id=CARD)
    assert sink.taken == []
    # with the number that each has now they are two people
    await _ask(context, client, personal_id=HOA.personal_id)
    assert len(sink.taken) == 1


@pytest.mark.usefixtures("worker")
async def test_a_twin_with_the_others_number_gets_nothing(
    context: Context, client: httpx.AsyncClient, sink: Sink
) -> None:
    await handle(context, verified(dose(1, HOA_BEFORE, given=SECOND)))
    for name in ("Nguyễn Thị Hoa", "Nguyễn Thị Hóa", "Nguyễn Hòa", "Nguyễn Thị Hoan"):
        await _ask(context, client, full_name=name)
        await _ask(context, client, full_name=name, personal_id=CARD)
    assert sink.taken == []


@pytest.mark.usefixtures("worker")
async def test_records_is_told_what_was_sent_no_passport_for(
    context: Context, client: httpx.AsyncClient, sink: Sink, bus: Bus
) -> None:
    await handle(context, verified(dose(1, given=FIRST), dose(3, HUNG, given=FIRST)))
    await _ask(context, client, personal_id="068 180 000 001")
    await _ask(context, client, last_dose_date=FIRST.isoformat())
    # what is no number finds no dose either, and is told to nobody
    await _ask(context, client, personal_id="C01X00T47")
    assert len(sink.taken) == 1
    ((asked,),) = [event.lookups for event in await _unanswered(context, bus)]
    assert (asked.personal_id, asked.last_dose_date) == (HOA.personal_id, SECOND)
    assert asked.email == "hoa@example.vn"
