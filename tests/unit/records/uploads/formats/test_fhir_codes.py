"""By which record code an Immunization is found again: its identifier with the system, or an id
that is its sender's own.
"""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.records.uploads.formats.fhir.record_code import code_of
from services.records.uploads.formats.row import InputRow
from tests.support.fhir import FHIR, bundle, entry, immunization, patient, posted, put
from tests.support.files import CSV, csv_file, read, typed

RAW = typed(1, sex="female", date_of_birth="1980-05-03", date_given="2021-10-12")
PERSON = f"Patient/p-{RAW.source_id}"
HIS, LAB = "https://bv.example.vn/tiem", "urn:oid:1.2.840.99.1"


async def row_of(given_entry: Any) -> InputRow:
    (row,) = await read(bundle([entry(patient(RAW)), given_entry]), FHIR)
    return row


async def code_with(*identifiers: dict[str, Any]) -> str:
    row = await row_of(posted(immunization(RAW, PERSON, identifier=list(identifiers))))
    assert row.raw is not None
    assert row.coded
    return row.raw.source_id


async def test_number_17_of_two_systems_is_two_codes_and_the_plain_number_a_third() -> None:
    codes = [await code_with({"system": system, "value": "17"}) for system in (HIS, LAB)] + [
        await code_with({"value": "17"})
    ]
    assert len(set(codes)) == 3
    assert codes[2] == "17"
    assert all(code.startswith("17@") for code in codes[:2])
    assert await code_with({"system": HIS, "value": "17"}) == codes[0]


@pytest.mark.parametrize(
    "value",
    [
        "urn:uuid:5f0c5b1e-0000-4000-8000-000000000001",
        "https://bv.example.vn/tiem/17",
        "urn:oid:1.2.3.4",
    ],
)
async def test_a_uri_is_one_everywhere_and_stays_the_code_it_is(value: str) -> None:
    assert await code_with({"system": "urn:ietf:rfc:3986", "value": value}) == value


async def test_a_number_that_calls_itself_a_uri_is_not_taken_for_one() -> None:
    assert await code_with({"system": "urn:ietf:rfc:3986", "value": "17"}) != "17"


async def test_the_current_identifier_is_the_code_and_an_old_one_is_none() -> None:
    ended = {"value": "x", "period": {"end": "2020-12-31"}}
    assert await code_with(ended, {"value": "y"}) == "y"
    assert await code_with(ended) == "x"
    row = await row_of(posted(immunization(RAW, PERSON, identifier=[{"use": "old", "value": "x"}])))
    assert not row.coded


@given(
    systems=st.lists(st.sampled_from(["", HIS, LAB, f"{HIS}/", HIS.upper(), "Ω"]), unique=True),
    value=st.text(min_size=1, max_size=40),
)
def test_no_two_systems_share_a_code(systems: list[str], value: str) -> None:
    assert len({code_of(system, value) for system in systems}) == len(systems)


async def test_the_id_of_a_post_means_nothing() -> None:
    row = await row_of(posted(immunization(RAW, PERSON, identifier=None, id="imm-1")))
    assert (row.error, row.coded, row.raw and row.raw.source_id) == (None, False, "")


@pytest.mark.parametrize(
    "given_entry",
    [
        entry(immunization(RAW, PERSON, identifier=None, id="i-17")),
        put(immunization(RAW, PERSON, identifier=None, id="i-17"), "Immunization/i-17"),
        put(
            immunization(RAW, PERSON, identifier=None, id=None),
            "https://a.vn/fhir/Immunization/i-17/_history/3",
        ),
    ],
    ids=["a collection's", "an update's", "an update's address"],
)
async def test_an_id_that_is_its_senders_own_is_the_code(given_entry: Any) -> None:
    row = await row_of(given_entry)
    assert (row.error, row.coded, row.raw and row.raw.source_id) == (None, True, "i-17")


@pytest.mark.parametrize(
    "given_entry",
    [
        put(
            immunization(RAW, PERSON, identifier=None, id="imm-1"),
            f"Immunization?identifier={HIS}|17",
        ),
        posted(
            immunization(RAW, PERSON, identifier=None, id="imm-1"),
            ifNoneExist=f"identifier={HIS.replace(':', '%3A')}%7C17",
        ),
        posted(immunization(RAW, PERSON, identifier=[{"system": HIS, "value": "17"}])),
    ],
    ids=["an update's search", "a creation's search", "the identifier itself"],
)
async def test_the_identifier_of_a_conditional_request_is_the_code(given_entry: Any) -> None:
    row = await row_of(given_entry)
    assert row.raw is not None
    assert row.raw.source_id == code_of(HIS, "17")


async def test_a_search_for_anything_else_gives_no_code() -> None:
    for search in (
        "Immunization?_id=3",
        "Immunization?identifier=a|1&lot-number=2",
        "Patient?identifier=a|1",
    ):
        row = await row_of(put(immunization(RAW, PERSON, identifier=None, id="imm-1"), search))
        assert not row.coded


async def test_an_update_whose_id_is_another_than_its_address_is_told_so() -> None:
    row = await row_of(
        put(immunization(RAW, PERSON, identifier=None, id="i-17"), "Immunization/i-18")
    )
    assert [(error.field, error.code) for error in row.errors] == [("source_id", "ID_DIFFERS")]


async def test_a_code_with_its_system_comes_home_as_a_table() -> None:
    row = await row_of(
        posted(immunization(RAW, PERSON, identifier=[{"system": HIS, "value": "17"}]))
    )
    assert row.raw is not None
    (back,) = await read(csv_file([row.raw]), CSV)
    assert back.raw == row.raw
