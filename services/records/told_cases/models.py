"""What is shown of a dose's case, and of an acceptance that did not hold."""

from datetime import datetime

from pydantic import BaseModel, Field

from contracts.case_states import CaseAct, CaseState, WaitsFor


class CaseOfDose(BaseModel):
    """Where the dose's case is. Its thread is the verifier's, under the dose's id."""

    state: CaseState
    waiting_for: WaitsFor | None = Field(description="null: it is decided")
    since: datetime
    act: CaseAct = Field(description="what was done with it last")
    title: str = Field(description="the same in Vietnamese words")
    title_en: str


class UnheldAcceptance(BaseModel):
    """Why the last acceptance of a suggestion did not hold, and what to do."""

    code: str
    message: str = Field(description="in Vietnamese")
    message_en: str
    at: datetime
