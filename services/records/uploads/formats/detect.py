"""Finds out what a file is: senders declare a type, browsers guess one, and its bytes decide."""

import json
import re
import zipfile
from types import MappingProxyType
from typing import IO

from services.records.uploads.formats import file_errors
from services.records.uploads.formats.compression import BROKEN, opened_zip

CSV, JSON, NDJSON = "text/csv", "application/json", "application/x-ndjson"
FHIR, FHIR_LINES = "application/fhir+json", "application/fhir+ndjson"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
XLSB = "application/vnd.ms-excel.sheet.binary.macroenabled.12"
XLS, ODS, HTML = (
    "application/vnd.ms-excel",
    "application/vnd.oasis.opendocument.spreadsheet",
    "text/html",
)
MULTIPART, UNKNOWN = "multipart/form-data", "application/octet-stream"

_OTHER_NAMES = MappingProxyType(
    {
        "application/csv": CSV,
        "application/x-csv": CSV,
        "text/x-csv": CSV,
        "text/comma-separated-values": CSV,
        "text/tab-separated-values": CSV,
        "text/plain": CSV,
        UNKNOWN: CSV,
        "binary/octet-stream": CSV,
        "application/gzip": CSV,
        "application/x-gzip": CSV,
        "application/zip": CSV,
        "application/x-zip-compressed": CSV,
        "application/vnd.ms-excel.sheet.macroenabled.12": XLSX,
        "application/msexcel": XLS,
        "application/x-msexcel": XLS,
        "application/ndjson": NDJSON,
        "application/jsonl": NDJSON,
        "text/json": JSON,
    }
)
"""What a file of these types is, where its bytes do not say."""

MEDIA_TYPES = (CSV, XLSX, JSON, NDJSON, FHIR, FHIR_LINES, XLS, XLSB, ODS, HTML)
"""What a file may be read as."""
DECLARED = (*MEDIA_TYPES, *_OTHER_NAMES)
"""What a file may be declared as."""

_IN_JSON = (JSON, NDJSON, FHIR, FHIR_LINES)
_FHIR_XML = ("application/fhir+xml", "application/xml+fhir")
_HEAD = 1 << 16
_GZIP, _ZIP, _OLE = b"\x1f\x8b", (b"PK\x03\x04", b"PK\x05\x06"), b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MARKS = ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_OBJECT, _LIST = re.compile(r'\{\s*["}]'), re.compile(r"\[\s*\{")
_FIRST_NAME = re.compile(r'\{\s*"(\w+)"')
_TELLING = re.compile(r'"(resourceType|doses)"\s*:')
_OF_A_DOSE = frozenset({"source_id", "facility_code", "person", "product", "date_given"})
_LINE_OF_JSON = re.compile(r"^\s*(?:\{\s*[\"}]|\[\s*[{\[])", re.MULTILINE)
_SEPARATED = re.compile(r"[,;\t|][^\r\n]*[\r\n]")


def declared_type(content_type: str) -> str:
    """The media type of a Content-Type header, or of a form's file.

    ServiceError 415 where it is none of ours. Without one, bytes decide.
    """
    media_type = content_type.partition(";")[0].strip().lower() or UNKNOWN
    if media_type in _FHIR_XML:
        raise file_errors.fhir_xml(DECLARED)
    if media_type not in DECLARED and media_type != MULTIPART:
        raise file_errors.unsupported((*DECLARED, MULTIPART))
    return media_type


def is_packed(file: IO[bytes]) -> bool:
    """Whether it is another file, packed: by gzip, or alone in a ZIP that is no workbook."""
    head = _head(file)
    if head.startswith(_GZIP):
        return True
    if not head.startswith(_ZIP):
        return False
    try:
        with opened_zip(file) as archive:
            return not _is_workbook(archive.namelist())
    except BROKEN:
        return False


def read_as(file: IO[bytes], declared: str) -> str:
    """One of MEDIA_TYPES: by the bytes, or by the declared type where they leave it open.

    ServiceError 422 for what nobody reads.
    """
    declared = _OTHER_NAMES.get(declared, declared)
    head = _head(file)
    if head.startswith(_OLE):
        return XLS
    if head.startswith(_ZIP):
        return _of_zip(file, declared)
    return _of_text(_text(head), declared)


def _head(file: IO[bytes]) -> bytes:
    file.seek(0)
    return file.read(_HEAD)


def _text(head: bytes) -> str:
    """The beginning as text, good enough to see marks and names."""
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return head[2:].decode(encoding, "ignore").lstrip()
    return head.removeprefix(b"\xef\xbb\xbf").decode("latin-1").replace("\0", "").lstrip()


def _is_workbook(names: list[str]) -> bool:
    return "content.xml" in names or any(
        name.replace("\\", "/").lower().startswith("xl/") for name in names
    )


def _of_zip(file: IO[bytes], declared: str) -> str:
    try:
        with opened_zip(file) as archive:
            names = archive.namelist()
            if "content.xml" in names:
                return ODS
            if any(name.lower().endswith("workbook.bin") for name in names):
                return XLSB
            if not _is_workbook(names) and declared == CSV:
                raise file_errors.zip_of_files()
    except (*BROKEN, zipfile.BadZipFile):
        pass
    return XLSX


def _of_text(text: str, declared: str) -> str:
    if _OBJECT.match(text):
        return _of_json(text, declared)
    if _LIST.match(text):
        return declared if declared in _IN_JSON else JSON
    if text.startswith("<"):
        return _of_markup(text, declared)
    table = _SEPARATED.search(text) is not None
    if declared in _IN_JSON:
        return CSV if table and not _LINE_OF_JSON.search(text) else declared
    if declared in (XLSX, XLSB, ODS):
        return CSV if table and not text.startswith("PK") else declared
    return CSV


def _of_markup(text: str, declared: str) -> str:
    lower = text.lower()
    if "urn:schemas-microsoft-com:office:spreadsheet" in lower:
        raise file_errors.xml_spreadsheet()
    if re.search(r"<(?:!doctype\s+html|html|table)\b", lower):
        return HTML
    return declared if declared in (*_IN_JSON, XLSX, XLSB, ODS) else CSV


def _of_json(text: str, declared: str) -> str:
    """The kind of a JSON file.

    A declared bundle stays one, so that its errors are told in its own words.
    """
    if declared in (FHIR, FHIR_LINES):
        return declared
    line, _, rest = text.partition("\n")
    try:
        first = json.loads(line)
    except (ValueError, RecursionError):
        first = {}
    if "doses" in first:
        return JSON
    if "resourceType" in first:
        return (
            FHIR
            if first["resourceType"] == "Bundle" or not rest.lstrip().startswith("{")
            else FHIR_LINES
        )
    if declared == NDJSON:
        # a first line may be damaged; no dose begins as a document does
        begins = _FIRST_NAME.match(text)
        return {"resourceType": FHIR, "doses": JSON}.get(
            begins[1] if begins and not first else "", NDJSON
        )
    if first and (
        not _OF_A_DOSE.isdisjoint(first) or (declared != JSON and rest.lstrip().startswith("{"))
    ):
        return NDJSON
    telling = _TELLING.search(text)
    return FHIR if telling and telling[1] == "resourceType" else JSON
