"""What the contract says of a dose in an upload: JSON Schemas, with examples in each form of file.

They are made of the table of columns by which files are read, and of what a row is told where a
field is missing.
"""

import csv
import io
import json
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final

from services.records.domain.dose_rules import FAULTS
from services.records.domain.row_error import Unread
from services.records.uploads.formats.dose_columns import (
    DOSE_COLUMNS,
    HEADERS,
    OF_DOSE,
    SYSTEM_COLUMNS,
    DoseColumn,
)

Document = dict[str, Any]

_NUMBERS: Final = frozenset({"dose_number", "version", "dose_id"})
_REFERENCE: Final = "#/components/schemas/"
_UPLOAD, _DOSE, _PERSON = "DoseUpload", "UploadedDose", "UploadedPerson"
REQUIRED: Final = frozenset(
    field for (field, why), (severity, _) in FAULTS.items()
    if why is Unread.MISSING and severity == "error"
)  # fmt: skip
"""Fields without which a row is rejected."""

_CITIZEN: Final = MappingProxyType(
    {column.field: column.example for column in DOSE_COLUMNS if column.field != "passport_number"}
)
_FOREIGNER: Final = MappingProxyType(
    _CITIZEN
    | {
        "source_id": "79001-0000124",
        "full_name": "Jane Sample",
        "date_of_birth": "24/12/1988",
        "personal_id": "",
        "nationality": "GB",
        "passport_number": "X40271860",
        "dose_number": "1",
        "lot": "FP0031",
    }
)
EXAMPLES: Final = (_CITIZEN, _FOREIGNER)
"""A citizen's dose and a foreigner's, by field, as typed."""


def schemas() -> dict[str, Document]:
    """The schemas by name: an upload, a dose in it, and the dose's person."""
    beside = [column for column in DOSE_COLUMNS if not column.of_person]
    within = [column for column in DOSE_COLUMNS if column.of_person]
    dose = _object(
        _DOSE,
        "One dose as its facility types it. A number is read as its text, null and what is left out"
        " as empty. Beside the JSON name stands the column's header in a CSV file or workbook.",
        {
            **_properties(beside),
            "person": {"$ref": f"{_REFERENCE}{_PERSON}"},
            **_properties(SYSTEM_COLUMNS),
        },
        {*REQUIRED & OF_DOSE, "person"},
    )
    person = _object(
        _PERSON,
        "The person who got the dose, as typed; nothing is corrected here.",
        _properties(within),
        REQUIRED - OF_DOSE,
    )
    upload = _object(
        _UPLOAD,
        "A file of doses; one alone will do. Members of other names are ignored.",
        {"doses": {"type": "array", "items": {"$ref": f"{_REFERENCE}{_DOSE}"}}},
        {"doses"},
    )
    doses = [as_json(example) for example in EXAMPLES]
    return {
        _UPLOAD: upload | {"examples": [{"doses": doses}]},
        _DOSE: dose | {"examples": doses},
        _PERSON: person | {"examples": [one["person"] for one in doses]},
    }


def contents() -> dict[str, Document]:
    """What the request body says of CSV, JSON and NDJSON, by media type."""
    doses = [as_json(example) for example in EXAMPLES]
    lines = "".join(f"{json.dumps(one, ensure_ascii=False)}\n" for one in doses)
    bytes_ = {"type": "string", "format": "binary"}
    return {
        "text/csv": {
            "schema": {**bytes_, "description": _columns_in_words()},
            "examples": _named("Two doses", _as_csv()),
        },
        "application/json": {
            "schema": {"$ref": f"{_REFERENCE}{_UPLOAD}"},
            "examples": _named("One dose", {"doses": doses[:1]}),
        },
        "application/x-ndjson": {
            "schema": {**bytes_, "description": f"One `{_DOSE}` a line."},
            # what OpenAPI 3.2 calls `itemSchema`
            "x-itemSchema": {"$ref": f"{_REFERENCE}{_DOSE}"},
            "examples": _named("Two doses", lines),
        },
    }


def as_json(typed: Mapping[str, str]) -> Document:
    """A dose as typed in the JSON of an upload; what is empty is left out."""
    filled = {
        field: int(text) if field in _NUMBERS else text for field, text in typed.items() if text
    }
    beside = {field: filled[field] for field in filled if field in OF_DOSE}
    return beside | {"person": {field: filled[field] for field in filled if field not in OF_DOSE}}


def _object(
    title: str, about: str, properties: Mapping[str, Document], required: Iterable[str]
) -> Document:
    needed = set(required)
    return {
        "title": title,
        "description": about,
        "type": "object",
        "required": [field for field in properties if field in needed],
        "properties": dict(properties),
    }


def _properties(columns: Iterable[DoseColumn]) -> dict[str, Document]:
    return {column.field: _property(column) for column in columns}


def _property(column: DoseColumn) -> Document:
    is_needed = column.field in REQUIRED
    kinds = ["integer"] * (column.field in _NUMBERS) + ["string"] + ["null"] * (not is_needed)
    examples: list[Any] = [*column.codes] or [column.example]
    if column.field in _NUMBERS:
        examples = [int(column.example)]
    return {
        "title": column.header,
        "description": f"{column.about_vi} / {column.about} Column: `{column.header}`.",
        "type": kinds if len(kinds) > 1 else kinds[0],
        **({"minLength": 1} if is_needed else {}),
        "maxLength": column.longest,
        "examples": examples,
    }


def _columns_in_words() -> str:
    lines = [f"- `{column.header}`: {column.about}" for column in (*DOSE_COLUMNS, *SYSTEM_COLUMNS)]
    return "The columns, in any order:\n\n" + "\n".join(lines)


def _as_csv() -> str:
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(HEADERS.values())
    table.writerows([example.get(field, "") for field in HEADERS] for example in EXAMPLES)
    return text.getvalue()


def _named(summary: str, value: object) -> Document:
    return {summary.lower().replace(" ", "_"): {"summary": summary, "value": value}}
