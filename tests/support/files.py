"""Dose files as a clinic would send them: rows that keep every rule, written as CSV, XLSX or
JSON.
"""

import csv
import io
import json
from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Any

import openpyxl

from services.records.domain.dose import Raw
from services.records.uploads.formats import FileReport, InputRow, read_rows
from services.records.uploads.formats.columns import HEADERS
from vietnamese.normalize import fold

CSV, JSON, NDJSON = "text/csv", "application/json", "application/x-ndjson"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

_PERSON = (
    "full_name", "date_of_birth", "sex", "personal_id", "passport_number",
    "nationality", "phone", "province_code", "district_code", "commune_code",
)  # fmt: skip

TEMPLATE = (
    "STT", "Họ và tên (*)", "Ngày sinh (*)", "Giới tính (*)", "Số điện thoại (*)",
    "Số CMND/CCCD/HC (*)", "Số thẻ BHYT", "Nghề nghiệp",
    "Nhóm ưu tiên (*)", "Dân tộc", "Quốc tịch", "Mã tỉnh (*)", "Tỉnh/Thành phố (*)", "Mã huyện",
    "Quận/Huyện (*)", "Mã xã",
    "Xã/Phường (*)", "Địa chỉ", "Họ tên người giám hộ", "Quan hệ", "Mũi tiêm thứ (*)",
    "Loại liều (*)", "Tên vắc xin (*)", "Số lô (*)",
    "Ngày tiêm (*)", "Mã cơ sở tiêm (*)", "Cơ sở tiêm chủng", "Ghi chú",
)  # fmt: skip
"""The columns of the national import template; it has no record codes."""


def typed(number: int = 1, **fields: str) -> Raw:
    """A row that keeps every rule, but for the given fields."""
    good = Raw(
        source_id=f"68001-{number:07}", full_name="Nguyễn Thị Ví Dụ", date_of_birth="03/05/1980",
        sex="Nữ", personal_id="068180000001",
        phone="0912000000", nationality="Việt Nam", province_code="68", district_code="672",
        commune_code="24769",
        dose_number="2", dose_kind="Cơ bản", product="AstraZeneca", lot="ABV-0041",
        date_given="12/10/2021", facility_code="68001",
    )  # fmt: skip
    return good._replace(**fields)


def csv_file(
    raws: Iterable[Raw],
    *,
    separator: str = ",",
    encoding: str = "utf-8",
    headers: Sequence[str] = tuple(HEADERS.values()),
) -> bytes:
    """A CSV file with the columns of the import file."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=separator)
    writer.writerow(headers)
    writer.writerows([getattr(raw, field) for field in HEADERS] for raw in raws)
    return text.getvalue().encode(encoding)


def template_file(
    raws: Iterable[Raw], *, headers: Sequence[str] = TEMPLATE, separator: str = ",", **others: str
) -> bytes:
    """A CSV file with the national template's columns, or what a clinic has made of them; `others`:
    the cells of columns no dose takes.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=separator)
    writer.writerow(headers)
    fields = {fold(header): field for field, header in HEADERS.items()}
    cells = {fold(header): cell for header, cell in others.items()}
    for number, raw in enumerate(raws, 1):
        row = {
            fold("STT"): str(number),
            **cells,
            **{name: getattr(raw, field) for name, field in fields.items()},
        }
        writer.writerow([row.get(fold(header), "") for header in headers])
    return text.getvalue().encode()


def as_json(raw: Raw) -> dict[str, Any]:
    """One dose with the JSON names."""
    fields = raw._asdict()
    return {"person": {name: fields.pop(name) for name in _PERSON}, **fields}


def json_file(raws: Iterable[Raw]) -> bytes:
    """`{"doses": [...]}`."""
    return json.dumps({"doses": [as_json(raw) for raw in raws]}, ensure_ascii=False).encode()


def ndjson_file(raws: Iterable[Raw]) -> bytes:
    """One dose a line."""
    return "\n".join(json.dumps(as_json(raw), ensure_ascii=False) for raw in raws).encode()


def xlsx_file(lines: Iterable[Sequence[object]]) -> bytes:
    """A workbook of one sheet."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    for line in lines:
        sheet.append(line)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def lines_file(
    lines: Iterable[Sequence[str]], *, separator: str = ";", ending: str = "\r\n"
) -> bytes:
    """A CSV file of these lines as they are."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=separator, lineterminator=ending).writerows(lines)
    return text.getvalue().encode()


async def parts(body: bytes, size: int = 1 << 16) -> AsyncIterator[bytes]:
    """A body as it comes over a line."""
    for at in range(0, len(body), size):
        yield body[at : at + size]


async def read(
    body: bytes,
    media_type: str = CSV,
    *,
    size: int = 1 << 16,
    max_bytes: int = 1 << 30,
    report: FileReport | None = None,
) -> list[InputRow]:
    """Every row of a file."""
    chunks = read_rows(parts(body, size), media_type, max_bytes=max_bytes, report=report)
    return [row async for chunk in chunks for row in chunk]
