"""Which name and number of a Patient counts, and which doses people must decide on."""

import itertools
from datetime import date
from typing import Any

import pytest

from contracts.words import Doubt
from services.records.uploads.formats import read_rows
from services.records.uploads.formats.fhir import codes
from services.records.uploads.formats.row import InputRow
from tests.support.fhir import AREAS, FHIR, bundle, entry, immunization, patient
from tests.support.files import parts, typed

RAW = typed(1, sex="female", date_of_birth="1980-05-03", nationality="VN", date_given="2021-10-12")
REFERENCE = f"Patient/p-{RAW.source_id}"
TODAY = date(2021, 11, 1)


async def row_of(person: dict[str, Any], **changed: Any) -> InputRow:
    body = bundle([entry(person), entry(immunization(RAW, REFERENCE, **changed))])
    (row,) = [
        row
        async for chunk in read_rows(parts(body), FHIR, max_bytes=1 << 20, today=TODAY)
        for row in chunk
    ]
    return row


async def read_as(field: str, **changed: Any) -> str:
    row = await row_of(patient(RAW, **changed))
    assert row.raw is not None
    assert not row.errors
    return str(getattr(row.raw, field))


def name(text: str, **more: Any) -> dict[str, Any]:
    return {"text": text, **more}


ENDED, BEGUN = {"start": "2000-01-01", "end": "2015-06-01"}, {"start": "2015-06-01"}


@pytest.mark.parametrize(
    ("names", "counts"),
    [
        (
            [name("Cũ", use="official", period=ENDED), name("Mới", use="official", period=BEGUN)],
            "Mới",
        ),
        ([name("Cũ", use="official", period=ENDED), name("Mới")], "Mới"),
        ([name("Cũ", use="old"), name("Mới", use="temp")], "Mới"),
        ([name("Thời con gái", use="maiden"), name("Mới", use="usual")], "Mới"),
        (
            [
                name("Mới", use="usual"),
                name("Sau này", use="official", period={"start": "2022-01-01"}),
            ],
            "Mới",
        ),
        (
            [name("Năm ngoái", use="official", period={"end": "2020"}), name("Mới", use="usual")],
            "Mới",
        ),
        ([name("Mới", use="official", period={"end": "2021"}), name("Gọi", use="usual")], "Mới"),
        ([name("Mới", use="official", period={"end": "2021-11"}), name("Gọi", use="usual")], "Mới"),
        (
            [
                name("Mới", use="official", period={"end": "2021-11-01T23:59:59+07:00"}),
                name("Gọi", use="usual"),
            ],
            "Mới",
        ),
        (
            [
                name("Hôm qua", use="official", period={"end": "2021-10-31"}),
                name("Mới", use="usual"),
            ],
            "Mới",
        ),
        (
            [name("Mới", use="official", period={"end": "không rõ"}), name("Gọi", use="usual")],
            "Mới",
        ),
        ([name("Xưa", period={"end": "1999"}), name("Vừa hết", period={"end": "2020"})], "Vừa hết"),
        ([name("Xưa", use="old"), name("Vừa hết", period={"end": "2020"})], "Vừa hết"),
        ([name("Cũ", use="old")], "Cũ"),
        ([name("Bí danh", use="anonymous"), name("Cũ", use="old")], "Cũ"),
        ([name("Bí danh", use="anonymous"), name("Bé Na", use="nickname")], ""),
    ],
    ids=str,
)
async def test_the_name_that_holds_today_counts_in_whatever_order_they_stand(
    names: list[dict[str, Any]], counts: str
) -> None:
    for order in itertools.permutations(names):
        assert await read_as("full_name", name=list(order)) == counts


CCCD, CMND = (
    {"system": codes.CCCD, "value": "068180000001"},
    {"system": codes.CMND, "value": "025123456"},
)


@pytest.mark.parametrize(
    ("identifiers", "counts"),
    [
        ([CMND, CCCD], CCCD),
        ([CMND | {"period": ENDED}, CCCD], CCCD),
        ([CMND, CCCD | {"period": ENDED}], CMND),
        ([CMND, CCCD | {"use": "old"}], CMND),
        ([CMND | {"period": ENDED}], CMND),
        ([CMND | {"use": "old"}], CMND),
        ([CMND | {"use": "old"}, CCCD | {"period": ENDED}], CCCD),
        ([CCCD | {"value": "068180000009", "period": ENDED}, CCCD], CCCD),
        ([CCCD, CCCD | {"value": "068180000009", "period": {"start": "2022-01-01"}}], CCCD),
    ],
    ids=str,
)
async def test_a_number_that_has_ended_comes_last_and_is_not_lost(
    identifiers: list[dict[str, Any]], counts: dict[str, Any]
) -> None:
    for order in itertools.permutations(identifiers):
        assert await read_as("personal_id", identifier=list(order)) == counts["value"]


