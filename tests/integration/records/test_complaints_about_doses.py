"""Complaints that know who and which dose: stations see those of their people, and an answer can
carry the correction that settles it.
"""

from typing import Any

import httpx
import pytest

from contracts.access import Role
from contracts.standing import REVIEW
from contracts.words import Grade, Reason
from services.records.complaints.mailer import mail_one
from tests.integration.records.conftest import Caller, Records
from tests.integration.records.test_own_doses import HOME, MINE, raw, told
from tests.support.mail import Sink

PERSON = {"full_name": "Nguyễn Thị Hòa", "date_of_birth": "03/05/1980", "sex": "Nữ"}
COMPLAINT = {"kind": "wrong_data", "text": "Sai ngày sinh.", "province_code": "68"}
ABOUT = {
    "full_name": "nguyen thi hoa",
    "date_of_birth": "1980",
    "sex": "female",
    "personal_id": MINE,
    "date_given": "2021-10-12",
}


@pytest.fixture
async def doses(records: Records) -> dict[str, int]:
    """Two doses of one citizen, and one of another; the second was mistyped."""
    mine = {**PERSON, "personal_id": MINE, **HOME}
    await records.record(
        [
            raw(source_id="1", **{**mine, "date_given": "01/06/2021", "dose_number": "1"}),
            raw(source_id="2", **{**mine, "date_of_birth": "05/03/1980"}),
            raw(source_id="3", **{**mine, "personal_id": "068190000009", "full_name": "Lê Lan"}),
        ]
    )
    await told(records, {"1": (Grade.EXACT, ()), "2": (Grade.REVIEW, (Reason.DAY_MONTH_SWAPPED,))})
    await told(records, {"3": (Grade.EXACT, ())}, person="068190000009")
    return await records.ids()


def _citizen(records: Records) -> Caller:
    return records.caller(Role.CITIZEN, personal_id=MINE)


def _station(records: Records, area: str = "6867224769") -> Caller:
    return records.caller(Role.STATION, areas=[area])


async def _complained(caller: Caller, **more: Any) -> int:
    answer = await caller.ask("POST", "/complaints", json={**COMPLAINT, **more})
    assert answer.status_code == 201, answer.text
    return int(answer.json()["complaint_id"])


async def test_a_station_sees_the_complaints_of_its_people_alone(
    records: Records, doses: dict[str, int]
) -> None:
    about = await _complained(_citizen(records), dose_id=doses["2"])
    (listed,) = (await _station(records).get("/complaints"))["items"]
    seen = await _station(records).get(f"/complaints/{listed['complaint_id']}")
    assert (seen["complaint_id"], seen["dose_id"]) == (about, doses["2"])
    assert (await _station(records, "6867299999").get("/complaints"))["items"] == []
    elsewhere = await _station(records, "6867299999").ask("GET", f"/complaints/{about}")
    assert elsewhere.status_code == 404


@pytest.mark.parametrize("whose", ["3", None])
async def test_nobody_names_a_dose_that_is_not_the_own(
    whose: str | None, records: Records, doses: dict[str, int], client: httpx.AsyncClient
) -> None:
    named = {"dose_id": doses[whose] if whose else 10**9}
    answer = await _citizen(records).ask("POST", "/complaints", json={**COMPLAINT, **named})
    assert (answer.status_code, answer.json()["code"]) == (422, "DOSE_NOT_OWN")
    unsigned = await client.post(
        "/records/v1/complaints", json={**COMPLAINT, "dose_id": doses["1"]}
    )
    assert unsigned.json()["code"] == "DOSE_NOT_OWN"


async def test_who_has_no_token_says_whose_dose_it_is_and_is_told_nothing_more(
    records: Records, doses: dict[str, int], client: httpx.AsyncClient
) -> None:
    def shape(answer: httpx.Response) -> tuple[int, set[str]]:
        return answer.status_code, set(answer.json())

    right = await client.post("/records/v1/complaints", json={**COMPLAINT, "about": ABOUT})
    wrong = await client.post(
        "/records/v1/complaints",
        json={**COMPLAINT, "about": {**ABOUT, "full_name": "Nguyễn Thị Hoa"}},
    )
    assert shape(right) == shape(wrong) == (201, {"complaint_id", "due_at"})
    listed = (await records.caller().get("/complaints"))["items"]
    read = [await records.caller().get(f"/complaints/{one['complaint_id']}") for one in listed]
    assert [one["dose_id"] for one in read] == [doses["2"], None]
    # and the citizen does not read what somebody else wrote
    assert (await _citizen(records).get("/me/complaints"))["items"] == []


