"""A dose that was withdrawn stays so, whoever sends it again, and it is told who ended it, when and
why.
"""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text

from contracts.access import Role
from contracts.events import DosesWithdrawn
from contracts.topics import RECORDED, WITHDRAWN
from contracts.words import Grade, Reason
from deploy.audit.store import OFF_BATCHES
from services.chassis.bus.codec import decompress
from services.records import schema
from services.records.doses import corrections
from services.records.doses import store as doses
from tests.integration.records.conftest import Caller, Records
from tests.integration.records.histories import rechecked
from tests.support.files import csv_file, typed

PHONE = (Grade.ILL_FORMED_ID, [Reason.ID_IS_PHONE_NUMBER])


async def recorded(records: Records, source_id: str = "a", **fields: Any) -> int:
    await records.record([typed(source_id=source_id, **fields)])
    return (await records.ids())[source_id]


async def withdrawn(caller: Caller, dose_id: int, **how: str) -> Any:
    answer = await caller.ask("DELETE", f"/doses/{dose_id}", params=how)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def told(records: Records, topic: str) -> list[bytes]:
    """The events of a topic that wait to leave."""
    async with records.context.db.begin() as tx:
        rows = await tx.execute(
            select(schema.outbox.c.value)
            .where(schema.outbox.c.type == topic)
            .order_by(schema.outbox.c.id)
        )
        return [decompress(row.value) for row in rows]


async def stands(records: Records, dose_id: int) -> tuple[int, str]:
    dose = await records.caller(Role.SERVICE).get(f"/doses/{dose_id}")
    return dose["version"], dose["state"]


async def accounts_are_exact(records: Records) -> bool:
    async with records.context.db.begin() as tx:
        return await tx.raw.fetch(OFF_BATCHES) == []


@pytest.mark.parametrize(
    ("lot", "counts"),
    [("ABV-0041", (1, 0, 0)), ("ABV-0042", (0, 0, 1))],
    ids=["the same", "changed"],
)
async def test_an_upload_does_not_bring_it_back(
    records: Records, lot: str, counts: tuple[int, int, int]
) -> None:
    dose_id, caller = await recorded(records), records.caller(Role.SERVICE)
    await withdrawn(records.caller(), dose_id)
    before = await told(records, RECORDED.name)
    batch = await caller.upload(csv_file([typed(source_id="a", lot=lot), typed(source_id="b")]))
    assert (batch["unchanged"], batch["corrected"], batch["rejected"]) == counts
    rows = {
        row["source_id"]: row
        for row in (await records.caller().get(f"/batches/{batch['batch_id']}/rows"))["items"]
    }
    [error] = rows["a"]["errors"]
    assert error["code"] == "DOSE_WITHDRAWN"
    assert "mã bản ghi" in error["message"]
    assert "record code" in error["message_en"]
    assert rows["b"]["errors"] == []
    back = await records.caller().ask("GET", f"/batches/{batch['batch_id']}/rows.csv")
    assert [error["message"] in line for line in back.content.decode().splitlines()[1:]] == [
        True,
        False,
    ]
    assert await stands(records, dose_id) == (1, "withdrawn")
    assert len(await told(records, RECORDED.name)) == len(before) + 1
    assert await accounts_are_exact(records)


async def test_neither_does_a_file_with_its_version_nor_one_with_what_it_was_before(
    records: Records,
) -> None:
    dose_id = await recorded(records)
    correction = {"reason": "wrong lot", "lot": "ABV-0042"}
    assert (
        await records.caller().ask("PATCH", f"/doses/{dose_id}", json=correction)
    ).status_code == 200
    await withdrawn(records.caller(), dose_id)
    lines = csv_file([typed(source_id="a")]).decode().splitlines()
    for content in ("\n".join(lines), f"{lines[0]},version\n{lines[1]},2\n"):
        batch = await records.caller(Role.SERVICE).upload(content.encode())
        assert batch["rejected"] == 1
    assert await stands(records, dose_id) == (2, "withdrawn")


async def test_undoing_a_rule_leaves_it_withdrawn_and_puts_the_others_back(
    records: Records,
) -> None:
    await records.record(
        [typed(n, source_id=f"w{n}", personal_id=f"09123456{n:02}", phone="") for n in range(12)]
    )
    await records.record([typed(n, source_id=f"g{n}", facility_code="68003") for n in range(60)])
    await records.judge(
        {**{f"w{n}": PHONE for n in range(12)}, **{f"g{n}": (Grade.EXACT, []) for n in range(60)}}
    )
    ministry, ids = records.caller(), await records.ids()
    await ministry.post("/clusters/search")
    path, rule = "/clusters/facility-68001-ID_IS_PHONE_NUMBER", {"rule": "PHONE_TO_ITS_FIELD"}
    preview = await ministry.post(f"{path}/preview", rule)
    run = await ministry.post(f"{path}/apply", {**rule, "preview_token": preview["preview_token"]})
    await withdrawn(ministry, ids["w0"])
    await withdrawn(ministry, ids["w11"])
    assert (await ministry.post(f"/rule-runs/{run['run_id']}/undo"))["restored"] == 10
    assert await stands(records, ids["w0"]) == await stands(records, ids["w11"]) == (2, "withdrawn")
    assert await stands(records, ids["w5"]) == (3, "pending")


