"""What a file is, by its bytes, whatever it is declared as."""

import gzip
import io
import json

import pytest

from services.chassis.errors import ServiceError
from services.records.uploads.formats.detect import (
    CSV,
    DECLARED,
    FHIR,
    FHIR_LINES,
    HTML,
    JSON,
    NDJSON,
    ODS,
    XLS,
    XLSB,
    XLSX,
    declared_type,
    is_packed,
    read_as,
)
from tests.support.files import as_json, csv_file, json_file, ndjson_file, typed
from tests.support.workbooks import Page, lines_of, ods_book, ods_table, packed, xls_book, xlsx_book

RAWS = [typed(1), typed(2)]
PAGE = Page("A", lines_of(RAWS))
BUNDLE = json.dumps(
    {"resourceType": "Bundle", "type": "collection", "entry": []}, indent=1
).encode()
FILES = {
    "csv": (csv_file(RAWS), CSV),
    "semicolons in UTF-16": (csv_file(RAWS, separator=";", encoding="utf-16"), CSV),
    "titles": (b"[Trung t\xc3\xa2m]\r\n{x}\r\n" + csv_file(RAWS), CSV),
    "one column": (b"STT\r\n1\r\n", CSV),
    "xlsx": (xlsx_book(PAGE), XLSX),
    "xls": (xls_book(PAGE), XLS),
    "xlsb": (packed({"xl/workbook.bin": b"", "[Content_Types].xml": b""}), XLSB),
    "ods": (ods_book(ods_table(PAGE)), ODS),
    "json": (json_file(RAWS), JSON),
    "json in lines": (json.dumps({"doses": [as_json(RAWS[0])]}, indent=2).encode(), JSON),
    "json with a mark": (b"\xef\xbb\xbf" + json_file(RAWS), JSON),
    "ndjson": (ndjson_file(RAWS), NDJSON),
    "one dose": (ndjson_file(RAWS[:1]), NDJSON),
    "fhir": (BUNDLE, FHIR),
    "fhir in one line": (json.dumps(json.loads(BUNDLE)).encode(), FHIR),
    "fhir, its kind last": (b'{"type": "batch", "entry": [],\n "resourceType": "Bundle"}', FHIR),
    "fhir, a resource a line": (
        b'{"resourceType": "Patient", "id": "1"}\n{"resourceType": "Immunization"}\n',
        FHIR_LINES,
    ),
    "html": (b"\xef\xbb\xbf<!DOCTYPE html><html><table><tr><td>x</td></tr></table></html>", HTML),
    "table": (b"\n<meta charset=utf-8>\n<table border=1><tr><td>x</td></tr></table>", HTML),
}
WRONG = [
    "application/octet-stream",
    "text/plain",
    "application/vnd.ms-excel",
    "text/csv",
    "application/zip",
    "",
    "application/json",
    XLSX,
]


@pytest.mark.parametrize("declared", WRONG)
@pytest.mark.parametrize("name", FILES)
def test_the_bytes_decide_whatever_is_declared(name: str, declared: str) -> None:
    content, media_type = FILES[name]
    if name == "one column" and declared in ("application/json", XLSX):
        pytest.skip("nothing tells it from what it is declared as")
    assert read_as(io.BytesIO(content), declared_type(declared)) == media_type


@pytest.mark.parametrize(
    ("content", "declared"),
    [
        (b"", XLSX), (b"no workbook", XLSX), (b"PK\x03\x04 broken", XLSX), (b'{"doses": [', JSON),
        (b'{"people": []}', JSON),
        (b"[1, 2]", JSON), (b"not json\n{}", NDJSON), (b'{"a', NDJSON), (b'{"doses": []}', FHIR),
        (b"x", CSV), (b"", CSV),
    ],
)  # fmt: skip
def test_what_the_bytes_leave_open_is_what_it_is_declared_as(content: bytes, declared: str) -> None:
    assert read_as(io.BytesIO(content), declared) == declared


def test_a_type_that_is_none_of_ours_is_told_which_are() -> None:
    with pytest.raises(ServiceError) as raised:
        declared_type("application/pdf; q=1")
    assert (raised.value.status, raised.value.code) == (415, "MEDIA_TYPE_UNSUPPORTED")
    assert set(raised.value.members["supported"]) == {*DECLARED, "multipart/form-data"}
    assert declared_type("Text/CSV; charset=utf-8") == CSV


def test_the_xml_of_excel_2003_is_told_to_be_saved_as_xlsx() -> None:
    body = (
        b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook'
        b' xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>'
    )
    with pytest.raises(ServiceError) as raised:
        read_as(io.BytesIO(body), XLS)
    assert (raised.value.status, raised.value.code) == (422, "XML_SPREADSHEET")


def test_a_file_within_gzip_or_alone_in_an_archive_is_seen() -> None:
    csv = csv_file(RAWS)
    assert [is_packed(io.BytesIO(body)) for body in (gzip.compress(csv), packed({"a.csv": csv}),
    csv, b"PK\x03\x04")] == [
        True, True, False, False,
    ]  # fmt: skip
    assert not any(is_packed(io.BytesIO(FILES[name][0])) for name in ("xlsx", "ods", "xls", "xlsb"))
