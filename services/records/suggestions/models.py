"""What suggestions are shown as, and what accepting them takes and answers."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from contracts.acceptance import NextStep, NumberChange, Proof
from contracts.events import MAX_SUGGESTED, Sex

SuggestionKind = Literal["certain", "likely", "none"]


class AcceptableBy(BaseModel):
    """A proof by which the caller may accept a suggestion, and what follows."""

    proof: Proof
    next_step: NextStep


class SuggestedPersonOut(BaseModel):
    """A registered person who may be meant, as the caller may see them."""

    place: int = Field(ge=1, le=MAX_SUGGESTED, description="1: the likeliest")
    personal_id: str = Field(description="whole for the police; for others masked with `*`")
    full_name: str = Field(description="whole for the police; for others the words that were typed")
    date_of_birth: str = Field(
        description="whole for the police, and where just so was typed; else masked"
    )
    sex: Sex | None = Field(description="null: none was typed, and the caller is not police")
    confidence: float = Field(ge=0, le=1)
    evidence: list[str] = Field(description="codes of what speaks for and against the person")
    evidence_text: str = Field(description="the same in Vietnamese words")
    evidence_text_en: str
    number_change: NumberChange = Field(description="what it would do to the typed number")
    certain: str | None = Field(None, description="the kind by which a policy calls it certain")
    acceptable_by: list[AcceptableBy] = Field([], description="empty: not by the caller")


class Accepted(BaseModel):
    """Who accepted a suggestion for the dose as it stands, and what it waits for."""

    proof: Proof
    next_step: NextStep
    accepted_by: str
    accepted_at: datetime
    mine: bool = Field(description="the caller did, and may take it back")


class Suggestions(BaseModel):
    """Whom a dose may mean; gone when it passes, and current as the registry changes."""

    kind: SuggestionKind
    people: list[SuggestedPersonOut] = Field(max_length=MAX_SUGGESTED)
    dismissed: bool = Field(False, description="somebody who cleans said that it is not the first")
    accepted: Accepted | None = None


class Acceptance(BaseModel):
    """Accepts the suggested person at `place` for the dose at `version`."""

    version: int = Field(ge=1, le=32767, description="the version that was looked at")
    place: int = Field(1, ge=1, le=MAX_SUGGESTED)
    proof: Proof
    card: Annotated[str, Field(max_length=500)] | None = Field(
        None,
        description=(
            "the line of the scanned card, or its 12 digits: the person's own, or the guardian's"
            " scanned line"
        ),
        repr=False,
    )


class AcceptedAnswer(BaseModel):
    """What happens next with a dose whose suggestion was accepted, or is no longer."""

    dose_id: int
    version: int
    next_step: NextStep | Literal["undone", "dismissed", "open"]
    message: str = Field(description="in Vietnamese: what happens next")
    message_en: str = Field(description="the same in English")


class Dismissal(BaseModel):
    """Says that the dose at `version` is not the first suggested person's."""

    version: int = Field(ge=1, le=32767, description="the version that was looked at")
