"""One certificate's renewal: once, by whatever way it comes about, and never of what has ended."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from contracts.ids import DoseId
from services.chassis.bus import Bus
from services.signer.context import Context
from services.signer.documents.view import open_certificate
from services.signer.domain.claim_labels import DCC, EXPIRES, HCERT, ISSUED
from services.signer.hcert.cose import Algorithm, BadSignatureError
from services.signer.issuance.renew import renew_certificates
from services.signer.keys.files import open_key_folder
from services.signer.keys.ring import KeyRing
from services.signer.schema import intent, unrenewed
from services.signer.store.renewals import EditionKey
from tests.integration.signer.renewals import (
    IN_TIME,
    ahead,
    all_of,
    at,
    editions,
    judged,
    look,
    rewrite,
)
from tests.integration.signer.test_issuing import BrokenSigner
from tests.integration.signer.work import (
    FACILITY,
    HOA,
    HUNG,
    RESIDENCE,
    dose,
    handle,
    told,
    uvcis,
    valid_of,
    verified,
    withdrawn,
)


async def test_a_certificate_is_renewed_once_before_it_expires_and_records_is_told(
    context: Context, bus: Bus
) -> None:
    await handle(context, verified(dose(1), dose(2, HUNG)))
    (old,) = await valid_of(context, HOA)
    await told(context, bus)
    for early in (timedelta(0), timedelta(days=334)):
        ahead(context, early)
        await look(context)
    assert len(await uvcis(context)) == 2
    ahead(context, timedelta(days=336))
    await look(context)
    await look(context)
    assert await editions(context) == [(1, 1, 1), (1, 1, 2), (2, 1, 1), (2, 1, 2)]
    (new,) = await valid_of(context, HOA)
    (chunk,) = await told(context, bus)
    assert [(one.dose_id, one.version) for one in chunk.certificates] == [(1, 1), (2, 1)]
    assert chunk.certificates[0].uvci == new.intent.uvci != old.intent.uvci
    assert chunk.expires_at == new.intent.expires_at > old.intent.expires_at + timedelta(days=330)
    assert new.replaced == (old.intent.uvci, old.intent.expires_at)
    assert judged(context, new).valid
    assert judged(context, await at(context, old.intent.uvci)).valid


async def test_the_next_edition_says_the_same_of_person_and_dose_under_another_code_and_times(
    context: Context,
) -> None:
    await handle(context, verified(dose(1)))
    (old,) = await valid_of(context, HOA)
    ahead(context, IN_TIME)
    await look(context)
    (new,) = await valid_of(context, HOA)
    before, after = open_certificate(context, old), open_certificate(context, new)
    said, again = before.content.claims, after.content.claims
    assert (after.sex, after.content.nationality) == (before.sex, before.content.nationality)
    assert (
        again[HCERT][DCC]["v"][0].pop("ci") == new.intent.uvci != said[HCERT][DCC]["v"][0].pop("ci")
    )
    assert again[HCERT] == said[HCERT]
    assert (new.intent.facility_code, new.intent.residence) == (FACILITY, RESIDENCE)
    assert (again[ISSUED], again[EXPIRES]) == (
        new.intent.issued_at.timestamp(),
        new.intent.expires_at.timestamp(),
    )


async def test_a_renewed_certificate_is_renewed_again_a_year_later(context: Context) -> None:
    await handle(context, verified(dose(1)))
    for year in (1, 2):
        ahead(context, year * IN_TIME)
        await look(context)
    assert await editions(context) == [(1, 1, 1), (1, 1, 2), (1, 1, 3)]
    (newest,) = await valid_of(context, HOA)
    _, second, third = await uvcis(context)
    assert newest.replaced is not None
    assert (newest.replaced.uvci, newest.intent.uvci) == (second, third)


async def test_two_workers_that_renew_the_same_at_once_renew_it_once(
    context: Context, bus: Bus
) -> None:
    await handle(context, verified(*(dose(id) for id in range(1, 21))))
    await told(context, bus)
    ahead(context, IN_TIME)
    keys = [EditionKey(DoseId(id), 1, 1) for id in range(1, 21)]
    await asyncio.gather(*(renew_certificates(context, keys) for _ in range(4)))
    assert await editions(context) == [
        (id, 1, edition) for id in range(1, 21) for edition in (1, 2)
    ]
    assert {
        (one.dose_id, one.uvci) for chunk in await told(context, bus) for one in chunk.certificates
    } == {(one.intent.dose_id, one.intent.uvci) for one in await valid_of(context, HOA)}


async def test_a_crash_between_deciding_and_signing_is_finished_under_the_same_serial(
    context: Context, ring: KeyRing, bus: Bus
) -> None:
    await handle(context, verified(dose(1), dose(2, HUNG)))
    await told(context, bus)
    (old,) = await valid_of(context, HOA)
    ahead(context, IN_TIME)
    genuine = context.ring.active
    broken = BrokenSigner(genuine)
    crashing = replace(
        context, ring=replace(ring, active=broken, signers={genuine.envelope.kid: broken})
    )
    with pytest.raises(BadSignatureError):
        await look(crashing)
    minted = set(await uvcis(context))
    assert len(minted) == 4
    assert list(await valid_of(context, HOA)) == [old]
    assert await told(context, bus) == []
    ahead(context, IN_TIME + timedelta(hours=1))
    await look(context)
    assert set(await uvcis(context)) == minted
    (chunk,) = await told(context, bus)
    assert chunk.issued_at == (await valid_of(context, HOA))[0].intent.issued_at
    assert {one.uvci for one in chunk.certificates} == {
        (await valid_of(context, one))[0].intent.uvci for one in (HOA, HUNG)
    }


async def test_what_was_decided_is_finished_even_if_it_would_be_refused_now(
    context: Context, ring: KeyRing
) -> None:
    await handle(context, verified(dose(1)))
    ahead(context, IN_TIME)
    genuine = context.ring.active
    broken = BrokenSigner(genuine)
    crashing = replace(
        context, ring=replace(ring, active=broken, signers={genuine.envelope.kid: broken})
    )
    with pytest.raises(BadSignatureError):
        await look(crashing)
    await rewrite(context, 1, "ORG-100001699")
    await look(context)
    assert await editions(context) == [(1, 1, 1), (1, 1, 2)]
    assert await all_of(context, unrenewed) == []


async def test_what_is_withdrawn_or_superseded_is_not_renewed(context: Context) -> None:
    await handle(context, verified(dose(1), dose(2), dose(3), dose(4)))
    await handle(context, withdrawn(1))
    await handle(context, verified(dose(2, version=2), dose(3, None, version=2)))
    ahead(context, IN_TIME)
    await look(context)
    assert await editions(context) == [
        (1, 1, 1),
        (2, 1, 1),
        (2, 2, 1),
        (2, 2, 2),
        (3, 1, 1),
        (4, 1, 1),
        (4, 1, 2),
    ]
    assert [(one.intent.dose_id, one.intent.version) for one in await valid_of(context, HOA)] == [
        (2, 2),
        (4, 1),
    ]


@pytest.mark.parametrize(
    "end",
    [withdrawn(1), verified(dose(1, version=2)), verified(dose(1, None, version=2))],
    ids=lambda e: e.type,
)
async def test_the_end_of_a_renewed_version_revokes_every_edition(
    context: Context, client: httpx.AsyncClient, end: Any
) -> None:
    await handle(context, verified(dose(1)))
    ahead(context, IN_TIME)
    await look(context)
    both = [await at(context, uvci) for uvci in await uvcis(context)]
    assert [judged(context, one).valid for one in both] == [True, True]
    await handle(context, end)
    assert all([(await at(context, one.intent.uvci)).revoked for one in both])
    for one in both:
        answer = await client.post(
            "/signer/v1/verify", json={"qr": open_certificate(context, one).qr}
        )
        assert answer.json()["code"] == "REVOKED"
    listed = (await client.get("/signer/v1/revocations")).json()["items"]
    assert len({item["hash"] for item in listed}) == 2


async def test_a_dose_withdrawn_or_corrected_while_it_is_renewed_keeps_no_valid_old_edition(
    context: Context,
) -> None:
    await handle(context, verified(*(dose(id) for id in range(1, 25))))
    ahead(context, IN_TIME)
    for id in range(1, 13):
        await asyncio.gather(
            renew_certificates(context, [EditionKey(DoseId(id), 1, 1)]),
            handle(context, withdrawn(id)),
        )
    for id in range(13, 25):
        await asyncio.gather(
            renew_certificates(context, [EditionKey(DoseId(id), 1, 1)]),
            handle(context, verified(dose(id, version=2))),
        )
    assert [(one.intent.dose_id, one.intent.version) for one in await valid_of(context, HOA)] == [
        (id, 2) for id in range(13, 25)
    ]
    async with context.db.begin() as tx:
        unrevoked = (
            "SELECT count(*) FROM intent WHERE version = 1 AND NOT EXISTS (SELECT FROM revocation r"
            " WHERE r.uvci = intent.uvci)"
        )
        assert (await tx.execute(text(unrevoked))).scalar_one() == 0


async def test_a_renewed_dose_that_comes_once_more_changes_nothing_and_tells_of_its_newest_edition(
    context: Context, bus: Bus
) -> None:
    await handle(context, verified(dose(1)))
    ahead(context, IN_TIME)
    await look(context)
    before, minted = await valid_of(context, HOA), await uvcis(context)
    await told(context, bus)
    await handle(context, verified(dose(1), dose(2)))
    assert (await valid_of(context, HOA))[0] == before[0]
    assert len(await uvcis(context)) == len(minted) + 1
    heard = {
        one.dose_id: one.uvci for chunk in await told(context, bus) for one in chunk.certificates
    }
    assert heard == {1: before[0].intent.uvci, 2: next(iter({*await uvcis(context)} - {*minted}))}


async def test_the_next_edition_is_signed_by_the_key_that_is_in_use_then(
    context: Context, tmp_path: Path
) -> None:
    await handle(context, verified(dose(1)))
    (old,) = await valid_of(context, HOA)
    ahead(context, IN_TIME)
    later = open_key_folder(tmp_path / "keys", Algorithm.ES256, "VN", "test", context.clock())
    await look(replace(context, ring=later))
    (new,) = await valid_of(context, HOA)
    assert new.intent.kid == later.active.envelope.kid != old.intent.kid
    rotated = replace(
        context,
        ring=later,
        trust=context.trust + type(context.trust).of([later.active.certificate]),
    )
    assert judged(rotated, new).valid
    assert judged(rotated, await at(context, old.intent.uvci)).valid


async def test_what_is_stored_of_a_person_is_sealed_in_every_edition(context: Context) -> None:
    await handle(context, verified(dose(1)))
    ahead(context, IN_TIME)
    await look(context)
    rows = await all_of(context, intent)
    assert len(rows) == 2
    for row in rows:
        assert not any(
            secret in row.claims
            for secret in ("Nguyễn".encode(), b"NGUYEN", b"1980-05-03", HOA.personal_id.encode())
        )
