"""Certain suggestions are confirmed by the page: by two people, after a sample, never blindly."""

import asyncio
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from contracts.access import Role
from contracts.certain_kinds import CertainKind
from contracts.words import Grade
from services.verifier.context import Context
from services.verifier.registry import NumberHolders, Registry
from tests.integration.verifier.office import Office, code
from tests.integration.verifier.work import (
    BINH,
    CHAU,
    DUNG,
    EVERYBODY,
    FIRST,
    SECOND,
    TAM,
    recorded_dose,
)
from tests.support.tokens import TestIssuer

MISSING, ANOTHERS = CertainKind.MISSING_NUMBER_SOLE, CertainKind.ANOTHERS_NUMBER_SOLE
COMMUNE, CLERK = "6868124769", "station-clerk"


@pytest.fixture
def office(context: Context, tmp_path: Path) -> Office:
    """Officers of an empty verifier."""
    return Office(context, TestIssuer(tmp_path))


class Bulk:
    """One person at the pages of bulk runs."""

    def __init__(self, office: Office, officer: str = FIRST, role: Role = Role.POLICE) -> None:
        self.office, self.officer, self.role = office, officer, role
        self.run: dict[str, Any] = {}

    async def asks(self, method: str, path: str, **more: Any) -> Any:
        return await self.office.asks(method, f"/bulk{path}", self.officer, self.role, **more)

    async def said(self, method: str, path: str, **more: Any) -> dict[str, Any]:
        answer = await self.asks(method, path, **more)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def starts(self, kind: str = MISSING, area: str = COMMUNE) -> dict[str, Any]:
        self.run = await self.said("POST", "/runs", json={"kind": kind, "area": area})
        return self.run

    async def takes(self, beside: int | None = None) -> dict[str, Any] | None:
        path = f"/runs/{self.run['id']}/pages"
        page: dict[str, Any] | None = (await self.said("POST", path, json={"beside": beside}))[
            "page"
        ]
        return page

    async def seconds(self) -> dict[str, Any] | None:
        page: dict[str, Any] | None = (await self.said("POST", "/pages/next", json={}))["page"]
        return page

    async def confirms(self, page: dict[str, Any], **besides: Any) -> dict[int, str]:
        answer = await self.said(
            "POST", f"/pages/{page['id']}/confirm", json=verdict(page, **besides)
        )
        self.run = answer["run"]
        return {item["id"]: item["outcome"] for item in answer["items"]}

    async def judges_sample(self) -> list[int]:
        """All rows of the sample are right."""
        seen: list[int] = []
        while self.run["state"] == "sample":
            page = await self.takes()
            assert page is not None and page["stage"] == "sample" and len(page["rows"]) == 1
            seen += await self.confirms(page)
        return seen


def verdict(page: dict[str, Any], taken_out: Any = (), wrong: Any = ()) -> dict[str, Any]:
    """What is sent of a page: all rows right but for those."""
    out = {*taken_out, *wrong}
    rows = [
        {name: row[name] for name in ("id", "version", "seen")}
        for row in page["rows"]
        if row["id"] not in out
    ]
    return {"rows": rows, "taken_out": list(taken_out), "wrong": list(wrong)}


async def _judged(office: Office, *dose_ids: int, number: str = "") -> None:
    people = (TAM, BINH, CHAU)
    doses = [
        recorded_dose(people[dose_id % 3], dose_id, personal_id=number) for dose_id in dose_ids
    ]
    await office.judge(*doses)


