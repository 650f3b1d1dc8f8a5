"""From stored rows to what is told: unsealing a person, and turning reasons and refusals into
advice.
"""

from collections.abc import Sequence
from typing import Any

from contracts.reasons import Advice
from contracts.words import State
from services.chassis.encryption import Sealer
from services.records.clusters.rules import proposed
from services.records.domain.guidance import guidance
from services.records.domain.masking import masked_changes, masked_person
from services.records.doses import models
from services.records.doses.versions import NO_BATCH, person_of, raw_row_of
from services.records.worklist.models import Proposal, ProposedChange


def guided(row: Any) -> dict[str, Any]:
    """What people must do about a dose joined with its status, as `errors`, and the `explanation`
    where nothing is wrong with it.
    """
    found = guidance(row.state, row.reasons, row.refusal)
    return {
        "errors": [_message(*one) for one in found.to_do],
        "explanation": _message(*found.explanation) if found.explanation else None,
    }


def _message(code: str, about: Advice) -> models.RowMessage:
    return models.RowMessage(field=about.field, code=code, message=about.vi, message_en=about.en)


def dose_fields(sealer: Sealer, row: Any, masked: bool) -> dict[str, Any]:
    """The fields of `models.Dose` from a stored dose joined with its status."""
    person = person_of(sealer, row)
    return {
        "dose_id": row.id,
        "version": row.version,
        "batch_id": None if row.batch_id == NO_BATCH else row.batch_id,
        "source_id": row.source_id,
        "facility_code": row.facility_code,
        "person": models.PersonOut.model_validate(masked_person(person) if masked else person),
        "product": row.product,
        "lot": row.lot,
        "dose_number": row.dose_number,
        "dose_kind": row.dose_kind,
        "date_given": row.date_given,
        "state": State(row.state or State.PENDING),
        "grade": row.grade,
        "uvci": row.uvci,
        "not_due": row.refusal,
        **guided(row),
    }


def proposals(sealer: Sealer, row: Any, reasons: Sequence[str], masked: bool) -> list[Proposal]:
    """What the rules for these reasons make of a stored dose."""
    return [
        Proposal(
            rule=rule.code,
            name=rule.name_vi,
            name_en=rule.name_en,
            changes=[
                ProposedChange(**change._asdict())
                for change in (masked_changes(changes) if masked else changes)
            ],
        )
        for rule, changes in proposed(raw_row_of(sealer, row), reasons)
    ]
