"""What the audit of records knows: acts, what each is usually for, and the header by which callers
say so themselves.
"""

from typing import Annotated

from fastapi import Header

from contracts.purposes import DESCRIBED, HEADER, Purpose
from services.chassis.audit import Act
from services.records.worklist.store import Wanted

Why = Annotated[Purpose | None, Header(alias=HEADER, description=DESCRIBED)]

DOSE_READ = Act("dose_read", "dose", Purpose.CORRECTION)
DOSE_CORRECT = Act("dose_correct", "dose", Purpose.CORRECTION)
DOSE_WITHDRAW = Act("dose_withdraw", "dose", Purpose.CORRECTION)
WORKLIST = Act("worklist", "dose", Purpose.CORRECTION)
WORKLIST_EXPORT = Act("worklist_export", "dose", Purpose.CORRECTION)
"""Names no dose: its filter is the scope."""
BATCH_ROWS = Act("batch_rows", "batch", Purpose.CORRECTION)
BATCH_EXPORT = Act("batch_export", "batch", Purpose.CORRECTION)
CLUSTERS = Act("clusters", "dose", Purpose.CORRECTION)
CLUSTER_PREVIEW = Act("cluster_preview", "dose", Purpose.CORRECTION)
COMPLAINT_READ = Act("complaint_read", "complaint", Purpose.COMPLAINT)
COMPLAINT_PICTURE = Act("complaint_picture", "complaint", Purpose.COMPLAINT)
COMPLAINT_ANSWER = Act("complaint_answer", "complaint", Purpose.COMPLAINT)
COMPLAINT_FORWARD = Act("complaint_forward", "complaint", Purpose.COMPLAINT)

_FILTERS = ("province", "district", "commune", "facility", "grade", "reason", "min_age", "max_age")


def scope_of(masked: bool | None, **filters: object) -> str:
    """A look's filters as codes, and whether people were shown masked (None: no person was):
    `masked province=68`.
    """
    people = {None: [], True: ["masked"], False: ["whole"]}[masked]
    return " ".join(
        [
            *people,
            *(f"{name}={value}" for name, value in filters.items() if value not in (None, False)),
        ]
    )


def scope_of_worklist(masked: bool, wanted: Wanted) -> str:
    """The same of a worklist's filters and its caller's reach. An assignee is a name, so only that
    one was given is kept.
    """
    reach = {
        "facilities": ",".join(wanted.reach.facilities) or None,
        "residences": ",".join(wanted.reach.residences) or None,
    }
    chosen = {name: getattr(wanted, name) for name in _FILTERS}
    return scope_of(
        masked, **reach, **chosen, assignee="given" if wanted.assignee is not None else None
    )
