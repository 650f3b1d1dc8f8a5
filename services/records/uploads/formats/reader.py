"""The one way into an upload: its rows in chunks, whatever it is read as."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import date, datetime
from itertools import islice
from types import MappingProxyType

from services.records.uploads.formats import detect, file_errors, xlsx_reader
from services.records.uploads.formats.csv import table
from services.records.uploads.formats.fhir.bulk import resources
from services.records.uploads.formats.fhir.bundle import bundle
from services.records.uploads.formats.file_report import FileReport
from services.records.uploads.formats.json import document, lines
from services.records.uploads.formats.row import CHUNK, InputRow
from vietnamese.dates import VIET_NAM

_FHIR = MappingProxyType({detect.FHIR: bundle, detect.FHIR_LINES: resources})
Parts = AsyncIterator[Iterator[InputRow]]
_TABLES: MappingProxyType[str, Callable[[AsyncIterator[bytes], FileReport], Parts]] = (
    MappingProxyType(
        {
            detect.CSV: table,
            detect.XLSX: xlsx_reader.xlsx,
            detect.XLS: xlsx_reader.foreign,
            detect.XLSB: xlsx_reader.foreign,
            detect.ODS: xlsx_reader.ods,
            detect.HTML: xlsx_reader.html,
        }
    )
)
_LISTS: MappingProxyType[str, Callable[[AsyncIterator[bytes]], Parts]] = MappingProxyType(
    {detect.JSON: document, detect.NDJSON: lines}
)


async def read_rows(
    body: AsyncIterator[bytes],
    media_type: str,
    *,
    max_bytes: int,
    report: FileReport | None = None,
    today: date | None = None,
) -> AsyncIterator[list[InputRow]]:
    """Reads every data row, in chunks of up to 500; fills `report` with what is said of the whole
    file.

    `today`: the day in Viet Nam, which decides what of a bundle is current; by default the clock's.

    A file that cannot be taken as a whole ends in a ServiceError (413, 415, 422). Chunks that were
    read well may come before it.
    """
    if media_type not in detect.MEDIA_TYPES:
        raise file_errors.unsupported(detect.MEDIA_TYPES)
    chunk: list[InputRow] = []
    any_rows = False
    bounded = _bounded(body, max_bytes)
    async for part in _parts(
        bounded, media_type, report or FileReport(), today or datetime.now(VIET_NAM).date()
    ):
        while True:
            chunk += islice(part, CHUNK - len(chunk))
            if len(chunk) < CHUNK:
                break
            yield chunk
            chunk, any_rows = [], True
            await asyncio.sleep(0)
        # reading is work of the processor, even where it finds no row: others get their turn
        await asyncio.sleep(0)
    if chunk:
        yield chunk
    elif not any_rows:
        raise file_errors.no_rows()


def _parts(body: AsyncIterator[bytes], media_type: str, report: FileReport, today: date) -> Parts:
    if media_type in _FHIR:
        return _FHIR[media_type](body, report, today)
    return _TABLES[media_type](body, report) if media_type in _TABLES else _LISTS[media_type](body)


async def _bounded(body: AsyncIterator[bytes], max_bytes: int) -> AsyncIterator[bytes]:
    taken = 0
    async for part in body:
        taken += len(part)
        if taken > max_bytes:
            raise file_errors.too_large(max_bytes)
        yield part
