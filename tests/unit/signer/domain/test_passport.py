from dataclasses import replace
from datetime import date

import pytest

from contracts.events import DoseFacts, RegistryPerson
from contracts.products import PRODUCTS
from services.signer.domain.claims import claims_of
from services.signer.domain.passport import CertificateContent, passport

PERSON = RegistryPerson(
    personal_id="068180000001", full_name="Nguyễn Thị Hòa", date_of_birth="1980-05-03", sex="female"
)
FACTS = DoseFacts(product="abdala", dose_number=3, dose_kind="primary", date_given=date(2021, 9, 2))


def _held(person: RegistryPerson = PERSON, facts: DoseFacts = FACTS) -> CertificateContent:
    return CertificateContent(
        claims_of(
            person,
            facts,
            "URN:UVCI:01:VN:A#B",
            country="VN",
            issuer="Ministry",
            issued=1,
            expires=2,
        ),
        person.nationality,
    )


def test_the_eleven_fields_stand_in_the_decisions_order_in_both_languages() -> None:
    lines = passport(_held(), 3)
    assert [(line.label_vi, line.value_vi) for line in lines] == [
        ("Họ và tên", "Nguyễn Thị Hòa"),
        ("Ngày sinh", "03/05/1980"),
        ("Quốc tịch", "Việt Nam"),
        ("Bệnh được phòng", "COVID-19"),
        ("Số mũi tiêm đã nhận", "3"),
        ("Ngày tiêm", "02/09/2021"),
        ("Liều số", "3/3"),
        ("Vắc xin", "Vắc xin COVID-19"),
        ("Sản phẩm vắc xin", "Abdala"),
        ("Nhà sản xuất", "Trung tâm Kỹ thuật di truyền và Công nghệ sinh học (Cuba)"),
        ("Mã chứng nhận", "URN:UVCI:01:VN:A#B"),
    ]
    assert [line.label_en for line in lines] == [
        "Full name",
        "Date of birth",
        "Nationality",
        "Targeted disease",
        "Number of doses received",
        "Date of vaccination",
        "Dose number",
        "Vaccine",
        "Vaccine product",
        "Manufacturer",
        "Certificate code",
    ]
    assert lines[0].value_en == "NGUYEN THI HOA"
    assert lines[9].value_en == "Center for Genetic Engineering and Biotechnology"


@pytest.mark.parametrize("code", sorted(PRODUCTS))
def test_every_product_has_a_passport_without_the_persons_number(code: str) -> None:
    lines = passport(_held(facts=replace(FACTS, product=code)), 1)
    assert len(lines) == 11
    assert all(line.value_vi and line.value_en for line in lines)
    assert PERSON.personal_id not in str(lines)


@pytest.mark.parametrize(("registered", "shown"), [("1980", "1980"), ("1980-05", "05/1980")])
def test_a_birth_date_is_shown_as_far_as_it_is_registered(registered: str, shown: str) -> None:
    assert passport(_held(replace(PERSON, date_of_birth=registered)), 1)[1].value_vi == shown


def test_a_nationality_is_named_in_both_languages_and_an_unknown_one_by_its_code() -> None:
    german, unknown = (replace(PERSON, nationality=code) for code in ("DE", "QQ"))
    assert passport(_held(german), 1)[2][3:] == ("Đức", "Germany")
    assert passport(_held(unknown), 1)[2][3:] == ("QQ", "QQ")


def test_a_name_of_one_word_has_no_trailing_space() -> None:
    assert passport(_held(replace(PERSON, full_name="Siu")), 1)[0][3:] == ("Siu", "SIU")


def test_a_name_shows_what_nobody_would_see_in_it() -> None:
    name = replace(PERSON, full_name="Nguyễn Thị\u202e Hòa")
    assert passport(_held(name), 1)[0].value_vi == "Nguyễn Thị⟦U+202E⟧ Hòa"
