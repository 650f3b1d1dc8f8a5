"""A hospital's bundle comes to the same doses as the same rows of a file."""

import uuid
from typing import Any

import pytest

from contracts.access import Role
from contracts.words import State
from tests.integration.records.conftest import Caller, Records
from tests.support.fhir import FHIR, bundle, entries_of, entry, immunization, patient, posted
from tests.support.files import CSV, csv_file, typed

RAWS = [
    typed(1),
    typed(2, date_of_birth="1956", product="Pfizer", dose_number="3", dose_kind="Nhắc lại"),
    typed(3, date_of_birth="07/1961", personal_id="025123456"),
]
FORMS = {
    "03/05/1980": "1980-05-03",
    "07/1961": "1961-07",
    "12/10/2021": "2021-10-12T08:00:00+07:00",
}


def as_fhir() -> list[dict[str, object]]:
    raws = [
        raw._replace(
            sex="female",
            date_of_birth=FORMS.get(raw.date_of_birth, raw.date_of_birth),
            date_given=FORMS[raw.date_given],
        )
        for raw in RAWS
    ]
    return [one for raw in raws for one in entries_of(raw)]


async def test_a_bundles_doses_are_accepted_and_the_same_rows_as_csv_are_then_unchanged(
    records: Records,
) -> None:
    service = records.caller(Role.SERVICE)
    batch = await service.upload(
        bundle([entry({"resourceType": "Encounter"}), *as_fhir()], "transaction"),
        f"{FHIR}; fhirVersion=4.0",
    )
    assert (batch["received"], batch["accepted"], batch["rejected"], batch["ignored"]) == (
        3,
        3,
        0,
        {"Encounter": 1},
    )
    rows = (await service.get(f"/batches/{batch['batch_id']}/rows"))["items"]
    assert [(row["row"], row["source_id"], row["state"], row["errors"]) for row in rows] == [
        (place, raw.source_id, State.PENDING, [])
        for place, raw in zip((3, 5, 7), RAWS, strict=True)
    ]
    again = await service.upload(csv_file(RAWS), CSV)
    assert (again["accepted"], again["unchanged"]) == (3, 3)


async def test_what_was_not_given_or_breaks_a_dose_rule_is_told_in_its_entrys_place(
    records: Records,
) -> None:
    service = records.caller(Role.SERVICE)
    raw = RAWS[0]._replace(sex="female", date_of_birth="1980-05-03", date_given="2021-10-12")
    reference = f"Patient/p-{raw.source_id}"
    wrong = [
        entry(immunization(raw, reference, status="not-done")),
        entry(immunization(raw, reference, status="entered-in-error")),
        entry(immunization(raw, reference, lotNumber="?", performer=None)),
        entry(immunization(raw, reference, vaccineCode={"text": "Nanocovax"})),
    ]
    late = [entry(immunization(raw, reference)), entry(patient(raw))]
    batch = await service.upload(bundle([*wrong, *late]), FHIR)
    assert (batch["received"], batch["accepted"], batch["rejected"]) == (5, 1, 4)
    rows = (await service.get(f"/batches/{batch['batch_id']}/rows"))["items"]
    assert [(row["row"], sorted(error["code"] for error in row["errors"])) for row in rows] == [
        (1, ["NOT_DONE"]),
        (2, ["ENTERED_IN_ERROR"]),
        (3, ["FACILITY_CODE_MISSING", "LOT_UNREADABLE"]),
        (4, ["PRODUCT_UNKNOWN"]),
        (5, []),
    ]
    assert all(error["message"] and error["message_en"] for row in rows for error in row["errors"])
    assert await records.ids() == {raw.source_id: rows[4]["dose_id"]}


async def test_a_bundle_sent_again_with_its_key_is_answered_the_same(records: Records) -> None:
    body, headers = (
        bundle([entry({"resourceType": "Encounter"}), *as_fhir()]),
        {"Content-Type": FHIR, "Idempotency-Key": uuid.uuid4().hex},
    )
    first, again = [
        await records.caller(Role.SERVICE).ask("POST", "/batches", content=body, headers=headers)
        for _ in range(2)
    ]
    assert first.status_code == again.status_code == 202
    assert first.json() == again.json()


