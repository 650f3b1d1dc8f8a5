"""One injection has one certificate, under however many record codes it was typed; and what follows
a series of one dose is n/1.
"""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from contracts.events import CertificatesIssued, RegistryPerson, VerifiedDose
from services.chassis.bus import Bus
from services.signer.context import Context
from services.signer.documents.view import injections, open_certificate, passport_of
from services.signer.workers.renewal import renew_due
from tests.integration.signer.renewals import ahead
from tests.integration.signer.work import (
    FIRST,
    HOA,
    HUNG,
    dose,
    handle,
    told,
    valid_of,
    verified,
    withdrawn,
)

SECOND_DAY, LATER = FIRST + timedelta(days=40), FIRST + timedelta(days=120)


def refused(events: list[CertificatesIssued]) -> dict[int, str]:
    """The codes of refused doses, by id."""
    return {dose.dose_id: dose.code for event in events for dose in event.refused}


def issued(events: list[CertificatesIssued]) -> list[int]:
    """The ids of doses that got a certificate."""
    return sorted(dose.dose_id for event in events for dose in event.certificates)


async def certified(context: Context) -> list[int]:
    """The ids of the doses for which Hoa has a valid certificate."""
    return [one.intent.dose_id for one in await valid_of(context, HOA)]


async def series_of(context: Context) -> list[str]:
    """Dose number and series of each of Hoa's certificates."""
    shown = [
        open_certificate(context, stored).content.dose for stored in await valid_of(context, HOA)
    ]
    return [f"{one['dn']}/{one['sd']}" for one in shown]


def same(id: int, person: RegistryPerson | None = HOA, **otherwise: Any) -> VerifiedDose:
    """The first injection of Hoa, under another record code."""
    return dose(id, person, **{"given": FIRST, **otherwise})


async def test_in_one_event_the_first_record_counts(context: Context, bus: Bus) -> None:
    await handle(context, verified(*(same(id) for id in range(1, 9)), dose(9, HUNG, given=FIRST)))
    events = await told(context, bus)
    assert (issued(events), refused(events)) == (
        [1, 9],
        dict.fromkeys(range(2, 9), "DUPLICATE_DOSE"),
    )
    assert await certified(context) == [1]


async def test_in_later_events_the_first_record_counts(context: Context, bus: Bus) -> None:
    for id in (5, 3, 7):
        await handle(context, verified(same(id)))
    events = await told(context, bus)
    assert (issued(events), refused(events)) == ([5], {3: "DUPLICATE_DOSE", 7: "DUPLICATE_DOSE"})


async def test_of_records_that_come_at_once_one_is_certified(context: Context, bus: Bus) -> None:
    for round_ in range(6):
        day = FIRST + timedelta(days=round_)
        ids = [10 * round_ + n for n in range(1, 5)]
        await asyncio.gather(*(handle(context, verified(dose(id, given=day))) for id in ids))
        events = await told(context, bus)
        assert (len(issued(events)), len(refused(events))) == (1, 3)
    assert len(await certified(context)) == 6


async def test_another_day_or_number_is_another_injection(context: Context) -> None:
    await handle(
        context,
        verified(
            same(1), same(2, given=SECOND_DAY), same(3, number=2), same(4, kind="booster", number=3)
        ),
    )
    assert len(await certified(context)) == 4


async def test_a_correction_of_the_certified_record_is_no_duplicate_of_itself(
    context: Context, bus: Bus
) -> None:
    await handle(context, verified(same(1)))
    await handle(context, verified(same(1, version=2, product="spikevax")))
    await handle(context, verified(same(2)))
    assert refused(await told(context, bus)) == {2: "DUPLICATE_DOSE"}
    assert [(one.intent.dose_id, one.intent.version) for one in await valid_of(context, HOA)] == [
        (1, 2)
    ]


