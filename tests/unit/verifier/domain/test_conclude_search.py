"""Deciding in two steps: what the first found is carried to the second."""

from typing import Any

from contracts.registry import Found
from deploy.accuracy.registry import Registry
from services.verifier.domain.conclude_search import conclude_search
from services.verifier.domain.match_person import match_person
from tests.unit.verifier.people import HOA, registered, typed

NEIGHBOUR = registered(personal_id="068180000009", full_name="Nguyễn Thị Hoa", old_ids=[])
REGISTRY = Registry([HOA, NEIGHBOUR])
SLIPS: tuple[dict[str, Any], ...] = (
    {"full_name": "NGUYEN THI HOA"},
    {"birth": "05/03/1980"},
    {"personal_id": ""},
    {"personal_id": "068180000010"},
    {"full_name": "Lê Văn Khuyết"},
)


def test_concluding_is_deciding_with_what_was_found() -> None:
    for slip in SLIPS:
        person = typed(**slip)
        first = match_person(person, REGISTRY.by_number)
        found = REGISTRY.search(first.search, first.most)
        assert first.search
        assert conclude_search(person, first, found) == match_person(
            person, REGISTRY.by_number, found
        )
        assert not conclude_search(person, first, found).search


def test_a_final_verdict_stays_whatever_is_found() -> None:
    person = typed()
    decision = match_person(person, REGISTRY.by_number)
    assert conclude_search(person, decision, Found(people=[NEIGHBOUR], more=True)) is decision
