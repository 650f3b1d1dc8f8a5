"""What the REST of the verifier takes and answers."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from contracts.case_states import CaseState
from contracts.words import Grade, Reason, Result
from services.verifier.casework import NoteCode
from services.verifier.domain.guardian_rules import Refusal
from services.verifier.store.officer_decisions import DecisionKind
from vietnamese.unicode_forms import composed_if_text

MAX_CHECKED = 500

# control characters stand in no name; the store could not hold them either
_PLAIN = r"^[^\x00-\x1f]*$"
Text = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=200, pattern=_PLAIN),
    BeforeValidator(composed_if_text),  # of two, the last is the first to see the value
]


class Guardian(BaseModel):
    """The guardian who is there with a child: as typed, or the line of their scanned card, which
    nothing typed may contradict.
    """

    model_config = ConfigDict(extra="forbid")

    full_name: Text = ""
    date_of_birth: Text = ""
    sex: Literal["male", "female"] | None = None
    personal_id: Text = ""
    card: Text = Field("", description="as of the person")


class CheckedPerson(BaseModel):
    """A person as the clinic has typed them, or the line of a scanned CCCD card; what the card says
    goes before what was typed.
    """

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "full_name": "Trần Thị Mẫu",
                    "date_of_birth": "05/08/1977",
                    "sex": "female",
                    "personal_id": "079177004127",
                },
                {"card": "079177004127|024123456|Trần Thị Mẫu|05081977|Nữ|Quận Mẫu|25042021"},
            ]
        },
    )

    full_name: Text = ""
    date_of_birth: Text = Field(
        "",
        description="in every way that an upload takes: dd/mm/yyyy, mm/yyyy or yyyy; ISO dates too",
    )
    sex: Literal["male", "female"] | None = None
    personal_id: Text = ""
    passport_number: Text = ""
    nationality: Annotated[str, StringConstraints(pattern="^[A-Z]{2}$")] = "VN"
    province_code: Text = ""
    district_code: Text = ""
    commune_code: Text = ""
    card: Text = Field(
        "",
        description="`CCCD|CMND|name|ddmmyyyy|sex|address|issue date`, as the card's QR code reads",
    )
    guardian: Guardian | None = Field(
        None, description="of a child without a number: asks for the number, see `by_guardian`"
    )


class Checks(BaseModel):
    """Up to 500 people, before their injection."""

    model_config = ConfigDict(extra="forbid")

    people: list[CheckedPerson] = Field(min_length=1, max_length=MAX_CHECKED)


class Attribute(BaseModel):
    """How one attribute compares with the registry, and what to do about it."""

    name: str
    result: Result
    reason: Reason | None = None
    message: str = Field("", description="in Vietnamese")
    message_en: str = Field("", description="in English")


class Doubted(BaseModel):
    """Why people must decide, whoever the person is, and what to do about it."""

    code: str = Field(description="more may come")
    message: str = Field(description="in Vietnamese")
    message_en: str = Field(description="in English")


class Suggestion(BaseModel):
    """A registered person who may be meant. For everybody but the police of the number only the
    first three digits are shown, of the name what was typed.
    """

    personal_id: str
    full_name: str
    confidence: float = Field(ge=0, le=1)
    evidence: list[str]


class ByGuardian(BaseModel):
    """A child's number by its guardian. It is told only where the guardian is verified and of age.
    Name, birth date and sex must fit exactly one child who is registered in the guardian's commune,
    and nobody there may be meant instead.
    """

    personal_id: str | None = Field(description="the child's number; null where it may not be told")
    refusal: Refusal | None = Field(
        description=(
            "why it is not told; of who is registered it says no more than that nobody was"
            " singled out"
        )
    )
    message: str = Field("", description="what to do, in Vietnamese")
    message_en: str = Field("", description="what to do, in English")
    guardian: list[Attribute] = Field(
        description="where the guardian as given differs from the registry"
    )


class Checked(BaseModel):
    """The answer for one person, in the order they were asked for."""

    grade: Grade
    passes: bool = Field(description="whether a dose recorded so would go on to be signed")
    attributes: list[Attribute]
    by_guardian: ByGuardian | None = Field(
        None, description="where a guardian was given; `grade` stays that of the person as typed"
    )


class CheckedAll(BaseModel):
    """One answer a person."""

    items: list[Checked]
    registry_time: datetime


class Identity(BaseModel):
    """A person by the four fields that are compared."""

    personal_id: str
    full_name: str
    date_of_birth: str
    sex: Literal["male", "female"] | None


class Verification(BaseModel):
    """What the verifier concluded of one version of a dose."""

    dose_id: int
    source_id: str
    version: int
    grade: Grade
    attributes: list[Attribute]
    doubts: list[Doubted] = Field([], description="reasons besides the attributes")
    replaced: list[str] = Field(
        [],
        description="attributes for which the registry's data went on in place of what was typed",
    )
    typed: Identity | None = Field(
        None, description="as typed, where something differs; for the police only"
    )
    used: Identity | None = Field(
        None, description="the registry's data that went on instead; for the police only"
    )
    suggestions: list[Suggestion]
    algorithm: str
    registry_time: datetime | None


class Case(BaseModel):
    """A dose that people must decide."""

    id: int = Field(description="the dose's id")
    version: int
    state: CaseState
    grade: Grade
    reasons: list[str]
    residence: str = Field(description="province, district and commune codes joined")
    facility_code: str
    opened_at: datetime
    assigned_to: str | None = Field(description="the officer who acted on it last")


class Disputed(Attribute):
    """One attribute that differs; both values are shown to the police only."""

    typed: str | None = None
    registered: str | None = None


class Candidate(BaseModel):
    """A registered person who may be meant; of the number everybody but the police is shown the
    first three digits.
    """

    personal_id: str
    confidence: float = Field(ge=0, le=1)
    evidence: list[str]
    disputed: list[Disputed]


class CertifiedAs(BaseModel):
    """Whom the dose was certified as before it was corrected; number and name only where more than
    the grade was kept of it.
    """

    version: int
    personal_id: str | None = Field(
        description="everybody but the police is shown the first three digits"
    )
    full_name: str | None = Field(
        description="everybody but the police is shown what was typed of it"
    )


class DecisionMade(BaseModel):
    """One decision of an officer, and of a second one where two confirmed; shown to the police
    only.
    """

    version: int = Field(description="that it was made on")
    decision: DecisionKind
    personal_ids: list[str] = Field(description="who it is, or is not; none: a foreigner as typed")
    note_code: str
    reason: str | None
    decided_by: str
    at: datetime
    approved_by: str | None = Field(description="the second officer")
    approval_reason: str | None
    in_force: bool
    undone_by: str | None


class CaseDetail(Case):
    """A case with what is disputed. Of a repair the one candidate is whose data went on."""

    attributes: list[Attribute]
    doubts: list[Doubted] = Field([], description="reasons besides the attributes")
    candidates: list[Candidate]
    certified_as: CertifiedAs | None = Field(
        None, description="where a certified dose would become another person's"
    )
    decisions: list[DecisionMade] = Field([], description="the newest first; for the police only")


class Decision(BaseModel):
    """What an officer decides. `confirm`: this is the person. `reject`: it is not; without
    `personal_id`, none of the candidates is. `papers`: papers must be shown first. Of a repair that
    the machine made only `reject` can be said. A foreigner is confirmed without `personal_id`, as
    typed.
    """

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "decision": "confirm",
                    "personal_id": "079177004127",
                    "note_code": "PAPERS_SEEN",
                    "version": 1,
                },
                {"decision": "papers", "note_code": "PAPERS_MISSING", "version": 1},
            ]
        },
    )

    decision: DecisionKind
    personal_id: Annotated[str, StringConstraints(pattern="^[0-9]{12}$")] | None = None
    note_code: NoteCode
    reason: (
        Annotated[
            str,
            StringConstraints(strip_whitespace=True, min_length=3, max_length=500, pattern=_PLAIN),
        ]
        | None
    ) = Field(
        None,
        description=(
            "in the officer's own words; needed where the person is no candidate, or name and birth"
            " date both differ"
        ),
    )
    version: Annotated[int, Field(ge=1)] | None = Field(
        None, description="of the case as it was looked at; refused where it has changed"
    )


class Decided(BaseModel):
    """Where the case stands after the decision."""

    id: int
    state: CaseState
