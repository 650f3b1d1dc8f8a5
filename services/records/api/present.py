"""From stored rows to what is told: unsealing a person, and turning reasons into advice."""

import json
from typing import Any

from contracts.reasons import ADVICE
from contracts.words import Reason, State
from services.chassis.seal import Sealer
from services.records.api import models


def person_of(sealer: Sealer, row: Any) -> dict[str, Any]:
    """The person of a stored dose as typed."""
    typed: dict[str, Any] = json.loads(sealer.unseal(row.person, seal_of(row.id)))
    return typed


def seal_of(dose_id: int) -> bytes:
    """What a dose's sealed person is bound to, so that it opens in no other row."""
    return b"dose:%d" % dose_id


def advice(reasons: list[str] | None) -> list[models.RowMessage]:
    """What a dose that waits for people is told, reason by reason."""
    told = []
    for name in reasons or ():
        about = ADVICE[Reason(name)]
        told.append(models.RowMessage(field=about.field, code=name, message=about.vi, message_en=about.en))
    return told


def dose_fields(sealer: Sealer, row: Any) -> dict[str, Any]:
    """The fields of `models.Dose` from a stored dose joined with its status."""
    return {
        "dose_id": row.id,
        "version": row.version,
        "batch_id": row.batch_id or None,
        "source_id": row.source_id,
        "facility_code": row.facility_code,
        "person": models.PersonOut.model_validate({"phone": "", **person_of(sealer, row)}),
        "product": row.product,
        "lot": row.lot,
        "dose_number": row.dose_number,
        "dose_kind": row.dose_kind,
        "date_given": row.date_given,
        "state": State(row.state or State.PENDING),
        "grade": row.grade,
        "errors": advice(row.reasons) if row.state in (State.NEEDS_CORRECTION, State.IN_REVIEW) else [],
        "uvci": row.uvci,
        "not_due": row.refusal,
    }
