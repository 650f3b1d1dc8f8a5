"""FHIR bundles: each Immunization a row, whoever its references lead to."""

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chassis.errors import ServiceError
from services.records.domain.dose import Raw
from services.records.uploads.formats import FileReport, read_rows
from services.records.uploads.formats.fhir import codes
from tests.support.fhir import (
    FACILITY,
    FHIR,
    bundle,
    entries_of,
    entry,
    immunization,
    patient,
    place,
)
from tests.support.files import parts, read, typed

FORM = {
    "sex": "female",
    "date_of_birth": "1980-05-03",
    "nationality": "VN",
    "date_given": "2021-10-12",
    "dose_kind": "primary",
}
RAWS = [typed(number, full_name='Lê "Bảo" [Tú], {x}', **FORM) for number in range(1, 4)]
RAW = RAWS[0]
URN = "urn:uuid:5f0c5b1e-0000-4000-8000-000000000001"


async def raw_of(*entries: Any) -> Raw:
    (row,) = await read(bundle(entries), FHIR)
    assert row.raw is not None, row.error
    return row.raw


async def shot_of(**changed: Any) -> Raw:
    return await raw_of(
        entry(patient(RAW)), entry(immunization(RAW, f"Patient/p-{RAW.source_id}", **changed))
    )


async def person_of(**changed: Any) -> Raw:
    return await raw_of(
        entry(patient(RAW, **changed)), entry(immunization(RAW, f"Patient/p-{RAW.source_id}"))
    )


async def told(*entries: Any) -> list[str | None]:
    return [row.error.code if row.error else None for row in await read(bundle(entries), FHIR)]


KOREA = {"valueCodeableConcept": {"coding": [{"system": "urn:iso:std:iso:3166", "code": "KR"}]}}
ORDERED = {"coding": [{"system": codes.FUNCTION, "code": "OP"}]}


@pytest.mark.parametrize("kind", ["collection", "batch", "transaction"])
@pytest.mark.parametrize("size", [1, 13, 1 << 16])
async def test_a_bundle_gives_its_rows_however_it_is_cut_numbered_by_their_entries(
    kind: str, size: int
) -> None:
    found = await read(
        bundle([one for raw in RAWS for one in entries_of(raw)], kind), FHIR, size=size
    )
    assert [(row.row, row.raw) for row in found] == [(2, RAWS[0]), (4, RAWS[1]), (6, RAWS[2])]


async def test_patients_may_come_after_their_immunizations_and_members_in_any_order() -> None:
    entries = [
        entry(immunization(RAW, f"Patient/p-{RAW.source_id}")),
        *entries_of(RAWS[1]),
        entry(patient(RAW)),
    ]
    body = json.dumps(
        {"entry": entries, "id": "b", "type": "batch", "resourceType": "Bundle"}
    ).encode()
    assert sorted((row.row, row.raw) for row in await read(body, FHIR)) == [(1, RAW), (3, RAWS[1])]


@pytest.mark.parametrize(
    ("full_url", "from_url", "reference"),
    [
        (URN, None, URN),
        ("https://a.vn/fhir/Patient/7", None, "https://a.vn/fhir/Patient/7"),
        ("https://a.vn/fhir/Patient/7", None, "https://a.vn/fhir/Patient/7/_history/2"),
        ("https://a.vn/fhir/Patient/7", "https://a.vn/fhir/Immunization/1", "Patient/7"),
        ("https://a.vn/fhir/Patient/7", None, "Patient/7"),
        (URN, None, "Patient/7"),
        (None, "urn:uuid:5f0c5b1e-0000-4000-8000-000000000009", "Patient/7"),
    ],
)
async def test_a_reference_leads_to_the_patient_by_its_address_or_its_id(
    full_url: str | None, from_url: str | None, reference: str
) -> None:
    found = await raw_of(
        entry(patient(RAW, id="7"), full_url), entry(immunization(RAW, reference), from_url)
    )
    assert found == RAW


async def test_the_patient_may_be_contained_with_its_facility() -> None:
    contained = [
        patient(RAW, id="p"),
        place("Location", "l", managingOrganization={"reference": "#o"}),
        place("Organization", "o", **FACILITY),
    ]
    given = immunization(
        RAW, "#p", contained=contained, performer=None, location={"reference": "#l"}
    )
    assert await raw_of(entry(given)) == RAW


