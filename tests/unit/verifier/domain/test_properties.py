"""What holds of every name, number and registry."""

import unicodedata
from datetime import date

from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from contracts.identity.compare_births import compare_births, compare_sexes
from contracts.identity.compare_names import compare_names, compare_read_names
from contracts.identity.name_forms import name_of
from contracts.registry import Person
from contracts.words import ELIGIBLE_GRADES, Result
from services.verifier.domain.id_column import read_number
from tests.unit.verifier.people import decided, registered, typed
from vietnamese.encodings import decoded
from vietnamese.syllables import strict_word

LETTERS = (
    "aàáảãạăằắẳẵặâầấẩẫậbcdđeèéẻẽẹêềếểễệghiìíỉĩịklmnoòóỏõọôồốổỗộơờớởỡợpqrstuùúủũụưừứửữựvxyỳýỷỹỵ' "
)
WORDS = (
    "Nguyễn", "Trần", "Thị", "Văn", "Minh", "Hòa", "Hoa", "Hoà", "Thúy", "Thùy", "Đức", "Anh", "Vũ",
    "Võ", "Huỳnh", "Hoàng", "Lý", "Lan",
    "Loan", "Tâm", "Tấm", "H'Hen", "Niê", "Y", "Ka",
)  # fmt: skip
SAME = {Result.MATCH, Result.EQUIVALENT}

names = st.one_of(
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(" ".join),
    st.text(LETTERS, min_size=1, max_size=20),
)
births = st.dates(date(1930, 1, 1), date(2020, 12, 31)).map(date.isoformat)


@given(st.one_of(names, st.text(max_size=20)))
@example("a\u0149 a\u0374 a\u1fef a\u1ffd")
@example("Hoaø Tuuø Thu")
def test_normalising_a_name_again_changes_nothing(name: str) -> None:
    strict = name_of(name).strict
    assert tuple(strict_word(word) for word in strict) == strict
    assert decoded(decoded(name)) == decoded(name)


@given(names)
def test_bytes_case_and_spaces_change_no_name(name: str) -> None:
    forms = [
        unicodedata.normalize("NFD", name),
        unicodedata.normalize("NFC", name),
        name.upper(),
        f"  {name.replace(' ', '  ')} ",
    ]
    assert {name_of(form).strict for form in forms} == {name_of(name).strict}


@given(names, names)
def test_comparing_names_is_symmetric(one: str, other: str) -> None:
    assume(name_of(one).strict and name_of(other).strict)
    assert (compare_read_names(one, other).result in SAME) == (
        compare_read_names(other, one).result in SAME
    )


@given(births, births)
def test_comparing_births_is_symmetric(one: str, other: str) -> None:
    assume(not one.endswith("-01-01") and not other.endswith("-01-01"))
    assert compare_births(one, "day", other) is compare_births(other, "day", one)


def test_comparing_sexes_is_symmetric() -> None:
    assert compare_sexes("male", "female") is compare_sexes("female", "male")


@given(names)
def test_every_name_is_its_own(name: str) -> None:
    assume(name_of(name).strict)
    for form in (name, name.upper(), unicodedata.normalize("NFD", name)):
        assert compare_names(form, name).result in SAME


@given(st.text(max_size=40))
@example("٢٥٠١٢٣٤٥٦")
@example("7.٩٠٨٥١٢٣٤٥٦E+10")
def test_whatever_stands_in_the_number_column_can_be_read_and_gives_well_formed_numbers(
    text: str,
) -> None:
    number = read_number(text)
    assert all(one.isascii() and one.isdigit() and len(one) in (9, 12) for one in number.candidates)
    assert number.candidates or number.reason


digits = st.text("0123456789", min_size=6, max_size=6)


@st.composite
def neighbourhoods(draw: st.DrawFn) -> list[Person]:
    """People who are easily mistaken: one province and year, few names and days, numbers that
    differ little, old cards that repeat.
    """
    people: dict[tuple[str, str, str], Person] = {}
    taken = set()
    base = draw(digits)
    for _ in range(draw(st.integers(2, 6))):
        at, digit = draw(st.integers(0, 5)), draw(st.sampled_from("0123456789"))
        sex = draw(st.sampled_from(("male", "female")))
        number = f"068{'1' if sex == 'female' else '0'}80{base[:at]}{digit}{base[at + 1 :]}"
        if number in taken:
            continue
        taken.add(number)
        person = registered(
            personal_id=number,
            old_ids=draw(
                st.lists(st.sampled_from(("250123456", "250123457", "068080999999")), max_size=1)
            ),
            full_name=(
                f"{draw(st.sampled_from(('Nguyễn', 'Vũ', 'Võ')))}"
                f" {draw(st.sampled_from(('Thị', 'Văn', 'Minh')))}"
                f" {draw(st.sampled_from(('Hòa', 'Hoa', 'Hoá', 'Lan', 'Loan')))}"
            ),
            date_of_birth=draw(
                st.sampled_from(
                    ("1980-05-03", "1980-03-05", "1980-05-08", "1981-05-03", "1980-01-01", "1980")
                )
            ),
            sex=sex,
            commune_code=draw(st.sampled_from(("24769", "24770"))),
        )
        # who is alike in all that is compared cannot be told apart by anybody
        people.setdefault((person.full_name, person.date_of_birth, person.sex), person)
    return list(people.values())


def edits(number: str) -> st.SearchStrategy[str]:
    """One digit of the number replaced, left out, doubled, added, or swapped with the next."""
    at = st.integers(0, len(number) - 1)
    digit = st.sampled_from("0123456789")
    return st.one_of(
        st.builds(lambda i, d: number[:i] + d + number[i + 1 :], at, digit),
        st.builds(lambda i: number[:i] + number[i + 1 :], at),
        st.builds(lambda i, d: number[:i] + d + number[i:], at, digit),
        st.builds(lambda i: number[:i] + number[i + 1 : i + 2] + number[i] + number[i + 2 :], at),
    )


@settings(max_examples=400)
@given(neighbourhoods(), st.data())
def test_no_single_edit_of_a_number_makes_a_dose_another_registered_persons(
    people: list[Person], data: st.DataObject
) -> None:
    """With the residence typed rightly; `test_residence` has any, and says which rows are another's
    on all four fields.
    """
    true = data.draw(st.sampled_from(people))
    own = data.draw(st.sampled_from([true.personal_id, *true.old_ids]))
    number = data.draw(
        st.one_of(edits(own), st.sampled_from([person.personal_id for person in people]))
    )
    decision = decided(typed(true, personal_id=number), people)
    assert decision.person is None or decision.person.personal_id == true.personal_id
    assert (decision.grade in ELIGIBLE_GRADES) == (decision.person is not None)


@settings(max_examples=400)
@given(neighbourhoods(), st.data())
def test_no_slip_of_the_name_makes_a_dose_another_registered_persons(
    people: list[Person], data: st.DataObject
) -> None:
    true, holder = data.draw(st.sampled_from(people)), data.draw(st.sampled_from(people))
    assume(true is not holder)
    family, middle, given_name = true.full_name.split()
    name = data.draw(
        st.sampled_from(
            (
                true.full_name,
                f"{family} {given_name}",
                f"{family} {middle[0]}. {given_name}",
                f"{given_name} {family} {middle}",
            )
        )
    )
    decision = decided(typed(true, full_name=name, personal_id=holder.personal_id), people)
    assert decision.person is None
