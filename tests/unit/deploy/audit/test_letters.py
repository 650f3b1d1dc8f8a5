import json

from deploy.audit.letters import described, returned
from tests.support.bus import an_event

MARKS = {
    "dlq_error": "KeyError",
    "dlq_attempts": "3",
    "dlq_topic": "doses.recorded.v1",
    "dlq_group": "verifier",
}


def test_a_letter_goes_back_as_the_event_it_was_under_a_new_id_that_is_always_the_same() -> None:
    letter = an_event("doses.recorded.v1.dlq", b"{}", headers=MARKS | {"traceparent": "00-1"})
    back = returned(letter)
    assert (back.topic, back.key, back.value, back.headers) == (
        "doses.recorded.v1",
        letter.key,
        b"{}",
        {"traceparent": "00-1"},
    )
    assert back.id != letter.id
    assert returned(letter) == back


def test_what_is_said_of_a_letter_has_its_ids_and_nobody_s_data() -> None:
    dose = {
        "dose_id": 7,
        "version": 2,
        "person": {"full_name": "Nguyễn Thị Hòa", "personal_id": "068180000001"},
        "source_id": "Hòa 1980",
    }
    value = json.dumps(
        {"batch_id": 3, "Nguyễn": ["x"], "doses": [dose, "Nguyễn", {"dose_id": "Nguyễn"}]},
        ensure_ascii=False,
    ).encode()
    told = described(an_event("doses.recorded.v1.dlq", value, headers=MARKS))
    assert told["dlq_error"] == "KeyError"
    assert told["batch_id"] == "3"
    assert told["doses"] == "3: dose_id=7 version=2, ?"
    assert not any(word in str(told) for word in ("Nguyễn", "Hòa", "068180000001"))


def test_a_letter_that_cannot_be_read_is_described_all_the_same() -> None:
    assert described(an_event("t.dlq", b"\xff Nguy\xe1"))["value"] == "not JSON"
    assert described(an_event("t.dlq", b"[1]"))["value"] == "a JSON list"
