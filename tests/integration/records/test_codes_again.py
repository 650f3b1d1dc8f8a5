"""A record code is unique only where its sender keeps it so: a row never makes a dose another
person's unseen.
"""

from typing import Any

import pytest

from contracts.access import Role
from contracts.words import Grade
from services.records.uploads.formats.columns import VERSION
from tests.integration.records.conftest import Records
from tests.support.files import JSON, csv_file, json_file, template_file, typed

HUONG = typed(
    source_id="1", full_name="Trần Thị Hương", date_of_birth="11/10/1970",
    personal_id="079170984403",
    date_given="17/08/2021", facility_code="68079",
)  # fmt: skip
THUY = HUONG._replace(
    full_name="Đặng Thúy", date_of_birth="10/12/1986", personal_id="064186319214", product="Pfizer",
    lot="FK0077",
    date_given="18/08/2021",
)  # fmt: skip
BINH = THUY._replace(
    full_name="Lê Văn Bình", sex="Nam", date_of_birth="01/02/1990", personal_id="068090123456"
)
MORNING = typed(
    source_id="", full_name="Nguyễn Thị Phượng", date_of_birth="04/02/1962",
    personal_id="084162783761", dose_number="1",
    date_given="19/08/2021", facility_code="68081",
)  # fmt: skip
AFTERNOON = MORNING._replace(personal_id="068186999997", phone="0911222333", lot="FK0088")
EXACT = (Grade.EXACT, ())


async def people(records: Records) -> dict[str, tuple[str, int]]:
    """Who every dose on record is of, by its code, and at which version."""
    found = {}
    for code, dose_id in (await records.ids()).items():
        dose = await records.caller(Role.SERVICE).get(f"/doses/{dose_id}")
        found[code] = dose["person"]["full_name"], dose["version"]
    return found


async def rows_of(records: Records, batch: Any) -> list[tuple[str | None, list[str]]]:
    """Each row's state and the codes that it was told."""
    items = (await records.caller().get(f"/batches/{batch['batch_id']}/rows"))["items"]
    return [(row["state"], [error["code"] for error in row["errors"]]) for row in items]


@pytest.mark.parametrize("media_type", ["text/csv", JSON])
async def test_codes_that_begin_anew_each_day_are_two_doses_of_two_people(
    records: Records, media_type: str
) -> None:
    file = json_file if media_type == JSON else csv_file
    sender = records.caller(Role.FACILITY, facility="68079")
    await sender.upload(file([HUONG]), media_type)
    await records.judge({"1": EXACT})
    await records.sign(["1"])
    second = await sender.upload(file([THUY]), media_type)
    assert (second["accepted"], second["corrected"], second["warnings"]) == (1, 0, 1)
    assert await rows_of(records, second) == [("pending", ["CODE_USED_AGAIN"])]
    assert await people(records) == {"1": ("Trần Thị Hương", 1), "1~2021-08-18": ("Đặng Thúy", 1)}
    dose = await records.caller(Role.SERVICE).get(f"/doses/{(await records.ids())['1']}")
    assert dose["state"] == "issued"
    # sent again in whatever order, nothing changes
    for raws in ([HUONG], [THUY], [HUONG, THUY], [THUY, HUONG]):
        again = await sender.upload(file(raws), media_type)
        assert (again["unchanged"], again["rejected"]) == (len(raws), 0)


async def test_both_days_in_one_file_are_two_doses(records: Records) -> None:
    for _ in range(2):
        batch = await records.record([HUONG, THUY])
        assert (batch["accepted"], batch["rejected"]) == (2, 0)
    assert await people(records) == {"1": ("Trần Thị Hương", 1), "1~2021-08-18": ("Đặng Thúy", 1)}


async def test_a_correction_of_a_dose_that_was_told_apart_finds_it_again(records: Records) -> None:
    await records.record([HUONG])
    await records.record([THUY])
    await records.record([THUY._replace(full_name="Đặng Thị Thúy")])
    assert await people(records) == {
        "1": ("Trần Thị Hương", 1),
        "1~2021-08-18": ("Đặng Thị Thúy", 2),
    }


async def test_the_same_code_on_the_same_day_is_told_whose_it_is_and_since_when(
    records: Records,
) -> None:
    await records.record([THUY])
    [dose_id] = (await records.ids()).values()
    batch = await records.record([BINH])
    [row] = (await records.caller().get(f"/batches/{batch['batch_id']}/rows"))["items"]
    [error] = row["errors"]
    assert (row["state"], error["code"], error["field"]) == (None, "CODE_OF_ANOTHER", "source_id")
    for text in (error["message"], error["message_en"]):
        assert str(dose_id) in text
        assert not any(part in text for part in (*BINH.full_name.split(), *THUY.full_name.split()))
    assert await people(records) == {"1": ("Đặng Thúy", 1)}
    # a third person whose own code would be taken as well
    await records.record([HUONG._replace(source_id="1")])
    third = await records.record(
        [HUONG._replace(full_name="Võ Tư", date_of_birth="1950", personal_id="")]
    )
    assert await rows_of(records, third) == [(None, ["CODE_OF_ANOTHER"])]


