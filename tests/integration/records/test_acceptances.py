"""Accepting a suggestion at the desk, by a request or by a column of a file given back."""

import csv
import io
from dataclasses import replace
from typing import Any

import pytest

from contracts.acceptance import NumberChange
from contracts.access import Role
from contracts.events import SuggestionsAccepted
from contracts.topics import ACCEPTED
from contracts.words import Grade
from services.chassis.bus.codec import decompress
from tests.integration.records.conftest import Caller, Records
from tests.integration.records.test_suggestions import (
    BINH,
    HOA,
    MISSING,
    police,
    some,
    station,
    suggestions,
)
from tests.support.files import CSV

CARD = "068180000001||Nguyễn Thị Hòa|03051980|Nữ|Bình Thuận|01012021"
BY_CARD = {"version": 1, "proof": "card", "card": CARD}
BY_SIGHT = {"version": 1, "proof": "sight"}


async def accept(records: Records, caller: Caller, source: str, **body: Any) -> Any:
    dose_id = (await records.ids())[source]
    answer = await caller.ask("POST", f"/doses/{dose_id}/accept-suggestion", json=body)
    return answer.status_code, answer.json()


async def told(records: Records) -> list[Any]:
    """What the verifier was told."""
    async with records.context.db.begin() as tx:
        rows = await tx.raw.fetch(
            "SELECT value FROM outbox WHERE topic = $1 ORDER BY id", ACCEPTED.name
        )
    return [
        one
        for row in rows
        for one in SuggestionsAccepted.model_validate_json(decompress(row["value"])).suggestions
    ]


async def test_a_station_accepts_by_the_scanned_card_and_the_verifier_is_told_with_the_card(
    records: Records,
) -> None:
    await some(records)
    status, answer = await accept(records, station(records), "a", **BY_CARD)
    assert (status, answer["next_step"]) == (200, "verified_again")
    assert answer["message"].startswith("Đã nhận gợi ý")
    [event] = await told(records)
    assert (event.personal_id, event.proof, event.role, event.act) == (
        HOA.personal_id,
        "card",
        "station",
        "accept",
    )
    assert (event.card.full_name, event.card.date_of_birth) == ("Nguyễn Thị Hòa", "1980-05-03")
    accepted = (await suggestions(station(records)))["a"]["accepted"]
    assert (accepted["proof"], accepted["next_step"]) == ("card", "verified_again")


@pytest.mark.parametrize(
    ("card", "code"),
    [
        ("068180000009||Nguyễn Thị Hòa|03051980|Nữ|Bình Thuận|01012021", "CARD_OF_ANOTHER"),
        ("068180000009", "CARD_OF_ANOTHER"),
        ("068180000001||Nguyễn Thị Hoa|03051980|Nữ|Bình Thuận|01012021", "CARD_DIFFERS"),
        ("068180000001||Nguyễn Thị Hòa|04051980|Nữ|Bình Thuận|01012021", "CARD_DIFFERS"),
        ("hello", "CARD_INVALID"),
    ],
)
async def test_a_card_that_says_otherwise_is_an_error_in_words_and_nothing_is_told(
    records: Records, card: str, code: str
) -> None:
    await some(records)
    status, answer = await accept(records, station(records), "a", **{**BY_CARD, "card": card})
    assert (status, answer["code"]) == (422, code)
    assert HOA.personal_id not in str(answer)
    assert await told(records) == []


async def test_the_whole_number_of_the_card_is_as_good_as_its_line(records: Records) -> None:
    await some(records)
    body = {**BY_CARD, "card": "068 180 000 001"}
    status, _ = await accept(records, station(records), "a", **body)
    assert status == 200


async def test_a_masked_number_cannot_be_guessed(records: Records) -> None:
    await some(records)
    for guess in range(5):
        body = {**BY_CARD, "card": f"06818000001{guess}"}
        status, _ = await accept(records, station(records), "a", **body)
        assert status == 422
    status, answer = await accept(records, station(records), "a", **BY_CARD)
    assert (status, answer["code"]) == (429, "TOO_MANY_CARDS")


async def test_a_station_by_sight_is_only_the_first_of_two_and_for_certain_kinds_alone(
    records: Records,
) -> None:
    await some(records)
    status, answer = await accept(records, station(records), "a", **BY_SIGHT)
    assert (status, answer["next_step"]) == (200, "second_officer")
    status, answer = await accept(records, station(records), "b", **BY_SIGHT)
    assert (status, answer["code"]) == (403, "PROOF_NOT_ENOUGH")
    accepted = await station(records).get("/worklist", accepted=True)
    assert [item["dose"]["source_id"] for item in accepted["items"]] == ["a"]
    summary = await station(records).get("/worklist/summary")
    assert (summary["certain"], summary["accepted"]) == (0, 1)


async def test_nobody_else_may_accept(records: Records) -> None:
    await some(records)
    facility = records.caller(Role.FACILITY, facility="68001")
    status, answer = await accept(records, facility, "a", **BY_SIGHT)
    assert (status, answer["code"]) == (403, "PROOF_NOT_ENOUGH")
    for caller in (records.caller(), records.caller(Role.PROVINCE, areas=["68"])):
        status, _ = await accept(records, caller, "a", **BY_CARD)
        assert status == 403
    elsewhere = records.caller(Role.STATION, areas=["0101100001"])
    status, answer = await accept(records, elsewhere, "a", **BY_CARD)
    assert (status, answer["code"]) == (404, "DOSE_NOT_FOUND")


