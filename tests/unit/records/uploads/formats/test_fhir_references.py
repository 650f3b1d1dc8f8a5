"""Whom and where a reference leads, however it is written: nobody's dose goes to somebody else."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.records.domain.dose import Raw
from services.records.uploads.formats.fhir import codes
from tests.support.fhir import (
    FACILITY,
    FHIR,
    Resource,
    bundle,
    entry,
    immunization,
    patient,
    place,
    posted,
)
from tests.support.files import read, typed

FORM = {
    "sex": "female",
    "date_of_birth": "1980-05-03",
    "nationality": "VN",
    "date_given": "2021-10-12",
    "dose_kind": "primary",
}
RAWS = [
    typed(number, personal_id=f"06818000{number:04}", full_name=f"Lê Thị {number}", **FORM)
    for number in range(1, 6)
]
RAW, OTHER = RAWS[:2]
SEARCH = f"Patient?identifier={codes.CCCD}|{RAW.personal_id}"
NUMBER = {"system": codes.CCCD, "value": RAW.personal_id}
LOGICAL = {"type": "Patient", "identifier": NUMBER, "display": OTHER.full_name}


async def rows_of(*entries: Any) -> dict[int, Raw | str]:
    """By the entry's place: its row, or the code of what is wrong with it."""
    rows = await read(bundle(entries), FHIR)
    return {row.row: row.error.code if row.error else row.raw or "" for row in rows}


def shot(reference: Any, **changed: Any) -> Resource:
    return immunization(
        RAW,
        "",
        patient=reference if isinstance(reference, dict) else {"reference": reference},
        **changed,
    )


@pytest.mark.parametrize(
    "reference",
    [
        SEARCH,
        f"Patient?identifier={quote(codes.CCCD, safe='')}%7C{RAW.personal_id}",
        f"Patient?identifier={RAW.personal_id}",
        f"https://a.vn/fhir/{SEARCH}",
        LOGICAL,
        {"identifier": NUMBER},
        {"identifier": {"value": RAW.personal_id}},
        {"type": "http://hl7.org/fhir/StructureDefinition/Patient", "identifier": NUMBER},
        {"reference": "https://b.vn/fhir/Patient/77", "identifier": NUMBER},
        {"reference": f"Patient/p-{RAW.source_id}", "identifier": NUMBER},
        {
            "reference": f"Patient/p-{RAW.source_id}",
            "identifier": {"system": "https://b.vn", "value": "9"},
        },
    ],
    ids=str,
)
@pytest.mark.parametrize("first", [True, False])
async def test_a_patient_is_found_by_its_identifier(reference: Any, first: bool) -> None:
    given_entry, people = entry(shot(reference)), [entry(patient(RAW)), entry(patient(OTHER))]
    entries = [*people, given_entry] if first else [given_entry, *people]
    assert await rows_of(*entries) == {3 if first else 1: RAW}


@pytest.mark.parametrize(
    ("reference", "code"),
    [
        ("Patient?identifier=x|1", "PATIENT_NOT_IN_BUNDLE"),
        (f"Patient?identifier=https://b.vn|{RAW.personal_id}", "PATIENT_NOT_IN_BUNDLE"),
        (f"Patient?identifier=|{RAW.personal_id}", "PATIENT_NOT_IN_BUNDLE"),
        (f"Group?identifier={codes.CCCD}|{RAW.personal_id}", "PATIENT_NOT_IN_BUNDLE"),
        ({"type": "Practitioner", "identifier": NUMBER}, "PATIENT_NOT_IN_BUNDLE"),
        ("Patient?name=Bé", "SEARCH_UNSUPPORTED"),
        (f"{SEARCH}&birthdate=1980-05-03", "SEARCH_UNSUPPORTED"),
        (f"{SEARCH},{codes.CCCD}|{OTHER.personal_id}", "SEARCH_UNSUPPORTED"),
        (f"Patient?identifier={codes.CCCD}|", "SEARCH_UNSUPPORTED"),
        ("Patient?", "SEARCH_UNSUPPORTED"),
        ({"display": RAW.full_name}, "PATIENT_MISSING"),
        ({"identifier": {"system": codes.CCCD}}, "PATIENT_MISSING"),
    ],
    ids=str,
)
async def test_a_reference_that_fits_nobody_is_told_so(reference: Any, code: str) -> None:
    assert await rows_of(entry(patient(RAW)), entry(shot(reference))) == {2: code}