async def test_nobody_gets_the_dose_of_somebody_elses_namesake_of_another_server() -> None:
    other = RAWS[1]._replace(full_name="Lê Thị Khác")
    a, b = (
        entry(patient(raw, id="7"), f"https://{host}/fhir/Patient/7")
        for raw, host in ((RAW, "a.vn"), (other, "b.vn"))
    )
    assert (
        await raw_of(
            a, b, entry(immunization(other, "Patient/7"), "https://b.vn/fhir/Immunization/1")
        )
        == other
    )
    assert await told(a, b, entry(immunization(RAW, "Patient/7"))) == ["PATIENT_AMBIGUOUS"]
    assert await told(
        a, entry(immunization(RAW, "Patient/7"), "https://b.vn/fhir/Immunization/1")
    ) == ["PATIENT_NOT_IN_BUNDLE"]


@pytest.mark.parametrize(
    ("changed", "field", "value"),
    [
        ({"name": [{"text": "Cũ", "use": "old"}, {"text": "Lê Thị Mới"}]}, "full_name",
        "Lê Thị Mới"),
        ({"name": [{"text": "Gọi ở nhà"}, {"text": "Lê Thị Thật", "use": "official"}]}, "full_name",
        "Lê Thị Thật"),
        ({"name": [{"family": "Nguyễn", "given": ["Thị", None, "Hòa"]}]}, "full_name",
        "Nguyễn Thị Hòa"),
        ({"name": [{"given": ["H'Hen"]}]}, "full_name", "H'Hen"),
        ({"name": None}, "full_name", ""),
        ({"birthDate": "1956"}, "date_of_birth", "1956"),
        ({"birthDate": "1956-07"}, "date_of_birth", "1956-07"),
        ({"birthDate": None}, "date_of_birth", ""),
        ({"gender": "unknown"}, "sex", ""),
        ({"gender": "other"}, "sex", ""),
        ({"identifier": [{"system": codes.CMND, "value": "025123456"}]}, "personal_id",
        "025123456"),
        (
            {"identifier": [{"system": codes.CMND, "value": "025123456"}, {"system": codes.CCCD,
            "value": "068180000001"}]},
            "personal_id",
            "068180000001",
        ),
        (
            {"identifier": [{"type": {"coding": [{"system": codes.IDENTIFIER_TYPE, "code": "NI"}]},
            "value": "068180000001"}]},
            "personal_id",
            "068180000001",
        ),
        ({"identifier": [{"system": "https://bv.vn/mrn", "value": "068180000001"}]}, "personal_id",
        ""),
        ({"identifier": [{"system": codes.PASSPORT, "value": "C1234567"}]}, "passport_number",
        "C1234567"),
        ({"telecom": [{"system": "email", "value": "a@b.vn"}, {"system": "phone",
        "value": "0912000001"}]}, "phone", "0912000001"),
        ({"extension": [{"url": codes.NATIONALITY, "valueCodeableConcept": {"text": "Hàn Quốc"}}]},
        "nationality", "Hàn Quốc"),
        ({"extension": [{"url": codes.NATIONALITY_OF_FHIR, "extension": [{"url": "code",
        **KOREA}]}]}, "nationality", "KR"),
        ({"extension": [{"url": f"{codes.CORE}/StructureDefinition/extension-race", **KOREA}]},
        "nationality", ""),
        ({"address": [{"use": "old", "extension": [{"url": codes.AREAS, "extension": []}]}]},
        "province_code", ""),
    ],
)  # fmt: skip
async def test_a_person_is_read_as_a_clinic_would_type_it(
    changed: dict[str, Any], field: str, value: str
) -> None:
    assert getattr(await person_of(**changed), field) == value


@pytest.mark.parametrize(("code", "province", "district"), [("79", "79", ""), ("760", "", "760")])
async def test_a_city_is_a_province_or_a_district_by_the_length_of_its_code(
    code: str, province: str, district: str
) -> None:
    part = {"url": "city", "valueCodeableConcept": {"coding": [{"code": code}]}}
    found = await person_of(address=[{"extension": [{"url": codes.AREAS, "extension": [part]}]}])
    assert (found.province_code, found.district_code, found.commune_code) == (
        province,
        district,
        "",
    )


