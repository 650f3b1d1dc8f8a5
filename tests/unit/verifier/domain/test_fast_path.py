"""Many people at once are decided on as one by one, and a name heard by its words sounds as the
whole does.
"""

from collections.abc import Sequence
from itertools import islice
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.events import MAX_CHUNK
from contracts.events import Person as Typed
from contracts.identity.name_forms import heard
from contracts.keys import heard_as
from contracts.registry import Person
from contracts.words import Grade
from deploy.accuracy.registry import Registry
from deploy.accuracy.sample import read_doses, read_people
from services.verifier.domain.fast_path import all_lookup_numbers, match_by_number
from services.verifier.domain.match_person import lookup_numbers, match_person
from tests.support.paths import SHARED, needs_shared
from tests.unit.verifier.domain.test_properties import names, neighbourhoods
from tests.unit.verifier.people import HOA, HOA_ID, registered, typed
from vietnamese.encodings import decoded
from vietnamese.spelling import sounds

FOREIGN = {"nationality": "KR", "personal_id": "", "passport_number": "M12345678"}
FILLER = "123456789012"
ROWS: tuple[dict[str, Any], ...] = (
    {}, {"full_name": "NGUYỄN THỊ HÒA"}, {"full_name": "Nguyễn Thị Hoà"},
    {"full_name": "NGUYEN THI HOA"}, {"full_name": ""},
    {"sex": "male"}, {"sex": None}, {"birth": "05/03/1980"}, {"birth": "1980"},
    {"nationality": "LA"}, FOREIGN,
    {**FOREIGN, "passport_number": HOA_ID}, {"personal_id": ""}, {"personal_id": "68180000001"},
    {"personal_id": "250123456"},
    {"personal_id": FILLER}, {"personal_id": FILLER, "full_name": "NGUYỄN THỊ HÒA"},
    {"personal_id": "068.180.000.001"},
)  # fmt: skip
REGISTERED: tuple[dict[str, Any], ...] = (
    {}, {"status": "died"}, {"personal_id": FILLER}, {"personal_id": "068180000009",
    "old_ids": [HOA_ID]}, {"date_of_birth": "1980"},
)  # fmt: skip


def assert_decided_alike(people: Sequence[Typed], registry: Registry) -> None:
    assert all_lookup_numbers(people) == {
        number for person in people for number in lookup_numbers(person)
    }
    assert match_by_number(people, registry.by_number) == [
        match_person(person, registry.by_number) for person in people
    ]


@pytest.mark.parametrize("known", [(one,) for one in REGISTERED] + [({}, REGISTERED[3])], ids=str)
def test_rows_of_every_kind_are_decided_as_one_by_one(known: Sequence[dict[str, Any]]) -> None:
    assert_decided_alike(
        [typed(**row) for row in ROWS], Registry([registered(**one) for one in known])
    )


def test_a_filler_makes_nobody_its_holder_but_for_who_is_typed_as_registered() -> None:
    holder = registered(personal_id=FILLER)
    grades = [
        decision.grade
        for decision in match_by_number(
            [typed(holder), typed(holder, full_name="NGUYỄN THỊ HÒA")], {FILLER: [holder]}
        )
    ]
    assert grades == [Grade.EXACT, Grade.ILL_FORMED_ID]


@settings(max_examples=200)
@given(neighbourhoods(), st.data())
def test_neighbours_are_decided_as_one_by_one(people: list[Person], data: st.DataObject) -> None:
    """Each typed as registered, but for what is another's or in other capitals."""
    pick = st.sampled_from(people)
    rows = []
    for _ in range(data.draw(st.integers(1, 6))):
        true, other = data.draw(pick), data.draw(pick)
        rows.append(
            typed(
                true,
                full_name=data.draw(
                    st.sampled_from((true.full_name, true.full_name.upper(), other.full_name))
                ),
                birth=data.draw(st.sampled_from((true.date_of_birth, other.date_of_birth))),
                sex=data.draw(st.sampled_from((true.sex, other.sex))),
                personal_id=data.draw(
                    st.sampled_from((true.personal_id, other.personal_id, *other.old_ids))
                ),
            )
        )
    assert_decided_alike(rows, Registry(people))


@needs_shared
def test_the_sample_is_decided_as_one_by_one() -> None:
    registry = Registry(read_people(SHARED / "sample"))
    rows = (person for person, _ in read_doses(SHARED / "sample"))
    while chunk := list(islice(rows, MAX_CHUNK)):
        assert_decided_alike(chunk, registry)


ENCODED = (
    "NguyÔn V¨n ¸nh", "NGUYEÃN THÒ HOØA", "Nguye^~n Thi. Ho`a", "Nguyá»…n Thá»‹ HÃ ", "LÃª",
    "Vò BÝch My", "", "Hoa\u00a0Hòa", "H'Hen  Niê",
)  # fmt: skip
texts = st.one_of(
    names,
    st.sampled_from(ENCODED),
    st.text(max_size=20),
    st.text("aâàáêèoôòóýµ¸ÔÒÝøùûõï^`'?~.d \u00ad\u00a0", max_size=12),
)


@given(texts)
def test_how_a_name_sounds_is_how_it_sounds_as_it_can_be_read(text: str) -> None:
    read = decoded(text)
    assert heard(text) == (read, heard_as(sounds(word) for word in read.split()))


def test_who_is_plainly_registered_is_exact() -> None:
    assert match_by_number([typed()], {HOA_ID: [HOA]})[0].grade is Grade.EXACT