async def test_a_sample_then_pages_by_one_and_the_same_by_a_second_let_the_doses_through(
    office: Office,
) -> None:
    await _judged(office, *range(1, 21))
    first, second = Bulk(office), Bulk(office, SECOND)
    [kind] = (await first.said("GET", "/kinds"))["items"]
    assert (kind["kind"], kind["waiting"], kind["waiting_second"]) == (MISSING, 20, 0)

    assert (await first.starts())["sample_left"] == 5
    sampled = await first.judges_sample()
    assert len(set(sampled)) == 5
    page = await first.takes()
    assert page is not None and (page["stage"], len(page["rows"])) == ("first", 15)
    assert not {row["id"] for row in page["rows"]} & set(sampled)
    assert set((await first.confirms(page)).values()) == {"first_confirmed"}
    assert await first.takes() is None
    assert await office.recheck() == []

    seen: dict[int, str] = {}
    while (mine := await second.seconds()) is not None:
        assert (mine["stage"], mine["first_by"]) == ("second", FIRST)
        seen |= await second.confirms(mine)
    assert seen == dict.fromkeys(range(1, 21), "confirmed")
    told = await office.recheck()
    assert {(one.grade, one.version) for one in told} == {(Grade.REPAIRED, 2)} and len(told) == 20
    assert {one.person.personal_id for one in told if one.person} == {
        one.personal_id for one in (TAM, BINH, CHAU)
    }
    assert (await first.said("GET", "/kinds"))["items"] == []


async def test_a_page_is_told_to_records_in_one_message_and_so_is_what_is_taken_back(
    office: Office,
) -> None:
    await _judged(office, *range(1, 9))
    first = Bulk(office)
    await first.starts()
    await first.judges_sample()
    await office.news()
    page = await first.takes()
    assert page is not None
    await first.confirms(page)
    [told] = await office.news()
    assert {(case.act, case.waiting_for) for case in told.cases} == {
        ("first_confirmed", "second_officer")
    }
    assert sorted(case.dose_id for case in told.cases) == sorted(row["id"] for row in page["rows"])
    await first.said("DELETE", f"/runs/{first.run['id']}")
    [told] = await office.news()
    assert {(case.act, case.waiting_for) for case in told.cases} == {("undone", "police")}
    assert len(told.cases) == 8


async def test_one_wrong_in_the_sample_stops_the_kind_until_the_ministry_has_looked(
    office: Office,
) -> None:
    await _judged(office, *range(1, 10))
    first = Bulk(office)
    await first.starts()
    page = await first.takes()
    assert page is not None
    wrong = page["rows"][0]["id"]
    assert await first.confirms(page, wrong=[wrong]) == {wrong: "wrong"}
    assert first.run["state"] == "stopped"
    assert await office.state(wrong) == "decided"

    for other in (first, Bulk(office, SECOND), Bulk(office, CLERK, Role.STATION)):
        for area in (COMMUNE, "68681", "68"):
            answer = await other.asks("POST", "/runs", json={"kind": MISSING, "area": area})
            assert code(answer) == (409, "BULK_STOPPED")
    [kind] = (await first.said("GET", "/kinds"))["items"]
    assert kind["stopped"]

    [stop] = (await first.said("GET", "/stops"))["items"]
    assert (stop["case_id"], stop["stopped_by"]) == (wrong, FIRST)
    assert (await first.asks("POST", f"/stops/{stop['id']}/lift")).status_code == 403
    elsewhere = Bulk(office, "province-clerk", Role.PROVINCE)
    beyond = await elsewhere.asks("POST", f"/stops/{stop['id']}/lift", areas=("01",))
    assert code(beyond) == (404, "BULK_STOP_NOT_FOUND")
    ministry = Bulk(office, "ministry-clerk", Role.MINISTRY)
    assert (await ministry.said("POST", f"/stops/{stop['id']}/lift"))["lifted_by"]
    assert (await first.starts())["state"] == "sample"
    assert await office.recheck()


async def test_a_row_taken_out_stays_out_and_is_decided_singly(office: Office) -> None:
    await _judged(office, *range(1, 10))
    first = Bulk(office)
    await first.starts()
    await first.judges_sample()
    page = await first.takes()
    assert page is not None
    out = page["rows"][1]["id"]
    assert (await first.confirms(page, taken_out=[out]))[out] == "taken_out"
    assert await office.state(out) == "open"
    # told again, as a change of the registry would have it, it does not come back
    await office.corrected(out, office.current[out])
    assert (await first.said("GET", "/kinds"))["items"] == []
    assert code(await office.decides(out, "confirm", personal_id=_person(out))) == (
        200,
        "awaiting_second",
    )


def _person(dose_id: int) -> str:
    return (TAM, BINH, CHAU)[dose_id % 3].personal_id