@pytest.mark.parametrize(
    ("concept", "product"),
    [
        ({"coding": [{"system": codes.CVX, "code": "208"}]}, "Comirnaty"),
        (
            {
                "coding": [
                    {
                        "system": "https://ec.europa.eu/health/documents/community-register/html/",
                        "code": "EU/1/20/1507",
                    }
                ]
            },
            "Spikevax",
        ),
        (
            {
                "coding": [{"system": "http://www.whocc.no/atc", "code": "J07BX03"}],
                "text": "AstraZeneca",
            },
            "AstraZeneca",
        ),
        (
            {
                "coding": [
                    {"system": "http://www.whocc.no/atc", "code": "J07BX03", "display": "Vero Cell"}
                ]
            },
            "Vero Cell",
        ),
        ({"coding": [{"system": "http://www.whocc.no/atc", "code": "J07BX03"}]}, "J07BX03"),
        (
            {
                "coding": [
                    {"system": codes.CVX, "code": "208"},
                    {"system": codes.CVX, "code": "207"},
                ]
            },
            "Comirnaty / Spikevax",
        ),
        (
            {"coding": [{"system": codes.CVX, "code": "208"}], "text": "AstraZeneca"},
            "Comirnaty / Vaxzevria",
        ),
        ({"coding": [{"system": codes.CVX, "code": "208"}], "text": "Vắc xin Pfizer"}, "Comirnaty"),
        ({}, ""),
    ],
)
async def test_a_vaccine_is_known_by_its_code_or_its_text_and_not_by_two_that_contradict(
    concept: dict[str, Any], product: str
) -> None:
    assert (await shot_of(vaccineCode=concept)).product == product


@pytest.mark.parametrize(
    ("protocol", "number", "kind"),
    [
        ({"series": "Nhắc lại", "doseNumberPositiveInt": 3}, "3", "Nhắc lại"),
        ({"series": "booster", "doseNumberString": "Mũi 3"}, "Mũi 3", "booster"),
        ({"doseNumberPositiveInt": 2, "seriesDosesPositiveInt": 2}, "2", "Cơ bản"),
        (
            {"series": "COVID-19", "doseNumberPositiveInt": 1, "seriesDosesPositiveInt": 2},
            "1",
            "Cơ bản",
        ),
        ({"doseNumberPositiveInt": 3, "seriesDosesPositiveInt": 2}, "3", ""),
        ({"series": "COVID-19", "doseNumberPositiveInt": 1}, "1", "COVID-19"),
        ({}, "", ""),
    ],
)
async def test_number_and_kind_of_the_dose_come_from_the_protocol(
    protocol: dict[str, Any], number: str, kind: str
) -> None:
    found = await shot_of(protocolApplied=[protocol])
    assert (found.dose_number, found.dose_kind) == (number, kind)


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2021-10-16T08:30:00+07:00", "2021-10-16"),
        ("2021-10-15T23:30:00Z", "2021-10-16"),
        ("2021-10-16T00:30:00.250+09:00", "2021-10-15"),
        ("2021-10", "2021-10"),
        ("2021-02-30T08:00:00Z", "2021-02-30T08:00:00Z"),
        ("0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00+14:00"),
    ],
)
async def test_a_moment_is_the_day_that_it_was_in_viet_nam(written: str, day: str) -> None:
    assert (await shot_of(occurrenceDateTime=written)).date_given == day


async def test_the_source_id_is_the_facilitys_identifier_or_else_the_resources_id() -> None:
    assert (
        await shot_of(identifier=[{"use": "old", "value": "x"}, {"value": "y"}])
    ).source_id == "y"
    assert (await shot_of(identifier=None)).source_id == f"i-{RAW.source_id}"
    assert (await shot_of(identifier=None, id=None)).source_id == ""


