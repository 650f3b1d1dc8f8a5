"""The acts that the verifier's audit records, and what each is usually for.

Callers may say their purpose themselves by a header.
"""

from typing import Annotated

from fastapi import Header

from contracts.purposes import DESCRIBED, HEADER, Purpose
from services.chassis.audit import Act

Why = Annotated[Purpose | None, Header(alias=HEADER, description=DESCRIBED)]

CHECK = Act("check", "person", Purpose.VACCINATION)
GUARDIAN_LOOK_UP = Act("guardian_look_up", "person", Purpose.VACCINATION)
"""The guardian by whom a child was searched for."""
NUMBER_TOLD = Act("number_told", "person", Purpose.VACCINATION)
READ = Act("read", "dose", Purpose.CORRECTION)
LOOK_UP = Act("look_up", "person", Purpose.IDENTITY)
CASE_LIST = Act("case_list", "dose", Purpose.IDENTITY)
CASE_READ = Act("case_read", "dose", Purpose.IDENTITY)
CASE_UNDO = Act("case_undo", "dose", Purpose.IDENTITY)

THREAD_READ = Act("thread_read", "dose", Purpose.IDENTITY)
THREAD_SAY = Act("thread_say", "dose", Purpose.IDENTITY)
CASE_CLAIM = Act("case_claim", "dose", Purpose.IDENTITY)
BULK_PAGE = Act("bulk_page", "dose", Purpose.IDENTITY)
BULK_CONFIRM = Act("bulk_confirm", "dose", Purpose.IDENTITY)
BULK_UNDO = Act("bulk_undo", "dose", Purpose.IDENTITY)
BULK_LIFT = Act("bulk_lift", "dose", Purpose.SUPERVISION)


def case_act(decision: str) -> Act:
    """An officer's decision: `case_confirm`, `case_reject`, `case_papers`."""
    return Act(f"case_{decision}", "dose", Purpose.IDENTITY)
