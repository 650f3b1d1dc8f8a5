"""Every type of error that files are known to hold, with an example."""

from typing import Any

import pytest

from contracts.registry import Person
from contracts.words import ELIGIBLE_GRADES, Grade, Reason
from tests.unit.verifier.people import HOA, HOA_ID, decided, reasons, registered, typed

DUC = registered(
    personal_id="068065085123", full_name="Đặng Văn Đức", date_of_birth="1965-07-12", sex="male"
)
HEN = registered(personal_id="066192000007", full_name="H'Hen Niê", date_of_birth="1992-05-13")
OLD = registered(
    personal_id="001150000009",
    full_name="Lý Thị Mỹ",
    date_of_birth="1950",
    old_ids=["012345679", "001151000003"],
)
LUA = registered(personal_id="001190000007", full_name="Trần Thị Lụa", date_of_birth="1990-12-31")
BICH = registered(
    personal_id="001190000008", full_name="Vũ Bích My", date_of_birth="1990-11-30", old_ids=[]
)
SON = registered(
    personal_id="001090000009",
    full_name="Cao Minh Sơn",
    date_of_birth="1990-10-29",
    sex="male",
    old_ids=[],
)
PEOPLE = (HOA, DUC, HEN, OLD, LUA, BICH, SON)

SAME_NAME = [
    (HOA, "NGUYỄN THỊ HÒA"),
    (HOA, "Nguyễn Thị Hoà"),
    (HOA, "Nguye\u0302\u0303n Thi\u0323 Ho\u0300a"),
    (HOA, "Nguyê\u0303n Thị Hòa"),
    (HOA, "Nguy\u1ebd\u0302n Thị Hòa"),
    (HOA, "  Nguyễn\u00a0Thị  Hòa\u200b "),
    (DUC, "Ðặng Văn Ðức"),
    (HEN, "H’Hen Niê"),
    (HEN, "HHen Niê"),
    (HEN, "H Hen Niê"),
    (HEN, "Niê H'Hen"),
]


@pytest.mark.parametrize(("person", "name"), SAME_NAME)
def test_the_same_name_in_other_signs_is_equivalent(person: Person, name: str) -> None:
    decision = decided(typed(person, full_name=name), PEOPLE)
    assert decision.grade is Grade.EQUIVALENT
    assert reasons(decision) == {"full_name": "NAME_SPELLING"}


ENCODED = [
    (HOA, "NguyÔn ThÞ Hßa"),
    (HOA, "Nguyeãn Thò Hoøa"),
    (HOA, "Nguye^~n Thi. Ho`a"),
    (HOA, "Nguyá»…n Thá»‹ HÃ²a"),
    # read as Latin-1, as Windows-1258, and twice as Windows-1252
    (HOA, "Nguyá»\x85n Thá»\x8b HÃ²a"),
    (HOA, "Nguyá»…n Thá»‹ HĂ²a"),
    (HOA, "NguyÃ¡Â»â€¦n ThÃ¡Â»â€¹ HÃƒÂ²a"),
    (DUC, "§Æng V¨n §øc"),
    (DUC, "DDa(.ng Va(n DDu+'c"),
]


@pytest.mark.parametrize(("person", "name"), ENCODED)
def test_a_name_in_a_legacy_encoding_is_equivalent_once_it_is_read(
    person: Person, name: str
) -> None:
    decision = decided(typed(person, full_name=name), PEOPLE)
    assert decision.grade is Grade.EQUIVALENT
    assert reasons(decision) == {"full_name": "NAME_ENCODING"}
    assert (
        decided(typed(person, full_name=name, personal_id=""), PEOPLE).suggestions[0].person
        == person
    )


@pytest.mark.parametrize(("person", "name"), [(BICH, "Vò BÝch My"), (SON, "Cao Minh Sôn")])
def test_a_name_in_a_legacy_encoding_that_reads_well_all_the_same_is_repaired(
    person: Person, name: str
) -> None:
    decision = decided(typed(person, full_name=name), PEOPLE)
    assert decision.grade is Grade.REPAIRED
    assert reasons(decision) == {"full_name": "NAME_ENCODING"}