@pytest.mark.parametrize(
    ("elements", "others"),
    [
        ({"performer": [{"actor": {"reference": "Organization/o"}}]}, [place("Organization", "o",
        **FACILITY)]),
        (
            {"performer": [{"actor": {"reference": "Practitioner/n"}}],
            "location": {"reference": "Location/l"}},
            [place("Location", "l", **FACILITY)],
        ),
        (
            {"performer": [{"actor": {"identifier": {"system": codes.FACILITY, "value": "79001"}},
            "function": ORDERED}],
             "location": {"reference": "Location/l"}},
            [place("Location", "l", **FACILITY)],
        ),
        (
            {"performer": [{"actor": {"reference": "PractitionerRole/r"}}]},
            [place("PractitionerRole", "r", organization={"reference": "Organization/d"}),
             place("Organization", "d", partOf={"reference": "Organization/o"}),
             place("Organization", "o", **FACILITY)],
        ),
        (
            {"performer": None, "location": {"reference": "Location/l"}},
            [place("Location", "l",
            managingOrganization={"identifier": FACILITY["identifier"][0]})],
        ),
        (
            {"performer": [{"actor": {"reference": URN}}], "location": {"reference": "Location/l"}},
            [place("Location", "l", **FACILITY)],
        ),
    ],
)  # fmt: skip
@pytest.mark.parametrize("first", [True, False])
async def test_the_facility_is_found_behind_performer_and_location(
    elements: dict[str, Any], others: list[Any], first: bool
) -> None:
    people = [entry(patient(RAW)), entry(place("Practitioner", "n"), URN)]
    given = [entry(immunization(RAW, f"Patient/p-{RAW.source_id}", **elements))]
    around = list(map(entry, others))
    assert (
        await raw_of(*(people + given + around if first else around[::-1] + people + given)) == RAW
    )


async def test_facilities_that_lead_round_in_a_circle_or_nowhere_leave_the_code_empty() -> None:
    circle = [
        place("Organization", one, partOf={"reference": f"Organization/{other}"})
        for one, other in ("ab", "ba")
    ]
    lost = place("Location", "l", managingOrganization=7)
    for reference, others in (
        ("Organization/a", circle),
        ("Location/l", [lost]),
        ("Location/none", []),
    ):
        given = immunization(
            RAW, f"Patient/p-{RAW.source_id}", performer=[{"actor": {"reference": reference}}]
        )
        assert (
            await raw_of(entry(patient(RAW)), *map(entry, others), entry(given))
        ).facility_code == ""


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"status": "not-done"}, "NOT_DONE"),
        ({"status": "entered-in-error"}, "ENTERED_IN_ERROR"),
        ({"status": None}, "STATUS_UNKNOWN"),
        ({"status": "preparation"}, "STATUS_UNKNOWN"),
        ({"isSubpotent": True}, "SUBPOTENT"),
        ({"isSubpotent": False}, None),
        (
            {"modifierExtension": [{"url": "https://x.vn/not-given", "valueBoolean": True}]},
            "MODIFIER_UNKNOWN",
        ),
        ({"implicitRules": "https://x.vn/rules"}, "MODIFIER_UNKNOWN"),
        ({"patient": None}, "PATIENT_MISSING"),
        ({"patient": {"display": "Lê Thị Bé"}}, "PATIENT_MISSING"),
        ({"patient": {"reference": "Patient/nobody"}}, "PATIENT_NOT_IN_BUNDLE"),
        (
            {"patient": {"reference": "#nobody"}, "contained": [patient(RAW)]},
            "PATIENT_NOT_IN_BUNDLE",
        ),
        ({"patient": {"reference": "Patient?identifier=x|1"}}, "PATIENT_NOT_IN_BUNDLE"),
        ({"patient": "Patient/1"}, "WRONG_SHAPE"),
        ({"status": ["completed"]}, "WRONG_SHAPE"),
        ({"lotNumber": {"value": "A"}}, "WRONG_SHAPE"),
        ({"vaccineCode": "208"}, "WRONG_SHAPE"),
        ({"vaccineCode": {"coding": {"code": "208"}}}, "WRONG_SHAPE"),
        ({"protocolApplied": {}}, "WRONG_SHAPE"),
        ({"protocolApplied": [7]}, "WRONG_SHAPE"),
        ({"contained": {}}, "WRONG_SHAPE"),
        ({"identifier": [{"value": True}]}, "WRONG_SHAPE"),
    ],
)
async def test_what_was_not_given_or_cannot_be_read_is_told_so_and_costs_no_other(
    changed: dict[str, Any], code: str | None
) -> None:
    given = entry(immunization(RAW, f"Patient/p-{RAW.source_id}", **changed))
    body = bundle([*entries_of(RAWS[1]), entry(patient(RAW)), given, *entries_of(RAWS[2])])
    found = {row.row: row for row in await read(body, FHIR)}
    assert (found[2].raw, found[6].raw, len(found)) == (RAWS[1], RAWS[2], 3)
    error = found[4].error
    assert (error.code if error else None) == code


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"name": "Lê"}, "full_name"),
        ({"name": [{"given": "Bé"}]}, "full_name"),
        ({"birthDate": ["1980"]}, "date_of_birth"),
        ({"identifier": [{"value": {}, "system": codes.CCCD}]}, "personal_id"),
        ({"extension": [7]}, "nationality"),
        ({"address": [{"extension": {}}]}, "commune_code"),
    ],
)
async def test_a_patient_of_the_wrong_shape_costs_its_own_doses_only(
    changed: dict[str, Any], field: str
) -> None:
    body = bundle(
        [
            entry(patient(RAW, **changed)),
            entry(immunization(RAW, f"Patient/p-{RAW.source_id}")),
            *entries_of(RAWS[1]),
        ]
    )
    wrong, right = await read(body, FHIR)
    assert wrong.error is not None
    assert (wrong.error.field, wrong.error.code, right.raw) == (field, "WRONG_SHAPE", RAWS[1])


