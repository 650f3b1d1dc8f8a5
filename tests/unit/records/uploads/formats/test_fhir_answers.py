"""What a sender of FHIR is told: everything that is wrong at once, and what of the file was not
read.
"""

import json
from typing import Any

import pytest

from services.chassis.errors import ServiceError
from services.records.uploads.formats import FileReport, read_rows
from services.records.uploads.formats.detect import declared_type
from tests.support.fhir import FHIR, bundle, entries_of, entry, immunization, patient
from tests.support.files import parts, read, typed

FORM = {
    "sex": "female",
    "date_of_birth": "1980-05-03",
    "nationality": "VN",
    "date_given": "2021-10-12",
    "dose_kind": "primary",
}
RAW, OTHER = (typed(number, **FORM) for number in (1, 2))
REFERENCE = f"Patient/p-{RAW.source_id}"
LINES = "application/fhir+ndjson"


async def errors_of(person: dict[str, Any], **changed: Any) -> list[tuple[str, str]]:
    (row,) = await read(
        bundle([entry(patient(RAW, **person)), entry(immunization(RAW, REFERENCE, **changed))]),
        FHIR,
    )
    assert all(error.message_vi and error.message_en for error in row.errors)
    return sorted((error.field, error.code) for error in row.errors)


async def test_every_element_of_another_shape_is_told_at_once_wherever_it_stands() -> None:
    person = {
        "name": "Lê",
        "birthDate": ["1980"],
        "telecom": {},
        "address": "Hà Nội",
        "identifier": [{"value": {}}],
    }
    shot = {
        "lotNumber": ["A"],
        "vaccineCode": "208",
        "protocolApplied": {},
        "performer": "a",
        "identifier": "17",
        "occurrenceDateTime": [],
    }
    fields = [
        "full_name",
        "date_of_birth",
        "phone",
        "commune_code",
        "personal_id",
        "passport_number",
    ]
    fields += ["lot", "product", "dose_number", "facility_code", "source_id", "date_given"]
    assert await errors_of(person, **shot) == sorted((field, "WRONG_SHAPE") for field in fields)


async def test_an_element_of_another_shape_is_named() -> None:
    (row,) = await read(bundle([entry(immunization(RAW, REFERENCE, patient="Patient/1"))]), FHIR)
    assert ["patient" in error.message_en for error in row.errors] == [True]


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"status": "not-done", "patient": None}, [("", "NOT_DONE"), ("", "PATIENT_MISSING")]),
        ({"status": None, "isSubpotent": True, "modifierExtension": [{}]},
         [("", "MODIFIER_UNKNOWN"), ("", "STATUS_UNKNOWN"), ("", "SUBPOTENT")]),
        ({"status": ["completed"], "lotNumber": {}}, [("", "WRONG_SHAPE"), ("lot", "WRONG_SHAPE")]),
        ({"patient": {"reference": "Patient/nobody"}, "lotNumber": []}, [("",
        "PATIENT_NOT_IN_BUNDLE"), ("lot", "WRONG_SHAPE")]),
        ({"patient": {"reference": "#nobody"}, "occurrenceDateTime": "2021-08"},
         [("", "PATIENT_NOT_IN_BUNDLE"), ("date_given", "DATE_GIVEN_UNREADABLE")]),
        ({"occurrenceDateTime": "2021"}, [("date_given", "DATE_GIVEN_UNREADABLE")]),
        ({"occurrenceDateTime": "2021-08-05"}, []),
        ({"primarySource": "false"}, [("", "WRONG_SHAPE")]),
    ],
    ids=str,
)  # fmt: skip
async def test_an_entry_is_told_all_that_is_wrong_with_it(
    changed: dict[str, Any], told: list[tuple[str, str]]
) -> None:
    assert await errors_of({}, **changed) == told


async def test_a_part_of_a_date_is_told_to_be_no_day() -> None:
    (row,) = await read(
        bundle(
            [entry(patient(RAW)), entry(immunization(RAW, REFERENCE, occurrenceDateTime="2021-08"))]
        ),
        FHIR,
    )
    assert ["month" in error.message_en for error in row.errors] == [True]


@pytest.mark.parametrize("status", ["not-done", "entered-in-error", "preparation", ["completed"]])
async def test_what_was_no_dose_is_not_given_back_as_one(status: Any) -> None:
    (row,) = await read(
        bundle([entry(patient(RAW)), entry(immunization(RAW, REFERENCE, status=status))]), FHIR
    )
    assert row.raw is None
    assert row.errors


@pytest.mark.parametrize("kind", ["searchset", "document"])
async def test_a_searchs_answer_and_a_document_are_read_as_collections_are(kind: str) -> None:
    others = [
        entry({"resourceType": "Composition"}),
        {**entry({"resourceType": "OperationOutcome"}), "search": {"mode": "outcome"}},
    ]
    assert [row.raw for row in await read(bundle([*others, *entries_of(RAW)], kind), FHIR)] == [RAW]


