import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from contracts.events import CertificatesIssued, RegistryPerson
from services.chassis.bus import Bus
from services.signer.context import Context
from services.signer.documents.view import open_certificate
from services.signer.hcert.cose import BadSignatureError
from services.signer.hcert.verify import verify
from services.signer.issuance.service import EventRoute, issue_certificates
from services.signer.keys.port import Signer
from services.signer.keys.ring import KeyRing
from tests.integration.signer.work import (
    ANNA,
    HOA,
    HUNG,
    dose,
    handle,
    told,
    uvcis,
    valid_of,
    verified,
    withdrawn,
)
from tests.support.bus import take_waiting


def a_baby(context: Context) -> RegistryPerson:
    """Who is a year old, whenever this runs."""
    return replace(
        HOA,
        personal_id="068321000002",
        date_of_birth=(context.clock() - timedelta(days=365)).date().isoformat(),
    )


async def test_an_eligible_dose_becomes_a_valid_certificate_and_records_is_told(
    context: Context, bus: Bus
) -> None:
    await handle(context, verified(dose(1), dose(2, HUNG), dose(3, None)))
    (chunk,) = await told(context, bus)
    assert [one.dose_id for one in chunk.certificates] == [1, 2]
    assert chunk.refused == []
    (stored,) = await valid_of(context, HOA)
    assert stored.intent.uvci == chunk.certificates[0].uvci
    verdict = verify(open_certificate(context, stored).qr, context.trust, context.clock())
    assert verdict.valid
    assert verdict.opened
    assert verdict.opened.payload["nam"] == {
        "fn": "Nguyễn",
        "fnt": "NGUYEN",
        "gn": "Thị Hòa",
        "gnt": "THI<HOA",
    }


async def test_a_foreigner_is_found_by_passport_number(context: Context) -> None:
    await handle(context, verified(dose(1, ANNA)))
    assert len(await valid_of(context, ANNA)) == 1


async def test_an_express_dose_is_told_on_the_express_lane(context: Context, bus: Bus) -> None:
    await handle(context, replace(verified(dose(1)), topic="doses.verified.express.v1"))
    assert await told(context, bus) == []
    assert len(await told(context, bus, "certificates.issued.express.v1")) == 1


async def test_a_dose_that_may_not_be_certified_is_refused_with_its_reason_and_costs_no_other(
    context: Context, bus: Bus
) -> None:
    child = a_baby(context)
    await handle(context, verified(dose(1, child), dose(2, product="snake-oil"), dose(3)))
    chunks = await told(context, bus)
    assert {(one.dose_id, one.code) for chunk in chunks for one in chunk.refused} == {
        (1, "TOO_YOUNG"),
        (2, "PRODUCT_UNKNOWN"),
    }
    assert [one.dose_id for chunk in chunks for one in chunk.certificates] == [3]


async def test_the_same_event_twice_issues_once(context: Context, bus: Bus) -> None:
    event = verified(dose(1), dose(2, HUNG))
    await handle(context, event)
    await handle(context, event)
    await handle(context, event, event)
    assert len(await uvcis(context)) == 2
    assert len(await told(context, bus)) == 1


async def test_the_same_doses_under_another_event_keep_their_serials_times_and_signatures(
    context: Context, bus: Bus
) -> None:
    await handle(context, verified(dose(1), dose(2, HUNG)))
    before = [*await valid_of(context, HOA), *await valid_of(context, HUNG)]
    (first,) = await told(context, bus)
    await handle(context, verified(dose(2, HUNG), dose(1), dose(3, ANNA)))
    assert [*await valid_of(context, HOA), *await valid_of(context, HUNG)] == before
    again = {
        one.dose_id: one.uvci for chunk in await told(context, bus) for one in chunk.certificates
    }
    assert {one.dose_id: one.uvci for one in first.certificates}.items() < again.items()
    assert set(again) == {1, 2, 3}


class BrokenSigner:
    """A device that signs nothing fit to be stored, as after a crash between deciding and
    signing.
    """

    def __init__(self, genuine: Signer) -> None:
        self.certificate, self.public_key = genuine.certificate, genuine.public_key
        self.envelope, self.window = genuine.envelope, genuine.window

    def sign(self, to_be_signed: bytes) -> bytes:
        """Nothing."""
        return b""


async def test_a_crash_between_deciding_and_signing_is_finished_under_the_same_serial(
    context: Context, ring: KeyRing, bus: Bus
) -> None:
    event, genuine = verified(dose(1), dose(2, HUNG)), context.ring.active
    broken = BrokenSigner(genuine)
    crashing = replace(
        context, ring=replace(ring, active=broken, signers={genuine.envelope.kid: broken})
    )
    with pytest.raises(BadSignatureError):
        await handle(crashing, event)
    minted = await uvcis(context)
    assert len(minted) == 2
    assert await valid_of(context, HOA) == []
    assert await told(context, bus) == []
    await handle(context, event)
    assert await uvcis(context) == minted
    (chunk,) = await told(context, bus)
    assert sorted(one.uvci for one in chunk.certificates) == sorted(minted)
    assert chunk.issued_at == (await valid_of(context, HOA))[0].intent.issued_at


