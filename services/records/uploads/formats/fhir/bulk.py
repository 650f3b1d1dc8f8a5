"""Reads a FHIR bulk export: one resource a line, as the entries of a collection."""

from collections.abc import AsyncIterator, Iterator
from datetime import date

from services.records.uploads.formats import file_errors
from services.records.uploads.formats.fhir.entries import Entries
from services.records.uploads.formats.file_report import FileReport
from services.records.uploads.formats.json import DECODER, UNREADABLE
from services.records.uploads.formats.row import MAX_RECORD, InputRow
from vietnamese.charset import decoded


async def resources(
    body: AsyncIterator[bytes], report: FileReport, today: date
) -> AsyncIterator[Iterator[InputRow]]:
    """The rows of a file of Immunizations and their Patients, each numbered by its line.

    Blank lines do not count. `report` counts the lines of other kinds. `today`: the day in Viet
    Nam.
    """
    entries = Entries(report.ignored, today)
    place = 0
    async for lines in _lines(body):
        for line in filter(str.strip, lines):
            place += 1
            resource = _decoded(line)
            entries.take(place, {"resource": resource} if isinstance(resource, dict) else resource)
            if entries.full:
                yield entries.rows()
    yield entries.rows()
    yield entries.waiting()
    if place and not entries.any:
        raise file_errors.no_immunization()


def _decoded(line: str) -> object:
    try:
        return DECODER.decode(line.strip())
    except (ValueError, RecursionError):
        return UNREADABLE


async def _lines(body: AsyncIterator[bytes]) -> AsyncIterator[list[str]]:
    buffer = ""
    async for part in decoded(body):
        *whole, buffer = (buffer + part).split("\n")
        if len(buffer) > MAX_RECORD:
            raise file_errors.line_too_long()
        yield whole
    yield [buffer]
