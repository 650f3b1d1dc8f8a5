"""One entry of the registry that nobody agreed on costs no other person's answer, and an answer
malformed as a whole is none.
"""

import json
from typing import Any

import pytest

from services.chassis.errors import TransientError
from services.verifier.registry import read_lookup
from services.verifier.registry_answers import UnreadableEntry, read_changes, read_search

AS_OF = "2022-04-01T05:00:00Z"
GOOD = {
    "personal_id": "068180000001", "full_name": "Nguyễn Thị Hòa", "date_of_birth": "1980-05-03",
    "sex": "female",
    "old_ids": ["250123456"], "commune_code": "24769",
}  # fmt: skip
ODD = [
    ({"sex": None}, "sex literal_error"),
    ({"status": "emigrated"}, "status literal_error"),
    ({"date_of_birth": ""}, "date_of_birth string_pattern_mismatch"),
    ({"full_name": None}, "full_name string_type"),
    ({"old_ids": None}, "old_ids tuple_type"),
]


def _lookup(*people: Any, **other: Any) -> bytes:
    return json.dumps({"as_of": AS_OF, "asked": 2, "people": people, **other}).encode()


def _search(*results: list[Any]) -> bytes:
    return json.dumps(
        {"as_of": AS_OF, "results": [{"people": people, "more": False} for people in results]}
    ).encode()


def _change(person: Any, sequence: Any = 1, **other: Any) -> dict[str, Any]:
    return {
        "sequence": sequence,
        "at": AS_OF,
        "kind": "corrected",
        "personal_id": "068180000009",
        "person": person,
        **other,
    }


def _feed(*items: Any) -> bytes:
    return json.dumps({"items": items, "next": None}).encode()


@pytest.mark.parametrize(("odd", "fault"), ODD)
def test_who_cannot_be_read_is_known_by_number_and_the_others_are_read(
    odd: dict[str, Any], fault: str
) -> None:
    other = {**GOOD, "personal_id": "068180000002"}
    answer, unreadable = read_lookup(_lookup({**other, **odd}, GOOD))
    numbers = {"068180000002"} if "old_ids" in odd else {"068180000002", "250123456"}
    assert unreadable == [UnreadableEntry(frozenset(numbers), fault)]
    whole, nobody = read_lookup(_lookup(GOOD))
    assert (answer, nobody) == (whole, ())


@pytest.mark.parametrize(
    "entry", [None, "x", 1, [], {}, {"personal_id": 68180000001, "old_ids": [None, 7]}]
)
def test_an_entry_without_a_number_is_still_somebody(entry: Any) -> None:
    _, [unreadable] = read_lookup(_lookup(entry, GOOD))
    assert unreadable.numbers == frozenset()


def test_a_search_that_found_somebody_unreadable_is_cut_off_and_the_others_are_whole() -> None:
    results, unreadable = read_search(_search([GOOD, {**GOOD, "sex": None}], [GOOD]))
    assert [(len(one.people), one.more) for one in results] == [(1, True), (1, False)]
    assert len(unreadable) == 1


def test_a_change_to_what_cannot_be_read_still_concerns_its_numbers() -> None:
    entries = [
        _change({**GOOD, "sex": None}),
        _change(GOOD, 2),
        _change(None, 3),
        {"sequence": 4, "at": AS_OF},
        _change(GOOD, 5, kind="x"),
    ]
    changes, unreadable = read_changes(_feed(*entries))
    own = {"068180000001", "250123456", "068180000009"}
    assert [set(one.numbers) for one in changes] == [own, own, {"068180000009"}, set(), own]
    assert [one.kind for one in changes] == [
        "unreadable",
        "corrected",
        "unreadable",
        "unreadable",
        "unreadable",
    ]
    assert [one.person is None for one in changes] == [True, False, True, True, False]
    assert len(unreadable) == 3
    assert read_changes(_feed(entries[1]))[0] == [changes[1]]


def test_what_is_said_of_a_fault_tells_nothing_of_the_person() -> None:
    odd = {**GOOD, "date_of_birth": "03/05/1980", "sex": "Hòa"}
    _, [unreadable] = read_lookup(_lookup(odd, GOOD))
    assert not any(str(value) in unreadable.fault for value in odd.values())


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b'{"as_of":"',
        b"[]",
        b"null",
        _lookup(asked=None),
        _lookup(as_of="today"),
        _lookup(people={}),
        _lookup(people=None),
    ],
)
def test_an_answer_malformed_as_a_whole_is_none(content: bytes) -> None:
    with pytest.raises(TransientError):
        read_lookup(content)


@pytest.mark.parametrize(
    "content",
    [_search()[:-1], b'{"as_of":"2022-04-01T05:00:00Z","results":[{"people":[]}]}', b"{}"],
)
def test_a_search_malformed_as_a_whole_is_none(content: bytes) -> None:
    with pytest.raises(TransientError):
        read_search(content)


@pytest.mark.parametrize(
    "entry", [None, _change(GOOD, 0), _change(GOOD, at=None), _change(GOOD, sequence="x")]
)
def test_a_change_without_its_place_in_the_feed_is_none(entry: Any) -> None:
    with pytest.raises(TransientError):
        read_changes(_feed(entry))