async def test_the_second_takes_a_row_out_that_then_waits_for_a_second_officer_singly(
    office: Office,
) -> None:
    await _judged(office, 1)
    first, second = Bulk(office), Bulk(office, SECOND)
    await first.starts()
    await first.judges_sample()
    page = await second.seconds()
    assert page is not None
    assert await second.confirms(page, taken_out=[1]) == {1: "taken_out"}
    assert await second.seconds() is None
    assert await office.state(1) == "awaiting_second"
    single = await office.decides(1, "confirm", SECOND, personal_id=BINH.personal_id)
    assert code(single) == (200, "decided")


async def test_a_clerk_of_the_station_may_be_the_first_but_not_the_second_nor_of_anothers_number(
    office: Office,
) -> None:
    await _judged(office, 1, 2, 4)
    await _judged(office, 7, number=DUNG.personal_id)
    clerk = Bulk(office, CLERK, Role.STATION)
    kinds = {
        one["kind"]: one["may_be_first"] for one in (await clerk.said("GET", "/kinds"))["items"]
    }
    assert kinds == {MISSING: True, ANOTHERS: False}
    refused = await clerk.asks("POST", "/runs", json={"kind": ANOTHERS, "area": COMMUNE})
    assert code(refused) == (403, "BULK_KIND_OF_POLICE")

    await clerk.starts()
    page = await clerk.takes()
    assert page is not None
    [row] = page["rows"]
    person = next(one for one in EVERYBODY if one.personal_id == _person(row["id"]))
    assert row["personal_id"] == f"{person.personal_id[:3]}*********"
    assert row["registered_birth"] == person.date_of_birth[:4]
    assert {(one["typed"], one["registered"]) for one in row["disputed"]} == {(None, None)}
    await clerk.confirms(page)
    await clerk.judges_sample()

    assert (await clerk.asks("POST", "/pages/next", json={})).status_code == 403
    police = Bulk(office, SECOND)
    for _ in range(3):
        mine = await police.seconds()
        assert mine is not None and mine["first_by"] == CLERK
        assert set((await police.confirms(mine)).values()) == {"confirmed"}
    assert len(await office.recheck()) == 3


async def test_nobody_is_both_of_the_two(office: Office) -> None:
    await _judged(office, 1)
    first = Bulk(office)
    await first.starts()
    page = await first.takes()
    assert page is not None
    await first.confirms(page)
    assert await first.seconds() is None
    again = await first.asks("POST", f"/pages/{page['id']}/confirm", json=verdict(page))
    assert again.json()["items"] == [{"id": 1, "outcome": "first_confirmed"}]
    alone = await office.decides(1, "confirm", personal_id=BINH.personal_id)
    assert code(alone) == (409, "SECOND_OFFICER_NEEDED")
    assert await office.recheck() == []


async def test_the_number_of_the_holder_alone_takes_two_by_the_page_as_well(office: Office) -> None:
    doses = [
        recorded_dose(TAM, dose_id, date_of_birth="31/06/1985", date_precision="impossible")
        for dose_id in (1, 2)
    ]
    await office.judge(*doses)
    first = Bulk(office)
    await first.starts(CertainKind.UNREADABLE_BIRTH_HOLDER)
    await first.judges_sample()
    assert await office.state(1) == await office.state(2) == "awaiting_second"


async def test_a_dose_corrected_after_it_was_shown_is_not_confirmed_but_shown_again(
    office: Office,
) -> None:
    await _judged(office, *range(1, 8))
    first, second = Bulk(office), Bulk(office, SECOND)
    await first.starts()
    await first.judges_sample()
    page = await first.takes()
    assert page is not None
    corrected, other = (row["id"] for row in page["rows"])
    await office.corrected(
        corrected,
        recorded_dose(CHAU, 0, personal_id="", phone_number="1")
        if 0
        else replace(office.current[corrected]),
    )
    outcome = await first.confirms(page)
    assert outcome == {corrected: "changed", other: "first_confirmed"}
    again = await first.takes()
    assert again is not None
    assert [(row["id"], row["version"]) for row in again["rows"]] == [(corrected, 2)]
    # the second does not even see what was corrected since
    await first.confirms(again)
    await office.corrected(corrected, office.current[corrected])
    seen = []
    while (mine := await second.seconds()) is not None:
        seen += list(await second.confirms(mine))
    assert corrected not in seen and other in seen
    assert await office.state(corrected) == "open"


