"""One dose, one thread: station and police see each other, and no two officers do one case."""

import asyncio
import base64
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from contracts.access import Role
from services.verifier.context import Context
from services.verifier.retention import retention
from services.verifier.settings import VerifierRetention
from tests.integration.verifier.office import Office, code
from tests.integration.verifier.work import (
    BINH,
    CHAU,
    DUNG,
    FIRST,
    SECOND,
    TAM,
    recorded_dose,
)
from tests.support.tokens import TestIssuer

CLERK, COMMUNE = "station-clerk", ("6868124769",)
PNG = base64.b64encode(b"\x89PNG\r\n\x1a\nnot much of a picture").decode()


@pytest.fixture
def office(context: Context, tmp_path: Path) -> Office:
    """Officers of an empty verifier."""
    return Office(context, TestIssuer(tmp_path))


async def _says(office: Office, dose_id: int, kind: str, role: Role, **more: Any) -> Any:
    officer = FIRST if role is Role.POLICE else CLERK
    headers = more.pop("headers", {})
    return await office.asks(
        "POST",
        f"/cases/{dose_id}/thread",
        officer,
        role,
        COMMUNE,
        json={"kind": kind, **more},
        headers=headers,
    )


async def _waiting(office: Office, *dose_ids: int) -> None:
    """Cases that no page can confirm: a name without accents besides the missing number."""
    people = (TAM, BINH, CHAU, DUNG)
    for dose_id in dose_ids:
        person = people[dose_id % 4]
        short = (
            person.full_name.replace("ễ", "e").replace("ầ", "a").replace("ạ", "a").replace("ê", "e")
        )
        await office.judge(recorded_dose(person, dose_id, personal_id="", full_name=short))


async def test_papers_are_asked_for_brought_and_decided_in_one_thread(office: Office) -> None:
    await _waiting(office, 1)
    asked = await _says(office, 1, "papers_asked", Role.POLICE, text="Cho xem giấy khai sinh")
    assert (asked.json()["waiting_for"], await office.state(1)) == ("station", "asked_for_papers")
    answered = await _says(office, 1, "answered", Role.STATION, text="Ảnh đây", picture=PNG)
    assert (answered.json()["waiting_for"], await office.state(1)) == ("police", "open")

    thread = (await office.asks("GET", "/cases/1/thread", CLERK, Role.STATION, COMMUNE)).json()
    said = [(one["kind"], one["said_by"], one["text"]) for one in thread["messages"]]
    assert said == [
        ("papers_asked", FIRST, "Cho xem giấy khai sinh"),
        ("answered", CLERK, "Ảnh đây"),
    ]
    picture = f"/cases/1/thread/{thread['messages'][1]['id']}/picture"
    shown = await office.asks("GET", picture)
    assert (shown.headers["content-type"], shown.content) == ("image/png", base64.b64decode(PNG))
    none = await office.asks("GET", f"/cases/1/thread/{thread['messages'][0]['id']}/picture")
    assert code(none) == (404, "THREAD_NO_PICTURE")

    for officer in (FIRST, SECOND):
        await office.decides(1, "confirm", officer, personal_id=BINH.personal_id)
    thread = (await office.asks("GET", "/cases/1/thread")).json()
    assert [one["kind"] for one in thread["messages"]][2:] == ["decided", "decided"]
    assert thread["waiting_for"] is None


async def test_a_station_sends_a_dose_without_a_case_to_the_police_and_gets_it_back(
    office: Office,
) -> None:
    await office.judge(
        recorded_dose(TAM, 1, full_name="Hồ Vắng Mặt", date_of_birth="1951-01-30",
                      personal_id="068151999999")
    )  # fmt: skip
    assert await office.state(1) is None
    sent = await _says(office, 1, "sent_to_police", Role.STATION, text="Người này có thật")
    assert sent.json()["waiting_for"] == "police"
    assert code(await _says(office, 1, "sent_to_police", Role.STATION)) == (409, "THREAD_NOT_NOW")
    back = await _says(office, 1, "sent_back", Role.POLICE, text="Hỏi lại số CCCD")
    assert back.json()["waiting_for"] == "station"
    assert [one["kind"] for one in back.json()["messages"]] == ["sent_to_police", "sent_back"]


