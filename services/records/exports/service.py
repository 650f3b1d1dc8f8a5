"""Rows given back as files, to be corrected and posted again.

Each row is as it was typed, with its state, what is wrong, and what may be right.
"""

import json
from collections.abc import AsyncIterator, Callable, Sequence
from typing import NamedTuple

from contracts.case_states import CASE_TITLES, refused_acceptance
from contracts.ids import DoseId
from contracts.words import State
from services.chassis.auth import Principal
from services.chassis.db import Transaction
from services.chassis.encryption import Sealer
from services.records.clusters.rules import proposed
from services.records.domain.dose import FIELDS, Raw
from services.records.domain.guidance import WAITING, guidance
from services.records.domain.hidden_letters import hidden_letters, marked_changes
from services.records.domain.masking import Disclosure, masked_changes, masked_refused, shown_row
from services.records.domain.row_error import RowError
from services.records.doses.versions import person_of, raw_row_of, row_binding
from services.records.suggestions import store as suggestions
from services.records.suggestions.serializers import kind_of, suggestions_out
from services.records.suggestions.store import StoredSuggestions
from services.records.told_cases import store as told_cases
from services.records.told_cases.store import StoredCase
from services.records.uploads.errors import WITHDRAWN
from services.records.uploads.formats.columns import HEADERS
from services.records.uploads.formats.csv_writer import ExportRow, header, written
from services.records.uploads.store import BatchRow
from services.records.worklist.serializers import DoseToShow
from services.records.worklist.store import WorklistRow

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


class Beside(NamedTuple):
    """What stands beside a dose at its version: whom it may mean, and where its case is."""

    suggested: StoredSuggestions | None = None
    case: StoredCase | None = None


NOTHING_BESIDE = Beside()
Answers = AsyncIterator[Sequence[ExportRow]]


async def of_batch(
    sealer: Sealer,
    batch_id: int,
    caller: Principal,
    rows: AsyncIterator[tuple[BatchRow, Beside]],
    *,
    masked: bool,
    shown: Callable[[BatchRow], Disclosure],
) -> Answers:
    """The rows of a batch, in parts.

    `masked`: of rejected rows. `shown`: how much of each row whose dose is on record.
    """
    part: list[ExportRow] = []
    async for row, beside in rows:
        part.append(_row(sealer, batch_id, caller, row, beside, masked, shown))
        if len(part) == _AT_ONCE:
            yield part
            part = []
    yield part


async def of_worklist(
    sealer: Sealer,
    caller: Principal,
    rows: AsyncIterator[tuple[WorklistRow, Beside]],
    *,
    masked: bool = False,
) -> Answers:
    """The doses of a worklist, in parts."""
    disclosure = Disclosure.MASKED if masked else Disclosure.WHOLE
    part: list[ExportRow] = []
    async for row, beside in rows:
        part.append(_dose(sealer, caller, row, beside, [], disclosure))
        if len(part) == _AT_ONCE:
            yield part
            part = []
    yield part


async def beside(
    tx: Transaction, doses: Sequence[tuple[DoseId | None, int | None]]
) -> list[Beside]:
    """What stands beside each of these (dose id, version)."""
    ids = [dose_id for dose_id, _ in doses]
    suggested = await suggestions.of_doses(tx, ids)
    cases = await told_cases.of_doses(tx, ids)
    return [
        Beside(suggested.get((dose_id, version)), cases.get((dose_id, version)))
        if dose_id is not None and version is not None
        else NOTHING_BESIDE
        for dose_id, version in doses
    ]


async def as_csv(answers: Answers) -> AsyncIterator[bytes]:
    """The file, in parts."""
    yield header()
    async for part in answers:
        yield written(part)