REPAIRED = [
    (HOA, {"full_name": "NGUYEN THI HOA"}, "full_name", Reason.DIACRITICS_MISSING),
    (DUC, {"full_name": "dang van duc"}, "full_name", Reason.DIACRITICS_MISSING),
    (HOA, {"full_name": "Nguyễn Thị Hoa"}, "full_name", Reason.TONE_DIFFERS),
    (HOA, {"full_name": "Nguyễn Thị Hỏa"}, "full_name", Reason.TONE_DIFFERS),
    (HOA, {"full_name": "Hòa Nguyễn Thị"}, "full_name", Reason.NAME_ORDER),
    (HOA, {"full_name": "Nguyễn Hòa"}, "full_name", Reason.MIDDLE_NAME_MISSING),
    (HOA, {"full_name": "Ng. T. Hòa"}, "full_name", Reason.NAME_ABBREVIATED),
    (OLD, {"full_name": "Lý Thị Mĩ"}, "full_name", Reason.SPELLING_VARIANT),
    (LUA, {"full_name": "Trần Thị Nụa"}, "full_name", Reason.SPELLING_VARIANT),
    (HOA, {"birth": "05/03/1980"}, "date_of_birth", Reason.DAY_MONTH_SWAPPED),
    (HOA, {"birth": "1980"}, "date_of_birth", Reason.YEAR_ONLY),
    (HOA, {"birth": "01/01/1980"}, "date_of_birth", Reason.YEAR_ONLY),
    (OLD, {"birth": "01/01/1950"}, "date_of_birth", Reason.YEAR_ONLY),
    (HOA, {"birth": "03/05/1981"}, "date_of_birth", Reason.DATE_DIGIT),
    (HOA, {"birth": "08/05/1980"}, "date_of_birth", Reason.DATE_DIGIT),
    (LUA, {"birth": "32/12/1990"}, "date_of_birth", Reason.DATE_IMPOSSIBLE),
    (HOA, {"sex": "male"}, "sex", Reason.SEX_DIFFERS),
    (HOA, {"sex": None}, "sex", Reason.SEX_MISSING),
    (HOA, {"personal_id": "68180000001"}, "personal_id", Reason.ID_LEADING_ZERO_LOST),
    (OLD, {"personal_id": "1150000009"}, "personal_id", Reason.ID_LEADING_ZERO_LOST),
    (HOA, {"personal_id": "6.8180000001E+10"}, "personal_id", Reason.ID_SCIENTIFIC),
    (HOA, {"personal_id": "250123456"}, "personal_id", Reason.OLD_ID),
    (OLD, {"personal_id": "12345679"}, "personal_id", Reason.OLD_ID),
    (OLD, {"personal_id": "001151000003"}, "personal_id", Reason.SUPERSEDED_ID),
]


@pytest.mark.parametrize(("person", "slip", "attribute", "reason"), REPAIRED)
def test_one_known_slip_is_repaired_with_the_registrys_data_and_named(
    person: Person, slip: dict[str, Any], attribute: str, reason: str
) -> None:
    decision = decided(typed(person, **slip), PEOPLE)
    assert decision.grade is Grade.REPAIRED
    assert reasons(decision) == {attribute: reason}
    assert decision.person is not None
    assert (decision.person.personal_id, decision.person.full_name) == (
        person.personal_id,
        person.full_name,
    )
    assert (decision.person.date_of_birth, decision.person.sex) == (
        person.date_of_birth,
        person.sex,
    )


@pytest.mark.parametrize(
    "number",
    [
        "068 180 000.001",
        "'068180000001",
        "068.180.000.001",
        "068180000001.0",
        "CCCD: 068180000001",
        "068-180-000-001",
    ],
)
def test_a_punctuated_number_is_the_same_number(number: str) -> None:
    decision = decided(typed(personal_id=number))
    assert decision.grade is Grade.EQUIVALENT
    assert reasons(decision) == {"personal_id": "ID_PUNCTUATED"}


