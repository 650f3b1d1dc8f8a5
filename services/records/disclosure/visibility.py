"""Who is shown personal data whole, and who masked: numbers with `*`, of the birth date the year.

Whoever corrects needs it whole: a facility, a station, the police, a service. Province and ministry
steer. Their lists and single records are masked, unless they state the work on single people that
these are for.
A file leaves the house, so theirs is never whole. The exception is a file that they sent: it comes
back to be corrected, and holds what they had.

A dose that was changed since is not what the batch's sender had. Its row is shown as any list would
show it: masked to those who steer, and codes alone where the dose is beyond reach.
"""

from collections.abc import Callable
from typing import Annotated

from fastapi import Query

from contracts.access import Reach, Role, callers_reach
from contracts.purposes import Purpose
from services.chassis.auth import Principal
from services.records.disclosure import errors
from services.records.domain.masking import Disclosure
from services.records.uploads.store import BatchRecord, BatchRow

Masked = Annotated[
    bool | None,
    Query(
        description=(
            "personal number, passport number and phone with `*`, of the birth date the year; left"
            " out: true for province and ministry, false for others"
        )
    ),
]
CORRECTING = frozenset({Role.FACILITY, Role.STATION, Role.POLICE, Role.SERVICE})
OPENING = frozenset({Purpose.CORRECTION, Purpose.COMPLAINT, Purpose.IDENTITY})
"""What a province or the ministry may need whole records for."""


def list_masked(caller: Principal, requested: bool | None, why: Purpose | None) -> bool:
    """Whether a list is masked; ServiceError 403 where it may not be whole without a purpose."""
    if requested is False and not caller.roles & CORRECTING and why not in OPENING:
        names = ", ".join(sorted(OPENING))
        raise errors.purpose_needed(names)
    return _masked(caller, requested)


def single_masked(caller: Principal, requested: bool | None, why: Purpose | None) -> bool:
    """Whether a single record is masked: as in a list, but that a stated purpose alone opens it."""
    if requested is None and why in OPENING:
        return False
    return list_masked(caller, requested, why)


def file_masked(caller: Principal, requested: bool | None, *, own: bool = False) -> bool:
    """Whether a file is masked; ServiceError 403 where it is never whole. `own`: the caller sent
    it.
    """
    if own:
        return bool(requested)
    if requested is False and not caller.roles & CORRECTING:
        raise errors.export_masked()
    return _masked(caller, requested)


def covers_batch(reach: Reach, subject: str, batch: BatchRecord) -> bool:
    """Whether a batch may be seen: of a facility within reach, or sent by the subject itself.

    Of the subject's own, the reach of today must cover what the subject reached then. Whoever moved
    leaves the files of the old place behind.
    """
    if reach.everything:
        return True
    if batch.facility_code is not None:
        return batch.facility_code.startswith(reach.facilities)
    covering = tuple(reach.tokens)
    return (
        batch.submitted_by == subject
        and bool(batch.sent_reach)
        and all(token.startswith(covering) for token in batch.sent_reach or ())
    )


def is_own(caller: Principal, batch: BatchRecord) -> bool:
    """Whether the caller sent a batch as who it is today: the same subject with the same reach."""
    reach = callers_reach(caller)
    return batch.submitted_by == caller.subject and batch.sent_reach == reach.tokens


def row_shown(caller: Principal, batch_id: int, hidden: bool) -> Callable[[BatchRow], Disclosure]:
    """How much is shown of a batch's row that became a dose; `hidden`: the file is masked."""
    reach = callers_reach(caller)
    of_batch = Disclosure.MASKED if hidden else Disclosure.WHOLE
    changed_since = of_batch if caller.roles & CORRECTING else Disclosure.MASKED

    def shown(row: BatchRow) -> Disclosure:
        if row.batch_id == batch_id:
            return of_batch
        within = reach.covers(row.facility_code, row.residence)
        return changed_since if within else Disclosure.CODES

    return shown


def _masked(caller: Principal, requested: bool | None) -> bool:
    return not caller.roles & CORRECTING if requested is None else requested