NAMESAKE = RAW._replace(date_of_birth="1981-01-01")


@pytest.mark.parametrize(
    "reference", [SEARCH, LOGICAL, f"Patient?identifier={RAW.personal_id}"], ids=str
)
@pytest.mark.parametrize("places", [(0, 1, 2), (0, 2, 1), (2, 0, 1)])
async def test_a_reference_that_fits_several_people_is_ambiguous_wherever_they_stand(
    reference: Any, places: Sequence[int]
) -> None:
    entries = [
        entry(patient(RAW, id="a")),
        entry(patient(NAMESAKE, id="b")),
        entry(shot(reference)),
    ]
    found = await rows_of(*(entries[at] for at in places))
    assert list(found.values()) == ["PATIENT_AMBIGUOUS"]


@pytest.mark.parametrize("places", [(0, 1, 2), (0, 2, 1), (2, 0, 1)])
async def test_an_id_that_two_people_bear_is_ambiguous_wherever_they_stand(
    places: Sequence[int],
) -> None:
    entries = [entry(patient(RAW, id="7")), entry(patient(OTHER, id="7")), entry(shot("Patient/7"))]
    assert list((await rows_of(*(entries[at] for at in places))).values()) == ["PATIENT_AMBIGUOUS"]


async def test_a_reference_to_one_by_address_and_another_by_number_is_ambiguous() -> None:
    reference = {"reference": f"Patient/p-{OTHER.source_id}", "identifier": NUMBER}
    assert await rows_of(entry(patient(RAW)), entry(patient(OTHER)), entry(shot(reference))) == {
        3: "PATIENT_AMBIGUOUS"
    }


@pytest.mark.parametrize("reference", [SEARCH, LOGICAL, "Patient/7"], ids=str)
async def test_the_same_patient_twice_is_one(reference: Any) -> None:
    assert await rows_of(
        entry(patient(RAW, id="7")), entry(shot(reference)), posted(patient(RAW, id="7"))
    ) == {2: RAW}


async def test_a_number_of_two_people_in_two_systems_is_each_ones_in_its_own() -> None:
    people = [(RAW, "https://a.vn/mrn"), (OTHER, "https://b.vn/mrn")]
    entries = [
        entry(patient(raw, identifier=[{"system": system, "value": "17"}]))
        for raw, system in people
    ]
    found = await rows_of(
        *entries,
        *(
            entry(shot(f"Patient?identifier={search}"))
            for search in ("https://b.vn/mrn|17", "https://a.vn/mrn|17", "17")
        ),
    )
    names = [
        outcome if isinstance(outcome, str) else outcome.full_name for outcome in found.values()
    ]
    assert sorted(names) == sorted([OTHER.full_name, RAW.full_name, "PATIENT_AMBIGUOUS"])


async def test_a_bar_or_comma_within_a_number_may_be_escaped() -> None:
    people = entry(patient(RAW, identifier=[{"system": "https://a.vn", "value": "1|2,3"}]))
    found = await rows_of(people, entry(shot(r"Patient?identifier=https://a.vn|1\|2\,3")))
    assert found == {2: RAW._replace(personal_id="")}


async def test_a_patient_is_found_by_the_address_of_its_update() -> None:
    update = {**entry(patient(RAW, id=None)), "request": {"method": "PUT", "url": "Patient/7"}}
    assert await rows_of(update, entry(shot("Patient/7/_history/2"))) == {2: RAW}


ORGANIZATION = place(
    "Organization",
    "o",
    partOf={"identifier": FACILITY["identifier"][0]},
    identifier=[{"system": "https://m.vn", "value": "K1"}],
)


