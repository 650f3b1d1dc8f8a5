"""The national import template over the wire: rows without record codes are the same doses when
they come again.
"""

import csv
import io

from contracts.access import Role
from tests.integration.records.conftest import Records
from tests.support.files import TEMPLATE, template_file, typed

MAI = typed(full_name="Lê Thị Mai", date_of_birth="10/02/1985", personal_id="068185100001")
ANH = typed(full_name="Trần Minh Anh", date_of_birth="05/09/2012", personal_id="", dose_number="1")
TWIN = ANH._replace(full_name="Trần Minh Ánh")
GUARDIAN = {"Họ tên người giám hộ": "Lê Thị Mai", "Quan hệ": "Mẹ"}
COUNTS = ("received", "accepted", "rejected", "unchanged", "corrected")


async def test_a_file_sent_again_is_the_same_doses_wherever_a_row_stands(records: Records) -> None:
    facility = records.caller()
    first = await facility.upload(template_file([MAI, ANH, TWIN], **GUARDIAN))
    assert [first[name] for name in COUNTS] == [3, 3, 0, 0, 0]
    again = await facility.upload(template_file([TWIN, MAI, ANH], **GUARDIAN))
    assert [again[name] for name in COUNTS] == [3, 3, 0, 3, 0]


async def test_a_number_filled_in_is_a_new_version_of_the_childs_dose(records: Records) -> None:
    facility = records.caller()
    await facility.upload(template_file([ANH, TWIN]))
    later = await facility.upload(template_file([ANH._replace(personal_id="068312000001"), TWIN]))
    assert [later[name] for name in COUNTS] == [2, 2, 0, 1, 1]


async def test_the_same_injection_twice_in_a_file_is_told_and_not_lost_in_the_other(
    records: Records,
) -> None:
    facility = records.caller()
    batch = await facility.upload(template_file([ANH, ANH._replace(lot="FK0999")]))
    assert [batch[name] for name in COUNTS] == [2, 1, 1, 0, 0]
    [told] = [
        row
        for row in (await facility.get(f"/batches/{batch['batch_id']}/rows"))["items"]
        if row["errors"]
    ]
    assert (told["row"], told["errors"][0]["code"]) == (3, "DUPLICATE_IN_FILE")


async def test_the_file_handed_back_has_codes_that_say_nothing_and_can_be_posted_again(
    records: Records,
) -> None:
    facility = records.caller(Role.FACILITY, facility="68001")
    batch = await facility.upload(template_file([MAI, ANH], **GUARDIAN))
    answer = await facility.ask("GET", f"/batches/{batch['batch_id']}/rows.csv")
    header, *lines = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    codes = [line[header.index("Mã bản ghi")] for line in lines]
    assert len(set(codes)) == 2
    assert all(code.startswith("M-") and len(code) == 18 for code in codes)
    lines[1][header.index("Số CMND/CCCD/HC")] = "068312000001"
    text = io.StringIO(newline="")
    csv.writer(text).writerows([header, *lines])
    back = await facility.upload(text.getvalue().encode())
    assert [back[name] for name in COUNTS] == [2, 2, 0, 1, 1]


async def test_the_code_is_the_same_without_the_stars_and_another_facilitys_dose_is_another(
    records: Records,
) -> None:
    facility = records.caller()
    await facility.upload(template_file([ANH]))
    elsewhere = await facility.upload(template_file([ANH._replace(facility_code="68002")]))
    assert [elsewhere[name] for name in COUNTS] == [1, 1, 0, 0, 0]
    starless = await facility.upload(
        template_file([ANH], headers=[header.removesuffix(" (*)") for header in TEMPLATE])
    )
    assert [starless[name] for name in COUNTS] == [1, 1, 0, 1, 0]
