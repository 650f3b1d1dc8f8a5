"""Who is shown personal data whole, and who masked: numbers with `*`, of the birth date the year.

Whoever corrects needs it whole: a facility, a station, the police, a service. Province and ministry
steer: their lists and files are masked unless they say for which work on single people a list must
be whole. A file leaves the house, so theirs is never whole, but for one that they sent themselves:
it comes back to be corrected, and holds what they had.

What was made of a batch's doses since is not what its sender had. Such a row is shown as any list
would show it: masked to who steers, and nothing that the dose holds where it is no longer within
reach.
"""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Query

from contracts.access import Role, reach_of
from contracts.purposes import HEADER, Purpose
from services.chassis.auth import Principal
from services.chassis.errors import ServiceError
from services.records.domain.masking import Disclosure

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
"""What a province or the ministry may need a whole list for."""


def list_masked(caller: Principal, asked: bool | None, why: Purpose | None) -> bool:
    """Whether a list is masked; ServiceError 403 where it may not be whole without a purpose."""
    if asked is False and not caller.roles & CORRECTING and why not in OPENING:
        names = ", ".join(sorted(OPENING))
        raise ServiceError(
            403, "PURPOSE_NEEDED",
            f"Chỉ xem được bản không che khi nêu mục đích ở {HEADER}: {names}.",
            f"It is shown whole only for a purpose stated in {HEADER}: {names}.",
        )  # fmt: skip
    return _masked(caller, asked)


def file_masked(caller: Principal, asked: bool | None, *, own: bool = False) -> bool:
    """Whether a file is masked; ServiceError 403 where it is never whole. `own`: the caller sent
    it.
    """
    if own:
        return bool(asked)
    if asked is False and not caller.roles & CORRECTING:
        raise ServiceError(
            403, "EXPORT_MASKED",
            "Tỉnh và Bộ chỉ tải được tệp đã che; việc sửa do cơ sở, trạm y tế hoặc công an làm.",
            "Province and ministry take masked files only; facilities, stations and the police "
            "correct.",
        )  # fmt: skip
    return _masked(caller, asked)


def row_shown(caller: Principal, batch_id: int, hidden: bool) -> Callable[[Any], Disclosure]:
    """How much of a batch's row that became a dose is shown; `hidden`: the file is masked."""
    reach, own = (
        reach_of(caller.roles, caller.claims),
        Disclosure.MASKED if hidden else Disclosure.WHOLE,
    )
    others = own if caller.roles & CORRECTING else Disclosure.MASKED

    def shown(row: Any) -> Disclosure:
        if row.batch_id == batch_id:
            return own
        within = reach.covers(
            row.facility_code, row.province_code + row.district_code + row.commune_code
        )
        return others if within else Disclosure.CODES

    return shown


def _masked(caller: Principal, asked: bool | None) -> bool:
    return not caller.roles & CORRECTING if asked is None else asked