async def test_the_verifier_asking_again_does_not_bring_it_back(records: Records) -> None:
    dose_id = await recorded(records)
    await withdrawn(records.caller(), dose_id)
    await rechecked(records.context, dose_id, 1)
    assert await stands(records, dose_id) == (1, "withdrawn")


async def _waiting_for_a_lock(records: Records) -> None:
    """Until some statement of this database waits for another's row."""
    waits = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND"
        " wait_event_type = 'Lock'"
    )
    async with asyncio.timeout(10):
        while True:
            async with records.context.db.begin() as tx:
                if (await tx.execute(waits)).scalar_one():
                    return
            await asyncio.sleep(0.02)


@pytest.mark.parametrize("way", ["correction", "upload", "recheck", "rule"])
async def test_whoever_waited_for_the_withdrawal_sees_it(records: Records, way: str) -> None:
    dose_id = await recorded(records, personal_id="0912345600", phone="")
    await records.judge({"a": PHONE})
    path, rule = "/clusters/facility-68001-ID_IS_PHONE_NUMBER", {"rule": "PHONE_TO_ITS_FIELD"}
    preview = await records.caller().post(f"{path}/preview", rule)
    ways: dict[str, Any] = {
        "correction": (
            lambda: records.caller().ask(
                "PATCH", f"/doses/{dose_id}", json={"reason": "lot", "lot": "ABV-0042"}
            )
        ),
        "upload": lambda: records.record([typed(source_id="a", lot="ABV-0042")]),
        "recheck": lambda: rechecked(records.context, dose_id, 1),
        "rule": (
            lambda: records.caller().post(
                f"{path}/apply", {**rule, "preview_token": preview["preview_token"]}
            )
        ),
    }
    async with records.context.db.begin() as tx:
        row = await doses.read_dose(tx, dose_id, lock=True)
        assert row is not None
        await corrections.withdraw(records.context, tx, row, "ministry", "duplicate")
        waiting = asyncio.create_task(ways[way]())
        await _waiting_for_a_lock(records)
    await waiting
    assert await stands(records, dose_id) == (1, "withdrawn")


async def test_a_verdict_that_comes_late_puts_it_on_no_worklist(records: Records) -> None:
    dose_id, ministry = await recorded(records), records.caller()
    await records.record([typed(source_id="b")])
    await withdrawn(ministry, dose_id)
    await records.judge({name: (Grade.NOT_FOUND, [Reason.ID_NOT_FOUND]) for name in ("a", "b")})
    assert [one["dose"]["source_id"] for one in (await ministry.get("/worklist"))["items"]] == ["b"]
    assert await stands(records, dose_id) == (1, "withdrawn")
    [line] = (await ministry.get("/progress", by="facility"))["items"]
    assert {state: count for state, count in line["states"].items() if count} == {
        "withdrawn": 1,
        "needs_correction": 1,
    }
    async with records.context.db.begin() as tx:
        news = [
            dose
            for row in await tx.execute(select(schema.history_news.c.unconfirmed))
            for dose in row.unconfirmed
        ]
    assert news == [(await records.ids())["b"]]


async def test_it_is_told_who_withdrew_it_when_and_why_and_the_first_time_counts(
    records: Records,
) -> None:
    dose_id, station = await recorded(records), records.caller(Role.STATION, areas=["68"])
    assert (await station.get(f"/doses/{dose_id}"))["withdrawal"] is None
    await withdrawn(station, dose_id, code="not_given")
    await withdrawn(records.caller(), dose_id, code="duplicate")
    how = (await records.caller(Role.SERVICE).get(f"/doses/{dose_id}"))["withdrawal"]
    assert how["withdrawn_by"].startswith("station")
    assert (how["version"], how["reason"]) == (1, "not_given")
    assert (
        timedelta()
        <= datetime.now(UTC) - datetime.fromisoformat(how["withdrawn_at"])
        < timedelta(minutes=1)
    )
    [event] = await told(records, WITHDRAWN.name)
    assert [
        (one.version, one.reason) for one in DosesWithdrawn.model_validate_json(event).doses
    ] == [(1, "not_given")]


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ({}, "entered in error"),
        ({"reason": "typed twice"}, "typed twice"),
        ({"reason": "typed twice", "code": "duplicate"}, "duplicate"),
    ],
)
async def test_words_of_ones_own_are_taken_as_before_and_a_code_goes_before_them(
    records: Records, how: dict[str, str], reason: str
) -> None:
    dose_id = await recorded(records)
    await withdrawn(records.caller(), dose_id, **how)
    assert (await records.caller(Role.SERVICE).get(f"/doses/{dose_id}"))["withdrawal"][
        "reason"
    ] == reason
    assert (
        await records.caller().ask("DELETE", f"/doses/{dose_id}", params={"code": "because"})
    ).status_code == 422


@pytest.mark.parametrize(
    "change",
    ["UPDATE withdrawal SET withdrawn_by = ''", "DELETE FROM withdrawal", "TRUNCATE withdrawal"],
)
async def test_nobody_rewrites_who_withdrew(records: Records, change: str) -> None:
    await withdrawn(records.caller(), await recorded(records))
    with pytest.raises(Exception, match="append-only"):
        async with records.context.db.begin() as tx:
            await tx.execute(text(change))