def address(ward: str, **more: Any) -> dict[str, Any]:
    parts = [
        {"url": url, "valueCodeableConcept": {"coding": [{"code": ward if url == "ward" else ""}]}}
        for url in AREAS
    ]
    return {"extension": [{"url": codes.AREAS, "extension": parts}], **more}


async def test_a_telephone_and_an_address_that_have_ended_come_last() -> None:
    phones = [
        {"system": "phone", "value": "0911", "period": ENDED, "use": "mobile"},
        {"system": "phone", "value": "0922", "use": "work"},
    ]
    assert await read_as("phone", telecom=phones) == "0922"
    assert await read_as("phone", telecom=phones[:1]) == "0911"
    addresses = [address("1", use="home", period=ENDED), address("2", use="temp")]
    assert await read_as("commune_code", address=addresses) == "2"
    assert await read_as("commune_code", address=addresses[:1]) == "1"


@pytest.mark.parametrize(
    ("person", "shot", "doubts"),
    [
        ({}, {}, ()),
        ({}, {"primarySource": True}, ()),
        ({}, {"primarySource": False}, (Doubt.SECOND_HAND,)),
        ({}, {"reportOrigin": {"text": "Người dân tự khai"}}, (Doubt.SECOND_HAND,)),
        ({}, {"primarySource": True, "reportOrigin": {"text": "Sổ tiêm"}}, ()),
        ({"deceasedBoolean": False, "active": True}, {}, ()),
        ({"deceasedBoolean": True}, {}, (Doubt.PATIENT_DECEASED,)),
        ({"deceasedDateTime": "2022-01-31"}, {}, (Doubt.PATIENT_DECEASED,)),
        ({"active": False}, {}, (Doubt.PATIENT_REPLACED,)),
        ({"link": [{"type": "replaced-by", "other": {"reference": "Patient/9"}}]}, {},
        (Doubt.PATIENT_REPLACED,)),
        ({"link": [{"type": kind, "other": {"reference": "Patient/9"}} for kind in ("replaces",
        "refer", "seealso")]}, {}, ()),
        ({"active": False, "deceasedBoolean": True}, {"primarySource": False},
         (Doubt.SECOND_HAND, Doubt.PATIENT_DECEASED, Doubt.PATIENT_REPLACED)),
    ],
    ids=str,
)  # fmt: skip
async def test_what_was_only_told_of_and_who_has_died_or_was_replaced_is_for_people(
    person: dict[str, Any], shot: dict[str, Any], doubts: tuple[str, ...]
) -> None:
    row = await row_of(patient(RAW, **person), **shot)
    assert (row.raw, row.errors, row.doubts) == (RAW, (), doubts)
    row = await row_of(
        patient(RAW),
        **shot,
        contained=[patient(RAW, id="p", **person)],
        patient={"reference": "#p"},
    )
    assert (row.raw, row.errors, row.doubts) == (RAW, (), doubts)


async def test_a_patient_sent_twice_has_the_doubts_of_both() -> None:
    bodies = [
        bundle(
            [
                entry(patient(RAW, **first)),
                entry(patient(RAW, **second)),
                entry(immunization(RAW, REFERENCE)),
            ]
        )
        for first, second in itertools.permutations(({}, {"deceasedBoolean": True}))
    ]
    for body in bodies:
        (row,) = [
            row
            async for chunk in read_rows(parts(body), FHIR, max_bytes=1 << 20, today=TODAY)
            for row in chunk
        ]
        assert (row.raw, row.doubts) == (RAW, (Doubt.PATIENT_DECEASED,))


async def test_the_gender_other_is_not_compared_and_its_sender_is_told() -> None:
    row = await row_of(patient(RAW, gender="other"))
    assert (row.raw, row.errors) == (RAW._replace(sex=""), ())
    assert [(warning.field, warning.code) for warning in row.warnings] == [
        ("sex", "SEX_NOT_COMPARED")
    ]
    assert (await row_of(patient(RAW, gender="unknown"))).warnings == ()


async def test_a_rejected_row_with_a_doubt_is_not_given_back_as_a_table_that_cannot_say_so() -> (
    None
):
    row = await row_of(patient(RAW), primarySource=False, lotNumber=["A"])
    assert (row.raw, [error.code for error in row.errors]) == (None, ["WRONG_SHAPE"])
