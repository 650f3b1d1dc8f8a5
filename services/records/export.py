"""A batch given back: every row as it was typed, with its state and what to do."""

import json
from collections.abc import AsyncIterator
from typing import Any

from contracts.reasons import ADVICE
from contracts.words import Reason, State
from services.chassis.seal import Sealer
from services.records.domain.dose import Raw
from services.records.domain.faults import RowError
from services.records.intake.export import Answered, header, written
from services.records.versions import row_binding, typed

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


async def exported(sealer: Sealer, batch_id: int, rows: AsyncIterator[Any]) -> AsyncIterator[bytes]:
    """The CSV of a batch's rows, in parts."""
    yield header()
    waiting: list[Answered] = []
    async for row in rows:
        waiting.append(_answered(sealer, batch_id, row))
        if len(waiting) == _AT_ONCE:
            yield written(waiting)
            waiting.clear()
    yield written(waiting)


def _answered(sealer: Sealer, batch_id: int, row: Any) -> Answered:
    told = [RowError(one["field"], one["code"], one["message"], one["message_en"]) for one in row.errors or ()]
    if row.outcome == "rejected":
        raw = Raw(source_id=row.typed_source_id)
        if row.raw is not None:
            raw = Raw._make(json.loads(sealer.unseal(row.raw, row_binding(batch_id, row.row))))
        return Answered(raw, _STATES[None], told)
    state = State(row.state or State.PENDING)
    if state in (State.NEEDS_CORRECTION, State.IN_REVIEW):
        told += [_advice(Reason(reason)) for reason in row.reasons]
    return Answered(typed(sealer, row), _STATES[state], told)


def _advice(reason: Reason) -> RowError:
    about = ADVICE[reason]
    return RowError(about.field, reason, about.vi, about.en)
