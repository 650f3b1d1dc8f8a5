"""Rows given back to be edited and posted again: as they were typed, with their state, what is
wrong and what may be right.
"""

import json
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

from contracts.words import State
from services.chassis.encryption import Sealer
from services.records.clusters.rules import proposed
from services.records.domain.dose import FIELDS, Raw
from services.records.domain.guidance import WAITING, guidance
from services.records.domain.masking import Disclosure, masked_changes, masked_refused, shown_row
from services.records.domain.row_error import RowError
from services.records.doses.versions import raw_row_of, row_binding
from services.records.uploads.errors import WITHDRAWN
from services.records.uploads.formats.columns import HEADERS
from services.records.uploads.formats.csv_writer import ExportRow, header, written

_AT_ONCE = 500
_STATES = {
    None: "bị từ chối",
    State.PENDING: "đang xác minh",
    State.ELIGIBLE: "đã xác minh",
    State.ISSUED: "đã cấp hộ chiếu",
    State.NEEDS_CORRECTION: "cần sửa",
    State.IN_REVIEW: "chờ công an xác minh",
    State.WITHDRAWN: "đã rút",
}
_REFUSED = "đã xác minh, chưa cấp được"
Answers = AsyncIterator[Sequence[ExportRow]]


async def of_batch(
    sealer: Sealer,
    batch_id: int,
    rows: AsyncIterator[Any],
    *,
    masked: bool,
    shown: Callable[[Any], Disclosure],
) -> Answers:
    """The rows of a batch, in parts; `masked` of those that were refused, `shown` of each whose
    dose is on record.
    """
    async for part in _parts(rows, lambda row: _row(sealer, batch_id, row, masked, shown)):
        yield part


async def of_worklist(sealer: Sealer, rows: AsyncIterator[Any], *, masked: bool = False) -> Answers:
    """The doses of a worklist, in parts."""
    async for part in _parts(
        rows, lambda row: _dose(sealer, row, [], Disclosure.MASKED if masked else Disclosure.WHOLE)
    ):
        yield part


async def as_csv(answers: Answers) -> AsyncIterator[bytes]:
    """The file, in parts."""
    yield header()
    async for part in answers:
        yield written(part)


async def _parts(rows: AsyncIterator[Any], answered: Callable[[Any], ExportRow]) -> Answers:
    waiting: list[ExportRow] = []
    async for row in rows:
        waiting.append(answered(row))
        if len(waiting) == _AT_ONCE:
            yield waiting
            waiting = []
    yield waiting


def _row(
    sealer: Sealer, batch_id: int, row: Any, masked: bool, shown: Callable[[Any], Disclosure]
) -> ExportRow:
    told = [
        RowError(one["field"], one["code"], one["message"], one["message_en"])
        for one in row.errors or ()
    ]
    if row.outcome == "rejected":
        if row.raw is None:
            return ExportRow(Raw(source_id=row.typed_source_id), _STATES[None], told)
        # with the version and the dose that it was made from, where its file said so
        texts = json.loads(sealer.unseal(row.raw, row_binding(batch_id, row.row)))
        raw = Raw._make(texts[: len(FIELDS)])
        version, dose_id = (*texts[len(FIELDS) :], "", "")[:2]
        return ExportRow(
            masked_refused(raw) if masked else raw,
            _STATES[None],
            told,
            version=version,
            dose_id=dose_id,
        )
    return _dose(sealer, row, told, shown(row))


def _dose(sealer: Sealer, row: Any, told: list[RowError], how: Disclosure) -> ExportRow:
    state, raw = State(row.state or State.PENDING), raw_row_of(sealer, row)
    shown, made_from = shown_row(raw, how), {"version": str(row.version), "dose_id": str(row.id)}
    found = guidance(state, row.reasons, row.refusal)
    if found.explanation is not None:
        return ExportRow(shown, f"{_STATES[state]}: {found.explanation[1].vi}", told, **made_from)
    if state == State.WITHDRAWN:
        return ExportRow(shown, _STATES[state], [*told, WITHDRAWN], **made_from)
    told = told + [RowError(about.field, code, about.vi, about.en) for code, about in found.to_do]
    if state in WAITING:
        return ExportRow(
            shown, _STATES[state], told, _suggestion(raw, row.reasons, how), **made_from
        )
    return ExportRow(shown, _REFUSED if found.to_do else _STATES[state], told, **made_from)


def _suggestion(raw: Raw, reasons: Sequence[str], how: Disclosure) -> str:
    """What the rules make of the row, for a person to check: `Ngày sinh: 03/05/1980 (Đảo lại ngày
    và tháng sinh)`.
    """
    if how is Disclosure.CODES:
        return ""
    told = []
    for rule, changes in proposed(raw, reasons):
        fields = ", ".join(
            f"{HEADERS[one.field]}: {one.after or '(để trống)'}"
            for one in (masked_changes(changes) if how is Disclosure.MASKED else changes)
        )
        told.append(f"{fields} ({rule.name_vi})")
    return "; ".join(told)
