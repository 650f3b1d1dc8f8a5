"""Verified, and refused by the signer all the same: on the desk of who can do something about it,
explained where nothing is wrong.
"""

import csv
from typing import Any

import pytest

from contracts.access import Role
from contracts.refusals import REFUSALS
from contracts.words import Grade
from deploy.audit.rules import Dose, Found, broken_rules
from deploy.audit.store import DOSES
from tests.integration.records.conftest import Judgement, Records
from tests.support.files import typed

EXACT: Judgement = (Grade.EXACT, [])
LATIN, YOUNG = REFUSALS["NAME_WITHOUT_LATIN"], REFUSALS["TOO_YOUNG"]


async def three(records: Records) -> Any:
    """a: refused for its name; b: too young; c: issued."""
    batch = await records.record([typed(n, source_id=name) for n, name in enumerate("abc")])
    await records.judge(dict.fromkeys("abc", EXACT))
    await records.sign("c", {"a": "NAME_WITHOUT_LATIN", "b": "TOO_YOUNG"})
    return batch["batch_id"]


async def listed(records: Records, **filters: Any) -> list[str]:
    return [
        item["dose"]["source_id"]
        for item in (await records.caller().get("/worklist", **filters))["items"]
    ]


async def off(records: Records) -> set[str]:
    """What the audit says of each dose by what records has."""
    async with records.context.db.begin() as tx:
        doses = [Found(Dose(*row), (), ()) for row in await tx.raw.fetch(DOSES, 0, (1 << 63) - 1)]
    return {rule.code for dose in doses for rule in broken_rules(dose)} - {
        "NOT_VERIFIED",
        "ISSUED_WITHOUT",
    }


async def test_every_row_is_told_what_to_do_or_why_nothing_is_wrong(records: Records) -> None:
    batch_id = await three(records)
    rows = {
        row["source_id"]: row
        for row in (await records.caller().get(f"/batches/{batch_id}/rows"))["items"]
    }
    told = {
        "field": "full_name",
        "code": "NAME_WITHOUT_LATIN",
        "message": LATIN.vi,
        "message_en": LATIN.en,
    }
    explained = {
        "field": "date_of_birth",
        "code": "TOO_YOUNG",
        "message": YOUNG.vi,
        "message_en": YOUNG.en,
    }
    assert {name: (row["state"], row["errors"], row["explanation"]) for name,
    row in rows.items()} == {
        "a": ("eligible", [told], None), "b": ("eligible", [], explained), "c": ("issued", [],
        None),
    }  # fmt: skip
    wrong = await records.caller().get(f"/batches/{batch_id}/rows", wrong=True)
    assert [row["source_id"] for row in wrong["items"]] == ["a"]
    dose = await records.caller(Role.SERVICE).get(f"/doses/{(await records.ids())['b']}")
    assert (dose["not_due"], dose["errors"], dose["explanation"]) == ("TOO_YOUNG", [], explained)


async def test_the_file_given_back_has_errors_in_their_column_and_no_explanation(
    records: Records,
) -> None:
    batch_id = await three(records)
    text = (await records.caller().ask("GET", f"/batches/{batch_id}/rows.csv")).content.decode(
        "utf-8-sig"
    )
    lines = {
        line["Mã bản ghi"]: (line["Trạng thái"], line["Lỗi"])
        for line in csv.DictReader(text.splitlines())
    }
    assert lines == {
        "a": ("đã xác minh, chưa cấp được", f"Họ và tên: {LATIN.vi}"),
        "b": (f"đã xác minh: {YOUNG.vi}", ""), "c": ("đã cấp hộ chiếu", ""),
    }  # fmt: skip
    worklist = (await records.caller().ask("GET", "/worklist.csv")).content.decode("utf-8-sig")
    assert [
        (line["Mã bản ghi"], line["Lỗi"]) for line in csv.DictReader(worklist.splitlines())
    ] == [("a", f"Họ và tên: {LATIN.vi}")]


