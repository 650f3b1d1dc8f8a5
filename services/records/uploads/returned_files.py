"""Rows of files that were given back: found by the dose's id or code beside its version, what a
spreadsheet did to them undone.

Who edits one cell of such a file means that cell alone: zeros that the spreadsheet lost in the
others are put back.
"""

import re
from collections.abc import Iterable, Sequence
from operator import itemgetter
from types import SimpleNamespace
from typing import Any, NamedTuple

from services.chassis.db import Transaction
from services.chassis.errors import ServiceError
from services.records.context import Context
from services.records.domain.damaged_dates import dates_are_damaged
from services.records.domain.dose import FIELDS, Raw
from services.records.domain.parse_row import parse_row
from services.records.domain.row_error import RowError
from services.records.domain.same_injection import Relation, relation
from services.records.domain.spreadsheet_forms import is_form_of, restored
from services.records.doses import store as doses
from services.records.doses.versions import raw_row_of
from services.records.uploads.formats import InputRow
from services.records.uploads.formats.header_spellings import DOSE_ID, VERSION
from services.records.uploads.rows import Uploader

WRONG_ID = RowError(
    "",
    "DOSE_ID_WRONG",
    f"Cột “{DOSE_ID}” không phải của mũi tiêm ở dòng này (khác cơ sở, mã bản ghi hoặc người tiêm,"
    f" hoặc không có trong phạm vi của bạn). Nếu là mũi tiêm mới, hãy để trống hai cột “{DOSE_ID}”"
    f" và “{VERSION}”; nếu là bản sửa, hãy tải lại danh sách rồi sửa trên đó.",
    f"The column “{DOSE_ID}” (in JSON: dose_id) is not that of this row's dose: another facility,"
    f" record code or person, or not within your reach. For a new dose leave it and “{VERSION}”"
    " (version) empty; for a correction take the list anew and edit that.",
)
_WHOLE = re.compile(r"([1-9][0-9]{0,17})(?:[.,]0+)?")
_MAX_VERSION = 32_767
_version_of = itemgetter(InputRow._fields.index("version"))


class _Named(NamedTuple):
    """A dose on record that a row names, as it would be typed: today, and at the version that the
    row names.
    """

    now: Raw
    then: Raw


def names_a_dose(rows: Iterable[InputRow]) -> bool:
    """Whether one of these rows says which version of a dose it was made from."""
    return any(map(_version_of, rows))


async def put_back(
    context: Context, tx: Transaction, caller: Uploader, rows: Sequence[InputRow]
) -> list[InputRow]:
    """The same rows, those that name a dose on record with its cells as it has them, where only
    their form differs.

    A row that names the id of another dose gets an error. Nothing is locked.
    """
    found = await _found(context, tx, caller, rows)
    return [_put_back(context, row, found[row.row]) if row.row in found else row for row in rows]


async def refuse_damaged(
    context: Context, tx: Transaction, caller: Uploader, rows: Sequence[InputRow]
) -> None:
    """ServiceError 422 where a spreadsheet changed day and month over in nearly all dates of these
    rows.
    """
    found = await _found(context, tx, caller, rows)
    pairs = (
        (row.raw, named.then)
        for row in rows
        if row.raw and (named := found.get(row.row)) is not None
    )
    if dates_are_damaged((restored(raw, record), record) for raw, record in pairs):
        raise ServiceError(
            422,
            "DATES_DAMAGED",
            "Ngày và tháng trong tệp bị đảo hoặc năm bị cắt so với dữ liệu đã ghi nhận: bảng tính"
            " cài ngôn ngữ khác đã đọc sai ngày. Không dòng nào được nhận. Hãy tải lại tệp XLSX và"
            " sửa trên đó, hoặc đặt ngôn ngữ của bảng tính là tiếng Việt rồi mở lại tệp CSV. Nếu"
            f" chính dữ liệu đã ghi nhận sai, hãy xóa hai cột “{VERSION}” và “{DOSE_ID}” rồi gửi"
            " lại.",
            "Day and month of the dates are changed over, or the years cut, compared with what is"
            " on record: a spreadsheet set to another language read them wrong. No row was taken."
            " Take the XLSX file and edit that, or set the spreadsheet's language to Vietnamese"
            f" and open the CSV again. If the record is wrong, remove the columns “{VERSION}” and"
            f" “{DOSE_ID}” and send the file again.",
        )


