"""A station records a dose from its slip; the facility that gave it confirms or contests it."""

import asyncio
from base64 import b64encode
from dataclasses import replace
from datetime import timedelta
from typing import Any

import asyncpg
import pytest
from sqlalchemy import select

from contracts.access import Role
from contracts.events import DosesRecorded
from services.chassis.bus.codec import decompress
from services.chassis.db import plain_dsn
from services.records.context import Context
from services.records.pipeline import duplicates
from services.records.schema import audit, outbox, supplement
from services.records.settings import SupplementSettings
from services.records.supplements import answers
from tests.integration.records.conftest import Caller, Clock, Records
from tests.integration.records.people import NUMBER, confirmed, found, registered
from tests.support.files import csv_file, typed

PNG = b"\x89PNG\r\n\x1a\n" + b"not much of a slip"
HELD = ("SUPPLEMENTED", "SUPPLEMENT_OPEN")


@pytest.fixture
def context(context: Context, clock: Clock) -> Context:
    """Records with a clock that can be set."""
    return replace(context, clock=clock)


@pytest.fixture
def station(records: Records) -> Caller:
    """The station of the commune where the person lives."""
    return records.caller(Role.STATION, areas=["6867224769"], subject="station")


@pytest.fixture
def facility(records: Records) -> Caller:
    """The facility that is said to have given the dose."""
    return records.caller(Role.FACILITY, facility="79001")


@pytest.fixture
def province(records: Records) -> Caller:
    """Who rules on a contest."""
    return records.caller(Role.PROVINCE, areas=["68"])


def slip(**changes: Any) -> dict[str, Any]:
    """What a station types from a slip."""
    person = {
        "full_name": "Nguyễn Thị Ví Dụ",
        "date_of_birth": "03/05/1980",
        "sex": "Nữ",
        "personal_id": NUMBER,
        "province_code": "68",
        "district_code": "672",
        "commune_code": "24769",
        **changes.pop("person", {}),
    }
    return {
        "person": person,
        "facility_code": "79001",
        "product": "AstraZeneca",
        "lot": "ABV-0041",
        "dose_number": 2,
        "dose_kind": "Cơ bản",
        "date_given": "12/10/2021",
        "picture": b64encode(PNG).decode(),
        **changes,
    }


def own_record(**changes: str) -> Any:
    """The same injection, as the facility itself records it."""
    return typed(7, **{"source_id": "79001-7", "facility_code": "79001", **changes})


async def recorded(station: Caller, **changes: Any) -> dict[str, Any]:
    """A supplement that is taken."""
    answer = await station.ask("POST", "/supplements", json=slip(**changes))
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def told(records: Records) -> list[tuple[int, int, tuple[str, ...]]]:
    """Doses in the order they were told to the verifier: id, version and what goes with them."""
    async with records.context.db.begin() as tx:
        rows = await tx.execute(select(outbox.c.value, outbox.c.type).order_by(outbox.c.id))
        events = [decompress(row.value) for row in rows if row.type.startswith("doses.recorded")]
    chunks = [DosesRecorded.model_validate_json(event) for event in events]
    return [(one.dose_id, one.version, one.doubts) for chunk in chunks for one in chunk.doses]


async def state_of(caller: Caller, supplement_id: int) -> str:
    """Where a supplement stands."""
    return str((await caller.get(f"/supplements/{supplement_id}"))["state"])


async def test_a_slip_becomes_a_dose_of_the_facility_that_is_verified_and_held(
    records: Records, station: Caller
) -> None:
    taken = await recorded(station)
    assert (taken["state"], taken["dose"]["facility_code"]) == ("waiting", "79001")
    assert taken["dose"]["supplemented"]
    assert await told(records) == [(taken["dose"]["dose_id"], 1, HELD)]
    await confirmed(records, taken["dose"]["source_id"])
    await records.sign(refused={taken["dose"]["source_id"]: "SUPPLEMENT_OPEN"})
    assert await found(station, number=NUMBER) == [[taken["dose"]["source_id"]]]
    shown = await station.get(f"/doses/{taken['dose']['dose_id']}")
    assert (shown["state"], shown["explanation"]["code"]) == ("eligible", "SUPPLEMENT_OPEN")
    assert (await station.get("/worklist"))["items"] == []
    assert (await records.caller().get("/progress"))["items"][0]["supplemented"] == 1


