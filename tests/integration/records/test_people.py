"""A person is found by a number or by name and birth date, within reach; every look is kept."""

from itertools import chain
from typing import Any

import pytest
from sqlalchemy import text

from contracts.access import Role
from contracts.words import Grade, Reason
from services.chassis.telemetry import Metrics
from services.records.histories.service import search_queued
from services.records.people.naming import name_some
from services.records.schema import audit
from tests.integration.records.conftest import Records
from tests.integration.records.people import BORN, NAME, NUMBER, OLD, confirmed, found, search
from tests.support.files import typed
from tests.support.volumes import volumes

ONE, TWO, OTHER = "68001-0000001", "68001-0000002", "68001-0000003"
FIRST = typed(1)
SECOND = typed(2, dose_number="3", dose_kind="Nhắc lại", date_given="12/02/2022")
HERS = typed(3, full_name="Trần Thị Khác", personal_id="068180000019", date_of_birth="04/06/1981")


async def test_a_person_is_found_by_their_number_with_all_their_doses(records: Records) -> None:
    await records.record([FIRST, SECOND, HERS])
    await confirmed(records, ONE, TWO)
    await records.sign([ONE])
    [person] = (await search(records.caller(), number=NUMBER))["items"]
    assert (person["found_by"], person["confirmed"]) == ("number", True)
    assert [dose["source_id"] for dose in person["doses"]] == [ONE, TWO]
    assert [dose["state"] for dose in person["doses"]] == ["issued", "eligible"]
    assert person["doses"][0]["uvci"] == f"URN:{ONE}"
    assert person["person"]["full_name"] == NAME
    assert person["doses"][0]["since"]


async def test_a_number_the_person_had_before_finds_them_too(records: Records) -> None:
    await records.record([FIRST])
    await confirmed(records, ONE, old_ids=[OLD])
    [person] = (await search(records.caller(), number="250 123 456"))["items"]
    assert person["found_by"] == "old_number"
    assert await found(records.caller(), number="250123457") == []


async def test_a_number_that_nobody_confirmed_finds_the_doses_it_was_typed_for(
    records: Records,
) -> None:
    await records.record([FIRST, HERS._replace(personal_id=NUMBER)])
    await records.judge({ONE: (Grade.MISMATCH, [Reason.NAME_DIFFERS]), OTHER: (Grade.REVIEW, [])})
    context = records.context
    await search_queued(context.db, context.sealer, context.metrics, context.cfg.history.spacing)
    people = (await search(records.caller(), number=NUMBER))["items"]
    assert [(one["found_by"], one["confirmed"]) for one in people] == [("typed_number", False)] * 2
    assert people[0]["doses"][0]["errors"][0]["code"] == "NAME_DIFFERS"


@pytest.mark.parametrize(
    ("name", "born", "unlike"),
    [
        ("Nguyễn Thị Ví Dụ", "03/05/1980", []),
        ("nguyen thi vi du", "1980-05-03", ["accents"]),
        ("Ví Dụ Nguyễn Thị", "3/5/1980", ["order"]),
        ("NGUYEN  VI DU THI", "05/03/1980", ["accents", "order", "day_month_swapped"]),
    ],
)
async def test_a_name_is_found_without_accents_and_in_any_order_with_the_birth_date_or_its_swap(
    records: Records, name: str, born: str, unlike: list[str]
) -> None:
    await records.record([FIRST, HERS])
    [person] = (await search(records.caller(), full_name=name, date_of_birth=born))["items"]
    assert (person["found_by"], person["unlike"]) == ("name", unlike)
    assert [dose["source_id"] for dose in person["doses"]] == [ONE]
    assert await found(records.caller(), full_name=name, date_of_birth="04/05/1980") == []


async def test_doses_typed_otherwise_come_with_a_person_who_is_found(records: Records) -> None:
    await records.record([FIRST, SECOND._replace(full_name="Nguyễn T. Ví Dụ")])
    await confirmed(records, ONE, TWO, reasons=(Reason.NAME_ABBREVIATED,))
    assert await found(records.caller(), full_name=NAME, date_of_birth=BORN) == [[ONE, TWO]]


async def test_the_registrys_name_finds_a_dose_for_which_another_was_typed(
    records: Records,
) -> None:
    await records.record([FIRST._replace(full_name="Nguyễn T. Ví Dụ")])
    asked: dict[str, Any] = {"full_name": NAME, "date_of_birth": BORN}
    assert await found(records.caller(), **asked) == []
    await confirmed(records, ONE, reasons=(Reason.NAME_ABBREVIATED,))
    [person] = (await search(records.caller(), **asked))["items"]
    assert person["unlike"] == ["name"]


async def test_a_birth_year_alone_finds_only_together_with_a_place(records: Records) -> None:
    await records.record([FIRST, SECOND._replace(date_of_birth="1980")])
    ministry, asked = records.caller(), {"full_name": NAME, "date_of_birth": "1980"}
    refused = await search(ministry, 422, **asked)
    assert refused["code"] == "SEARCH_YEAR_NEEDS_PLACE"
    assert await found(ministry, **asked, commune_code="24769") == [[ONE, TWO]]
    assert await found(ministry, **asked, district_code="673") == []
    # and a whole date finds who is recorded with a year alone
    assert await found(ministry, full_name=NAME, date_of_birth=BORN) == [[ONE, TWO]]


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"full_name": NAME},
        {"full_name": "", "date_of_birth": BORN},
        {"full_name": "...", "date_of_birth": BORN},
        {"full_name": NAME, "date_of_birth": "31/02/1980"},
        {"number": "12345"},
        {"number": NUMBER, "full_name": NAME, "date_of_birth": BORN},
        {"passport_number": "C1234567"},
    ],
)
async def test_too_little_is_refused_and_nothing_personal_said(
    records: Records, asked: dict[str, Any]
) -> None:
    refused = await search(records.caller(), 422, **asked)
    assert NAME not in str(refused)
    assert NUMBER not in str(refused)


