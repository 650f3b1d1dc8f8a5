"""The national import template as it is: all its columns, starred or not, without record codes,
with columns that no dose takes.
"""

from datetime import date

import pytest

from services.chassis.errors import ServiceError
from services.records.domain.derived_code import injection
from services.records.domain.dose import Raw
from services.records.domain.parse_row import parse_row
from tests.support.files import TEMPLATE, XLSX, read, template_file, typed, xlsx_file
from tests.support.paths import SHARED, needs_shared

PLAIN = tuple(header.removesuffix(" (*)") for header in TEMPLATE)
CHILD = typed(
    source_id="",
    full_name="Trần Minh Anh",
    date_of_birth="05/09/2012",
    personal_id="",
    passport_number="",
    dose_number="1",
)
GUARDIAN = {"Họ tên người giám hộ": "Lê Thị Mai", "Quan hệ": "Mẹ", "Ghi chú": "chưa có số"}


@pytest.mark.parametrize("headers", [TEMPLATE, PLAIN, tuple(header.upper() for header in PLAIN)])
@pytest.mark.parametrize("separator", [",", ";"])
async def test_a_childs_row_is_read_and_its_guardian_is_not_kept(
    headers: tuple[str, ...], separator: str
) -> None:
    [row] = await read(template_file([CHILD], headers=headers, separator=separator, **GUARDIAN))
    assert (row.raw, row.errors, row.coded) == (CHILD, (), False)


async def test_the_same_as_a_workbook() -> None:
    lines = [line.split(",") for line in template_file([CHILD], **GUARDIAN).decode().splitlines()]
    [row] = await read(xlsx_file(lines), XLSX)
    assert (row.raw, row.coded) == (CHILD, False)


async def test_a_column_of_record_codes_beside_the_row_numbers_is_taken() -> None:
    coded = CHILD._replace(source_id="68001-1")
    [row] = await read(template_file([coded], headers=(*TEMPLATE, "Mã bản ghi")))
    assert (row.raw, row.coded) == (coded, True)


async def test_a_file_that_neither_numbers_nor_codes_its_rows_is_told_so() -> None:
    with pytest.raises(ServiceError) as raised:
        await read(template_file([CHILD], headers=TEMPLATE[1:]))
    assert raised.value.members["missing"] == ["Mã bản ghi"]


def test_the_number_or_the_lot_corrected_is_the_same_injection_still() -> None:
    for change in (
        {"personal_id": "068312000001"},
        {"lot": "FK1"},
        {"phone": ""},
        {"full_name": "TRẦN  MINH Anh"},
        {"sex": "Nam"},
        {"date_of_birth": "5/9/2012", "date_given": "2021-10-12"},
    ):
        assert injection(CHILD._replace(**change)) == injection(CHILD)


def test_another_person_day_or_dose_is_another_injection() -> None:
    twin, later = CHILD._replace(full_name="Trần Minh Ánh"), CHILD._replace(date_given="12/11/2021")
    older, second = CHILD._replace(date_of_birth="05/09/2011"), CHILD._replace(dose_number="2")
    assert len({injection(raw) for raw in (CHILD, twin, later, older, second)}) == 5


@pytest.mark.parametrize("birth", ["1950", "01/01/1950", "05/1950", "30/02/1950", ""])
def test_without_a_whole_birth_date_namesakes_are_told_apart(birth: str) -> None:
    one = typed(source_id="", full_name="Nguyễn Thị Hoa", date_of_birth=birth)
    others = [
        one._replace(**other)
        for other in ({"personal_id": "068150000002"}, {"phone": ""}, {"commune_code": "24770"})
    ]
    assert len({injection(raw) for raw in (one, *others)}) == 4


def test_text_that_is_no_unicode_has_a_code_too() -> None:
    assert injection(Raw(full_name="L\udcff")) == injection(Raw(full_name="L?"))


@needs_shared
async def test_the_shared_template_has_these_columns_and_its_row_is_a_dose() -> None:
    body = (SHARED / "dose_import_template.csv").read_bytes()
    assert body.decode("utf-8-sig").splitlines()[0] == ",".join(TEMPLATE)
    [row] = await read(body)
    assert row.raw is not None
    found = parse_row(row.raw._replace(source_id="1"), today=date(2022, 6, 1), facilities=None)
    assert found.errors == ()
    assert found.dose is not None
    assert (found.dose.person.personal_id, found.dose.facts.product) == (
        "068180000001",
        "vaxzevria",
    )