async def test_the_slip_is_sealed_and_shown_to_who_must_compare_it(
    records: Records, station: Caller, facility: Caller
) -> None:
    taken = await recorded(station)
    async with records.context.db.begin() as tx:
        row = (await tx.execute(select(supplement))).one()
    assert PNG[:8] not in row.picture
    shown = await facility.ask("GET", f"/supplements/{taken['supplement_id']}/picture")
    assert (shown.content, shown.headers["content-type"]) == (PNG, "image/png")
    async with records.context.db.begin() as tx:
        acts = [look.act for look in await tx.execute(select(audit).order_by(audit.c.id))]
    assert acts == ["supplement_record", "supplement_picture"]


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"person": {"commune_code": "24772"}}, 403, "PERSON_NOT_OF_YOUR_AREA"),
        ({"date_given": "12/10/2051"}, 422, "CORRECTION_INVALID"),
        ({"product": "nothing"}, 422, "CORRECTION_INVALID"),
        ({"facility_code": "99001"}, 422, "CORRECTION_INVALID"),
        ({"picture": b64encode(b"a text").decode()}, 422, "PICTURE_UNKNOWN"),
        ({"picture": b64encode(PNG + bytes(2_000_000)).decode()}, 413, "PICTURE_TOO_LARGE"),
    ],
)
async def test_what_breaks_a_rule_is_not_taken(
    station: Caller, changes: dict[str, Any], status: int, code: str
) -> None:
    answer = await station.ask("POST", "/supplements", json=slip(**changes))
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text


@pytest.mark.parametrize(
    ("role", "limits"),
    [(Role.FACILITY, {"facility": "79001"}), (Role.PROVINCE, {"areas": ["68"]})],
)
async def test_only_a_station_records_from_a_slip(
    records: Records, role: Role, limits: dict[str, Any]
) -> None:
    answer = await records.caller(role, **limits).ask("POST", "/supplements", json=slip())
    assert answer.status_code == 403


async def test_the_same_slip_twice_is_told_as_on_record_and_a_key_answers_as_before(
    station: Caller,
) -> None:
    keyed = {"Idempotency-Key": "slip-0001"}
    first, again = [
        await station.ask("POST", "/supplements", json=slip(), headers=keyed) for _ in range(2)
    ]
    assert first.json() == again.json()
    twice = await station.ask("POST", "/supplements", json=slip())
    assert (twice.status_code, twice.json()["code"]) == (409, "DOSE_ON_RECORD")
    assert twice.json()["dose_id"] == first.json()["dose"]["dose_id"]


async def test_an_injection_that_is_on_record_within_reach_is_not_supplemented(
    records: Records, station: Caller
) -> None:
    await records.record([own_record(full_name="Nguyen Thi Vi Du")])
    answer = await station.ask("POST", "/supplements", json=slip())
    assert answer.json()["code"] == "DOSE_ON_RECORD"
    assert (await station.ask("POST", "/supplements", json=slip(dose_number=1))).status_code == 201


async def test_supplements_are_seen_by_the_facility_the_station_and_those_above(
    records: Records, station: Caller, facility: Caller, province: Caller
) -> None:
    taken = await recorded(station)
    others = [
        records.caller(Role.FACILITY, facility="79002"),
        records.caller(Role.STATION, areas=["6867224772"]),
        records.caller(Role.PROVINCE, areas=["01"]),
    ]
    for caller, masked in ((station, False), (facility, False), (province, True)):
        [one] = (await caller.get("/supplements", state="waiting"))["items"]
        assert one["supplement_id"] == taken["supplement_id"]
        assert ("*" in one["dose"]["person"]["personal_id"]) == masked
        assert (await caller.get("/supplements", state="contested"))["items"] == []
    for caller in others:
        assert (await caller.get("/supplements"))["items"] == []
        one = await caller.ask("GET", f"/supplements/{taken['supplement_id']}")
        assert one.status_code == 404


async def test_once_the_facility_confirms_the_hold_is_over(
    records: Records, station: Caller, facility: Caller
) -> None:
    taken = await recorded(station)
    path = f"/supplements/{taken['supplement_id']}/confirm"
    assert (await facility.post(path))["state"] == "confirmed"
    assert (await facility.post(path))["state"] == "confirmed"
    dose_id = taken["dose"]["dose_id"]
    assert await told(records) == [(dose_id, 1, HELD), (dose_id, 2, ("SUPPLEMENTED",))]
    assert (await facility.get(f"/doses/{dose_id}"))["supplemented"]


async def test_when_the_time_is_over_without_an_answer_the_dose_stands(
    records: Records, station: Caller, facility: Caller, clock: Clock
) -> None:
    taken = await recorded(station)
    await answers.expire(records.context, records.context.clock())
    assert await state_of(station, taken["supplement_id"]) == "waiting"
    clock.ahead = timedelta(days=7, seconds=1)
    late = await facility.ask(
        "POST",
        f"/supplements/{taken['supplement_id']}/contest",
        json={"reason": "not_given_here"},
    )
    assert late.json()["code"] == "CONTEST_TIME_OVER"
    await answers.expire(records.context, records.context.clock())
    assert await state_of(station, taken["supplement_id"]) == "unanswered"
    assert (await told(records))[-1] == (taken["dose"]["dose_id"], 2, ("SUPPLEMENTED",))


