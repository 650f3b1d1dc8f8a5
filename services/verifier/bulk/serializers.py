"""Turns stored runs, pages and rows into what officers and clerks see."""

from collections.abc import Mapping

from contracts.access import Role
from contracts.certain_kinds import KIND_WORDS, CertainKind
from contracts.masks import mask_name, mask_number, mask_registered
from services.chassis.auth import Principal
from services.verifier.api.case_serializers import candidate_shown
from services.verifier.bulk import models
from services.verifier.bulk.service import OpenedPage
from services.verifier.bulk.shown_rows import ShownRow
from services.verifier.bulk.store import BulkRunRow
from services.verifier.store.bulk_stops import BulkStopRow
from vietnamese.visible_text import visible

_KINDS = {str(kind) for kind in CertainKind}


def words_of(kind: str) -> tuple[str, str]:
    """The Vietnamese and the English words of a kind; a newer one's code."""
    return KIND_WORDS[CertainKind(kind)] if kind in _KINDS else (kind, kind)


def run_shown(run: BulkRunRow, counts: Mapping[str, int]) -> models.BulkRun:
    """One run. `counts`: of its rows by state."""
    return models.BulkRun(
        **run._asdict(),
        first_confirmed=counts.get("first", 0),
        confirmed=counts.get("confirmed", 0),
        taken_out=counts.get("taken_out", 0) + counts.get("wrong", 0),
        changed=counts.get("changed", 0),
        undone=counts.get("undone", 0),
    )


def page_shown(opened: OpenedPage, left: int, caller: Principal) -> models.BulkPage:
    """One page. `left`: rows that wait for its stage."""
    label, label_en = words_of(opened.run.kind)
    return models.BulkPage(
        id=opened.page.id,
        run_id=opened.run.id,
        kind=opened.run.kind,
        label=label,
        label_en=label_en,
        stage=opened.stage,
        first_by=opened.page.first_by,
        first_at=opened.page.first_at,
        taken_out=sum(row.state == "taken_out" for row in opened.stored.values()),
        left=left,
        rows=[_row(row, whole=Role.POLICE in caller.roles) for row in opened.rows],
    )


def _row(row: ShownRow, *, whole: bool) -> models.BulkRow:
    typed, person = row.evidence.typed, row.candidate.person
    shown = candidate_shown(typed, row.candidate, whole)
    number = typed.personal_id or typed.passport_number
    return models.BulkRow(
        id=row.dose_id,
        version=row.version,
        seen=str(row.seen),
        facility_code=row.facility_code,
        full_name=visible(typed.full_name),
        date_of_birth=visible(typed.date_of_birth),
        sex=typed.sex,
        typed_number=visible(number if whole else mask_number(number)),
        personal_id=person.personal_id if whole else mask_registered(person.personal_id),
        registered_name=visible(person.full_name)
        if whole
        else mask_name(person.full_name, typed.full_name),
        # whoever is certain was born as typed, or the typed date is none
        registered_birth=person.date_of_birth if whole else person.date_of_birth[:4],
        evidence=shown.evidence,
        disputed=shown.disputed,
    )


def stop_shown(stop: BulkStopRow) -> models.BulkStop:
    """One stop."""
    label, label_en = words_of(stop.kind)
    return models.BulkStop(
        **{name: value for name, value in stop._asdict().items() if name != "dose_id"},
        case_id=stop.dose_id,
        label=label,
        label_en=label_en,
    )
