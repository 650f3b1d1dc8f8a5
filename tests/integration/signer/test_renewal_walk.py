"""The walk through everything that expires: what it finds, skips, leaves to the next, and says."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text, update

from services.chassis.bus import Bus
from services.signer.context import Context
from services.signer.domain.claim_labels import Window
from services.signer.hcert.cose import Algorithm
from services.signer.issuance.renew import renew_certificates
from services.signer.keys.certify import certify_signer, new_key
from services.signer.keys.files import FileSigner
from services.signer.keys.pairs import KeyPair, load_pairs
from services.signer.keys.ring import KeyRing
from services.signer.schema import intent, renewal_position, unrenewed
from services.signer.store.locks import SignerLock
from services.signer.store.renewals import EditionKey
from services.signer.workers import renewal
from services.signer.workers.renewal import renew_due, renew_forever
from tests.integration.signer.renewals import IN_TIME, ahead, all_of, editions, look, rewrite
from tests.integration.signer.work import dose, handle, told, verified, withdrawn


async def test_what_is_refused_holds_nobody_up_and_is_tried_again_a_day_later(
    context: Context, bus: Bus
) -> None:
    await handle(context, verified(dose(1), dose(2), dose(3)))
    await told(context, bus)
    await rewrite(context, 1, "ORG-100001699")
    async with context.db.begin() as tx:
        await tx.execute(update(intent).where(intent.c.dose_id == 2).values(claims=b"\0" * 64))
    ahead(context, IN_TIME)
    await look(context)
    assert await editions(context) == [(1, 1, 1), (2, 1, 1), (3, 1, 1), (3, 1, 2)]
    kept = await all_of(context, unrenewed)
    assert {(row.dose_id, row.edition, row.code) for row in kept} == {
        (1, 1, "MANUFACTURER_WRONG"),
        (2, 1, "UNREADABLE"),
    }
    await rewrite(context, 1, "ORG-100030215")
    ahead(context, IN_TIME + timedelta(hours=12))
    await look(context)
    assert await all_of(context, unrenewed) == kept
    ahead(context, IN_TIME + timedelta(hours=25))
    await look(context)
    assert (1, 1, 2) in await editions(context)
    assert [row.dose_id for row in await all_of(context, unrenewed)] == [2]
    await handle(context, withdrawn(2))
    ahead(context, IN_TIME + timedelta(hours=50))
    await look(context)
    assert await all_of(context, unrenewed) == []


async def test_after_a_long_stop_everything_is_caught_up_slice_by_slice(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(renewal, "_READ", 4)
    monkeypatch.setattr(renewal, "MAX_CHUNK", 3)
    await handle(context, verified(*(dose(id) for id in range(1, 31))))
    # ten at one second, which is more than is read at once; the others on days of their own
    async with context.db.begin() as tx:
        await tx.execute(
            text(
                "UPDATE intent SET expires_at = expires_at + dose_id * interval '1 day' WHERE"
                " dose_id > 10"
            )
        )
    ahead(context, timedelta(days=600))
    await look(context)
    assert await editions(context) == [
        (id, 1, edition) for id in range(1, 31) for edition in (1, 2)
    ]


async def test_who_stops_half_way_leaves_the_rest_to_the_next(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(renewal, "MAX_CHUNK", 2)
    await handle(context, verified(*(dose(id) for id in range(1, 8))))
    ahead(context, IN_TIME)
    stop = asyncio.Event()

    async def one_and_stop(context: Context, keys: Sequence[EditionKey]) -> None:
        await renew_certificates(context, keys)
        stop.set()

    with monkeypatch.context() as patched:
        patched.setattr(renewal, "renew_certificates", one_and_stop)
        await renew_due(context, stop)
    assert len(await editions(context)) == 7 + 2
    assert await all_of(context, renewal_position) == []
    await look(context)
    assert await editions(context) == [(id, 1, edition) for id in range(1, 8) for edition in (1, 2)]


async def test_with_a_key_that_ends_too_soon_nothing_is_renewed_and_with_the_next_one_everything(
    context: Context, ring: KeyRing, tmp_path: Path
) -> None:
    await handle(context, verified(dose(1)))
    ahead(context, IN_TIME)
    ending = replace(context, ring=replace(ring, active=_ending_signer(context, tmp_path)))
    await look(ending)
    assert await editions(context) == [(1, 1, 1)]
    assert await all_of(context, renewal_position) == []
    await look(context)
    assert await editions(context) == [(1, 1, 1), (1, 1, 2)]


def _ending_signer(context: Context, tmp_path: Path) -> FileSigner:
    (root,) = load_pairs(tmp_path / "keys", "csca")
    key = new_key(Algorithm.ES256)
    signer = FileSigner(
        KeyPair(
            key,
            certify_signer(key.public_key(), root.key, root.certificate, "test", context.clock()),
        )
    )
    soon = int((context.clock() + timedelta(days=29)).timestamp())
    signer.window = Window(signer.window.not_before, soon)
    return signer


async def test_a_shorter_validity_sets_the_position_back(context: Context) -> None:
    ahead(context, IN_TIME)
    await look(context)
    brief = replace(context, profile=replace(context.profile, validity_months=1))
    await look(brief)
    await handle(brief, verified(dose(1)))
    ahead(context, IN_TIME + timedelta(days=20))
    await look(brief)
    assert await editions(context) == [(1, 1, 1), (1, 1, 2)]


async def test_the_worker_renews_by_itself_and_says_what_is_overdue(context: Context) -> None:
    await handle(context, verified(dose(1), dose(2)))
    await rewrite(context, 1, "ORG-100001699")
    ahead(context, IN_TIME)
    stop = asyncio.Event()
    running = asyncio.create_task(renew_forever(context, stop))

    def overdue(why: str) -> float | None:
        return context.metrics.registry.get_sample_value("renewals_overdue", {"why": why})

    async with asyncio.timeout(20):
        while overdue("refused") is None:
            await asyncio.sleep(0.02)
    stop.set()
    await running
    assert (overdue("behind"), overdue("refused")) == (0, 1)
    count = context.metrics.registry.get_sample_value
    assert count("items_total", {"stage": "renewed", "outcome": "issued"}) == 1
    assert count("items_total", {"stage": "renewed", "outcome": "refused"}) == 1
    assert count("items_total", {"stage": "signed", "outcome": "issued"}) == 2


async def test_while_one_worker_renews_the_others_only_count_what_is_behind(
    context: Context,
) -> None:
    await handle(context, verified(dose(1), dose(2)))
    ahead(context, IN_TIME)
    stop = asyncio.Event()
    async with context.db.lock(SignerLock.RENEWAL):
        running = asyncio.create_task(renew_forever(context, stop))
        async with asyncio.timeout(20):
            while (
                behind := context.metrics.registry.get_sample_value(
                    "renewals_overdue", {"why": "behind"}
                )
            ) is None:
                await asyncio.sleep(0.02)
        stop.set()
        await running
    assert behind == 2
    assert await editions(context) == [(1, 1, 1), (2, 1, 1)]
