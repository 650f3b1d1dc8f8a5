"""What `generate` promises of its three files."""

import unicodedata
from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest

from deploy.sample import generate
from deploy.sample.courses import PROGRAMME
from deploy.sample.doses import COLUMNS
from deploy.sample.mix import CASES, CLASSES
from tests.unit.deploy.sample.conftest import Row, Sample

_FILES = ("people.csv", "doses.csv", "truth.csv")
_SEX = {"Nam": "male", "Nữ": "female"}
_SAME_SIGN = str.maketrans(
    {"ð": "đ", **dict.fromkeys("’‘ʼ`´′", "'"), **dict.fromkeys("\u200b\u200c\u2060\ufeff", "")}
)


def _name_key(name: str) -> list[list[str]]:
    """Letters and marks of each word, sorted: the same for every way of writing the same name."""
    lowered = name.lower().translate(_SAME_SIGN)
    return [sorted(unicodedata.normalize("NFD", word)) for word in lowered.split()]


def _as_registered(birth: str) -> str:
    return "-".join(reversed(birth.split("/")))


def _paired(sample: Sample, *expected: str) -> list[tuple[Row, Row]]:
    return [
        (dose, truth)
        for dose, truth in zip(sample.doses, sample.truth, strict=True)
        if truth["expect"] in expected
    ]


def _bytes(folder: Path) -> list[bytes]:
    return [(folder / name).read_bytes() for name in _FILES]


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(tmp_path: Path) -> None:
    first, again, other = (tmp_path / name for name in ("first", "again", "other"))
    for folder, seed in ((first, 3), (again, 3), (other, 4)):
        generate(400, seed, folder, 700)
    assert _bytes(first) == _bytes(again)
    assert all(one != another for one, another in zip(_bytes(first), _bytes(other), strict=True))


def test_as_many_doses_are_written_as_were_asked_for(sample: Sample) -> None:
    assert (sample.summary.people, sample.summary.doses) == (15_000, 30_000)
    assert len(sample.people) == 15_000
    assert len(sample.doses) == len(sample.truth) == 30_000
    assert tuple(sample.doses[0]) == COLUMNS


def test_two_doses_a_person_are_the_default(tmp_path: Path) -> None:
    assert generate(300, 1, tmp_path).doses == 600


def test_few_people_get_no_more_doses_than_they_can_have(tmp_path: Path) -> None:
    assert 0 < generate(10, 1, tmp_path, 10_000).doses <= 4 * 10


def test_no_course_goes_on_after_the_programme_however_many_doses_are_asked_of_few_people(
    tmp_path: Path,
) -> None:
    assert 600 < generate(300, 2021, tmp_path, 10_000).doses <= 4 * 300


def test_truth_speaks_of_the_doses_in_their_order_and_each_has_its_own_number(
    sample: Sample,
) -> None:
    numbers = [dose["Mã bản ghi"] for dose in sample.doses]
    assert numbers == [truth["source_id"] for truth in sample.truth]
    assert len(set(numbers)) == len(numbers)


@pytest.mark.parametrize("name", CLASSES)
def test_every_class_has_about_its_published_share(sample: Sample, name: str) -> None:
    count = sum(truth["class"] == name for truth in sample.truth)
    assert 100 * count / len(sample.truth) == pytest.approx(CLASSES[name], rel=0.15)


@pytest.mark.parametrize("name", CLASSES)
def test_common_errors_have_about_their_share_of_their_class(sample: Sample, name: str) -> None:
    errors = Counter(truth["error"] for truth in sample.truth if truth["class"] == name)
    # errors that only few people can have are made as often as these people allow
    common = [case for case in CASES[name] if case.share >= 2 and case.possible >= 0.1]
    assert common
    for case in common:
        assert 100 * errors[case.error] / errors.total() == pytest.approx(
            case.share, rel=0.35, abs=0.8
        ), case.error