async def test_a_crash_before_the_last_commit_leaves_nothing_told_and_is_repeated_whole(
    context: Context, bus: Bus
) -> None:
    event = verified(dose(1))
    with pytest.raises(RuntimeError, match="power cut"):
        async with context.db.begin() as tx:
            await issue_certificates(context, tx, [dose(1)], EventRoute(False, "key"))
            raise RuntimeError("power cut")
    assert await told(context, bus) == []
    minted = await uvcis(context)
    await handle(context, event)
    assert await uvcis(context) == minted
    assert len(await told(context, bus)) == 1


async def test_a_corrected_dose_gets_a_new_certificate_and_the_old_one_is_revoked(
    context: Context,
) -> None:
    await handle(context, verified(dose(1, number=1)))
    (old,) = await valid_of(context, HOA)
    await handle(context, verified(dose(1, number=2, version=2)))
    (new,) = await valid_of(context, HOA)
    assert new.intent.uvci != old.intent.uvci
    assert new.intent.version == 2


async def test_an_older_version_that_comes_late_is_not_issued(context: Context, bus: Bus) -> None:
    await handle(context, verified(dose(1, version=2)))
    (issued,) = await valid_of(context, HOA)
    await handle(context, verified(dose(1, HUNG, version=1)))
    assert list(await valid_of(context, HOA)) == [issued]
    assert await valid_of(context, HUNG) == []


async def test_two_versions_issued_at_once_leave_the_newer_one_valid(context: Context) -> None:
    for id in range(1, 13):
        await asyncio.gather(
            handle(context, verified(dose(id))), handle(context, verified(dose(id, version=2)))
        )
    assert {(one.intent.dose_id, one.intent.version) for one in await valid_of(context, HOA)} == {
        (id, 2) for id in range(1, 13)
    }


async def test_a_dose_corrected_into_something_not_eligible_loses_its_certificate(
    context: Context,
) -> None:
    await handle(context, verified(dose(1)))
    await handle(context, verified(dose(1, None, version=2)))
    assert await valid_of(context, HOA) == []
    await handle(context, verified(dose(1, version=2)))
    assert [one.intent.version for one in await valid_of(context, HOA)] == [2]


async def test_a_withdrawn_dose_is_revoked_once_and_does_not_come_back(context: Context) -> None:
    await handle(context, verified(dose(1), dose(2)))
    await handle(context, withdrawn(1))
    await handle(context, withdrawn(1))
    assert [one.intent.dose_id for one in await valid_of(context, HOA)] == [2]
    await handle(context, verified(dose(1)))
    assert [one.intent.dose_id for one in await valid_of(context, HOA)] == [2]


async def test_a_withdrawal_that_comes_first_keeps_the_dose_from_being_issued(
    context: Context, bus: Bus
) -> None:
    await handle(context, withdrawn(1, version=1))
    await handle(context, verified(dose(1), dose(2)))
    assert [one.intent.dose_id for one in await valid_of(context, HOA)] == [2]
    await handle(context, verified(dose(1, version=2)))
    assert {one.intent.dose_id for one in await valid_of(context, HOA)} == {1, 2}


async def test_a_dose_withdrawn_while_it_is_issued_ends_revoked(context: Context) -> None:
    for id in range(1, 13):
        await asyncio.gather(handle(context, verified(dose(id))), handle(context, withdrawn(id)))
    assert await valid_of(context, HOA) == []


async def test_what_is_stored_of_a_person_is_sealed(context: Context) -> None:
    await handle(context, verified(dose(1)))
    (stored,) = await valid_of(context, HOA)
    for secret in ("Nguyễn".encode(), b"NGUYEN", b"1980-05-03", HOA.personal_id.encode()):
        assert secret not in stored.intent.claims


async def test_what_was_verified_in_several_traces_and_comes_together_is_told_in_the_trace_of_each(
    context: Context, bus: Bus
) -> None:
    traces = [f"00-{n}bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01" for n in (1, 2)]
    events = [verified(dose(1), dose(3, HUNG)), verified(dose(2, a_baby(context)), dose(4, HUNG))]
    await handle(
        context,
        *(
            replace(event, headers={"traceparent": one})
            for event, one in zip(events, traces, strict=True)
        ),
    )
    while await context.outbox.drain_once():
        pass
    doses: dict[str, set[int]] = {}
    refused: set[int] = set()
    for event in await take_waiting(bus, "certificates.issued.v1"):
        chunk = CertificatesIssued.model_validate_json(event.value)
        doses.setdefault(event.headers["traceparent"][:35], set()).update(
            (one.dose_id for one in chunk.certificates),
            (one.dose_id for one in chunk.refused),
        )
        refused.update(one.dose_id for one in chunk.refused)
    assert refused == {2}
    assert doses == {traces[0][:35]: {1, 3}, traces[1][:35]: {2, 4}}
