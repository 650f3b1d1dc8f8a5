"""What the contract says of a dose in an upload is what the readers do."""

import json
from collections.abc import AsyncIterator
from datetime import date

import pytest
from jsonschema import Draft202012Validator

from contracts.products import PRODUCTS
from services.records.domain.dose import FIELDS, Raw
from services.records.domain.field_parsers import KIND_TYPED
from services.records.domain.parse_row import ParseResult, parse_row
from services.records.uploads import dose_schema
from services.records.uploads.formats import FileReport, InputRow, read_rows
from services.records.uploads.formats.dose_columns import (
    DOSE_COLUMNS,
    OF_DOSE,
    SYSTEM_COLUMNS,
    DoseColumn,
)
from services.records.uploads.formats.json import input_row

TODAY = date(2022, 4, 5)
SCHEMAS = dose_schema.schemas()
DOSE, PERSON = SCHEMAS["UploadedDose"], SCHEMAS["UploadedPerson"]
each_column = pytest.mark.parametrize("column", DOSE_COLUMNS, ids=lambda column: column.field)


def _parsed(typed: dict[str, str]) -> ParseResult:
    return parse_row(Raw(**typed), today=TODAY, facilities=None)


def _typed(**changed: str) -> dict[str, str]:
    return {**dose_schema.EXAMPLES[0], **changed}


def _properties(column: DoseColumn) -> dict[str, object]:
    whole = PERSON if column.of_person else DOSE
    described: dict[str, object] = whole["properties"][column.field]
    return described


def test_the_json_names_are_those_that_apps_know() -> None:
    """They are promised: `person` and what stands beside it."""
    assert " ".join(DOSE["properties"]) == (
        "source_id dose_number dose_kind product lot date_given facility_code person version"
        " dose_id accept_suggestion"
    )
    assert " ".join(PERSON["properties"]) == (
        "full_name date_of_birth sex personal_id phone nationality province_code district_code"
        " commune_code passport_number"
    )


def test_every_product_and_kind_is_listed() -> None:
    assert set(PRODUCTS) <= set(DOSE["properties"]["product"]["examples"])
    assert set(KIND_TYPED) <= set(DOSE["properties"]["dose_kind"]["examples"])


def test_every_field_that_is_read_is_described_where_json_has_it() -> None:
    beside = {column.field for column in SYSTEM_COLUMNS} | {"person"}
    assert set(DOSE["properties"]) - beside == OF_DOSE
    assert set(PERSON["properties"]) == set(FIELDS) - OF_DOSE
    words = {field: f"<{field}>" for field in FIELDS}
    row = input_row(1, {
        **{field: words[field] for field in DOSE["properties"] if field in words},
        "person": {field: words[field] for field in PERSON["properties"]},
        "version": "3", "dose_id": "101", "accept_suggestion": "x",
    })  # fmt: skip
    assert (row.raw, row.version, row.dose_id, row.accept) == (Raw(**words), "3", "101", "x")


@pytest.mark.parametrize(
    "column", (*DOSE_COLUMNS, *SYSTEM_COLUMNS), ids=lambda column: column.field
)
def test_a_column_is_described_in_both_languages_with_its_header_and_an_example(
    column: DoseColumn,
) -> None:
    described = _properties(column)
    text = str(described["description"])
    assert column.about_vi in text and column.about in text and f"`{column.header}`" in text
    assert described["examples"] and described["maxLength"] == column.longest


@each_column
def test_a_field_is_required_just_where_a_row_without_it_is_rejected(column: DoseColumn) -> None:
    whole = PERSON if column.of_person else DOSE
    is_rejected = _parsed(_typed(**{column.field: ""})).dose is None
    assert (column.field in whole["required"]) == is_rejected


@each_column
def test_a_text_of_the_length_that_is_said_is_not_too_long_and_a_longer_one_is(
    column: DoseColumn,
) -> None:
    for more, expected in ((0, False), (1, True)):
        result = _parsed(_typed(**{column.field: "x" * (column.longest + more)}))
        codes = {error.code for error in result.errors if error.field == column.field}
        assert ("TEXT_TOO_LONG" in codes) == expected


@pytest.mark.parametrize(
    ("field", "code"),
    [(column.field, code) for column in DOSE_COLUMNS for code in column.codes],
)
def test_every_code_that_is_listed_is_read(field: str, code: str) -> None:
    # a number that fits every product and kind of dose
    number = "2" if code not in ("ad26-cov2-s", "janssen") else "1"
    result = _parsed(_typed(**{field: code, "dose_number": number}))
    assert [error for error in result.errors if error.field == field] == []
    if code in (*PRODUCTS, *KIND_TYPED, "male", "female") and result.dose:
        assert getattr(result.dose, field) == code


@pytest.mark.parametrize("typed", dose_schema.EXAMPLES, ids=("citizen", "foreigner"))
def test_an_example_is_recorded_without_a_word(typed: dict[str, str]) -> None:
    result = _parsed(dict(typed))
    assert result.dose is not None
    assert (result.errors, result.warnings) == ((), ())


@pytest.mark.parametrize("typed", dose_schema.EXAMPLES, ids=("citizen", "foreigner"))
def test_an_example_is_one_of_its_schema(typed: dict[str, str]) -> None:
    document = {**DOSE, "components": {"schemas": SCHEMAS}}
    Draft202012Validator(document).validate(dose_schema.as_json(typed))


@pytest.mark.parametrize("media_type", dose_schema.contents())
async def test_the_same_doses_are_read_of_the_example_in_each_form(media_type: str) -> None:
    [example] = dose_schema.contents()[media_type]["examples"].values()
    value = example["value"]
    rows = await _read(value if isinstance(value, str) else json.dumps(value), media_type)
    expected = [Raw(**typed) for typed in dose_schema.EXAMPLES]
    assert [row.raw for row in rows] == expected[: len(rows)] != []


async def _read(text: str, media_type: str) -> list[InputRow]:
    async def body() -> AsyncIterator[bytes]:
        yield text.encode()

    chunks = read_rows(body(), media_type, max_bytes=1 << 20, report=FileReport(), today=TODAY)
    return [row async for chunk in chunks for row in chunk]
