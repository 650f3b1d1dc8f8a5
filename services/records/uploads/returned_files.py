"""Rows of files that were given back: finds their doses, and undoes what a spreadsheet did.

A row names its dose by the dose's id, or by its record code beside a version. Who edits one cell
of such a file means that cell alone: zeros that the spreadsheet lost in other cells are restored.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from contracts.ids import DoseId
from services.chassis.db import Transaction
from services.records.context import Context
from services.records.domain.damaged_dates import dates_are_damaged
from services.records.domain.dose import FIELDS, Raw
from services.records.domain.parse_row import parse_row
from services.records.domain.same_injection import Relation, relation
from services.records.domain.spreadsheet_forms import is_form_of, restored
from services.records.doses import store as doses
from services.records.doses.store import DoseContent, NamedDose
from services.records.doses.versions import raw_row_of
from services.records.uploads.errors import WRONG_ID, dates_damaged
from services.records.uploads.formats import InputRow
from services.records.uploads.rows import Uploader

_WHOLE_NUMBER = re.compile(r"([1-9][0-9]{0,17})(?:[.,]0+)?")
_MAX_VERSION = 32_767


class _RecordedRow(NamedTuple):
    """A dose that a row names, as it would be typed: today, and at the version the row names."""

    now: Raw
    then: Raw


async def restore_returned_rows(
    context: Context, tx: Transaction, uploader: Uploader, rows: Sequence[InputRow]
) -> list[InputRow]:
    """Restores cells of which a spreadsheet changed only the form, as they are on record.

    A row that names the id of another dose gets an error. Nothing is locked.
    """
    recorded = await _recorded_rows(context, tx, uploader, rows)
    return [
        _restore(context, row, recorded[row.row]) if row.row in recorded else row for row in rows
    ]


async def refuse_damaged_dates(
    context: Context, tx: Transaction, uploader: Uploader, rows: Sequence[InputRow]
) -> None:
    """ServiceError 422 where a spreadsheet swapped day and month in nearly all dates."""
    recorded = await _recorded_rows(context, tx, uploader, rows)
    pairs = (
        (row.raw, named.then)
        for row in rows
        if row.raw and (named := recorded.get(row.row)) is not None
    )
    if dates_are_damaged((restored(raw, record), record) for raw, record in pairs):
        raise dates_damaged()


async def _recorded_rows(
    context: Context, tx: Transaction, uploader: Uploader, rows: Sequence[InputRow]
) -> dict[int, _RecordedRow | None]:
    """Finds by row number the dose that a row names.

    None: its id is no dose within reach. A row that names no dose is not among them.
    """
    ids = {
        row.row: _whole_number(row.dose_id)
        for row in rows
        if row.raw and row.version and row.dose_id
    }
    keys = {
        row.row: (row.raw.facility_code, row.raw.source_id)
        for row in rows
        if row.raw and row.version and not row.dose_id
    }
    if not ids and not keys:
        return {}
    printable = [key for key in set(keys.values()) if "".join(key).isprintable()]
    within_reach = [
        dose.content
        for dose in await doses.named_doses(tx, sorted({*ids.values()} - {0}), printable)
        if _is_within(uploader, dose)
    ]
    by_id = {dose.id: dose for dose in within_reach}
    by_key = {(dose.facility_code, dose.source_id): dose for dose in within_reach}
    named: dict[int, DoseContent | None] = {
        number: by_id.get(DoseId(dose_id)) for number, dose_id in ids.items()
    }
    named |= {number: by_key[key] for number, key in keys.items() if key in by_key}
    now = {dose.id: raw_row_of(context.sealer, dose) for dose in by_id.values()}
    versions = {row.row: _whole_number(row.version) for row in rows if row.row in named}
    stale = {
        (dose.id, versions[number])
        for number, dose in named.items()
        if dose is not None and versions[number] != dose.version
    }
    then = {
        (older.id, older.version): raw_row_of(context.sealer, older)
        for older in await doses.older_contents(
            tx, [(dose_id, version) for dose_id, version in stale if 0 < version <= _MAX_VERSION]
        )
    }
    return {
        number: (
            None
            if dose is None
            else _RecordedRow(now[dose.id], then.get((dose.id, versions[number]), now[dose.id]))
        )
        for number, dose in named.items()
    }


def _restore(context: Context, row: InputRow, named: _RecordedRow | None) -> InputRow:
    assert row.raw is not None
    if named is None or not _may_be_of(row.raw, named.now):
        return row._replace(errors=(WRONG_ID, *row.errors)) if row.dose_id else row
    raw = restored(row.raw, named.then)._replace(
        source_id=named.now.source_id, facility_code=named.now.facility_code
    )
    if (
        not row.raw.source_id
        and raw != named.then
        and not _is_same_injection(context, raw, named.now)
    ):
        return row._replace(errors=(WRONG_ID, *row.errors))
    changed = {
        field for field, before, after in zip(FIELDS, row.raw, raw, strict=True) if before != after
    }
    errors = tuple(error for error in row.errors if error.field not in changed)
    version = str(_whole_number(row.version) or row.version)
    return row._replace(raw=raw, errors=errors, coded=True, version=version)


def _may_be_of(raw: Raw, record: Raw) -> bool:
    """Whether facility and record code may be the dose's; a code may have got lost altogether."""
    for field, new, old in (
        ("facility_code", raw.facility_code, record.facility_code),
        ("source_id", raw.source_id, record.source_id),
    ):
        if new != old and not is_form_of(field, new, old) and (field == "facility_code" or new):
            return False
    return True


def _is_same_injection(context: Context, raw: Raw, record: Raw) -> bool:
    dose, stored = [
        parse_row(row, today=context.today(), facilities=None).dose for row in (raw, record)
    ]
    if dose is None or stored is None:
        return False
    return relation(stored, dose, verified=True) is Relation.SAME


def _is_within(uploader: Uploader, dose: NamedDose) -> bool:
    """Whether the uploader may correct a dose; of others nobody learns that they are there."""
    return uploader.reach.may_record_for(dose.content.facility_code) or dose.residence.startswith(
        uploader.corrects
    )


def _whole_number(text: str) -> int:
    """A whole number as spreadsheets show it; 0 for anything else."""
    number = _WHOLE_NUMBER.fullmatch(text)
    return int(number[1]) if number else 0
