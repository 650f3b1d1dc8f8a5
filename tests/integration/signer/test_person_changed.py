"""A certificate survives a correction that would make the dose another person's, and ends when that
is confirmed.
"""

from dataclasses import replace

import pytest

from contracts.events import RegistryPerson, VerifiedDose
from contracts.words import Doubt, Grade
from services.chassis.bus import Bus
from services.signer.context import Context
from tests.integration.signer.work import (
    HOA,
    HUNG,
    dose,
    handle,
    told,
    valid_of,
    verified,
    withdrawn,
)

CHANGED = (Doubt.PERSON_CHANGED.value,)


def held(
    id: int, version: int, grade: Grade = Grade.REVIEW, doubts: tuple[str, ...] = CHANGED
) -> VerifiedDose:
    """A version that waits for people."""
    return replace(dose(id, None, version=version), grade=grade, doubts=doubts)


async def _versions(context: Context, who: RegistryPerson = HOA) -> list[int]:
    return [one.intent.version for one in await valid_of(context, who)]


@pytest.mark.parametrize("grade", [Grade.REVIEW, Grade.NOT_FOUND])
async def test_the_certificate_survives_and_is_revoked_when_the_confirmed_version_is_issued(
    context: Context, bus: Bus, grade: Grade
) -> None:
    await handle(context, verified(dose(1)))
    await handle(context, verified(held(1, 2, grade)))
    assert await _versions(context) == [1]
    await handle(context, verified(held(1, 3, grade, ("SECOND_HAND", *CHANGED)), dose(2)))
    assert await _versions(context) == [1, 1]
    await handle(context, verified(dose(1, HUNG, version=4)))
    assert [one.intent.dose_id for one in await valid_of(context, HOA)] == [2]
    assert await _versions(context, HUNG) == [4]
    assert len(await told(context, bus)) == 3


async def test_a_version_that_is_held_does_not_keep_an_older_one_from_being_issued_that_comes_later(
    context: Context,
) -> None:
    await handle(context, verified(held(1, 2)))
    await handle(context, verified(dose(1)))
    assert await _versions(context) == [1]
    await handle(context, verified(held(2, 2), dose(2)))
    assert len(await valid_of(context, HOA)) == 2


@pytest.mark.parametrize("doubts", [(), ("SECOND_HAND", "FROM_THE_FUTURE")])
async def test_for_any_other_doubt_the_certificate_ends_as_ever(
    context: Context, doubts: tuple[str, ...]
) -> None:
    await handle(context, verified(dose(1)))
    await handle(context, verified(held(1, 2, doubts=doubts)))
    assert await _versions(context) == []


async def test_what_is_withdrawn_while_it_waits_ends(context: Context) -> None:
    await handle(context, verified(dose(1)))
    await handle(context, verified(held(1, 2)))
    await handle(context, withdrawn(1, 2))
    assert await _versions(context) == []


async def test_back_to_the_first_person_the_new_certificate_takes_the_place_of_the_old_one(
    context: Context,
) -> None:
    await handle(context, verified(dose(1)))
    await handle(context, verified(held(1, 2)))
    await handle(context, verified(dose(1, version=3)))
    assert await _versions(context) == [3]


async def test_a_held_version_and_one_that_ends_it_in_one_batch_end_it(context: Context) -> None:
    await handle(context, verified(dose(1)))
    await handle(context, verified(held(1, 2), held(1, 3, Grade.MISMATCH, ())))
    assert await _versions(context) == []