RAW = RAWS[0]._replace(
    sex="female", date_of_birth="1980-05-03", date_given="2021-10-12", nationality="VN"
)
NEIGHBOUR = RAW._replace(
    full_name="Phạm Thị Khác", date_of_birth="1992-12-17", personal_id="068192000777"
)
NUMBERED = {"identifier": None, "id": "imm-1"}


async def told(service: Caller, batch: Any) -> list[tuple[str | None, list[tuple[str, str]]]]:
    """Each row's state and what it was told, by field."""
    items = (await service.get(f"/batches/{batch['batch_id']}/rows"))["items"]
    return [
        (row["state"], sorted((error["field"], error["code"]) for error in row["errors"]))
        for row in items
    ]


async def test_clients_that_number_within_a_bundle_record_two_doses_of_two_people(
    records: Records,
) -> None:
    service = records.caller(Role.SERVICE)
    bundles = [
        bundle(
            [posted(patient(raw, id="p1")), posted(immunization(raw, "Patient/p1", **NUMBERED))],
            "transaction",
        )
        for raw in (RAW, NEIGHBOUR)
    ]
    first, second = [await service.upload(body, FHIR) for body in bundles]
    assert [
        (batch["accepted"], batch["corrected"], batch["warnings"]) for batch in (first, second)
    ] == [(1, 0, 0), (1, 0, 0)]
    codes = await records.ids()
    assert len(codes) == 2
    again = [await service.upload(body, FHIR) for body in bundles]
    assert [batch["unchanged"] for batch in again] == [1, 1]
    assert await records.ids() == codes


async def test_number_17_of_two_systems_is_two_doses_even_of_one_person_and_day(
    records: Records,
) -> None:
    service = records.caller(Role.SERVICE)
    entries = [
        posted(
            immunization(
                raw,
                f"#{at}",
                contained=[patient(raw, id=str(at))],
                identifier=[{"system": f"https://{at}.example.vn", "value": "17"}],
            )
        )
        for at, raw in enumerate((RAW, RAW._replace(dose_number="1"), NEIGHBOUR))
    ]
    batch = await service.upload(bundle(entries, "transaction"), FHIR)
    assert (batch["accepted"], batch["warnings"]) == (3, 0)
    codes = await records.ids()
    assert all(code.startswith("17@") for code in codes)
    # the file that is handed back names the same doses
    shown = await service.ask("GET", f"/batches/{batch['batch_id']}/rows.csv")
    again = await service.upload(shown.content, CSV)
    assert (again["accepted"], again["unchanged"]) == (3, 3)
    assert await records.ids() == codes


async def test_a_rejected_entry_is_told_what_is_misshapen_and_what_breaks_a_rule_at_once(
    records: Records,
) -> None:
    service = records.caller(Role.SERVICE)
    reference = f"Patient/p-{RAW.source_id}"
    entries = [
        entry(patient(RAW)),
        entry(
            immunization(
                RAW,
                reference,
                lotNumber=["A"],
                vaccineCode={"text": "Nanocovax"},
                occurrenceDateTime="2021-08",
            )
        ),
        entry(immunization(RAW, "Patient/nobody", lotNumber="?", performer=None)),
        entry(immunization(RAW, reference, status="not-done", lotNumber="?")),
    ]
    batch = await service.upload(bundle(entries), FHIR)
    assert await told(service, batch) == [
        (
            None,
            [
                ("date_given", "DATE_GIVEN_UNREADABLE"),
                ("lot", "WRONG_SHAPE"),
                ("product", "PRODUCT_UNKNOWN"),
            ],
        ),
        (
            None,
            [
                ("", "PATIENT_NOT_IN_BUNDLE"),
                ("facility_code", "FACILITY_CODE_MISSING"),
                ("lot", "LOT_UNREADABLE"),
            ],
        ),
        (None, [("", "NOT_DONE")]),
    ]
    assert await records.ids() == {}


