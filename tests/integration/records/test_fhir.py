"""A hospital's bundle comes to the same doses as the same rows of a file."""

import uuid

from contracts.access import Role
from contracts.words import State
from tests.integration.records.conftest import Records
from tests.support.fhir import FHIR, bundle, entries_of, entry, immunization, patient
from tests.support.files import CSV, csv_file, typed

RAWS = [
    typed(1),
    typed(2, date_of_birth="1956", product="Pfizer", dose_number="3", dose_kind="Nhắc lại"),
    typed(3, date_of_birth="07/1961", personal_id="025123456"),
]
FORMS = {"03/05/1980": "1980-05-03", "07/1961": "1961-07", "12/10/2021": "2021-10-12T08:00:00+07:00"}


def as_fhir() -> list[dict[str, object]]:
    raws = [
        raw._replace(sex="female", date_of_birth=FORMS.get(raw.date_of_birth, raw.date_of_birth), date_given=FORMS[raw.date_given])
        for raw in RAWS
    ]
    return [one for raw in raws for one in entries_of(raw)]


async def test_a_bundles_doses_are_accepted_and_the_same_rows_as_csv_are_then_unchanged(records: Records) -> None:
    service = records.caller(Role.SERVICE)
    batch = await service.upload(bundle([entry({"resourceType": "Encounter"}), *as_fhir()], "transaction"), f"{FHIR}; fhirVersion=4.0")
    assert (batch["received"], batch["accepted"], batch["rejected"], batch["ignored"]) == (3, 3, 0, {"Encounter": 1})
    rows = (await service.get(f"/batches/{batch['batch_id']}/rows"))["items"]
    assert [(row["row"], row["source_id"], row["state"], row["errors"]) for row in rows] == [
        (place, raw.source_id, State.PENDING, []) for place, raw in zip((3, 5, 7), RAWS, strict=True)
    ]
    again = await service.upload(csv_file(RAWS), CSV)
    assert (again["accepted"], again["unchanged"]) == (3, 3)


async def test_what_was_not_given_or_breaks_a_dose_rule_is_told_in_its_entrys_place_and_never_recorded(records: Records) -> None:
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
    body, headers = bundle([entry({"resourceType": "Encounter"}), *as_fhir()]), {"Content-Type": FHIR, "Idempotency-Key": uuid.uuid4().hex}
    first, again = [await records.caller(Role.SERVICE).ask("POST", "/batches", content=body, headers=headers) for _ in range(2)]
    assert first.status_code == again.status_code == 202
    assert first.json() == again.json()