async def test_a_foreigner_is_found_by_passport_and_nationality(records: Records) -> None:
    foreign = FIRST._replace(
        personal_id="", passport_number="12AB 34567", nationality="France", full_name="Jean Dupont"
    )
    await records.record([foreign])
    person: dict[str, Any] = {
        "personal_id": "",
        "passport_number": "12AB34567",
        "nationality": "FR",
    }
    await confirmed(records, ONE, **person)
    asked = {"passport_number": "12ab-34567", "nationality": "FR"}
    assert await found(records.caller(), **asked) == [[ONE]]
    assert await found(records.caller(), **{**asked, "nationality": "DE"}) == []


@pytest.mark.parametrize(
    ("role", "limits", "seen"),
    [
        (Role.FACILITY, {"facility": "68001"}, [[ONE]]),
        (Role.FACILITY, {"facility": "68002"}, [[TWO]]),
        (Role.STATION, {"areas": ["6867224769"]}, [[ONE]]),
        (Role.POLICE, {"areas": ["79"]}, [[TWO]]),
        (Role.PROVINCE, {"areas": ["10"]}, []),
        (Role.PROVINCE, {"areas": ["68"]}, [[ONE, TWO]]),
    ],
)
async def test_nobody_is_told_of_doses_beyond_their_reach(
    records: Records, role: Role, limits: dict[str, Any], seen: list[list[str]]
) -> None:
    moved = {"province_code": "79", "district_code": "760", "commune_code": "26734"}
    await records.record([FIRST, SECOND._replace(facility_code="68002", **moved)])
    await confirmed(records, ONE, TWO)
    caller = records.caller(role, **limits)
    assert await found(caller, number=NUMBER) == seen
    assert await found(caller, full_name=NAME, date_of_birth=BORN) == seen


async def test_a_purpose_must_be_stated_and_the_look_is_kept_with_it(records: Records) -> None:
    await records.record([FIRST, SECOND, HERS])
    await confirmed(records, ONE, TWO)
    station = records.caller(Role.STATION, areas=["68"], subject="clerk")
    await search(station, 422, purpose=None, number=NUMBER)
    await search(station, number="068180000027")
    await search(station, number=NUMBER, masked=True)
    async with records.context.db.begin() as tx:
        [look] = await tx.execute(audit.select())
    ids = await records.ids()
    assert (look.act, look.purpose, look.stated) == ("person_search", "assistance", True)
    assert (look.subjects, look.scope) == ([ids[ONE], ids[TWO]], "masked by=number")


async def test_who_steers_sees_them_masked_unless_the_purpose_opens_them(
    records: Records,
) -> None:
    await records.record([FIRST])
    await confirmed(records, ONE)
    for purpose, number in (("supervision", "068*******01"), ("complaint", NUMBER)):
        [person] = (await search(records.caller(), purpose=purpose, number=NUMBER))["items"]
        assert person["person"]["personal_id"] == number
        assert person["doses"][0]["person"]["personal_id"] == number


async def test_trying_numbers_is_limited_though_nobody_is_found(records: Records) -> None:
    object.__setattr__(records.context, "volumes", volumes(Metrics(), office_single="3 per hour"))
    station = records.caller(Role.STATION, areas=["68"])
    tried = [f"06818000000{digit}" for digit in range(5)]
    answers = [
        await station.ask(
            "POST", "/people/search", json={"number": one}, headers={"X-Purpose": "assistance"}
        )
        for one in tried
    ]
    assert [answer.status_code for answer in answers] == [200] * 3 + [429] * 2


async def test_namesakes_come_page_by_page_each_once(records: Records) -> None:
    rows = [typed(n, personal_id=f"0681800000{n:02}") for n in range(1, 8)]
    again = [
        row._replace(
            source_id=f"B-{n}", date_given="13/11/2021", dose_number="3", dose_kind="Nhắc lại"
        )
        for n, row in enumerate(rows)
    ]
    await records.record([*rows, *again])
    asked: dict[str, Any] = {"full_name": NAME, "date_of_birth": BORN, "limit": 3}
    pages: list[list[str]] = []
    while True:
        page = await search(records.caller(), **asked)
        pages.append([one["doses"][0]["source_id"] for one in page["items"]])
        assert all(len(one["doses"]) == 2 for one in page["items"])
        if page["next"] is None:
            break
        asked["cursor"] = page["next"]
    assert [len(page) for page in pages] == [3, 3, 1]
    assert sorted(chain.from_iterable(pages)) == [row.source_id for row in rows]


async def test_doses_recorded_before_there_was_the_index_get_it(records: Records) -> None:
    await records.record([FIRST, HERS])
    async with records.context.db.begin() as tx:
        await tx.execute(text("UPDATE dose SET namesake = NULL"))
    asked = {"full_name": NAME, "date_of_birth": BORN}
    assert await found(records.caller(), **asked) == []
    assert [await name_some(records.context, 1) for _ in range(3)] == [1, 1, 0]
    assert await found(records.caller(), **asked) == [[ONE]]
