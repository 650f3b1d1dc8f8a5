"""Older versions of a dose end with the newer one, in whatever order and company their events come;
and what is not finished waits.
"""

from dataclasses import replace

import pytest

from contracts.events import VerifiedDose
from services.chassis.bus import Bus
from services.chassis.errors import TransientError
from services.signer.context import Context
from services.signer.hcert.cose import BadSignatureError
from services.signer.issuance.decided_before import IntentOfAnotherError
from services.signer.keys.certified import RetiredKey
from services.signer.keys.port import Signer
from services.signer.keys.ring import KeyRing
from tests.integration.signer.test_issuing import BrokenSigner
from tests.integration.signer.work import (
    HOA,
    HUNG,
    SECOND,
    dose,
    handle,
    told,
    uvcis,
    valid_of,
    verified,
)


def _not_yet_five(context: Context, id: int, version: int) -> VerifiedDose:
    """A version that the registry corrected into one to which nothing is due."""
    born = context.clock().replace(year=context.clock().year - 1)
    return dose(id, replace(HOA, date_of_birth=born.date().isoformat()), version=version)


async def test_a_version_and_its_rejected_recheck_in_one_batch_leave_nothing_valid(
    context: Context, bus: Bus
) -> None:
    await handle(context, verified(dose(1)), verified(dose(1, None, version=2), dose(2)))
    assert [one.intent.dose_id for one in await valid_of(context, HOA)] == [2]
    assert [one.dose_id for chunk in await told(context, bus) for one in chunk.certificates] == [2]


async def test_a_newer_version_that_is_refused_ends_the_certificate_of_the_older_one(
    context: Context, bus: Bus
) -> None:
    await handle(context, verified(dose(1)))
    assert len(await valid_of(context, HOA)) == 1
    await handle(context, verified(_not_yet_five(context, 1, version=2)))
    assert await valid_of(context, HOA) == []
    assert [
        (one.dose_id, one.version, one.code)
        for chunk in await told(context, bus)
        for one in chunk.refused
    ] == [(1, 2, "TOO_YOUNG")]


async def test_an_older_version_that_comes_after_a_refused_newer_one_gets_nothing(
    context: Context,
) -> None:
    await handle(context, verified(_not_yet_five(context, 1, version=2)))
    await handle(context, verified(dose(1)))
    assert await valid_of(context, HOA) == []
    await handle(context, verified(_not_yet_five(context, 2, version=2), dose(2)))
    assert await valid_of(context, HOA) == []


async def test_a_refusal_that_is_the_systems_fault_ends_nothing(context: Context) -> None:
    await handle(context, verified(dose(1)))
    misconfigured = replace(context, profile=replace(context.profile, issuer=""))
    await handle(misconfigured, verified(dose(1, version=2)))
    (standing,) = await valid_of(context, HOA)
    assert standing.intent.version == 1


async def test_intents_of_a_key_that_is_gone_wait_for_it(
    context: Context, ring: KeyRing, bus: Bus
) -> None:
    event, genuine = verified(dose(1), dose(2, HUNG)), context.ring.active
    kid, broken = genuine.envelope.kid, BrokenSigner(genuine)
    with pytest.raises(BadSignatureError):
        await handle(
            replace(context, ring=replace(ring, active=broken, signers={kid: broken})),
            event,
        )
    minted = await uvcis(context)
    gone: tuple[dict[bytes, Signer], ...] = ({}, {kid: RetiredKey(genuine.certificate)})
    for signers in gone:
        with pytest.raises(TransientError, match=kid.hex()):
            await handle(replace(context, ring=replace(ring, signers=signers)), event)
    await handle(context, event)
    assert await uvcis(context) == minted
    assert len(await told(context, bus)) == 1


@pytest.mark.parametrize("other", [dose(1, HUNG), dose(1, given=SECOND)], ids=["person", "day"])
async def test_a_stored_intent_is_finished_for_nobody_else_and_no_other_day(
    context: Context, other: VerifiedDose
) -> None:
    await handle(context, verified(dose(1)))
    with pytest.raises(IntentOfAnotherError):
        await handle(context, verified(other))
    assert len(await valid_of(context, HOA)) == 1
    assert await valid_of(context, HUNG) == []