async def test_what_changed_since_it_was_looked_at_is_not_accepted(records: Records) -> None:
    await some(records)
    dose_id = (await records.ids())["a"]
    await records.caller(Role.SERVICE).ask(
        "PATCH", f"/doses/{dose_id}", json={"reason": "papers seen", "person": {"phone": ""}}
    )
    await records.judge({"a": MISSING}, {"a": [BINH]})
    status, answer = await accept(records, station(records), "a", **BY_CARD)
    assert (status, answer["code"]) == (409, "VERSION_CHANGED")
    status, answer = await accept(records, station(records), "c", **BY_CARD)
    assert (status, answer["code"]) == (409, "SUGGESTION_GONE")


async def test_it_is_taken_back_by_who_accepted_and_can_be_accepted_again(
    records: Records,
) -> None:
    await some(records)
    await accept(records, station(records), "a", **BY_CARD)
    status, answer = await accept(records, station(records), "a", **BY_CARD)
    assert (status, answer["code"]) == (409, "ALREADY_ACCEPTED")
    path = f"/doses/{(await records.ids())['a']}/accept-suggestion"
    other = records.caller(Role.STATION, areas=["6867224769"], subject="another station")
    assert (await other.ask("DELETE", path)).json()["code"] == "NOTHING_ACCEPTED"
    undone = await station(records).ask("DELETE", path)
    assert (undone.status_code, undone.json()["next_step"]) == (200, "undone")
    assert (await suggestions(station(records)))["a"]["accepted"] is None
    status, _ = await accept(records, station(records), "a", **BY_CARD)
    assert status == 200
    assert [event.act for event in await told(records)] == ["accept", "undo", "accept"]


async def test_a_request_sent_twice_with_one_key_is_one_acceptance(records: Records) -> None:
    await some(records)
    path = f"/doses/{(await records.ids())['a']}/accept-suggestion"
    headers = {"Idempotency-Key": "press-enter-1"}
    first, second = [
        await station(records).ask("POST", path, json=BY_CARD, headers=headers) for _ in range(2)
    ]
    assert first.status_code == second.status_code == 200
    assert first.json() == second.json()
    assert len(await told(records)) == 1


async def test_a_dismissed_suggestion_is_none_until_another_person_is_suggested(
    records: Records,
) -> None:
    await some(records)
    path = f"/doses/{(await records.ids())['a']}/dismiss-suggestion"
    await station(records).post(path, {"version": 1})
    assert (await suggestions(station(records)))["a"]["kind"] == "none"
    await records.judge({"a": MISSING}, {"a": [HOA]})
    assert (await suggestions(station(records)))["a"]["dismissed"]
    await records.judge({"a": MISSING}, {"a": [BINH]})
    assert (await suggestions(station(records)))["a"]["kind"] == "likely"
    await station(records).post(path, {"version": 1})
    await station(records).ask("DELETE", path)
    assert (await suggestions(station(records)))["a"]["kind"] == "likely"


async def returned(records: Records, cells: dict[str, str], **others: str) -> Any:
    """The worklist's file with these cells by source id, sent back by the station."""
    content = (await station(records).ask("GET", "/worklist.csv")).content.decode("utf-8-sig")
    head, *rows = list(csv.reader(io.StringIO(content)))
    for row in rows:
        row[head.index("Nhận gợi ý")] = cells.get(row[0], "")
        for header, cell in others.items():
            row[head.index(header)] = cell
    text = io.StringIO(newline="")
    csv.writer(text).writerows([head, *rows])
    return await station(records).upload(text.getvalue().encode(), CSV)


async def codes(records: Records, batch: Any) -> dict[str, list[str]]:
    rows = (await station(records).get(f"/batches/{batch['batch_id']}/rows"))["items"]
    return {row["source_id"]: [one["code"] for one in row["errors"]] for row in rows}


async def test_a_file_given_back_accepts_by_card_by_number_and_by_sight(
    records: Records,
) -> None:
    await some(records)
    changed = replace(HOA, number_change=NumberChange.CHANGED, certain=None)
    await records.judge({"c": MISSING}, {"c": [changed]})
    batch = await returned(records, {"a": CARD, "b": "x", "c": HOA.personal_id})
    assert (batch["unchanged"], batch["rejected"]) == (2, 1)
    answers = await codes(records, batch)
    assert "SUGGESTION_ACCEPTED" in answers["a"]
    assert answers["b"] == ["PROOF_NOT_ENOUGH"]
    assert "SUGGESTION_AWAITS_SECOND" in answers["c"]
    ids = await records.ids()
    assert {event.dose_id for event in await told(records)} == {ids["a"], ids["c"]}


async def test_a_row_that_accepts_and_changes_is_refused_and_changes_nothing(
    records: Records,
) -> None:
    await some(records)
    batch = await returned(records, {"a": CARD}, **{"Số lô": "FK0112"})
    assert (await codes(records, batch))["a"] == ["CHANGED_TOO"]
    assert await told(records) == []


async def test_a_dose_that_passes_meanwhile_is_not_accepted_by_an_older_file(
    records: Records,
) -> None:
    await some(records)
    content = (await station(records).ask("GET", "/worklist.csv")).content
    await records.judge({"a": (Grade.EXACT, [])})
    assert (await suggestions(police(records))).keys() == {"b", "c"}
    head, *rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    for row in rows:
        row[head.index("Nhận gợi ý")] = CARD if row[0] == "a" else ""
    text = io.StringIO(newline="")
    csv.writer(text).writerows([head, *rows])
    batch = await station(records).upload(text.getvalue().encode(), CSV)
    assert (await codes(records, batch))["a"] == ["SUGGESTION_GONE"]
