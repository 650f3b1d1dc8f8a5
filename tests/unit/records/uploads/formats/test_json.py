"""JSON and NDJSON: read while they come; a dose of the wrong shape costs itself only."""

import json
from typing import Any

import pytest

from services.chassis.errors import ServiceError
from services.records.domain.dose import Raw
from tests.support.files import JSON, NDJSON, as_json, json_file, ndjson_file, read, typed

RAWS = [typed(number, full_name='Lê "Bảo" [Tú], {x}') for number in range(1, 4)]


def document(*doses: Any) -> bytes:
    return json.dumps({"doses": doses}, ensure_ascii=False).encode()


@pytest.mark.parametrize("size", [1, 13, 1 << 16])
async def test_json_and_ndjson_give_the_same_rows_however_they_are_cut(size: int) -> None:
    assert [row.raw for row in await read(json_file(RAWS), JSON, size=size)] == RAWS
    assert [row.raw for row in await read(ndjson_file(RAWS) + b"\n\n", NDJSON, size=size)] == RAWS


async def test_values_longer_than_what_is_held_at_once_are_read_whole() -> None:
    raws = [typed(number, full_name="Lê " * 9_000) for number in range(8)]
    found = await read(json_file(raws), JSON, size=1_000)
    assert [row.raw.full_name.count("Lê") for row in found if row.raw] == [9_000] * 8


async def test_numbers_are_taken_as_the_text_they_are() -> None:
    body = document(
        {"person": {"personal_id": 79085123456}, "dose_number": 2, "facility_code": 68001}
    )
    raw = (await read(body, JSON))[0].raw
    assert raw is not None
    assert (raw.personal_id, raw.dose_number, raw.facility_code) == ("79085123456", "2", "68001")
    huge = b'{"doses":[{"source_id":' + b"9" * 10_000 + b"}]}"
    raw = (await read(huge, JSON))[0].raw
    assert raw is not None
    assert len(raw.source_id) == 10_000


async def test_null_and_what_is_left_out_are_empty_and_what_no_field_has_is_ignored() -> None:
    body = document(
        {"source_id": "a", "lot": None, "colour": ["red"], "person": None}, {"person": {"pet": {}}}
    )
    assert [row.raw for row in await read(body, JSON)] == [
        Raw._make(["a"] + [""] * 16),
        Raw._make([""] * 17),
    ]


@pytest.mark.parametrize(
    ("dose", "field", "code"),
    [
        ([], "", "NOT_AN_OBJECT"),
        ("x", "", "NOT_AN_OBJECT"),
        (7, "", "NOT_AN_OBJECT"),
        (None, "", "NOT_AN_OBJECT"),
    ],
)
async def test_what_is_no_dose_costs_itself_only(dose: Any, field: str, code: str) -> None:
    found = await read(document(as_json(RAWS[0]), dose, as_json(RAWS[1])), JSON)
    assert [row.raw for row in found] == [RAWS[0], None, RAWS[1]]
    assert found[1].error is not None
    assert (found[1].row, found[1].error.field, found[1].error.code) == (2, field, code)


@pytest.mark.parametrize(
    ("dose", "fields"),
    [
        ({"person": []}, ["person"]),
        ({"lot": True}, ["lot"]),
        ({"lot": ["A"]}, ["lot"]),
        ({"version": [2]}, ["version"]),
        ({"person": {"full_name": {"family": "Lê"}}}, ["full_name"]),
        (
            {"person": {"sex": [], "phone": {}}, "lot": [], "date_given": {}, "version": False},
            ["sex", "phone", "lot", "date_given", "version"],
        ),
        ({"person": "Lê", "lot": {}}, ["person", "lot"]),
    ],
)
@pytest.mark.parametrize("media_type", [JSON, NDJSON])
async def test_a_dose_is_told_everything_that_is_no_text_and_costs_itself_only(
    dose: Any, fields: list[str], media_type: str
) -> None:
    doses = [as_json(RAWS[0]), dose, as_json(RAWS[1])]
    body = document(*doses) if media_type == JSON else "\n".join(map(json.dumps, doses)).encode()
    found = await read(body, media_type)
    assert [row.raw for row in found if not row.errors] == RAWS[:2]
    assert [(error.field, error.code) for error in found[1].errors] == [
        (field, "WRONG_SHAPE") for field in fields
    ]
    assert all(error.message_vi and error.message_en for error in found[1].errors)


@pytest.mark.parametrize(
    "bad",
    ['{"lot": "A",}', '{"a": ' * 50_000 + "1" + "}" * 50_000, '{"a": "' + "x" * 3_000_000 + '"}'],
    ids=["broken", "deep", "long"],
)
async def test_a_dose_that_is_no_json_or_too_much_of_it_costs_itself_only(bad: str) -> None:
    first, last = (json.dumps(as_json(raw)) for raw in RAWS[:2])
    found = await read(f'{{"doses": [{first}, {bad}, {last}]}}'.encode(), JSON)
    assert [(row.raw, row.error and row.error.code) for row in found] == [
        (RAWS[0], None),
        (None, "NOT_READABLE"),
        (RAWS[1], None),
    ]


async def test_a_line_that_is_no_json_costs_itself_only() -> None:
    first, *others = ndjson_file(RAWS).split(b"\n")
    found = await read(b"\n".join([first, b'{"lot": ', b"[" * 100_000, *others]), NDJSON)
    assert [row.error.code if row.error else None for row in found] == [
        None,
        "NOT_JSON",
        "NOT_JSON",
        None,
        None,
    ]


async def test_other_members_of_the_document_are_passed_over() -> None:
    body = (
        b' {"sent": {"by": ["x", 1]}, "doses" : [ '
        + json.dumps(as_json(RAWS[0])).encode()
        + b' ] , "n": 1} '
    )
    assert [row.raw for row in await read(body, JSON)] == RAWS[:1]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"[]", "JSON_SHAPE"),
        (b'"doses"', "JSON_SHAPE"),
        (b"{}", "JSON_SHAPE"),
        (b'{"dose": []}', "JSON_SHAPE"),
        (b'{"doses": {}}', "JSON_SHAPE"),
        (b'{"doses": [{}]} {}', "JSON_SHAPE"),
        (b'{"doses": 7}', "JSON_BROKEN"),
        (b"", "JSON_BROKEN"),
        (b"doses", "JSON_BROKEN"),
        (b'{"doses": [{}', "JSON_BROKEN"),
        (b'{"doses": [{},]}', "JSON_BROKEN"),
        (b'{"doses": [{} {}]}', "JSON_SHAPE"),
        (b'{"doses": [' + b"[" * 100_000, "JSON_BROKEN"),
        (b'{"doses": ["' + b"x" * 3_000_000, "JSON_BROKEN"),
        (b'{"doses": []}', "NO_ROWS"),
    ],
)
async def test_json_of_the_wrong_shape_is_a_clear_422(body: bytes, code: str) -> None:
    with pytest.raises(ServiceError) as raised:
        await read(body, JSON)
    assert (raised.value.status, raised.value.code) == (422, code)


async def test_a_line_without_an_end_is_refused() -> None:
    with pytest.raises(ServiceError, match="LINE_TOO_LONG"):
        await read(b'{"lot": "' + b"x" * 3_000_000, NDJSON)
