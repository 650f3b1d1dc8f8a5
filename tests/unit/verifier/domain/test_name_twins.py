"""Two people's names that are easily taken for one: other spaces, or what an old encoding would
make of them.
"""

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from contracts.identity.compare_names import compare_names
from contracts.identity.name_forms import name_of
from contracts.words import ELIGIBLE_GRADES, Grade, Result
from deploy.accuracy.registry import Registry
from deploy.sample.population import synthesise
from services.verifier.domain.guardian_rules import keys_at, singled_out
from tests.unit.verifier.people import decided, reasons, registered, typed
from vietnamese.encodings import word_readings
from vietnamese.syllables import implausible

ENCODING_TWINS = (
    ("Lê Hoàng Anh", "Lê Hồng Anh"),
    ("Hoàng Anh", "Hồng Anh"),
    ("Nguyễn Văn Toàn", "Nguyễn Văn Tồn"),
    ("Giàng A Chô", "Giàng A Chơ"),
    ("Y Hoàng Kpă", "Y Hồng Kpă"),
    ("Kpă Hoàng", "Kpă Hồng"),
    ("Ka Bêi", "Ka Bời"),
    ("K'Hoàng", "K'Hồng"),
    ("Cao Minh Sôn", "Cao Minh Sơn"),
    ("MÃ AN", "Mà An"),
)
SPACING_TWINS = (
    ("Lê Thị Thuý", "Lê Thị Thu Ý"),
    ("Lê Thị Thuân", "Lê Thị Thu Ân"),
    ("Nguyễn Tuấn", "Nguyễn Tú Ân"),
    ("Nguyễn Tuấn", "NguyễnTúÂn"),
    ("Lê Thị Thuý", "Lê ThịThu Ý"),
    ("Y Thúy Hòa", "Y Thùy Hóa"),
    ("Y Yên Niê", "Y Y Ên Niê"),
    ("Khoa", "K'Hoa"),
)
TWINS = [
    pair for one, other in ENCODING_TWINS + SPACING_TWINS for pair in ((one, other), (other, one))
]
EQUAL = {Result.MATCH, Result.EQUIVALENT}


@pytest.mark.parametrize(("name", "twins"), TWINS)
def test_who_is_typed_rightly_but_for_the_twins_number_is_never_let_through_as_the_twin(
    name: str, twins: str
) -> None:
    person = registered(full_name=name, old_ids=[])
    twin = registered(full_name=twins, personal_id="068180731200", old_ids=[])
    decision = decided(typed(person, personal_id=twin.personal_id), [person, twin])
    assert decision.grade not in ELIGIBLE_GRADES
    # who is called what an old encoding makes of it, and has the number, is likelier
    assert decision.suggestions[0].person == person or implausible(name)


@pytest.mark.parametrize(("name", "twins"), TWINS)
def test_no_name_equals_the_twins(name: str, twins: str) -> None:
    assert compare_names(name, twins).result not in EQUAL


@pytest.mark.parametrize(("name", "twins"), TWINS)
def test_no_guardian_is_told_the_number_of_a_child_of_such_a_name(name: str, twins: str) -> None:
    twin = registered(
        full_name=twins, date_of_birth="2015-05-03", personal_id="068315000001", old_ids=[]
    )
    child = typed(twin, full_name=name, personal_id="")
    assert (
        singled_out(
            child,
            twin.commune_code,
            Registry([twin]).search(keys_at(twin.commune_code, child), 100).people,
        )
        is None
    )


@pytest.mark.parametrize(
    ("name", "own"),
    [
        ("NguyễnThị Hòa", "Nguyễn Thị Hòa"),
        ("Thạch Sarây", "Thạch Sa Rây"),
        ("Y Phôn Êban", "YPhôn Êban"),
        ("Niê HHen", "H'Hen Niê"),
    ],
)
def test_a_lost_space_makes_no_other_name_of_what_is_no_syllable(name: str, own: str) -> None:
    assert reasons(decided(typed(full_name=name), [registered(full_name=own)])) == {
        "full_name": "NAME_SPELLING"
    }


def test_what_may_be_an_encoding_or_a_name_is_repaired_where_nobody_is_called_so() -> None:
    boi = registered(full_name="Ka Bời", old_ids=[])
    person = typed(boi, full_name="Ka Bêi")
    decision = decided(person, [boi])
    assert (decision.grade, reasons(decision)) == (Grade.REPAIRED, {"full_name": "NAME_ENCODING"})
    bei = registered(personal_id="068180731200", full_name="Ka Bêi", old_ids=[])
    assert decided(person, [boi, bei]).grade is Grade.REVIEW


NAMES = sorted({person.full_name for person in synthesise(3_000, 7).people()})


@st.composite
def pairs(draw: st.DrawFn) -> tuple[str, str]:
    """A real name, and what is easily taken for it: one word read by an old encoding, cut in two,
    joined with the next, or another's.
    """
    name = draw(st.sampled_from(NAMES))
    words = name.split()
    at = draw(st.integers(0, len(words) - 1))
    word = words[at]
    cut = draw(st.integers(0, len(word)))
    twin = (
        *word_readings(word),
        f"{word[:cut]} {word[cut:].capitalize()}",
        draw(st.sampled_from(NAMES)).split()[-1],
    )
    joined = [*words[:at], "".join(words[at : at + 2]).capitalize(), *words[at + 2 :]]
    return name, " ".join(
        draw(st.sampled_from((joined, *([*words[:at], other, *words[at + 1 :]] for other in twin))))
    ).strip()


@settings(max_examples=1_000)
@given(pairs())
def test_comparing_real_names_is_symmetric_in_what_is_equal(pair: tuple[str, str]) -> None:
    one, other = (" ".join(name.split()) for name in pair)
    # a name in an old encoding is typed, never registered
    assume(not implausible(one) or not implausible(other))
    assume(all(letter.isalpha() or letter in "' " for letter in other))
    assert (compare_names(one, other).result in EQUAL) == (
        compare_names(other, one).result in EQUAL
    )


@settings(max_examples=1_000)
@given(pairs())
def test_a_real_name_with_other_syllables_is_never_equal(pair: tuple[str, str]) -> None:
    one, other = pair
    if compare_names(one, other).result in EQUAL and name_of(one).strict != name_of(other).strict:
        # but for spaces that are missing, or the clan that is written first
        assert sorted("".join(name_of(one).strict)) == sorted("".join(name_of(other).strict))
        assert len(name_of(one).strict) != len(name_of(other).strict) or sorted(
            name_of(one).strict
        ) == sorted(name_of(other).strict)
