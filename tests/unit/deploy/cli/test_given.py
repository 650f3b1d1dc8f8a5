"""What `--people` and `--doses` may be given: sizes, or files of one's own."""

from collections.abc import Callable
from pathlib import Path

import pytest

from deploy.cli.client import media_type_of
from deploy.cli.given import GivenError, check_people, doses_of, people_of
from deploy.cli.run import inputs
from deploy.local.home import Home
from tests.support.registry import HOA, HUNG, write_people


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Files as a clinic has them; it is the current folder."""
    for name in (
        "day10.csv",
        "day2.csv",
        "ngày 1.csv",
        "a,b.csv",
        "bundle.fhir.json",
        "notes.md",
        "~$open.xlsx",
        ".hidden.csv",
    ):
        (tmp_path / name).write_text("x")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("text", "size"),
    [("10", 10), (" 2000 ", 2000), ("10,000", 10_000), ("1_000_000", 1_000_000), ("6.000", 6_000)],
)
def test_a_number_is_a_size(text: str, size: int) -> None:
    assert (people_of(text), doses_of(text)) == (size, size)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("day2.csv", ["day2.csv"]),
        ("day2.csv day10.csv", ["day2.csv", "day10.csv"]),
        ("day10.csv,day2.csv", ["day10.csv", "day2.csv"]),
        (" day10.csv ; day2.csv\n", ["day10.csv", "day2.csv"]),
        ("ngày 1.csv", ["ngày 1.csv"]),
        ("ngày 1.csv day2.csv a,b.csv", ["ngày 1.csv", "day2.csv", "a,b.csv"]),
        ("day*.csv", ["day2.csv", "day10.csv"]),
        (".", ["a,b.csv", "bundle.fhir.json", "day2.csv", "day10.csv", "ngày 1.csv"]),
    ],
)
def test_files_are_pushed_in_the_order_given_and_those_of_a_folder_as_people_number_them(
    folder: Path, text: str, names: list[str]
) -> None:
    found = doses_of(text)
    assert isinstance(found, list)
    assert [file.name for file in found] == names


@pytest.mark.parametrize(
    "text", ["nix.csv", "day2.csv nix.csv", "nix*.csv", "0", "x" * 5000, "a\0b"]
)
def test_what_is_not_there_is_told_in_both_languages(folder: Path, text: str) -> None:
    with pytest.raises(GivenError, match=r"(không có|ít nhất).* / (no such|at least)"):
        doses_of(text)


def test_a_folder_without_doses_is_told(tmp_path: Path) -> None:
    with pytest.raises(GivenError, match="no file of doses"):
        doses_of(str(tmp_path))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"name,born\nx,y\n", "columns are missing: personal_id, old_ids"),
        (b"", "columns are missing"),
        ("Họ tên".encode("utf-16"), "UTF-8"),
        (
            b"personal_id,old_ids,full_name,date_of_birth,sex,nationality,province_code,district_code,commune_code,status\n68,a\n",
            "2 cột",
        ),
        (
            b"personal_id,old_ids,full_name,date_of_birth,sex,nationality,province_code,district_code,commune_code,status\n"
            b"68180000001,,X,3/5/1980,Nam,VN,68,681,24769,alive\n",
            "line 2: personal_id: 12 .*; date_of_birth: .*; sex: male, female",
        ),
    ],
)
def test_a_file_that_is_no_registry_is_told_with_what_is_wrong_and_nobody_s_data(
    tmp_path: Path, content: bytes, words: str
) -> None:
    file = tmp_path / "people.csv"
    file.write_bytes(content)
    with pytest.raises(GivenError, match=words) as told:
        check_people(file, tmp_path)
    assert "1980" not in str(told.value).replace(
        "1980-05-31, 1980-05, 1980", ""
    ) and "68180000001" not in str(told.value)


@pytest.mark.parametrize(
    "change", [str, lambda text: text.replace(",", ";"), lambda text: "\ufeff" + text + "\n\n"]
)
def test_a_registry_s_file_may_have_passed_through_a_spreadsheet(
    tmp_path: Path, change: Callable[[str], str]
) -> None:
    file = write_people(
        tmp_path / "people.csv", [HOA._replace(old_ids=()), HUNG._replace(old_ids=())]
    )
    file.write_text(change(file.read_text()))
    check_people(file, tmp_path)


def test_made_up_doses_are_of_nobody_in_a_file_of_people(tmp_path: Path) -> None:
    people = write_people(tmp_path / "people.csv", [HOA])
    with pytest.raises(GivenError, match="leave DOSES out"):
        inputs(Home(tmp_path / "home"), str(people), "200")
    assert inputs(Home(tmp_path / "home"), str(people), None) == (people, [])
    # the people may lie in the folder of the doses
    (tmp_path / "day1.csv").write_text("x")
    assert inputs(Home(tmp_path / "home"), str(people), str(tmp_path)) == (
        people,
        [tmp_path / "day1.csv"],
    )


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("a.b.CSV", "text/csv"),
        ("a.xls", "application/vnd.ms-excel"),
        ("a.ods", "application/vnd.oasis.opendocument.spreadsheet"),
        ("a.fhir.json", "application/fhir+json"),
        ("a.v2.json", "application/json"),
        ("a.pdf", None),
    ],
)
def test_a_file_s_name_says_what_it_is(name: str, media_type: str | None) -> None:
    assert media_type_of(Path(name)) == media_type