async def test_what_nobody_may_say_now_is_refused_and_a_picture_must_be_one(office: Office) -> None:
    await _waiting(office, 1)
    for kind, role in (
        ("answered", Role.STATION),
        ("papers_asked", Role.STATION),
        ("sent_to_police", Role.POLICE),
    ):
        assert code(await _says(office, 1, kind, role)) == (409, "THREAD_NOT_NOW"), kind
    text = base64.b64encode(b"<script>").decode()
    unfit = await _says(office, 1, "note", Role.STATION, picture=text)
    assert code(unfit) == (422, "THREAD_PICTURE_UNFIT")
    large = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(2_000_000)).decode()
    unfit = await _says(office, 1, "note", Role.STATION, picture=large)
    assert code(unfit) == (422, "THREAD_PICTURE_UNFIT")
    far = await office.asks("GET", "/cases/1/thread", "far", Role.STATION, ("01",))
    assert code(far) == (404, "CASE_NOT_FOUND")


async def test_a_message_sent_again_by_its_key_is_said_once(office: Office) -> None:
    await _waiting(office, 1)
    key = {"Idempotency-Key": "said-only-once"}
    for _ in range(2):
        said = await _says(office, 1, "note", Role.STATION, text="Đã gọi điện", headers=key)
        assert len(said.json()["messages"]) == 1


async def test_officers_who_ask_for_the_next_case_at_once_get_different_ones(
    office: Office,
) -> None:
    await _waiting(office, 1, 2, 3)
    taken = await asyncio.gather(
        *(office.asks("POST", "/cases/next", f"officer-{n}", json={}) for n in range(4))
    )
    ids = [one.json()["case_id"] for one in taken]
    assert sorted(filter(None, ids)) == [1, 2, 3] and ids.count(None) == 1
    again = await office.asks("POST", "/cases/next", "officer-0", json={})
    assert again.json()["case_id"] == ids[0] or ids[0] is None


async def test_a_case_in_hand_is_decided_by_nobody_else_until_it_is_handed_over(
    office: Office,
) -> None:
    await _waiting(office, 1)
    assert (await office.asks("POST", "/cases/1/claim")).json()["claimed_by"] == FIRST
    for path, body in (("/cases/1/claim", None), ("/cases/1/hand-over", {"officer": SECOND})):
        refused = await office.asks("POST", path, SECOND, json=body)
        assert code(refused) == (409, "CASE_CLAIMED")
    decided = await office.decides(1, "confirm", SECOND, personal_id=BINH.personal_id)
    assert code(decided) == (409, "CASE_CLAIMED")
    assert (await office.asks("POST", "/cases/next", SECOND, json={})).json()["case_id"] is None
    await office.asks("POST", "/cases/1/hand-over", json={"officer": SECOND})
    decided = await office.decides(1, "confirm", SECOND, personal_id=BINH.personal_id)
    assert code(decided) == (200, "awaiting_second")
    # whoever decided first is not offered it again
    second = {"second": True}
    assert (await office.asks("POST", "/cases/next", SECOND, json=second)).json()["case_id"] is None
    offered = await office.asks("POST", "/cases/next", FIRST, json=second)
    assert (offered.json()["case_id"], offered.json()["left"]) == (1, 1)


async def test_none_of_those_whose_decision_is_on_its_way_is_offered_again(office: Office) -> None:
    await _waiting(office, 1, 2, 3)
    first, second = [
        (await office.asks("POST", "/cases/next", json={"beside": beside})).json()["case_id"]
        for beside in ([], [1])
    ]
    assert (first, second) == (1, 2)
    third = await office.asks("POST", "/cases/next", json={"beside": [first, second]})
    assert third.json()["case_id"] == 3


async def test_what_can_be_confirmed_by_the_page_is_not_offered_singly(office: Office) -> None:
    await office.judge(recorded_dose(TAM, 1, personal_id=""))
    assert (await office.asks("POST", "/cases/next", json={})).json() == {
        "case_id": None,
        "claimed_until": None,
        "left": 0,
        "waiting_second": 0,
    }


async def test_what_was_said_is_deleted_after_its_time_but_never_while_the_case_waits(
    office: Office, context: Context
) -> None:
    await _waiting(office, 1, 2)
    for dose_id in (1, 2):
        await _says(office, dose_id, "papers_asked", Role.POLICE, text="Cho xem giấy tờ")
        await _says(office, dose_id, "answered", Role.STATION, text="Ảnh đây", picture=PNG)
    await office.decides(1, "reject", FIRST)
    chore = retention(context.db, VerifierRetention(threads_days=30))
    left = "SELECT dose_id FROM case_message WHERE text IS NOT NULL OR picture IS NOT NULL"
    for days, kept in ((0, {1, 2}), (31, {2})):
        await chore.purge(datetime.now(UTC) + timedelta(days=days))
        async with context.db.begin() as tx:
            assert {row.dose_id for row in await tx.execute(text(left))} == kept
    thread = (await office.asks("GET", "/cases/1/thread")).json()
    assert [(one["kind"], one["text"]) for one in thread["messages"]][:2] == [
        ("papers_asked", None),
        ("answered", None),
    ]