async def test_the_gender_other_is_recorded_as_not_given_with_a_warning(records: Records) -> None:
    service = records.caller(Role.SERVICE)
    batch = await service.upload(
        bundle(
            [
                entry(patient(RAW, gender="other")),
                entry(immunization(RAW, f"Patient/p-{RAW.source_id}")),
            ]
        ),
        FHIR,
    )
    assert await told(service, batch) == [(State.PENDING, [("sex", "SEX_NOT_COMPARED")])]
    dose = await service.get(f"/doses/{(await records.ids())[RAW.source_id]}")
    assert dose["person"]["sex"] is None


NUMBER_17 = {"identifier": [{"system": "https://bv.example.vn", "value": "17"}]}


@pytest.mark.parametrize("before", ["17", "imm-17"])
async def test_a_dose_on_record_under_the_code_it_had_before_systems_counted_is_found_again(
    records: Records, before: str
) -> None:
    service = records.caller(Role.SERVICE)
    now = NUMBER_17 if before == "17" else {"identifier": None, "id": before}
    body = bundle(
        [posted(immunization(RAW, "#p", contained=[patient(RAW, id="p")], **now))], "transaction"
    )
    await service.upload(csv_file([RAW._replace(source_id=before)]), CSV)
    codes = await records.ids()
    batch = await service.upload(body, FHIR)
    assert (batch["unchanged"], await records.ids()) == (1, codes)
    for raw in (
        NEIGHBOUR,
        RAW._replace(dose_number="3", dose_kind="booster", date_given="2022-01-20"),
    ):
        other = await service.upload(
            bundle(
                [posted(immunization(raw, "#p", contained=[patient(raw, id="p")], **now))], "batch"
            ),
            FHIR,
        )
        assert (other["accepted"], other["unchanged"], other["corrected"]) == (1, 0, 0)
    again = await service.upload(body, FHIR)
    assert again["unchanged"] == 1


async def test_two_systems_do_not_share_the_dose_that_was_on_record_under_their_number(
    records: Records,
) -> None:
    service = records.caller(Role.SERVICE)
    await service.upload(csv_file([RAW._replace(source_id="17")]), CSV)
    corrected = RAW._replace(phone="0987654321")
    entries = [
        posted(
            immunization(
                raw,
                "#p",
                contained=[patient(raw, id="p")],
                identifier=[{"system": f"https://{at}.example.vn", "value": "17"}],
            )
        )
        for at, raw in enumerate((corrected, RAW))
    ]
    batch = await service.upload(bundle(entries, "transaction"), FHIR)
    assert (batch["accepted"], batch["corrected"], batch["rejected"]) == (2, 1, 0)
    assert len(await records.ids()) == 2


async def test_only_a_bundle_says_that_a_dose_was_recorded_where_it_was_given_after_all(
    records: Records,
) -> None:
    service = records.caller(Role.SERVICE)
    raw = RAWS[0]._replace(sex="female", date_of_birth="1980-05-03", date_given="2021-10-12")
    person, reference = entry(patient(raw)), f"Patient/p-{raw.source_id}"
    await service.upload(
        bundle([person, entry(immunization(raw, reference, primarySource=False))]), FHIR
    )
    # neither the file that was handed back nor a correction knows of it
    assert (await service.upload(csv_file([RAWS[0]]), CSV))["unchanged"] == 1
    assert (await service.upload(csv_file([RAWS[0]._replace(lot="FK0099")]), CSV))["corrected"] == 1
    async with records.context.db.begin() as tx:
        assert await tx.raw.fetchval("SELECT doubts FROM dose") == "SECOND_HAND"
    await service.upload(
        bundle(
            [person, entry(immunization(raw, reference, primarySource=True, lotNumber="FK0099"))]
        ),
        FHIR,
    )
    async with records.context.db.begin() as tx:
        assert await tx.raw.fetchval("SELECT doubts FROM dose") is None
