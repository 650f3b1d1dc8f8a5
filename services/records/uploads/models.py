"""What `/batches` answers."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from contracts.words import Grade, State
from services.records.doses.models import RowMessage
from services.records.suggestions.models import Suggestions
from services.records.told_cases.models import CaseOfDose, UnheldAcceptance


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
    not_read_from: int | None = Field(
        None,
        description=(
            "the first row that was not read, since too many before it were empty or unreadable;"
            " null: the file was read to its end"
        ),
    )


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
    settled: bool = Field(
        False,
        description="nothing moves by itself any more: no dose is pending or due to be signed",
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
    suggestions: Suggestions | None = Field(
        None, description="whom the registry's data suggest; null: nobody, or the dose passed"
    )
    case: CaseOfDose | None = Field(
        None, description="where the police are with it while people must put it right"
    )
    unheld: UnheldAcceptance | None = Field(
        None, description="why the acceptance that somebody made of it did not hold"
    )


def messages(stored: list[dict[str, Any]] | None) -> list[RowMessage]:
    """Stored row messages as they are told."""
    return [RowMessage.model_validate(one) for one in stored or ()]


class ColumnRead(BaseModel):
    """A column of a file, and the field that it was read as."""

    header: str = Field(description="as typed")
    field: str = Field(description="JSON name of the field")
    name: str = Field(description="its header in Vietnamese; empty: no field of a dose")


class PreviewedRow(BaseModel):
    """A row as it would be read."""

    row: int
    sheet: str | None = None
    cells: dict[str, str] = Field(description="what was typed, by the field's JSON name")
    errors: list[RowMessage] = Field(description="why it would be rejected; empty: taken")


class BatchPreview(BaseModel):
    """What would be understood of a file; nothing of it is stored."""

    media_type: str
    columns: list[ColumnRead] = Field(description="empty where the file has none (JSON, FHIR)")
    unused_columns: list[str]
    ignored: dict[str, int]
    notices: list[RowMessage]
    sheets: list[str] = []
    rows: list[PreviewedRow] = Field(description="the first rows")
    looked_at: int = Field(description="rows that were read for this, from the beginning")
    would_be_rejected: int = Field(description="of these, by what stands in the row alone")
    more: bool = Field(description="the file has more rows than were looked at")
