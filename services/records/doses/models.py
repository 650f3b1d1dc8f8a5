"""What `/doses` takes and answers, and what a row or a dose is told."""

from datetime import date, datetime

from pydantic import BaseModel, ConfigDict, Field

from contracts.events import DoseKind
from contracts.words import Grade, State
from services.records.histories.models import Finding
from services.records.suggestions.models import Suggestions
from services.records.told_cases.models import CaseOfDose, UnheldAcceptance


class RowMessage(BaseModel):
    """What a row is told about one field."""

    field: str
    code: str
    message: str = Field(description="in Vietnamese: what to do")
    message_en: str = Field("", description="the same in English")


class PersonOut(BaseModel):
    """A person as the facility typed it."""

    full_name: str
    date_of_birth: str
    sex: str | None
    personal_id: str
    passport_number: str
    nationality: str
    phone: str
    province_code: str
    district_code: str
    commune_code: str


class DoseVersion(BaseModel):
    """An older version of a dose."""

    version: int
    replaced_at: datetime
    replaced_by: str
    reason: str


class WithdrawnBy(BaseModel):
    """Who withdrew a dose, when and why."""

    version: int
    withdrawn_at: datetime
    withdrawn_by: str
    reason: str = Field(description="a code, or words of the caller's own")


class Dose(BaseModel):
    """One dose at its current version."""

    dose_id: int
    version: int
    batch_id: int | None
    source_id: str
    facility_code: str
    person: PersonOut
    hidden_characters: dict[str, str] = Field(
        default_factory=dict,
        description=(
            "fields whose text holds characters that nobody sees or that turn the text, with these"
            " marked as ⟦U+202E⟧; the fields themselves are as typed"
        ),
    )
    product: str
    lot: str
    dose_number: int
    dose_kind: DoseKind
    date_given: date
    state: State
    grade: Grade | None
    errors: list[RowMessage]
    uvci: str | None
    not_due: str | None = Field(description="the rule by which no certificate is due")
    explanation: RowMessage | None = Field(
        None, description="of that rule, where nothing is wrong with the dose"
    )
    supplemented: bool = Field(
        False, description="whether a station recorded it from the slip of who gave it"
    )


class DoseWithHistory(Dose):
    """A dose, its older versions, its end, and what it contradicts."""

    history: list[DoseVersion]
    withdrawal: WithdrawnBy | None = Field(
        None, description="null: it was not withdrawn, or before this was kept"
    )
    findings: list[Finding] = Field([], description="open ones")
    suggestions: Suggestions | None = Field(
        None, description="whom the registry's data suggest while people must put it right"
    )
    case: CaseOfDose | None = Field(
        None, description="where the police are with it while people must put it right"
    )
    unheld: UnheldAcceptance | None = Field(
        None, description="why the acceptance that somebody made of it did not hold"
    )


class PersonPatch(BaseModel):
    """Fields of a person that a correction changes."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"date_of_birth": "05/08/1977"}]})

    full_name: str | None = None
    date_of_birth: str | None = None
    sex: str | None = None
    personal_id: str | None = None
    passport_number: str | None = None
    nationality: str | None = None
    phone: str | None = None
    province_code: str | None = None
    district_code: str | None = None
    commune_code: str | None = None


class Correction(BaseModel):
    """A correction: the fields to change, and why; `version` guards against overwriting somebody
    else's correction.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "reason": "ngày sinh theo thẻ căn cước",
                    "version": 1,
                    "person": {"date_of_birth": "05/08/1977"},
                },
                {"reason": "wrong lot on the slip", "version": 1, "lot": "FK0112"},
            ]
        }
    )

    reason: str = Field(min_length=3, max_length=500)
    version: int | None = Field(
        None,
        ge=1,
        le=32767,
        description="the version that was looked at; 409 if it is no longer the current one",
    )
    person: PersonPatch | None = None
    product: str | None = None
    lot: str | None = None
    dose_number: int | str | None = None
    dose_kind: str | None = None
    date_given: str | None = None

    def changes(self) -> dict[str, str]:
        """The typed fields to change, those of the person beside the others."""
        given = self.model_dump(exclude_none=True, exclude={"reason", "version"})
        return {name: str(value) for name, value in {**given.pop("person", {}), **given}.items()}


class Withdrawal(BaseModel):
    """A dose that was entered in error."""

    dose_id: int
    version: int
    state: State