@pytest.mark.parametrize(
    "corrected",
    [{"product": "spikevax"}, {"given": SECOND_DAY}, {"number": 2}],
    ids=["else", "day", "number"],
)
@pytest.mark.parametrize("order", [(1, 2), (2, 1)], ids=["in order", "reversed"])
async def test_two_versions_of_a_record_at_once_are_one_certificate(
    context: Context, bus: Bus, corrected: dict[str, Any], order: tuple[int, int]
) -> None:
    versions = {1: same(1), 2: same(1, version=2, **corrected)}
    await handle(context, verified(*(versions[at] for at in order)))
    assert issued(await told(context, bus)) == [1]
    assert [(one.intent.dose_id, one.intent.version) for one in await valid_of(context, HOA)] == [
        (1, 2)
    ]
    # the older version stands for no injection: another record of what it said is free to
    await handle(context, verified(same(2)))
    assert refused(await told(context, bus)) == (
        {2: "DUPLICATE_DOSE"} if "product" in corrected else {}
    )


async def test_once_the_certified_record_is_gone_the_other_gets_its_turn(context: Context) -> None:
    await handle(context, verified(same(1), same(2), same(3)))
    await handle(context, withdrawn(1))
    await handle(context, verified(same(2, version=2)))
    assert await certified(context) == [2]
    # corrected into another injection
    await handle(context, verified(same(2, version=3, given=SECOND_DAY)))
    await handle(context, verified(same(3, version=2)))
    assert sorted(await certified(context)) == [2, 3]
    # corrected into what people must decide
    await handle(context, verified(same(3, None, version=3)))
    await handle(context, verified(same(1, version=2)))
    assert sorted(await certified(context)) == [1, 2]


async def test_what_is_corrected_into_a_certified_injection_loses_its_own_certificate(
    context: Context, bus: Bus
) -> None:
    await handle(context, verified(same(1), same(2, given=SECOND_DAY)))
    await handle(context, verified(same(2, version=2)))
    assert refused(await told(context, bus)) == {2: "DUPLICATE_DOSE"}
    assert await certified(context) == [1]


async def test_an_event_that_comes_once_more_changes_nothing(context: Context, bus: Bus) -> None:
    doses = verified(same(1), same(2))
    await handle(context, doses)
    before = await told(context, bus)
    again = verified(same(1), same(2))
    await handle(context, again)
    events = await told(context, bus)
    assert (
        (issued(events), refused(events))
        == (issued(before), refused(before))
        == ([1], {2: "DUPLICATE_DOSE"})
    )
    assert await certified(context) == [1]


async def test_the_passport_counts_an_injection_once_that_was_certified_twice_before(
    context: Context,
) -> None:
    await handle(context, verified(same(1)))
    async with context.db.begin() as tx:
        # as what was signed before numbers were kept
        await tx.raw.execute("UPDATE intent SET dose_number = NULL")
    await handle(context, verified(same(2), same(3, given=SECOND_DAY, number=2)))
    shown = [open_certificate(context, stored) for stored in await valid_of(context, HOA)]
    assert len(shown) == 3
    counted = {line.field: line.value_vi for line in passport_of(injections(shown))}
    assert counted["doses_received"] == "2"


async def test_what_follows_a_series_of_one_is_of_one(context: Context) -> None:
    await handle(context, verified(same(1, product="janssen")))
    await handle(context, verified(same(2, given=SECOND_DAY, number=2, kind="booster")))
    await handle(context, verified(same(3, given=LATER, number=3, kind="booster")))
    assert await series_of(context) == ["1/1", "2/1", "3/1"]


async def test_in_one_event_too(context: Context) -> None:
    await handle(
        context,
        verified(
            same(1, product="janssen"),
            same(3, given=LATER, number=3, kind="booster"),
            dose(4, HUNG, given=LATER, number=3, kind="booster"),
        ),
    )
    assert await series_of(context) == ["1/1", "3/1"]
    [hung] = await valid_of(context, HUNG)
    assert open_certificate(context, hung).content.dose["sd"] == 3


async def test_a_later_dose_that_came_first_is_told_so_once_the_series_is_known(
    context: Context,
) -> None:
    await handle(context, verified(same(3, given=LATER, number=3, kind="booster")))
    assert await series_of(context) == ["3/3"]
    await handle(context, verified(same(1, product="janssen")))
    ahead(context, timedelta(minutes=2))
    await renew_due(context, asyncio.Event())
    assert await series_of(context) == ["1/1", "3/1"]
