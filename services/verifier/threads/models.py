"""What the REST of threads takes and answers."""

from datetime import datetime
from typing import Annotated

from pydantic import Base64Bytes, BaseModel, ConfigDict, Field, StringConstraints

from contracts.case_states import WaitsFor
from services.verifier.api.models import Case
from services.verifier.threads.rules import MOST_BESIDE, MessageKind, SaidKind

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]


class NewMessage(BaseModel):
    """Something said in a thread, with a picture of the papers where there is one."""

    model_config = ConfigDict(extra="forbid")

    kind: SaidKind
    text: Words | None = None
    picture: Base64Bytes | None = Field(
        None, description="JPEG, PNG or WebP of at most 2 MB, in base64"
    )


class Message(BaseModel):
    """One message of a thread."""

    id: int
    kind: MessageKind
    said_by: str = Field(description="subject of who said or did it")
    role: str
    said_at: datetime
    text: str | None
    has_picture: bool


class CaseThread(BaseModel):
    """A case with all that was said of it, the oldest first."""

    case: Case
    waiting_for: WaitsFor | None
    claimed_by: str | None
    claimed_until: datetime | None
    messages: list[Message]


class WantedCase(BaseModel):
    """Which case is wanted next.

    `second`: of those that wait for a second officer. `beside`: those in hand already, and those
    whose decision is on its way.
    """

    model_config = ConfigDict(extra="forbid")

    second: bool = False
    beside: Annotated[
        list[Annotated[int, Field(ge=1, lt=1 << 63)]], Field(max_length=MOST_BESIDE)
    ] = []


class TakenCase(BaseModel):
    """The case that is the caller's now, null where none waits; and how many wait."""

    case_id: int | None
    claimed_until: datetime | None
    left: int = Field(description="cases that wait for this step, up to 10,000")
    waiting_second: int = Field(description="cases that wait for another second officer")


class Claimed(BaseModel):
    """Who has a case in hand, and until when; claims end by themselves."""

    case_id: int
    claimed_by: str | None
    claimed_until: datetime | None


class HandOver(BaseModel):
    """Who takes the case in hand; null: whoever is next."""

    model_config = ConfigDict(extra="forbid")

    officer: Annotated[str, StringConstraints(min_length=1, max_length=100)] | None = None