async def _found(
    context: Context, tx: Transaction, caller: Uploader, rows: Sequence[InputRow]
) -> dict[int, _Named | None]:
    """By row number the dose that it names: None where its id is none within reach, nothing where
    it names none.
    """
    ids = {row.row: _number(row.dose_id) for row in rows if row.raw and row.version and row.dose_id}
    keys = {
        row.row: (row.raw.facility_code, row.raw.source_id)
        for row in rows
        if row.raw and row.version and not row.dose_id
    }
    if not ids and not keys:
        return {}
    whole = [key for key in set(keys.values()) if "".join(key).isprintable()]
    named = [
        row
        for row in await doses.named(tx, sorted({*ids.values()} - {0}), whole)
        if _is_within(caller, row)
    ]
    by_id = {row["id"]: row for row in named}
    by_key = {(row["facility_code"], row["source_id"]): row for row in named}
    asked = {number: by_id.get(dose_id) for number, dose_id in ids.items()}
    asked |= {number: dose for number, key in keys.items() if (dose := by_key.get(key)) is not None}
    now = {dose_id: _typed(context, dose) for dose_id, dose in by_id.items()}
    versions = {row.row: _number(row.version) for row in rows if row.row in asked}
    stale = {
        (dose["id"], versions[number])
        for number, dose in asked.items()
        if dose is not None and versions[number] != dose["version"]
    }
    then = {
        (row["id"], row["version"]): _typed(context, row)
        for row in await doses.older(tx, [at for at in stale if _is_version(at[1])])
    }
    return {
        number: (
            None
            if dose is None
            else _Named(now[dose["id"]], then.get((dose["id"], versions[number]), now[dose["id"]]))
        )
        for number, dose in asked.items()
    }


def _put_back(context: Context, row: InputRow, named: _Named | None) -> InputRow:
    """One row that names a dose by its id, or by its code."""
    assert row.raw is not None
    if named is None or not _fits(row.raw, named.now):
        return row._replace(errors=(WRONG_ID, *row.errors)) if row.dose_id else row
    raw = restored(row.raw, named.then)._replace(
        source_id=named.now.source_id, facility_code=named.now.facility_code
    )
    if (
        not row.raw.source_id
        and raw != named.then
        and not _is_of_one_person(context, raw, named.now)
    ):
        return row._replace(errors=(WRONG_ID, *row.errors))
    put_back = {
        field for field, before, after in zip(FIELDS, row.raw, raw, strict=True) if before != after
    }
    errors = tuple(error for error in row.errors if error.field not in put_back)
    return row._replace(
        raw=raw, errors=errors, coded=True, version=str(_number(row.version) or row.version)
    )


def _fits(raw: Raw, record: Raw) -> bool:
    """Whether facility and record code may be those of the dose; a code may have got lost
    altogether.
    """
    for field, new, old in (
        ("facility_code", raw.facility_code, record.facility_code),
        ("source_id", raw.source_id, record.source_id),
    ):
        if new != old and not is_form_of(field, new, old) and (field == "facility_code" or new):
            return False
    return True


def _is_of_one_person(context: Context, raw: Raw, record: Raw) -> bool:
    doses_read = [
        parse_row(row, today=context.today(), facilities=None).dose for row in (raw, record)
    ]
    if None in doses_read:
        return False
    row, dose = doses_read
    return relation(dose, row, verified=True) is Relation.SAME  # type: ignore[arg-type]


def _typed(context: Context, row: Any) -> Raw:
    return raw_row_of(context.sealer, SimpleNamespace(**row))


def _is_within(caller: Uploader, dose: Any) -> bool:
    """Whether the caller may correct a dose; of others nobody learns that they are there."""
    return caller.reach.may_record_for(dose["facility_code"]) or dose["residence"].startswith(
        caller.corrects
    )


def _number(text: str) -> int:
    """A whole number as spreadsheets show it; 0 for anything else."""
    found = _WHOLE.fullmatch(text)
    return int(found[1]) if found else 0


def _is_version(number: int) -> bool:
    return 0 < number <= _MAX_VERSION