BAD = {
    "a number": ("7", "NOT_A_RESOURCE"),
    "null": ("null", "NOT_A_RESOURCE"),
    "a list": ("[]", "NOT_A_RESOURCE"),
    "nothing": ("{}", "NOT_A_RESOURCE"),
    "a kind that is none": ('{"resource": {"resourceType": "lê thị bé"}}', "NOT_A_RESOURCE"),
    "a kind that is a list": ('{"resource": {"resourceType": ["Patient"]}}', "WRONG_SHAPE"),
    "a deletion": (
        '{"request": {"method": "DELETE", "url": "Immunization/1"}}',
        "METHOD_UNSUPPORTED",
    ),
    "a patch": (
        '{"resource": {"resourceType": "Immunization"}, "request": {"method": "PATCH"}}',
        "METHOD_UNSUPPORTED",
    ),
    "no JSON": ('{"resource": {"resourceType": "Immunization",}}', "NOT_READABLE"),
    "a photo": (
        '{"resource": {"resourceType": "Patient", "photo": [{"data": "' + "A" * 3_000_000 + '"}]}}',
        "NOT_READABLE",
    ),
    "much in much": (
        '{"text": "}]\\"{", "resource": ' + '{"contained": [' * 20_000 + "]}" * 20_000 + "}",
        "NOT_READABLE",
    ),
}


@pytest.mark.parametrize(("bad", "code"), BAD.values(), ids=BAD)
@pytest.mark.parametrize("size", [4_099, 1 << 18])
async def test_an_entry_that_cannot_be_read_is_told_so_in_its_place_and_costs_no_other(
    bad: str, code: str, size: int
) -> None:
    before, after = (json.dumps(entries_of(raw))[1:-1] for raw in RAWS[:2])
    entries = f"[{before}, {bad}, {after}]"
    body = f'{{"resourceType": "Bundle", "type": "collection", "entry": {entries}}}'.encode()
    found = await read(body, FHIR, size=size)
    assert [(row.row, row.raw, row.error and row.error.code) for row in found] == [
        (2, RAWS[0], None),
        (3, None, code),
        (5, RAWS[1], None),
    ]


async def test_a_patient_with_what_may_turn_its_meaning_is_nobodys() -> None:
    turned = patient(
        RAW, modifierExtension=[{"url": "https://x.vn/not-this-person", "valueBoolean": True}]
    )
    assert await told(entry(turned), entry(immunization(RAW, f"Patient/p-{RAW.source_id}"))) == [
        "MODIFIER_UNKNOWN"
    ]


async def test_entries_of_other_kinds_are_passed_over_and_counted() -> None:
    others = [
        {"resourceType": kind, "id": "1"} for kind in ("Encounter", "Observation", "Observation")
    ]
    report = FileReport()
    body = bundle([*map(entry, others), *entries_of(RAW)])
    found = [
        row
        async for chunk in read_rows(parts(body), FHIR, max_bytes=1 << 30, report=report)
        for row in chunk
    ]
    assert ([row.raw for row in found], report.ignored) == (
        [RAW],
        {"Encounter": 1, "Observation": 2},
    )