def _row(
    sealer: Sealer,
    batch_id: int,
    caller: Principal,
    row: BatchRow,
    beside: Beside,
    masked: bool,
    shown: Callable[[BatchRow], Disclosure],
) -> ExportRow:
    errors = [
        RowError(error["field"], error["code"], error["message"], error["message_en"])
        for error in row.errors or ()
    ]
    if row.outcome != "rejected":
        return _dose(sealer, caller, row, beside, errors, shown(row))
    if row.raw is None:
        return ExportRow(Raw(source_id=row.typed_source_id or ""), _STATES[None], errors)
    # with the version and the dose that it was made from, where its file said so
    texts: list[str] = json.loads(sealer.unseal(row.raw, row_binding(batch_id, row.row)))
    raw = Raw._make(texts[: len(FIELDS)])
    version, dose_id, *_ = (*texts[len(FIELDS) :], "", "")
    raw = masked_refused(raw) if masked else raw
    return ExportRow(
        raw,
        _STATES[None],
        [*errors, *hidden_letters(raw)],
        version=version,
        dose_id=dose_id,
    )


def _dose(
    sealer: Sealer,
    caller: Principal,
    row: DoseToShow,
    beside: Beside,
    errors: list[RowError],
    disclosure: Disclosure,
) -> ExportRow:
    state, raw = State(row.state or State.PENDING), raw_row_of(sealer, row)
    advice = guidance(state, row.reasons, row.refusal)
    text, suggestion = _STATES[state], ""
    if advice.explanation is not None:
        _, explanation = advice.explanation
        text = f"{text}: {explanation.vi}"
    elif state == State.WITHDRAWN:
        errors = [*errors, WITHDRAWN]
    else:
        errors = errors + [
            RowError(about.field, code, about.vi, about.en) for code, about in advice.to_do
        ]
        if state in WAITING:
            text = _of_case(beside.case) or text
            errors = errors + _unheld(beside.case)
            suggestion = "; ".join(
                filter(
                    None,
                    (
                        _registered(sealer, caller, row, beside.suggested, disclosure),
                        _suggestion(raw, row.reasons or (), disclosure),
                    ),
                )
            )
        elif advice.to_do:
            text = _REFUSED
    shown = shown_row(raw, disclosure)
    return ExportRow(
        shown,
        text,
        [*errors, *hidden_letters(shown)],
        suggestion,
        version=str(row.version),
        dose_id=str(row.id),
    )


def _of_case(stored: StoredCase | None) -> str | None:
    """Where its case is, once people did something with it."""
    if stored is None or stored.act is None or stored.act == "opened":
        return None
    return CASE_TITLES[stored.act].vi


def _unheld(stored: StoredCase | None) -> list[RowError]:
    """Why an acceptance of its suggestion did not hold."""
    if stored is None or stored.refused is None:
        return []
    words = refused_acceptance(stored.refused)
    return [RowError("accept_suggestion", stored.refused, words.vi, words.en)]


def _registered(
    sealer: Sealer,
    caller: Principal,
    row: DoseToShow,
    suggested: StoredSuggestions | None,
    disclosure: Disclosure,
) -> str:
    """Whom the registry's data suggest first, as far as the caller may see it."""
    if suggested is None or disclosure is Disclosure.CODES or kind_of(suggested) == "none":
        return ""
    masked = disclosure is Disclosure.MASKED
    person, *_ = suggestions_out(sealer, suggested, person_of(sealer, row), caller, masked).people
    sure = "Chắc chắn là" if person.certain else "Có thể là"
    return (
        f"{sure}: {person.full_name}, {person.date_of_birth}, {person.personal_id}"
        f" ({person.evidence_text})"
    )


def _suggestion(raw: Raw, reasons: Sequence[str], disclosure: Disclosure) -> str:
    """What the rules make of the row, for a person to check.

    As `Ngày sinh: 03/05/1980 (Đảo lại ngày và tháng sinh)`.
    """
    if disclosure is Disclosure.CODES:
        return ""
    suggestions = []
    for rule, changes in proposed(raw, reasons):
        shown = marked_changes(
            masked_changes(changes) if disclosure is Disclosure.MASKED else changes
        )
        fields = ", ".join(
            f"{HEADERS[change.field]}: {change.after or '(để trống)'}" for change in shown
        )
        suggestions.append(f"{fields} ({rule.name_vi})")
    return "; ".join(suggestions)
