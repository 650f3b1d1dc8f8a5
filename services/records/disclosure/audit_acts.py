"""The acts that the audit of records knows, and what each is usually for.

Callers may state another purpose in a header.
"""

from typing import Annotated

from fastapi import Header

from contracts.purposes import DESCRIBED, HEADER, Purpose
from services.chassis.audit import Act
from services.records.worklist.store import WorklistFilter

Why = Annotated[Purpose | None, Header(alias=HEADER, description=DESCRIBED)]

DOSE_READ = Act("dose_read", "dose", Purpose.CORRECTION)
DOSE_CORRECT = Act("dose_correct", "dose", Purpose.CORRECTION)
DOSE_WITHDRAW = Act("dose_withdraw", "dose", Purpose.CORRECTION)
PERSON_SEARCH = Act("person_search", "dose", Purpose.ASSISTANCE)
SUGGESTION_ACCEPT = Act("suggestion_accept", "dose", Purpose.CORRECTION)
SUGGESTION_UNDO = Act("suggestion_undo", "dose", Purpose.CORRECTION)
SUGGESTION_DISMISS = Act("suggestion_dismiss", "dose", Purpose.CORRECTION)
WORKLIST = Act("worklist", "dose", Purpose.CORRECTION)
WORKLIST_EXPORT = Act("worklist_export", "dose", Purpose.CORRECTION)
"""Names no dose: its filter is the scope."""
BATCH_ROWS = Act("batch_rows", "batch", Purpose.CORRECTION)
BATCH_EXPORT = Act("batch_export", "batch", Purpose.CORRECTION)
FINDINGS = Act("findings", "dose", Purpose.CORRECTION)
FINDING_CLOSE = Act("finding_close", "dose", Purpose.CORRECTION)
CLUSTERS = Act("clusters", "dose", Purpose.CORRECTION)
CLUSTER_PREVIEW = Act("cluster_preview", "dose", Purpose.CORRECTION)
SUPPLEMENT_RECORD = Act("supplement_record", "dose", Purpose.CORRECTION)
SUPPLEMENTS = Act("supplements", "dose", Purpose.CORRECTION)
SUPPLEMENT_READ = Act("supplement_read", "dose", Purpose.CORRECTION)
SUPPLEMENT_PICTURE = Act("supplement_picture", "dose", Purpose.CORRECTION)
SUPPLEMENT_ANSWER = Act("supplement_answer", "dose", Purpose.CORRECTION)
COMPLAINT_READ = Act("complaint_read", "complaint", Purpose.COMPLAINT)
COMPLAINT_PICTURE = Act("complaint_picture", "complaint", Purpose.COMPLAINT)
COMPLAINT_ANSWER = Act("complaint_answer", "complaint", Purpose.COMPLAINT)
COMPLAINT_FORWARD = Act("complaint_forward", "complaint", Purpose.COMPLAINT)

_FILTERS = (
    "province",
    "district",
    "commune",
    "facility",
    "grade",
    "reason",
    "min_age",
    "max_age",
    "suggestion",
    "accepted",
    "waiting_for",
)


def scope_of(masked: bool | None, **filters: object) -> str:
    """The filters of an access as codes, as `masked province=68`.

    `masked`: whether people were shown masked; None where no person was shown.
    """
    people = {None: [], True: ["masked"], False: ["whole"]}[masked]
    return " ".join(
        [
            *people,
            *(f"{name}={value}" for name, value in filters.items() if value not in (None, False)),
        ]
    )


def scope_of_worklist(masked: bool, chosen: WorklistFilter) -> str:
    """The filters of a worklist, and its caller's reach.

    An assignee is a name: that one was filtered by is kept, not which.
    """
    reach = {
        "facilities": ",".join(chosen.reach.facilities) or None,
        "residences": ",".join(chosen.reach.residences) or None,
    }
    filters = {name: getattr(chosen, name) for name in _FILTERS}
    return scope_of(
        masked, **reach, **filters, assignee="given" if chosen.assignee is not None else None
    )