async def _contested(station: Caller, facility: Caller) -> dict[str, Any]:
    taken = await recorded(station)
    said = {"reason": "another_person", "words": "Sổ tiêm ghi Nguyễn Văn B."}
    path = f"/supplements/{taken['supplement_id']}/contest"
    assert (await facility.post(path, said))["state"] == "contested"
    return taken


async def test_a_contested_dose_stays_held_whatever_is_sent_about_it(
    records: Records, station: Caller, facility: Caller, clock: Clock
) -> None:
    taken = await _contested(station, facility)
    dose_id, code = taken["dose"]["dose_id"], taken["dose"]["source_id"]
    clock.ahead = timedelta(days=60)
    await answers.expire(records.context, records.context.clock())
    assert (await facility.get("/supplements", state="contested"))["items"][0]["words"]
    # corrected, sent again as a row, or as JSON: the mark stays with it
    await station.ask("PATCH", f"/doses/{dose_id}", json={"reason": "misread", "lot": "XX-0001"})
    row = own_record(source_id=code, lot="XX-0002")
    assert (await facility.upload(csv_file([row])))["corrected"] == 1
    versions = await told(records)
    assert [version for _, version, _ in versions] == [1, 2, 3]
    assert all(marks == HELD for _, _, marks in versions)


@pytest.mark.parametrize(
    ("upheld", "state", "dose_state"),
    [(True, "upheld", "withdrawn"), (False, "dismissed", "pending")],
)
async def test_the_province_rules_on_a_contest(
    records: Records,
    station: Caller,
    facility: Caller,
    province: Caller,
    upheld: bool,
    state: str,
    dose_state: str,
) -> None:
    taken = await _contested(station, facility)
    path = f"/supplements/{taken['supplement_id']}/ruling"
    for caller in (station, facility):
        assert (await caller.ask("POST", path, json={"upheld": upheld})).status_code == 403
    ruled = await province.post(path, {"upheld": upheld})
    assert (ruled["state"], ruled["dose"]["state"]) == (state, dose_state)
    again = await province.ask("POST", path, json={"upheld": not upheld})
    assert again.json()["code"] == "SUPPLEMENT_SETTLED"
    assert ((await told(records))[-1][2] == HELD) == upheld


async def test_a_facility_contests_and_never_withdraws_what_a_station_recorded(
    records: Records, station: Caller, facility: Caller
) -> None:
    taken = await recorded(station)
    path = f"/doses/{taken['dose']['dose_id']}"
    refused = await facility.ask("DELETE", path)
    assert (refused.status_code, refused.json()["code"]) == (403, "CONTEST_INSTEAD")
    assert (await station.ask("DELETE", path)).status_code == 200
    assert await state_of(station, taken["supplement_id"]) == "withdrawn"
    late = await facility.ask("POST", f"/supplements/{taken['supplement_id']}/confirm")
    assert late.json()["code"] == "SUPPLEMENT_SETTLED"


async def test_the_facilitys_own_record_wins_and_the_supplement_says_which_it_is(
    records: Records, station: Caller, facility: Caller
) -> None:
    taken = await recorded(station)
    await facility.post(f"/supplements/{taken['supplement_id']}/confirm")
    code = taken["dose"]["source_id"]
    await confirmed(records, code)
    await records.sign([code])
    await records.record([own_record()])
    await confirmed(records, "79001-7")
    await records.sign(refused={"79001-7": "DUPLICATE_DOSE"})
    await answers.yield_to_own(records.context, records.context.clock())
    one = await facility.get(f"/supplements/{taken['supplement_id']}")
    own_id = (await records.ids())["79001-7"]
    assert (one["state"], one["dose"]["state"], one["own_dose_id"]) == (
        "replaced",
        "withdrawn",
        own_id,
    )
    # the certificate's place is free: the own record is verified again, and gets it
    await duplicates.release(records.context, records.context.clock())
    assert (await told(records))[-1] == (own_id, 2, ())


async def test_a_held_supplement_yields_to_the_own_record_at_the_end_at_the_latest(
    records: Records, station: Caller, facility: Caller, clock: Clock
) -> None:
    taken = await recorded(station)
    await confirmed(records, taken["dose"]["source_id"])
    await records.sign(refused={taken["dose"]["source_id"]: "SUPPLEMENT_OPEN"})
    await records.record([own_record()])
    await confirmed(records, "79001-7")
    await records.sign(["79001-7"])
    assert (await facility.post(f"/supplements/{taken['supplement_id']}/confirm"))[
        "state"
    ] == "replaced"


