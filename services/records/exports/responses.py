"""Answers that are files: CSV and XLSX, made while they are sent."""

from collections.abc import AsyncIterator
from typing import Any

from fastapi.responses import StreamingResponse

from services.chassis.errors import ServiceError
from services.records.uploads.formats.xlsx_writer import MAX_ROWS

_CSV, _XLSX = "text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

CSV: dict[int | str, dict[str, Any]] = {200: {"content": {_CSV: {"schema": {"type": "string"}}}}}
XLSX: dict[int | str, dict[str, Any]] = {
    200: {"content": {_XLSX: {"schema": {"type": "string", "format": "binary"}}}}
}


def limit_rows(count: int) -> None:
    """ServiceError 413 for more rows than a workbook that is posted again may have."""
    if count > MAX_ROWS:
        raise ServiceError(
            413,
            "TOO_MANY_ROWS",
            f"Hơn {MAX_ROWS} dòng; hãy lọc bớt hoặc tải CSV.",
            f"More than {MAX_ROWS} rows; filter them, or take the CSV.",
        )


def csv_file(parts: AsyncIterator[bytes], name: str) -> StreamingResponse:
    """A CSV to be saved as `name`.csv."""
    return _file(parts, f"{_CSV}; charset=utf-8", f"{name}.csv")


def xlsx_file(parts: AsyncIterator[bytes], name: str) -> StreamingResponse:
    """A workbook to be saved as `name`.xlsx."""
    return _file(parts, _XLSX, f"{name}.xlsx")


def _file(parts: AsyncIterator[bytes], media_type: str, name: str) -> StreamingResponse:
    return StreamingResponse(
        parts,
        media_type=media_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
