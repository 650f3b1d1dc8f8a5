"""Answers that are files: CSV and XLSX, made while they are sent."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, Final

import structlog
from fastapi.responses import StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from services.records.exports.errors import too_many_rows
from services.records.uploads.formats.xlsx_writer import MAX_ROWS

_CSV, _XLSX = "text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

CSV: dict[int | str, dict[str, Any]] = {200: {"content": {_CSV: {"schema": {"type": "string"}}}}}
XLSX: dict[int | str, dict[str, Any]] = {
    200: {"content": {_XLSX: {"schema": {"type": "string", "format": "binary"}}}}
}

STALL_S: Final = 60.0
"""Seconds in which a client must take a part of a file, of some 100 kB."""
_log = structlog.get_logger()


class FileAnswer(StreamingResponse):
    """A file that is made while it is sent; a client that stops taking it is left."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_in_time(message: Message) -> None:
            async with asyncio.timeout(STALL_S):
                await send(message)

        try:
            await super().__call__(scope, receive, send_in_time)
        except TimeoutError:
            # the server hangs up on an answer that has no end
            _log.warning("export_left", seconds=STALL_S)


def limit_rows(count: int) -> None:
    """ServiceError 413 for more rows than a workbook that is posted again may have."""
    if count > MAX_ROWS:
        raise too_many_rows(MAX_ROWS)


def csv_file(parts: AsyncIterator[bytes], name: str) -> FileAnswer:
    """A CSV to be saved as `name`.csv."""
    return _file(parts, f"{_CSV}; charset=utf-8", f"{name}.csv")


def xlsx_file(parts: AsyncIterator[bytes], name: str) -> FileAnswer:
    """A workbook to be saved as `name`.xlsx."""
    return _file(parts, _XLSX, f"{name}.xlsx")


def _file(parts: AsyncIterator[bytes], media_type: str, name: str) -> FileAnswer:
    return FileAnswer(
        parts,
        media_type=media_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