SUGGESTED = [
    ("", Grade.MISSING_ID, "ID_MISSING"),
    ("068180000002", Grade.NOT_FOUND, "ID_DIGIT"),
    ("068180000010", Grade.NOT_FOUND, "ID_TRANSPOSED"),
    ("06818000001", Grade.ILL_FORMED_ID, "ID_LENGTH"),
    ("0681800000010", Grade.ILL_FORMED_ID, "ID_LENGTH"),
    ("0912345678", Grade.ILL_FORMED_ID, "ID_IS_PHONE_NUMBER"),
    ("+84912345678", Grade.ILL_FORMED_ID, "ID_IS_PHONE_NUMBER"),
    ("DN4790123456789", Grade.ILL_FORMED_ID, "ID_IS_INSURANCE_NUMBER"),
    ("không có", Grade.ILL_FORMED_ID, "ID_IS_FILLER"),
    ("kh«ng cã", Grade.ILL_FORMED_ID, "ID_IS_FILLER"),
    ("khoâng coù", Grade.ILL_FORMED_ID, "ID_IS_FILLER"),
    ("kho^ng co'", Grade.ILL_FORMED_ID, "ID_IS_FILLER"),
    ("khÃ´ng cÃ³", Grade.ILL_FORMED_ID, "ID_IS_FILLER"),
    ("000000000000", Grade.ILL_FORMED_ID, "ID_IS_FILLER"),
    ("123456789", Grade.ILL_FORMED_ID, "ID_IS_FILLER"),
    ("-", Grade.ILL_FORMED_ID, "ID_IS_FILLER"),
    ("hộ chiếu mới", Grade.ILL_FORMED_ID, "ID_IS_TEXT"),
    ("6.8180E+10", Grade.ILL_FORMED_ID, "ID_SCIENTIFIC"),
    ("250999999", Grade.NOT_FOUND, "ID_NOT_FOUND"),
    ("068199654321", Grade.NOT_FOUND, "ID_CONTRADICTS_PERSON"),
    ("968180000777", Grade.ILL_FORMED_ID, "ID_PREFIX"),
]


@pytest.mark.parametrize(("number", "grade", "reason"), SUGGESTED)
def test_a_wrong_number_is_named_and_the_right_person_suggested_first(
    number: str, grade: Grade, reason: str
) -> None:
    decision = decided(typed(personal_id=number), PEOPLE)
    assert decision.grade is grade
    assert reasons(decision) == {"personal_id": reason}
    assert decision.person is None
    assert decision.suggestions[0].person == HOA
    assert decision.suggestions[0].confidence > 0.9
    assert {"SAME_NAME", "SAME_BIRTH_DATE", "SAME_SEX", "SAME_COMMUNE"} <= set(
        decision.suggestions[0].evidence
    )


def test_the_same_data_is_exact_and_says_nothing() -> None:
    decision = decided(typed())
    assert (decision.grade, decision.attributes, decision.search) == (Grade.EXACT, (), ())
    assert decision.person is not None
    assert decision.person.personal_id == HOA_ID


def test_a_foreigner_goes_on_by_passport_number_without_the_registry() -> None:
    decision = decided(
        typed(
            full_name="John Smith", nationality="US", personal_id="", passport_number="C49791559"
        ),
        (),
    )
    assert decision.grade is Grade.EXEMPT
    assert decision.person is not None
    assert (decision.person.passport_number, decision.person.full_name) == (
        "C49791559",
        "John Smith",
    )


@pytest.mark.parametrize(
    ("passport", "grade"),
    [
        ("", Grade.MISSING_ID),
        (" - ", Grade.MISSING_ID),
        ("không có", Grade.ILL_FORMED_ID),
        ("000-000 000", Grade.ILL_FORMED_ID),
    ],
)
def test_a_foreigner_without_a_passport_number_does_not_go_on(passport: str, grade: Grade) -> None:
    assert (
        decided(typed(nationality="US", personal_id="", passport_number=passport), ()).grade
        is grade
    )