async def test_the_worklist_its_counts_the_batch_and_the_progress_agree(records: Records) -> None:
    batch_id = await three(records)
    ministry = records.caller()
    [item] = (await ministry.get("/worklist"))["items"]
    assert (item["dose"]["source_id"], item["dose"]["state"], item["dose"]["grade"]) == (
        "a",
        "eligible",
        "exact",
    )
    assert [error["code"] for error in item["dose"]["errors"]] == ["NAME_WITHOUT_LATIN"]
    assert (
        await listed(records, reason="NAME_WITHOUT_LATIN")
        == await listed(records, grade="exact")
        == ["a"]
    )
    assert await listed(records, order="unlocked") == ["a"]
    assert await listed(records, reason="NAME_DIFFERS") == []
    for role, limits, seen in (
        (Role.FACILITY, {"facility": "68001"}, 1), (Role.STATION, {"areas": ["68"]}, 1),
        (Role.FACILITY, {"facility": "79001"}, 0),
    ):  # fmt: skip
        assert len((await records.caller(role, **limits).get("/worklist"))["items"]) == seen
    summary = (await ministry.get("/worklist/summary", by="reason"))["items"]
    assert summary == [
        {"group": "NAME_WITHOUT_LATIN", "doses": 1, "people": 1, "certain": 0, "likely": 0}
    ]
    batch = await ministry.get(f"/batches/{batch_id}")
    assert (batch["reasons"], batch["not_due"], batch["states"]["eligible"]) == (
        {"NAME_WITHOUT_LATIN": 1},
        2,
        2,
    )
    [line] = (await ministry.get("/progress", by="facility"))["items"]
    assert (line["refused"], line["waiting"]) == ({"NAME_WITHOUT_LATIN": 1}, {})
    assert await off(records) == set()


@pytest.mark.parametrize("last", ["issued", "refused"])
async def test_a_corrected_dose_leaves_the_list_and_comes_back_only_if_it_is_refused_again(
    records: Records, last: str
) -> None:
    await three(records)
    ids, body = (
        await records.ids(),
        {"reason": "as the passport has it", "person": {"full_name": "Nguyễn Thị Latinh"}},
    )
    assert (await records.caller().ask("PATCH", f"/doses/{ids['a']}", json=body)).status_code == 200
    assert await listed(records) == []
    await records.judge({"a": EXACT})
    assert await listed(records) == []
    await records.sign(*((["a"],) if last == "issued" else ((), {"a": "DOSE_BEFORE_BIRTH"})))
    assert await listed(records) == ([] if last == "issued" else ["a"])
    assert await off(records) == set()


async def test_a_refusal_that_comes_before_its_verification_stands_on_the_list_after_it(
    records: Records,
) -> None:
    await records.record([typed(source_id="a")])
    await records.sign(refused={"a": "NAME_WITHOUT_LATIN"})
    assert await listed(records) == []
    await records.judge({"a": (Grade.REPAIRED, [])})
    assert await listed(records, grade="repaired") == ["a"]
    await records.judge({"a": (Grade.REPAIRED, [])})
    assert await listed(records, reason="NAME_WITHOUT_LATIN") == ["a"]
    assert await off(records) == set()


async def test_what_is_issued_after_all_at_the_same_version_leaves_every_count(
    records: Records,
) -> None:
    await three(records)
    await records.sign("a")
    assert await listed(records) == []
    assert (await records.caller().get("/worklist/summary", by="reason"))["items"] == []
    [line] = (await records.caller().get("/progress", by="facility"))["items"]
    assert line["refused"] == {}
    assert await off(records) == set()


async def test_a_refusal_by_a_rule_that_is_not_known_here_is_somebodys_work_too(
    records: Records,
) -> None:
    await records.record([typed(source_id="a")])
    await records.judge({"a": EXACT})
    await records.sign(refused={"a": "OF_A_LATER_VERSION"})
    [item] = (await records.caller().get("/worklist"))["items"]
    [error] = item["dose"]["errors"]
    assert error["code"] == "OF_A_LATER_VERSION"
    assert error["message"]
    assert error["message_en"]