async def test_whoever_says_the_version_corrects_the_dose_of_the_code(records: Records) -> None:
    await records.record([THUY])
    table = csv_file([BINH]).decode().splitlines()
    file = "\n".join([f"{table[0]},{VERSION}", f"{table[1]},1"]).encode()
    batch = await records.caller(Role.SERVICE).upload(file)
    assert batch["corrected"] == 1
    assert await people(records) == {"1": ("Lê Văn Bình", 2)}
    # and the first person's row, sent once more, undoes nothing
    again = await records.record([THUY])
    assert (again["unchanged"], await people(records)) == (1, {"1": ("Lê Văn Bình", 2)})


async def test_a_stale_version_is_told_so_whoever_the_row_is_about(records: Records) -> None:
    await records.record([THUY])
    await records.record([THUY._replace(lot="FK0078")])
    table = csv_file([BINH]).decode().splitlines()
    file = "\n".join([f"{table[0]},{VERSION}", f"{table[1]},1"]).encode()
    batch = await records.caller(Role.SERVICE).upload(file)
    assert await rows_of(records, batch) == [(None, ["VERSION_CHANGED"])]


async def test_the_patients_number_typed_for_the_doses_loses_no_dose(records: Records) -> None:
    second = HUONG._replace(dose_number="1", date_given="17/06/2021")
    await records.record([HUONG])
    batch = await records.record([second])
    assert await rows_of(records, batch) == [("pending", ["CODE_USED_AGAIN"])]
    assert set(await people(records)) == {"1", "1~2021-06-17"}


@pytest.mark.parametrize("judged", [False, True])
async def test_namesakes_of_one_birth_date_without_codes_are_two_doses(
    records: Records, judged: bool
) -> None:
    await records.caller(Role.SERVICE).upload(template_file([MORNING]))
    if judged:
        [code] = await records.ids()
        await records.judge({code: EXACT})
        await records.sign([code])
    await records.caller(Role.SERVICE).upload(template_file([AFTERNOON]))
    assert sorted((await people(records)).values()) == [("Nguyễn Thị Phượng", 1)] * 2
    for raws in ([AFTERNOON, MORNING], [MORNING, AFTERNOON], [AFTERNOON]):
        again = await records.caller(Role.SERVICE).upload(template_file(raws))
        assert (again["unchanged"], again["rejected"]) == (len(raws), 0)


async def test_namesakes_without_codes_in_one_file_are_two_doses_whoever_comes_first_next_time(
    records: Records,
) -> None:
    first = await records.caller(Role.SERVICE).upload(template_file([AFTERNOON, MORNING]))
    assert (first["accepted"], first["rejected"]) == (2, 0)
    codes = await records.ids()
    # one of them is nobody's number, which makes the other no correction of it
    await records.judge(dict.fromkeys(codes, (Grade.NOT_FOUND, ())))
    again = await records.caller(Role.SERVICE).upload(template_file([MORNING, AFTERNOON]))
    assert (again["unchanged"], again["corrected"], await records.ids()) == (2, 0, codes)


async def test_a_number_without_code_that_was_refused_is_corrected(records: Records) -> None:
    await records.caller(Role.SERVICE).upload(
        template_file([MORNING._replace(personal_id="084162783716")])
    )
    [code] = await records.ids()
    await records.judge({code: (Grade.NOT_FOUND, ())})
    await records.caller(Role.SERVICE).upload(template_file([MORNING]))
    assert await people(records) == {code: ("Nguyễn Thị Phượng", 2)}


async def test_a_station_adds_no_dose_under_a_code_of_its_own(records: Records) -> None:
    await records.record(
        [HUONG._replace(province_code="68", district_code="672", commune_code="24769")]
    )
    station = records.caller(Role.STATION, areas=["68"])
    batch = await station.upload(csv_file([THUY._replace(facility_code="68079")]))
    assert (batch["accepted"], batch["rejected"]) == (0, 1)
    assert set(await people(records)) == {"1"}


async def test_what_a_spreadsheet_made_of_the_digits_is_unchanged(records: Records) -> None:
    sent = typed(source_id="A-1", personal_id="068180000001", lot="001234")
    await records.record([sent])
    for again in (
        sent._replace(personal_id="68180000001"),
        sent._replace(personal_id="6.818E+10", lot="1234"),
    ):
        assert (await records.record([again]))["unchanged"] == 1
