"""What the REST of records answers."""

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, Field

from contracts.events import DoseKind
from contracts.words import Grade, Reason, State
from services.records.api.history_models import Finding


class RowMessage(BaseModel):
    """What a row is told about one field."""

    field: str
    code: str
    message: str = Field(description="in Vietnamese: what to do")
    message_en: str = Field("", description="the same in English")


class Links(BaseModel):
    """Where a batch is looked at."""

    self: str
    rows: str
    rows_csv: str
    rows_xlsx: str | None = Field(
        None,
        description=(
            "the file to correct: its cells are texts, which no spreadsheet changes; null: too many"
            " rows for a workbook"
        ),
    )


class BatchCounts(BaseModel):
    """An upload's rows: every one is accepted or rejected."""

    batch_id: int
    received: int
    accepted: int
    rejected: int
    unchanged: int = Field(
        description="accepted rows whose dose was on record with the same content"
    )
    corrected: int = Field(description="accepted rows that made a new version of a dose on record")
    links: Links
    sheets: list[str] = Field([], description="of a workbook: the sheets that were read, in order")
    ignored: dict[str, int] = Field(
        default_factory=dict,
        description=(
            "what was passed over and how much of it: of a FHIR bundle the entries that tell of no"
            " dose, by kind of resource; of a workbook the sheets that are hidden or have no"
            " header, by name, with their rows"
        ),
    )
    unused_columns: list[str] = Field(
        [], description="headers of columns that no field of a dose takes, as typed"
    )
    notices: list[RowMessage] = Field([], description="about the file as a whole")


class BatchCreated(BatchCounts):
    """The answer to an upload: every row is accepted or rejected."""

    warnings: int = Field(0, description="accepted rows that were told something; see the rows")


class Batch(BatchCounts):
    """A batch and where its doses stand today; accepted is the sum over states."""

    status: str = Field(
        description="open, complete, or broken: the upload ended early; send the file again"
    )
    warnings: int
    states: dict[State, int]
    grades: dict[Grade, int]
    reasons: dict[str, int] = Field(
        description=(
            "doses that wait for people, by reason, or by the code with which the signer refused"
            " them"
        )
    )
    not_due: int = Field(
        description=(
            "eligible doses that get no certificate: below the minimum age, or refused by the"
            " signer for a reason among `reasons`"
        )
    )
    created_at: datetime


class Row(BaseModel):
    """One row of a batch."""

    row: int = Field(
        description="as people see it numbered: in a table its header and the lines above count"
    )
    sheet: str | None = Field(None, description="of a workbook: the sheet that the row stands on")
    source_id: str
    dose_id: int | None
    version: int | None
    state: State | None = Field(description="null: the row was rejected")
    grade: Grade | None
    errors: list[RowMessage]
    explanation: RowMessage | None = Field(
        None,
        description="why an eligible dose gets no certificate although nothing is wrong with it",
    )


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


class DoseWithHistory(Dose):
    """A dose, its older versions, its end, and what it contradicts."""

    history: list[DoseVersion]
    withdrawal: WithdrawnBy | None = Field(
        None, description="null: it was not withdrawn, or before this was kept"
    )
    findings: list[Finding] = Field([], description="open ones")


class ProgressLine(BaseModel):
    """How far the doses of one area, one facility or one day are.

    An area's doses are those of its residents; what was reported, and what is missing of it, is
    that of the facilities on its ground.
    """

    group: str
    reported: int | None = Field(
        None,
        description=(
            "doses administered, by the facilities' daily totals; null: not counted by this group"
        ),
    )
    missing: int | None = Field(
        None,
        description=(
            "doses of reported days that were never uploaded, day by day and facility by facility"
        ),
    )
    recorded: int
    sent: int = Field(
        0,
        description=(
            "of these not withdrawn and with a number that the registry could be asked for, or"
            " judged soon"
        ),
    )
    right: int = Field(0, description="confirmed as typed, or in another spelling")
    repaired: int
    exempt: int = Field(0, description="foreigners, by passport number")
    waiting: dict[Reason, int] = Field(
        {}, description="doses that wait for people, by reason; one dose may have several"
    )
    refused: dict[str, int] = Field(
        {},
        description=(
            "eligible doses that wait for people because the signer refused them, by its code"
        ),
    )
    held: dict[str, int] = Field(
        {},
        description=(
            "doses that wait for people for another reason than the person's data, by its code"
        ),
    )
    issued: int = 0
    states: dict[State, int]


class ReportIn(BaseModel):
    """A facility's total of one day."""

    administered: int = Field(ge=0, le=100_000)


class Report(ReportIn):
    """What was reported, beside what is on record of that day."""

    facility_code: str
    day: date
    recorded: int
    missing: int


class Progress(BaseModel):
    """Progress, one line a group."""

    by: str
    items: list[ProgressLine]


class PersonPatch(BaseModel):
    """Fields of a person that a correction changes."""

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


def messages(stored: list[dict[str, Any]] | None) -> list[RowMessage]:
    """Stored row messages as they are told."""
    return [RowMessage.model_validate(one) for one in stored or ()]
