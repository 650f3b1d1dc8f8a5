"""Stored doses as the REST answers them: the person unsealed, the reasons as advice."""

from collections.abc import Sequence
from typing import Any, Protocol

from contracts.reasons import Advice
from contracts.words import Grade, Mark, State
from services.chassis.encryption import Sealer
from services.records.clusters.rules import proposed
from services.records.domain.field_changes import FieldChange
from services.records.domain.guidance import guidance
from services.records.domain.hidden_letters import marked_changes, marked_fields
from services.records.domain.masking import masked_changes, masked_person
from services.records.doses import models
from services.records.doses.versions import (
    NO_BATCH,
    StoredContent,
    doubts_of,
    person_of,
    raw_row_of,
)
from services.records.worklist.models import Proposal, ProposedChange


class StoredStatus(Protocol):
    """What the verifier and the signer said of a dose."""

    @property
    def state(self) -> str | None: ...
    @property
    def reasons(self) -> Sequence[str] | None: ...
    @property
    def refusal(self) -> str | None: ...


class DoseToShow(StoredContent, StoredStatus, Protocol):
    """A stored dose at its current version, with its status."""

    @property
    def version(self) -> int: ...
    @property
    def batch_id(self) -> int: ...
    @property
    def grade(self) -> Grade | None: ...
    @property
    def uvci(self) -> str | None: ...


def guided(row: StoredStatus) -> dict[str, Any]:
    """What people must do about a dose, as `errors`.

    `explanation` says why no certificate is due where nothing is wrong.
    """
    advice = guidance(row.state, row.reasons, row.refusal)
    return {
        "errors": [_message(code, about) for code, about in advice.to_do],
        "explanation": _message(*advice.explanation) if advice.explanation else None,
    }


def _message(code: str, about: Advice) -> models.RowMessage:
    return models.RowMessage(field=about.field, code=code, message=about.vi, message_en=about.en)


def dose_fields(sealer: Sealer, row: DoseToShow, masked: bool) -> dict[str, Any]:
    """The fields of `models.Dose` of a stored dose."""
    person = person_of(sealer, row)
    shown_person = masked_person(person) if masked else person
    return {
        "dose_id": row.id,
        "version": row.version,
        "batch_id": None if row.batch_id == NO_BATCH else row.batch_id,
        "source_id": row.source_id,
        "facility_code": row.facility_code,
        "person": models.PersonOut.model_validate(shown_person),
        "hidden_characters": marked_fields(
            {**shown_person, "source_id": row.source_id, "product": row.product, "lot": row.lot}
        ),
        "product": row.product,
        "lot": row.lot,
        "dose_number": row.dose_number,
        "dose_kind": row.dose_kind,
        "date_given": row.date_given,
        "state": State(row.state or State.PENDING),
        "grade": row.grade,
        "uvci": row.uvci,
        "not_due": row.refusal,
        "supplemented": Mark.SUPPLEMENTED in doubts_of(row),
        **guided(row),
    }


def proposed_changes(changes: Sequence[FieldChange], masked: bool) -> list[ProposedChange]:
    """Changes for people to look at."""
    shown = marked_changes(masked_changes(changes) if masked else changes)
    return [ProposedChange(**change._asdict()) for change in shown]


def proposals(
    sealer: Sealer, row: StoredContent, reasons: Sequence[str], masked: bool
) -> list[Proposal]:
    """What the rules for these reasons make of a stored dose."""
    return [
        Proposal(
            rule=rule.code,
            name=rule.name_vi,
            name_en=rule.name_en,
            changes=proposed_changes(changes, masked),
        )
        for rule, changes in proposed(raw_row_of(sealer, row), reasons)
    ]