@pytest.mark.parametrize(
    "written", ["c4979 1559", "C-4979.1559", " C\u00a049791559", "C\u200b4979\u20131559"]
)
def test_a_passport_number_goes_on_in_its_one_form_however_it_is_written(written: str) -> None:
    columns: list[dict[str, Any]] = [
        {"personal_id": "", "passport_number": written},
        {"personal_id": written},
    ]
    for column in columns:
        decision = decided(typed(nationality="US", **column), ())
        assert decision.person is not None
        assert decision.person.passport_number == "C49791559"


@pytest.mark.parametrize(
    ("birth", "reason"), [("", "DATE_MISSING"), ("30/02/1950", "DATE_IMPOSSIBLE")]
)
def test_a_foreigner_whose_birth_date_cannot_be_read_does_not_go_on_and_is_told_why(
    birth: str, reason: str
) -> None:
    decision = decided(
        typed(nationality="US", personal_id="", passport_number="C49791559", birth=birth), ()
    )
    assert (decision.grade, decision.person) == (Grade.MISMATCH, None)
    assert reasons(decision) == {"date_of_birth": reason}


@pytest.mark.parametrize("birth", ["1950", "02/1950", "28/02/1950"])
def test_a_foreigner_goes_on_with_as_much_of_a_birth_date_as_the_passport_has(
    birth: str,
) -> None:
    assert (
        decided(
            typed(nationality="US", personal_id="", passport_number="C49791559", birth=birth), ()
        ).grade
        is Grade.EXEMPT
    )


AS_A_FOREIGNER = (
    DUC.personal_id,
    f"{DUC.personal_id[:3]} {DUC.personal_id[3:]}",
    DUC.personal_id.lstrip("0"),
    f"CC {DUC.personal_id}",
    OLD.personal_id.lstrip("0"),
    "968180000777",
    "84912345678",
)


@pytest.mark.parametrize("number", AS_A_FOREIGNER)
def test_nobody_passes_the_registry_by_as_a_foreigner_with_a_personal_number(number: str) -> None:
    person = typed(
        DUC, full_name="John Smith", nationality="LA", personal_id="", passport_number=number
    )
    assert decided(person, PEOPLE).grade not in ELIGIBLE_GRADES


def test_whose_nationality_alone_is_wrong_is_found_by_the_number_without_its_zero() -> None:
    decision = decided(
        typed(DUC, nationality="LA", personal_id="", passport_number=DUC.personal_id.lstrip("0")),
        PEOPLE,
    )
    assert (decision.grade, decision.person is not None and decision.person.personal_id) == (
        Grade.REPAIRED,
        DUC.personal_id,
    )


@pytest.mark.parametrize(
    ("number", "reason"),
    [("0912345678", Reason.ID_IS_PHONE_NUMBER), ("DN4790123456789", Reason.ID_IS_INSURANCE_NUMBER)],
)
def test_a_telephone_or_insurance_number_is_no_passport(number: str, reason: str) -> None:
    decision = decided(typed(nationality="LA", personal_id="", passport_number=number), PEOPLE)
    assert (decision.grade, reasons(decision)) == (Grade.ILL_FORMED_ID, {"passport_number": reason})


@pytest.mark.parametrize("number", ["575123456", "12345678", "P0912345", "1234567"])
def test_a_passport_number_of_digits_alone_stays_one(number: str) -> None:
    assert (
        decided(typed(nationality="US", personal_id="", passport_number=number), PEOPLE).grade
        is Grade.EXEMPT
    )


def test_nothing_is_suggested_where_nothing_is_good_enough() -> None:
    stranger = typed(
        full_name="Lê Văn Khuyết", birth="17/03/1971", sex="male", personal_id="068071123456"
    )
    assert decided(stranger, PEOPLE).suggestions == ()