async def test_an_answer_carries_the_correction_and_the_citizen_reads_both(
    records: Records, doses: dict[str, int], sink: Sink
) -> None:
    contact = {"email": "hoa@example.vn"}
    about = await _complained(_citizen(records), dose_id=doses["2"], contact=contact)
    answer = {
        "text": "Đã sửa ngày sinh.",
        "correction": {"reason": "the card", "person": {"date_of_birth": "03/05/1980"}},
    }
    told_station = await _station(records).ask("POST", f"/complaints/{about}/answer", json=answer)
    assert told_station.status_code == 200, told_station.text
    (mine,) = (await _citizen(records).get("/me/complaints"))["items"]
    assert (mine["answer"], mine["corrected"]) == ("Đã sửa ngày sinh.", ["date_of_birth"])
    dose = await records.caller(Role.SERVICE).get(f"/doses/{doses['2']}")
    assert (dose["version"], dose["person"]["date_of_birth"]) == (2, "1980-05-03")
    while await mail_one(records.context, sink.mailer()):
        pass
    body = sink.taken[-1].get_body(("plain",))
    assert body and "Đã sửa trong dữ liệu mũi tiêm: ngày sinh" in body.get_content()
    assert "hiện đang ở đây" not in body.get_content()


@pytest.mark.parametrize("named", [True, False])
async def test_the_letter_with_an_answer_says_where_the_dose_stands_in_the_words_of_the_table(
    named: bool, records: Records, doses: dict[str, int], sink: Sink
) -> None:
    contact = {"email": "hoa@example.vn"}
    of = {"dose_id": doses["2"]} if named else {}
    about = await _complained(_citizen(records), contact=contact, **of)
    await _station(records).post(f"/complaints/{about}/answer", {"text": "Đang xem."})
    while await mail_one(records.context, sink.mailer()):
        pass
    body = sink.taken[-1].get_body(("plain",))
    assert body
    text = body.get_content()
    for words in (REVIEW.title, REVIEW.explanation, REVIEW.next):
        assert ((words.vi in text), (words.en in text)) == (named, named)
    assert "Hòa" not in text and MINE not in text


async def test_a_correction_that_breaks_a_rule_leaves_the_complaint_unanswered(
    records: Records, doses: dict[str, int]
) -> None:
    about = await _complained(_citizen(records), dose_id=doses["2"])
    for correction, code in (
        ({"reason": "no day", "date_given": "31/02/2021"}, "CORRECTION_INVALID"),
        ({"reason": "too late", "version": 7, "lot": "AB1234"}, "VERSION_CHANGED"),
    ):
        body = {"text": "Đã sửa.", "correction": correction}
        refused = await _station(records).ask("POST", f"/complaints/{about}/answer", json=body)
        assert refused.json()["code"] == code
    (mine,) = (await _citizen(records).get("/me/complaints"))["items"]
    assert (mine["state"], mine["answer"], mine["corrected"]) == ("open", None, [])


async def test_who_may_not_correct_the_dose_may_not_in_an_answer(
    records: Records, doses: dict[str, int]
) -> None:
    # sent to a facility that did not give the dose
    about = await _complained(_citizen(records), dose_id=doses["2"], facility_code="79001")
    facility = records.caller(Role.FACILITY, facility="79001")
    body: dict[str, Any] = {
        "text": "Đã sửa.",
        "correction": {"reason": "the slip", "lot": "AB1234"},
    }
    refused = await facility.ask("POST", f"/complaints/{about}/answer", json=body)
    assert (refused.status_code, refused.json()["code"]) == (404, "DOSE_NOT_FOUND")
    # a complaint without a dose says which one is corrected; one with a dose, no other
    plain = await _complained(_citizen(records))
    station = _station(records)
    refused = await station.ask("POST", f"/complaints/{plain}/answer", json=body)
    assert refused.json()["code"] == "DOSE_NOT_NAMED"
    named = {**body, "dose_id": doses["1"]}
    assert (await station.ask("POST", f"/complaints/{plain}/answer", json=named)).status_code == 200
    refused = await station.ask("POST", f"/complaints/{about}/answer", json=named)
    assert refused.json()["code"] == "DOSE_OF_ANOTHER_COMPLAINT"