async def test_the_count_of_other_kinds_does_not_grow_with_what_they_are_called() -> None:
    report = FileReport()
    body = bundle(
        [
            *(entry({"resourceType": "X" + "y" * length}) for length in range(1, 40)),
            *entries_of(RAW),
        ]
    )
    _ = [row async for row in read_rows(parts(body), FHIR, max_bytes=1 << 30, report=report)]
    assert (len(report.ignored), report.ignored.total()) == (21, 39)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "JSON_BROKEN"),
        (b"<Bundle/>", "JSON_BROKEN"),
        (b"[]", "FHIR_NOT_A_BUNDLE"),
        (b"{}", "FHIR_NOT_A_BUNDLE"),
        (b'{"doses": []}', "FHIR_NOT_A_BUNDLE"),
        (json.dumps(immunization(RAW, "#p")).encode(), "FHIR_NOT_A_BUNDLE"),
        (b'{"resourceType": ["Bundle"]}', "FHIR_NOT_A_BUNDLE"),
        (b'{"resourceType": "Bundle", "type": "collection", "entry": {}}', "FHIR_NOT_A_BUNDLE"),
        (b'{"resourceType": "Bundle", "type": "collection", "entry": null}', "FHIR_NOT_A_BUNDLE"),
        (bundle([]) + b"{}", "FHIR_NOT_A_BUNDLE"),
        (b'{"resourceType": "Bundle", "entry": []}', "FHIR_BUNDLE_TYPE"),
        (bundle(entries_of(RAW), "history"), "FHIR_BUNDLE_TYPE"),
        (bundle(entries_of(RAW), ["collection"]), "FHIR_BUNDLE_TYPE"),
        (bundle([]), "FHIR_NO_IMMUNIZATION"),
        (bundle([entry(patient(RAW))]), "FHIR_NO_IMMUNIZATION"),
        (b'{"resourceType": "Bundle", "type": "collection"}', "FHIR_NO_IMMUNIZATION"),
        (bundle(entries_of(RAW))[:-40], "JSON_BROKEN"),
        (b'{"resourceType": "Bundle", "entry": [' + b'{"a":' * 100_000, "JSON_BROKEN"),
    ],
)
async def test_what_is_no_bundle_of_doses_is_a_clear_422(body: bytes, code: str) -> None:
    with pytest.raises(ServiceError) as raised:
        await read(body, FHIR)
    assert (raised.value.status, raised.value.code) == (422, code)
    assert raised.value.vi
    assert raised.value.en


async def test_a_control_character_is_left_for_the_rules_to_tell() -> None:
    body = bundle(entries_of(typed(1, full_name="Lê\0Bé", **FORM)))
    raw = (await read(body, FHIR))[0].raw
    assert raw == (await read(body.replace(b"\\u0000", b"\0"), FHIR))[0].raw
    assert raw is not None
    assert raw.full_name == "Lê\0Bé"


WHOLE = [
    *entries_of(RAW),
    entry(
        immunization(
            RAW,
            "#p",
            contained=[patient(RAW, id="p"), place("Location", "l", **FACILITY)],
            location={"reference": "#l"},
        )
    ),
    entry(place("PractitionerRole", "r", organization={"reference": "Organization/o"}), URN),
    entry(place("Organization", "o", partOf={"reference": "Organization/p"}, **FACILITY)),
]
ODD: st.SearchStrategy[Any] = st.sampled_from(
    [
        None,
        True,
        7,
        -1.5,
        "",
        "x",
        [],
        [None],
        [[]],
        ["x"],
        {},
        {"x": 1},
        [{"coding": "x"}],
        "\ud800",
        "Patient/1",
    ]
)


@given(data=st.data())
async def test_whatever_stands_in_a_bundle_is_answered(data: st.DataObject) -> None:
    entries = copy.deepcopy(WHOLE)
    for _ in range(data.draw(st.integers(1, 3))):
        holder: Any = entries
        while True:
            name = data.draw(
                st.sampled_from(sorted(holder) if isinstance(holder, dict) else range(len(holder)))
            )
            if (
                not isinstance(holder[name], dict | list)
                or not holder[name]
                or data.draw(st.booleans())
            ):
                break
            holder = holder[name]
        holder[name] = copy.deepcopy(data.draw(ODD))
    body = json.dumps(
        {"resourceType": "Bundle", "type": "batch", "entry": [*entries, *entries_of(RAWS[1])]}
    ).encode()
    for row in await read(body, FHIR):
        assert row.raw is not None or row.error is not None
        assert row.raw is None or set(map(type, row.raw)) == {str}
