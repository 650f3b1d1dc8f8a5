"""Suggestions: who is shown whom, in which lists and files, and that they are current."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text

from contracts.acceptance import NumberChange
from contracts.access import Role
from contracts.events import SuggestedPerson
from contracts.words import Grade, Reason
from tests.integration.records.conftest import Caller, Records
from tests.support.files import typed

MISSING = (Grade.MISSING_ID, [Reason.ID_MISSING])
SAME = ("SAME_NAME", "SAME_BIRTH_DATE", "SAME_SEX", "SAME_COMMUNE")
HOA = SuggestedPerson(
    "068180000001",
    "Nguyễn Thị Hòa",
    "1980-05-03",
    "female",
    1.0,
    NumberChange.GIVEN,
    SAME,
    "6867224769",
    "MISSING_NUMBER_SOLE",
)
BINH = replace(
    HOA,
    personal_id="068081000012",
    full_name="Trần Quốc Bình",
    date_of_birth="1981-06-14",
    sex="male",
    confidence=0.7,
    certain=None,
)
TYPED: dict[str, Any] = {
    "full_name": "Nguyễn Thị Hòa",
    "date_of_birth": "03/05/1980",
    "sex": "Nữ",
    "personal_id": "",
}
STATION = {"areas": ["6867224769"]}


async def some(records: Records) -> None:
    """a: one is certain; b: one is likely; c: nobody is known."""
    await records.record(
        [
            typed(source_id="a", **TYPED),
            typed(source_id="b", **{**TYPED, "full_name": "Trần Quốc Binh", "dose_number": "1"}),
            typed(source_id="c", **{**TYPED, "full_name": "Lê Văn C"}),
        ]
    )
    judgements = dict.fromkeys("abc", MISSING)
    await records.judge(judgements, {"a": [HOA, BINH], "b": [BINH]})


def station(records: Records) -> Caller:
    return records.caller(Role.STATION, **STATION)


def police(records: Records) -> Caller:
    return records.caller(Role.POLICE, areas=["68"])


async def suggestions(caller: Caller, **filters: Any) -> dict[str, Any]:
    """What is suggested on the worklist, by source id."""
    page = await caller.get("/worklist", **filters)
    return {item["dose"]["source_id"]: item["suggestions"] for item in page["items"]}


async def test_the_worklist_tells_the_police_whole_and_others_no_more_than_was_typed(
    records: Records,
) -> None:
    await some(records)
    of_police = await suggestions(police(records))
    first, second = of_police["a"]["people"]
    assert (of_police["a"]["kind"], of_police["b"]["kind"]) == ("certain", "likely")
    assert of_police["c"] is None
    assert (first["personal_id"], first["full_name"]) == (HOA.personal_id, HOA.full_name)
    assert second["date_of_birth"] == BINH.date_of_birth
    assert first["evidence_text"] == "cùng họ tên, ngày sinh, giới tính, xã"
    for caller in (station(records), records.caller(Role.FACILITY, facility="68001")):
        first, second = (await suggestions(caller))["a"]["people"]
        assert first["personal_id"] == "068*********"
        assert first["full_name"] == "Nguyễn Thị Hòa"
        assert first["date_of_birth"] == "1980-05-03"
        assert second["full_name"] == "* * *"
        assert second["date_of_birth"] == "****-**-**"


async def test_whoever_steers_sees_masked_suggestions(records: Records) -> None:
    await some(records)
    first, *_ = (await suggestions(records.caller()))["a"]["people"]
    assert first["personal_id"] == "068*********"
    assert first["date_of_birth"] == "1980-**-**"
    assert first["acceptable_by"] == []


async def test_alone_with_full_confidence_is_told_as_the_only_one_in_the_country(
    records: Records,
) -> None:
    await records.record([typed(source_id="a", **TYPED)])
    await records.judge({"a": MISSING}, {"a": [HOA]})
    [person] = (await suggestions(station(records)))["a"]["people"]
    assert person["evidence_text"] == (
        "cùng họ tên, ngày sinh, giới tính, xã; duy nhất trong cả nước"
    )


async def test_the_worklist_is_filtered_by_the_kind_of_suggestion(records: Records) -> None:
    await some(records)
    for kind, sources in (("certain", ["a"]), ("likely", ["b"]), ("none", ["c"])):
        assert list(await suggestions(police(records), suggestion=kind)) == sources


async def test_the_summary_says_how_many_have_a_certain_suggestion(records: Records) -> None:
    await some(records)
    summary = await station(records).get("/worklist/summary", by="reason")
    [cause] = summary["items"]
    assert (cause["group"], cause["doses"], cause["certain"], cause["likely"]) == (
        "ID_MISSING",
        3,
        1,
        1,
    )
    assert (summary["doses"], summary["certain"], summary["likely"]) == (3, 1, 1)


@pytest.mark.parametrize("path", ["/worklist.csv", "/batches/{batch}/rows.csv"])
async def test_files_carry_the_suggestion_with_its_evidence_in_words(
    records: Records, path: str
) -> None:
    await some(records)
    batch = (await records.caller(Role.SERVICE).get("/batches"))["items"][0]["batch_id"]
    caller = records.caller(Role.SERVICE)
    file = (await caller.ask("GET", path.format(batch=batch))).text
    assert "Chắc chắn là: Nguyễn Thị Hòa, 1980-05-03, 068********* (cùng họ tên" in file
    assert HOA.personal_id not in file


async def test_rows_of_a_batch_carry_the_suggestion(records: Records) -> None:
    await some(records)
    caller = records.caller(Role.SERVICE)
    batch = (await caller.get("/batches"))["items"][0]["batch_id"]
    rows = (await caller.get(f"/batches/{batch}/rows"))["items"]
    assert [row["suggestions"] and row["suggestions"]["kind"] for row in rows] == [
        "certain",
        "likely",
        None,
    ]


async def test_a_suggestion_is_replaced_by_the_next_verification_and_gone_when_the_dose_passes(
    records: Records,
) -> None:
    await some(records)
    ids = await records.ids()
    for source, name in (("a", "Nguyễn Thị Hoa"), ("b", "Trần Quốc Bình")):
        await records.caller(Role.SERVICE).ask(
            "PATCH",
            f"/doses/{ids[source]}",
            json={"reason": "papers seen", "person": {"full_name": name}},
        )
    await records.judge({"a": MISSING, "b": (Grade.EXACT, [])}, {"a": [BINH]})
    now = await suggestions(police(records))
    assert now["a"]["people"][0]["personal_id"] == BINH.personal_id
    assert "b" not in now
    async with records.context.db.begin() as tx:
        stored = (await tx.execute(text("SELECT dose_id FROM suggestion"))).scalars().all()
    assert stored == [ids["a"]]


async def test_an_older_verification_that_comes_late_replaces_nothing(records: Records) -> None:
    await some(records)
    ids = await records.ids()
    async with records.context.db.begin() as tx:
        await tx.execute(
            text("UPDATE suggestion SET version = 2 WHERE dose_id = :id"), {"id": ids["a"]}
        )
    await records.judge({"a": MISSING}, {"a": [BINH]})
    async with records.context.db.begin() as tx:
        version = await tx.execute(
            text("SELECT version FROM suggestion WHERE dose_id = :id"), {"id": ids["a"]}
        )
        assert version.scalar_one() == 2


async def test_what_was_mended_today_is_counted_within_reach(records: Records) -> None:
    await some(records)
    await records.judge({"a": (Grade.REPAIRED, []), "b": (Grade.EXACT, [])})
    assert (await station(records).get("/worklist/summary"))["mended_today"] == 2
    elsewhere = records.caller(Role.STATION, areas=["0101100001"])
    assert (await elsewhere.get("/worklist/summary"))["mended_today"] == 0


async def test_no_number_or_name_of_a_suggested_person_is_readable_in_the_table(
    records: Records,
) -> None:
    await some(records)
    async with records.context.db.begin() as tx:
        rows = (await tx.execute(text("SELECT suggestion::text FROM suggestion"))).scalars().all()
    assert len(rows) == 2
    assert not any(HOA.personal_id.encode().hex() in row or "Hòa" in row for row in rows)
