"""Of number, name and birth date two must be those of whom a dose was recorded for."""

from itertools import product

import pytest

from contracts.events import Person, RegistryPerson
from contracts.registry import Person as Registered
from services.verifier.domain.recorded_person import is_recorded_foreigner, is_recorded_person

HOA = Registered(
    personal_id="068180000001",
    old_ids=("250123456",),
    full_name="Nguyễn Thị Hòa",
    date_of_birth="1980-05-03",
    sex="female",
    province_code="68",
    district_code="681",
    commune_code="24769",
    status="alive",
)
NUMBERS = {"068180000001": True, "250123456": True, "068180000007": True, "": False, "1": False}
NAMES = {"Nguyễn Thị Hòa": True, "NGUYEN THI HOA": True, "Trần Văn Hùng": False, "": False}
BIRTHS = {"1980-05-03": True, "1980-03-05": True, "1951-11-23": False, "": False}


@pytest.mark.parametrize(("number", "name", "birth"), list(product(NUMBERS, NAMES, BIRTHS)))
def test_two_of_three_make_somebody_the_person_whom_a_dose_was_recorded_for(
    number: str, name: str, birth: str
) -> None:
    recorded = Person(
        full_name=name,
        date_of_birth=birth,
        date_precision="day" if birth else "missing",
        personal_id=number,
    )
    agreeing = NUMBERS[number] + NAMES[name] + BIRTHS[birth]
    assert is_recorded_person(recorded, HOA) is (agreeing > 1)


@pytest.mark.parametrize(("number", "name", "birth"), list(product((True, False), repeat=3)))
def test_so_it_is_with_a_foreigner_s_passport(number: bool, name: bool, birth: bool) -> None:
    recorded = Person(
        full_name="Müller Anna" if name else "Smith John",
        date_of_birth="1990-02-28" if birth else "1951-11-23",
        date_precision="day",
        passport_number="C01X00T47" if number else "",
    )
    person = RegistryPerson(
        "Müller Anna", "1990-02-28", passport_number="C01X00T47", nationality="DE"
    )
    assert is_recorded_foreigner(recorded, person) is (number + name + birth > 1)