def test_every_error_of_the_catalogue_that_many_people_can_have_occurs(sample: Sample) -> None:
    written = {(truth["class"], truth["error"]) for truth in sample.truth}
    assert {
        (name, case.error)
        for name, cases in CASES.items()
        for case in cases
        if case.possible >= 0.01
    } <= written


def test_rows_to_accept_are_the_registered_person_in_another_spelling(sample: Sample) -> None:
    rows = _paired(sample, "accept")
    assert len(rows) > 15_000
    for dose, truth in rows:
        person = sample.people[truth["true_personal_id"]]
        assert dose["Số CMND/CCCD/HC"] == person["personal_id"]
        assert _name_key(dose["Họ và tên"]) == _name_key(person["full_name"])
        assert _as_registered(dose["Ngày sinh"]) == person["date_of_birth"]
        assert _SEX[dose["Giới tính"]] == person["sex"]
        assert person["status"] == "alive"


def test_rows_with_an_error_differ_from_the_registered_person(sample: Sample) -> None:
    for dose, truth in _paired(sample, "repair", "either", "suggest"):
        person = sample.people[truth["true_personal_id"]]
        typed = (
            dose["Số CMND/CCCD/HC"],
            dose["Họ và tên"],
            _as_registered(dose["Ngày sinh"]),
            _SEX[dose["Giới tính"]],
        )
        assert typed != (
            person["personal_id"],
            person["full_name"],
            person["date_of_birth"],
            person["sex"],
        ), truth["error"]


def test_rows_whose_error_is_elsewhere_keep_the_right_number(sample: Sample) -> None:
    for dose, truth in _paired(sample, "repair", "either"):
        if truth["class"] == "id_right_other_wrong":
            assert dose["Số CMND/CCCD/HC"] == truth["true_personal_id"]


def test_a_row_never_to_be_accepted_has_another_persons_number_an_unknown_one_or_a_dead_persons(
    sample: Sample,
) -> None:
    rows = _paired(sample, "people")
    assert rows
    for dose, truth in rows:
        number = dose["Số CMND/CCCD/HC"]
        if truth["error"] == "not in registry":
            assert number not in sample.people
            assert truth["true_personal_id"] == ""
        elif truth["error"] == "registered as deceased":
            assert sample.people[number]["status"] == "died"
        else:
            assert number in sample.people
            assert number != truth["true_personal_id"]


def test_foreigners_are_in_no_registry_and_have_a_passport_and_a_nationality(
    sample: Sample,
) -> None:
    rows = _paired(sample, "exempt")
    assert rows
    for dose, truth in rows:
        assert truth["true_personal_id"] == ""
        assert dose["Số CMND/CCCD/HC"][0].isalpha()
        assert dose["Quốc tịch"] != "Việt Nam"


def test_doses_lie_within_the_programme_and_follow_one_another(sample: Sample) -> None:
    last: dict[str, tuple[int, str]] = {}
    for dose, truth in zip(sample.doses, sample.truth, strict=True):
        day = datetime.strptime(dose["Ngày tiêm"], "%d/%m/%Y").date()
        assert PROGRAMME[0] <= day <= PROGRAMME[1]
        number = int(dose["Mũi tiêm thứ"])
        if person := truth["true_personal_id"]:
            before = last.get(person, (0, ""))
            assert (number, day.isoformat()) > before
            last[person] = number, day.isoformat()


def test_no_personal_number_is_given_twice(sample: Sample) -> None:
    lines = (sample.folder / "people.csv").read_text(encoding="utf-8").splitlines()[1:]
    assert len({line.split(",", 1)[0] for line in lines}) == len(lines) == 15_000


def test_a_number_agrees_with_the_persons_sex_and_birth_year(sample: Sample) -> None:
    for number, person in sample.people.items():
        century, odd = divmod(int(number[3]), 2)
        assert 1900 + 100 * century + int(number[4:6]) == int(person["date_of_birth"][:4])
        assert odd == (person["sex"] == "female")