async def test_a_person_who_changed_in_the_registry_after_the_look_is_not_confirmed(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _judged(office, 1)
    first, second = Bulk(office), Bulk(office, SECOND)
    await first.starts()
    await first.judges_sample()
    mine = await second.seconds()
    assert mine is not None
    registry = office.context.registry
    lookup = registry.lookup

    async def renamed(_: Registry, numbers: Collection[str]) -> NumberHolders:
        found = await lookup(numbers)
        people = {
            number: [replace(person, full_name="Trần Quốc Bình An") for person in holders]
            for number, holders in found.people.items()
        }
        return replace(found, people=people)

    monkeypatch.setattr(Registry, "lookup", renamed)
    assert await second.confirms(mine) == {1: "changed"}
    assert await office.state(1) == "awaiting_second"
    assert await office.recheck() == []


async def test_two_who_confirm_one_page_at_once_confirm_each_row_once(office: Office) -> None:
    await _judged(office, *range(1, 31))
    first, second = Bulk(office), Bulk(office, SECOND)
    await first.starts()
    await first.judges_sample()
    page = await first.takes()
    assert page is not None
    twice = await asyncio.gather(*(first.confirms(page) for _ in range(4)))
    assert all(set(one.values()) == {"first_confirmed"} for one in twice)
    pages = []
    while (mine := await second.seconds()) is not None:
        pages.append(mine)
        await asyncio.gather(*(second.confirms(mine) for _ in range(3)))
    assert len(await office.recheck()) == 30
    assert (await second.said("GET", f"/runs/{first.run['id']}"))["confirmed"] == 30


async def test_two_firsts_get_different_rows_and_one_alone_their_open_page_again(
    office: Office,
) -> None:
    await _judged(office, *range(1, 121))
    first, other = Bulk(office), Bulk(office, SECOND)
    for one in (first, other):
        await one.starts()
        await one.judges_sample()
    pages = await asyncio.gather(first.takes(), other.takes())
    rows = [{row["id"] for row in page["rows"]} for page in pages if page is not None]
    assert [len(one) for one in rows] == [50, 50] and not rows[0] & rows[1]
    again = await first.takes()
    assert again is not None and pages[0] is not None and again["id"] == pages[0]["id"]
    beside = await first.takes(beside=again["id"])
    assert beside is not None and len(beside["rows"]) == 10


async def test_a_page_and_a_whole_run_are_taken_back_with_what_was_issued(office: Office) -> None:
    await _judged(office, *range(1, 16))
    first, second = Bulk(office), Bulk(office, SECOND)
    await first.starts()
    await first.judges_sample()
    page = await first.takes()
    assert page is not None
    await first.confirms(page)
    while (mine := await second.seconds()) is not None:
        await second.confirms(mine)
    assert len(await office.recheck()) == 15
    assert all(office.certified[dose_id].number for dose_id in range(1, 16))

    assert (await second.said("DELETE", f"/pages/{page['id']}"))["undone"] == 10
    await office.recheck()
    assert sum(office.certified[dose_id].number is not None for dose_id in range(1, 16)) == 5
    assert (await first.said("DELETE", f"/runs/{first.run['id']}")) == {"undone": 5, "left": 0}
    assert (await first.said("DELETE", f"/runs/{first.run['id']}")) == {"undone": 0, "left": 0}
    await office.recheck()
    assert not any(office.certified[dose_id].number for dose_id in range(1, 16))
    # whatever was taken back is decided singly from now on
    assert (await first.said("GET", "/kinds"))["items"] == []
    assert code(await first.asks("POST", f"/runs/{first.run['id']}/pages", json={})) == (
        409,
        "BULK_UNDONE",
    )


async def test_a_row_taken_back_alone_and_one_decided_otherwise_are_left_alone_by_the_run(
    office: Office,
) -> None:
    await _judged(office, 1, 2)
    first, second = Bulk(office), Bulk(office, SECOND)
    await first.starts()
    await first.judges_sample()
    assert code(await office.undoes(1)) == (200, "open")
    assert code(await office.decides(1, "reject", SECOND)) == (200, "decided")
    while (mine := await second.seconds()) is not None:
        await second.confirms(mine)
    assert (await first.said("DELETE", f"/runs/{first.run['id']}"))["undone"] == 1
    assert (await office.state(1), await office.state(2)) == ("decided", "open")


async def test_undoing_a_run_while_a_page_is_confirmed_leaves_nothing_confirmed(
    office: Office,
) -> None:
    await _judged(office, *range(1, 31))
    first = Bulk(office)
    await first.starts()
    await first.judges_sample()
    page = await first.takes()
    assert page is not None
    await asyncio.gather(
        first.asks("POST", f"/pages/{page['id']}/confirm", json=verdict(page)),
        Bulk(office, SECOND).asks("DELETE", f"/runs/{first.run['id']}"),
    )
    while (await first.said("DELETE", f"/runs/{first.run['id']}"))["left"]:
        pass
    assert {await office.state(dose_id) for dose_id in range(1, 31)} == {"open"}


async def test_a_station_takes_back_its_own_alone_and_nothing_that_the_police_confirmed(
    office: Office,
) -> None:
    await _judged(office, 1, 2)
    clerk, police = Bulk(office, CLERK, Role.STATION), Bulk(office, SECOND)
    await clerk.starts()
    page = await clerk.takes()
    assert page is not None
    await clerk.confirms(page)
    stranger = Bulk(office, "another-clerk", Role.STATION)
    refused = await stranger.asks("DELETE", f"/pages/{page['id']}")
    assert code(refused) == (403, "BULK_UNDO_OF_POLICE")
    mine = await police.seconds()
    assert mine is not None
    await police.confirms(mine)
    assert code(await clerk.asks("DELETE", f"/pages/{page['id']}")) == (403, "BULK_UNDO_OF_POLICE")
    await clerk.starts()
    await clerk.judges_sample()
    assert (await clerk.said("GET", f"/runs/{clerk.run['id']}"))["first_confirmed"] == 1


async def test_nothing_is_seen_or_confirmed_beyond_the_areas(office: Office) -> None:
    await _judged(office, 1)
    first = Bulk(office)
    run = await first.starts()
    page = await first.takes()
    assert page is not None
    far = Bulk(office, "far-officer")
    assert (await far.said("GET", "/kinds", areas=("01",)))["items"] == []
    for method, path, body in (
        ("GET", f"/runs/{run['id']}", None),
        ("POST", f"/runs/{run['id']}/pages", {}),
        ("POST", f"/pages/{page['id']}/confirm", verdict(page)),
        ("DELETE", f"/pages/{page['id']}", None),
        ("DELETE", f"/runs/{run['id']}", None),
    ):
        answer = await far.asks(method, path, areas=("01",), json=body)
        assert code(answer) == (404, "BULK_NOT_FOUND"), path
    beyond = await far.asks("POST", "/runs", areas=("01",), json={"kind": MISSING, "area": COMMUNE})
    assert code(beyond) == (403, "AREA_OUT_OF_REACH")
    # within reach, a page is its reader's alone all the same
    other = await Bulk(office, SECOND).asks(
        "POST", f"/pages/{page['id']}/confirm", json=verdict(page)
    )
    assert code(other) == (409, "BULK_PAGE_NOT_WAITING")


async def test_a_confirmation_sent_again_by_its_key_is_told_the_same(office: Office) -> None:
    await _judged(office, 1)
    first = Bulk(office)
    await first.starts()
    page = await first.takes()
    assert page is not None
    key = {"Idempotency-Key": "page-once-0001"}
    path = f"/pages/{page['id']}/confirm"
    one = await first.asks("POST", path, json=verdict(page), headers=key)
    two = await first.asks("POST", path, json=verdict(page), headers=key)
    assert (one.status_code, one.json()) == (two.status_code, two.json()) and one.is_success
    other = await first.asks("POST", path, json=verdict(page, taken_out=[1]), headers=key)
    assert code(other) == (422, "IDEMPOTENCY_KEY_REUSED")
    strange = await first.asks("POST", path, json=verdict(page, taken_out=[99]))
    assert code(strange) == (422, "BULK_ROW_NOT_ON_PAGE")