@pytest.mark.parametrize(
    "kind",
    ["history", "message", "batch-response", "transaction-response", "subscription-notification"],
)
async def test_a_bundle_whose_entries_do_not_say_what_stands_now_is_refused(kind: str) -> None:
    with pytest.raises(ServiceError) as raised:
        await read(bundle(entries_of(RAW), kind), FHIR)
    assert (raised.value.status, raised.value.code) == (422, "FHIR_BUNDLE_TYPE")


@pytest.mark.parametrize(
    ("links", "notices"),
    [
        (
            [
                {"relation": "self", "url": "https://a.vn"},
                {"relation": "next", "url": "https://a.vn?page=2"},
            ],
            ["FHIR_MORE_PAGES"],
        ),
        ([{"relation": "self", "url": "https://a.vn"}], []),
        ("next", []),
        ([["next"]], []),
    ],
    ids=str,
)
@pytest.mark.parametrize("last", [True, False])
async def test_who_sends_one_page_of_an_answer_is_told_that_there_are_more(
    links: Any, notices: list[str], last: bool
) -> None:
    content = {"entry": entries_of(RAW), "link": links}
    members = {
        "resourceType": "Bundle",
        "type": "searchset",
        **(content if last else dict(reversed(content.items()))),
    }
    report = FileReport()
    body = json.dumps(members).encode()
    found = [
        row.raw
        async for chunk in read_rows(parts(body), FHIR, max_bytes=1 << 20, report=report)
        for row in chunk
    ]
    assert (found, [notice.code for notice in report.notices]) == ([RAW], notices)


async def test_a_bundle_within_the_bundle_is_told_to_be_unread_and_costs_no_other() -> None:
    inner = entry(json.loads(bundle(entries_of(OTHER))))
    found = await read(bundle([inner, *entries_of(RAW)]), FHIR)
    assert [(row.row, row.raw, row.error and row.error.code) for row in found] == [
        (1, None, "BUNDLE_IN_BUNDLE"),
        (3, RAW, None),
    ]


@pytest.mark.parametrize(
    "content_type",
    ["application/fhir+xml", "Application/FHIR+XML; fhirVersion=4.0", "application/xml+fhir"],
)
def test_fhir_as_xml_is_told_to_come_as_json(content_type: str) -> None:
    with pytest.raises(ServiceError) as raised:
        declared_type(content_type)
    assert (raised.value.status, raised.value.code) == (415, "MEDIA_TYPE_UNSUPPORTED")
    assert "fhir+json" in raised.value.vi
    assert "fhir+json" in raised.value.en


def _exported(*resources: Any) -> bytes:
    return "\n".join(
        line if isinstance(line, str) else json.dumps(line, ensure_ascii=False)
        for line in resources
    ).encode()


@pytest.mark.parametrize("size", [7, 1 << 16])
@pytest.mark.parametrize("first", [True, False])
async def test_a_bulk_export_is_read_one_resource_a_line(size: int, first: bool) -> None:
    people, doses = (
        [each["resource"] for raw in (RAW, OTHER) for each in [entries_of(raw)[at]]]
        for at in (0, 1)
    )
    lines = [*people, "", *doses] if first else [*doses, "\r", *people]
    found = await read(_exported(*lines), LINES, size=size)
    assert [(row.row, row.raw) for row in found] == (
        [(3, RAW), (4, OTHER)] if first else [(1, RAW), (2, OTHER)]
    )


async def test_a_line_that_cannot_be_read_costs_itself_only() -> None:
    report = FileReport()
    person, shot = (each["resource"] for each in entries_of(RAW))
    bad = [
        "{",
        "7",
        "[]",
        json.dumps({"a": 1}),
        json.loads(bundle([])),
        {"resourceType": "Observation"},
        '{"a":' * 100_000,
    ]
    body = _exported(person, *bad, shot)
    found = [
        row
        async for chunk in read_rows(parts(body), LINES, max_bytes=1 << 24, report=report)
        for row in chunk
    ]
    assert [(row.row, row.error and row.error.code) for row in found] == [
        (2, "NOT_READABLE"), (3, "NOT_A_RESOURCE"), (4, "NOT_A_RESOURCE"), (5, "NOT_A_RESOURCE"),
        (6, "BUNDLE_IN_BUNDLE"),
        (8, "NOT_READABLE"), (9, None),
    ]  # fmt: skip
    assert (found[-1].raw, report.ignored) == (RAW, {"Observation": 1})


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "NO_ROWS"),
        (b"\n\n", "NO_ROWS"),
        (b'{"resourceType": "Patient"}', "FHIR_NO_IMMUNIZATION"),
    ],
)
async def test_a_bulk_export_without_a_dose_is_refused(body: bytes, code: str) -> None:
    with pytest.raises(ServiceError) as raised:
        await read(body, LINES)
    assert (raised.value.status, raised.value.code) == (422, code)