async def test_each_hour_held_supplements_look_for_the_own_record(
    records: Records, station: Caller
) -> None:
    taken = await recorded(station)
    await confirmed(records, taken["dose"]["source_id"])
    await records.record([own_record()])
    await confirmed(records, "79001-7")
    await answers.yield_while_open(records.context, records.context.clock())
    assert await state_of(station, taken["supplement_id"]) == "replaced"


@pytest.mark.parametrize(
    "changes",
    [
        {"product": "Pfizer"},
        {"date_given": "13/10/2021"},
        {"dose_number": "1"},
        {"facility_code": "79002", "source_id": "79001-7"},
    ],
)
async def test_what_is_not_the_same_injection_of_the_same_facility_is_left_to_people(
    records: Records, station: Caller, changes: dict[str, str]
) -> None:
    taken = await recorded(station)
    await confirmed(records, taken["dose"]["source_id"])
    await records.record([own_record(**changes)])
    await confirmed(records, "79001-7")
    await answers.yield_while_open(records.context, records.context.clock())
    assert await state_of(station, taken["supplement_id"]) == "waiting"


async def test_a_namesakes_or_twins_record_never_takes_a_supplements_place(
    records: Records, station: Caller
) -> None:
    taken = await recorded(station)
    await confirmed(records, taken["dose"]["source_id"])
    await records.record([own_record(personal_id="068180000002")])
    await confirmed(records, "79001-7", person=registered(personal_id="068180000002"))
    await answers.yield_while_open(records.context, records.context.clock())
    assert await state_of(station, taken["supplement_id"]) == "waiting"


async def test_with_the_setting_a_certificate_may_come_first_and_a_contest_takes_it_back(
    records: Records, station: Caller, facility: Caller
) -> None:
    setting = SupplementSettings(issue_before_answer=True)
    object.__setattr__(records.context.cfg, "supplement", setting)
    await _contested(station, facility)
    assert [marks for _, _, marks in await told(records)] == [("SUPPLEMENTED",), HELD]


async def test_a_facility_is_told_how_many_supplements_wait_for_its_answer(
    records: Records, station: Caller, facility: Caller
) -> None:
    taken = await recorded(station)
    stranger = records.caller(Role.FACILITY, facility="79002")

    async def counts() -> list[int]:
        pages = [await one.get("/worklist/summary") for one in (facility, station, stranger)]
        return [page["supplements_waiting"] for page in pages]

    assert await counts() == [1, 1, 0]
    await facility.post(f"/supplements/{taken['supplement_id']}/confirm")
    assert await counts() == [0, 0, 0]


@pytest.mark.parametrize("first", ["expire", "contest"])
async def test_a_contest_at_the_last_moment_and_the_end_of_the_time_never_both_count(
    records: Records, station: Caller, facility: Caller, clock: Clock, first: str
) -> None:
    taken = await recorded(station)
    dose_id = taken["dose"]["dose_id"]
    path = f"/supplements/{taken['supplement_id']}/contest"
    url = records.context.cfg.database.url.get_secret_value()
    holder = await asyncpg.connect(plain_dsn(url))
    # within a transaction the activity is shown as it was at the first look
    watcher = await asyncpg.connect(plain_dsn(url))
    try:
        # both find it waiting, and wait for the dose
        held = holder.transaction()
        await held.start()
        await holder.execute("SELECT FROM dose WHERE id = $1 FOR UPDATE", dose_id)

        async def contest() -> int:
            answer = await facility.ask("POST", path, json={"reason": "not_given_here"})
            return answer.status_code

        async def expire() -> None:
            await answers.expire(
                records.context, records.context.clock() + timedelta(days=7, seconds=1)
            )

        tasks = []
        order = (expire, contest) if first == "expire" else (contest, expire)
        for act in order:
            tasks.append(asyncio.create_task(act()))
            waiting = len(tasks)
            while (
                await watcher.fetchval(
                    "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
                    " AND datname = current_database()"
                )
                < waiting
            ):
                await asyncio.sleep(0)
        await held.rollback()
        await asyncio.gather(*tasks)
    finally:
        await watcher.close()
        await holder.close()
    state = await state_of(station, taken["supplement_id"])
    last = (await told(records))[-1][2]
    # whoever came first to the dose has it first
    ended = {"contest": ("contested", HELD), "expire": ("unanswered", ("SUPPLEMENTED",))}
    assert (state, last) == ended[first]
