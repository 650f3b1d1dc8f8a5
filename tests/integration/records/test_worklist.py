"""The worklist: who sees what of it, its order and counts, and who takes what in hand."""

from typing import Any

from contracts.access import Role
from contracts.words import Grade, Reason
from tests.integration.records.conftest import Records
from tests.support.files import typed

WRONG = (Grade.MISMATCH, [Reason.NAME_DIFFERS])
PHONE = (Grade.ILL_FORMED_ID, [Reason.ID_IS_PHONE_NUMBER])


def sources(page: dict[str, Any]) -> list[str]:
    return [item["dose"]["source_id"] for item in page["items"]]


async def some(records: Records) -> None:
    """a, b: one person of commune 24769; c: an older one of another commune; d: at another
    facility.
    """
    await records.record([
        typed(source_id="a"),
        typed(source_id="c", full_name="Lê Văn C", date_of_birth="01/02/1940",
        personal_id="0912345678", phone="", commune_code="24770"),
        typed(source_id="b", dose_number="1", date_given="12/09/2021"),
        typed(source_id="d", full_name="Lê Thị D", facility_code="79001", province_code="79",
        district_code="760", commune_code="26734"),
        typed(source_id="right", full_name="Lê Thị E"),
    ])  # fmt: skip
    await records.judge(
        {"a": WRONG, "b": WRONG, "c": PHONE, "d": WRONG, "right": (Grade.EXACT, [])}
    )


async def test_everybody_sees_the_doses_within_reach_that_wait_and_no_others(
    records: Records,
) -> None:
    await some(records)
    assert sources(await records.caller().get("/worklist")) == ["a", "c", "b", "d"]
    assert sources(await records.caller(Role.FACILITY, facility="79001").get("/worklist")) == ["d"]
    assert sources(await records.caller(Role.STATION, areas=["6867224770"]).get("/worklist")) == [
        "c"
    ]
    assert sources(await records.caller(Role.POLICE, areas=["68"]).get("/worklist")) == [
        "a",
        "c",
        "b",
    ]


async def test_filters_choose_by_place_grade_reason_and_age(records: Records) -> None:
    await some(records)
    ministry = records.caller()
    for filters, expected in (
        ({"province": "79"}, ["d"]), ({"district": "672"}, ["a", "c", "b"]), ({"commune": "24770"},
        ["c"]),
        ({"facility": "68001"}, ["a", "c", "b"]), ({"grade": "ill_formed_id"}, ["c"]),
        ({"reason": "NAME_DIFFERS"}, ["a", "b", "d"]),
        ({"min_age": 70}, ["c"]), ({"max_age": 69}, ["a", "b", "d"]),
    ):  # fmt: skip
        assert sources(await ministry.get("/worklist", **filters)) == expected, filters


async def test_a_person_with_several_wrong_doses_comes_first_by_unlocked(
    records: Records,
) -> None:
    await some(records)
    ministry, seen, cursor = records.caller(), [], None
    while True:
        page = await ministry.get(
            "/worklist", order="unlocked", limit=1, **({"cursor": cursor} if cursor else {})
        )
        seen += [(item["dose"]["source_id"], item["doses_unlocked"]) for item in page["items"]]
        if (cursor := page["next"]) is None:
            break
    assert seen[:2] == [("a", 2), ("b", 2)]
    assert sorted(seen[2:]) == [("c", 1), ("d", 1)]
    refused = await ministry.ask(
        "GET",
        "/worklist",
        params={"cursor": (await ministry.get("/worklist", limit=1))["next"], "order": "unlocked"},
    )
    assert refused.status_code == 422


async def test_what_the_rules_make_of_a_row_is_proposed_from_what_was_typed_alone(
    records: Records,
) -> None:
    await some(records)
    [item] = (await records.caller(Role.STATION, areas=["6867224770"]).get("/worklist"))["items"]
    [proposal] = item["proposals"]
    assert proposal["rule"] == "PHONE_TO_ITS_FIELD"
    assert proposal["changes"] == [
        {"field": "personal_id", "before": "0912345678", "after": ""},
        {"field": "phone", "before": "", "after": "0912345678"},
    ]


async def test_the_summary_counts_doses_and_people_by_commune_facility_and_reason(
    records: Records,
) -> None:
    await some(records)
    ministry = records.caller()
    by_commune = (await ministry.get("/worklist/summary", by="commune"))["items"]
    largest = {"group": "24769", "doses": 2, "people": 1, "certain": 0, "likely": 0}
    assert by_commune[0] == largest
    assert {
        line["group"]: line["doses"]
        for line in (await ministry.get("/worklist/summary", by="facility"))["items"]
    } == {
        "68001": 3,
        "79001": 1,
    }
    of_province = await records.caller(Role.PROVINCE, areas=["68"]).get(
        "/worklist/summary", by="reason"
    )
    assert {line["group"]: line["doses"] for line in of_province["items"]} == {
        "NAME_DIFFERS": 2,
        "ID_IS_PHONE_NUMBER": 1,
    }


async def test_a_dose_stays_with_its_assignee_through_a_correction_that_is_still_wrong(
    records: Records,
) -> None:
    await some(records)
    ids, station = await records.ids(), records.caller(Role.STATION, areas=["68"])
    told = await station.post(
        "/worklist/assign",
        {"dose_ids": [ids["a"], ids["b"], ids["d"], ids["right"]], "assignee": "chị Hoa"},
    )
    assert told == {"assigned": 2, "not_found": [ids["d"], ids["right"]]}
    patched = await station.ask(
        "PATCH",
        f"/doses/{ids['a']}",
        json={"reason": "seen the papers", "person": {"full_name": "Nguyễn Thị Ví"}},
    )
    assert patched.status_code == 200
    assert sources(await station.get("/worklist", assignee="chị Hoa")) == ["b"]
    await records.judge({"a": WRONG})
    assert sources(await station.get("/worklist", assignee="chị Hoa")) == ["a", "b"]
    await records.judge({"a": (Grade.EXACT, []), "b": (Grade.EXACT, [])})
    await records.judge({"a": WRONG})
    assert (await station.get("/worklist", assignee="chị Hoa"))["items"] == []