@pytest.mark.parametrize(
    "actor",
    [
        {"reference": f"Organization?identifier={codes.FACILITY}|68001"},
        {"reference": "Organization?identifier=https://m.vn|K1"},
        {"identifier": {"system": "https://m.vn", "value": "K1"}},
        {"type": "Organization", "identifier": {"value": "K1"}},
        {
            "reference": "Organization/elsewhere",
            "identifier": {"system": "https://m.vn", "value": "K1"},
        },
    ],
    ids=str,
)
@pytest.mark.parametrize("first", [True, False])
async def test_a_facility_is_found_by_an_identifier_too(actor: Any, first: bool) -> None:
    entries = [
        entry(patient(RAW)),
        entry(ORGANIZATION),
        entry(shot(f"Patient/p-{RAW.source_id}", performer=[{"actor": actor}])),
    ]
    assert list((await rows_of(*(entries if first else entries[::-1]))).values()) == [RAW]


@pytest.mark.parametrize(
    "actor",
    [
        {"type": "Practitioner", "identifier": {"system": "https://m.vn", "value": "K1"}},
        {"reference": "Practitioner?identifier=https://m.vn|K1"},
        {"identifier": {"system": "https://m.vn", "value": "nobody's"}},
        {"display": "Trạm Y tế"},
    ],
    ids=str,
)
async def test_who_gave_the_dose_is_no_facility_and_the_location_is(actor: Any) -> None:
    given_entry = shot(
        f"Patient/p-{RAW.source_id}",
        performer=[{"actor": actor}],
        location={"reference": "Location/l"},
    )
    found = await rows_of(
        entry(patient(RAW)),
        entry(ORGANIZATION),
        entry(place("Location", "l", **FACILITY)),
        entry(given_entry),
    )
    assert found == {4: RAW}


def _written(raw: Raw, style: str) -> tuple[list[Resource], Resource]:
    """A row's Patient entries and its Immunization's, that refers to it in this way."""
    address, urn = (
        f"https://a.vn/fhir/Patient/{raw.lot}",
        f"urn:uuid:5f0c5b1e-0000-4000-8000-0000{raw.lot}",
    )
    person = patient(raw, id=raw.lot)
    number = {"system": codes.CCCD, "value": raw.personal_id}
    if style == "contained":
        return [], entry(immunization(raw, "#p", contained=[patient(raw, id="p")]))
    references: dict[str, tuple[str | None, dict[str, Any]]] = {
        "urn": (urn, {"reference": urn}),
        "relative": (None, {"reference": f"Patient/{raw.lot}"}),
        "absolute": (address, {"reference": address}),
        "versioned": (address, {"reference": f"{address}/_history/4"}),
        "conditional": (urn, {"reference": f"Patient?identifier={codes.CCCD}|{raw.personal_id}"}),
        "logical": (None, {"type": "Patient", "identifier": number}),
    }
    full_url, reference = references[style]
    return [entry(person, full_url)], entry(immunization(raw, "", patient=reference))


STYLES = ("urn", "relative", "absolute", "versioned", "conditional", "logical", "contained")


@given(data=st.data())
async def test_the_rows_are_the_same_in_any_order_and_however_they_refer(
    data: st.DataObject,
) -> None:
    raws = [
        raw._replace(lot=f"LOT{number:05}")
        for number, raw in enumerate(data.draw(st.lists(st.sampled_from(RAWS), min_size=1)))
    ]
    entries: list[Resource] = []
    for raw in raws:
        people, given_entry = _written(raw, data.draw(st.sampled_from(STYLES)))
        entries += (
            [*people, *people, given_entry] if data.draw(st.booleans()) else [*people, given_entry]
        )
    shuffled = data.draw(st.permutations(entries))
    rows = await read(bundle(shuffled), FHIR)
    assert sorted(row.raw for row in rows if row.raw and not row.errors) == sorted(raws)
    assert len(rows) == len(raws)
