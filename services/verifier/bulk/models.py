"""What the REST of bulk runs takes and answers."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from contracts.ids import DoseId
from services.verifier.api.models import Disputed
from services.verifier.bulk.rules import PAGE, Outcome, RunState, Stage

Area = Annotated[str, StringConstraints(pattern="^([0-9]{2}|[0-9]{5}|[0-9]{10})$")]
RowId = Annotated[DoseId, Field(ge=1, lt=1 << 63)]


class BulkKind(BaseModel):
    """Certain suggestions of one kind within the caller's areas."""

    kind: str = Field(description="of `contracts.certain_kinds`; more may come")
    label: str = Field(description="in Vietnamese")
    label_en: str = Field(description="in English")
    waiting: int = Field(description="rows that wait for a first confirmation")
    waiting_second: int = Field(description="rows that wait for a second one")
    stopped: bool = Field(description="in some of the areas: one was wrong")
    may_be_first: bool = Field(description="whether the caller may confirm them as the first")


class BulkKinds(BaseModel):
    """All kinds, the largest first."""

    items: list[BulkKind]


class NewBulkRun(BaseModel):
    """A run over one kind in one area: province, district and commune codes joined."""

    model_config = ConfigDict(extra="forbid")

    kind: Annotated[str, StringConstraints(pattern="^[A-Z_]{1,40}$")]
    area: Area | None = Field(None, description="the caller's own, where it is left out")


class BulkRun(BaseModel):
    """A run and what came of its rows."""

    id: int
    kind: str
    area: str
    state: RunState
    started_by: str
    started_at: datetime
    sample_left: int = Field(description="rows to be looked at singly before the first page")
    first_confirmed: int = Field(description="rows that wait for the second person")
    confirmed: int
    taken_out: int
    changed: int = Field(description="rows whose evidence changed: they are shown again")
    undone: int


class BulkRow(BaseModel):
    """One row as it was typed, beside the one registered person whom it fits. For everybody but the
    police numbers are masked.
    """

    id: int = Field(description="the dose's id, and its case's")
    version: int
    seen: str = Field(description="to be sent back: what exactly was shown")
    facility_code: str
    full_name: str
    date_of_birth: str
    sex: str | None
    typed_number: str
    personal_id: str
    registered_name: str
    registered_birth: str
    evidence: list[str]
    disputed: list[Disputed] = Field(description="what differs; values for the police only")


class BulkPage(BaseModel):
    """Rows to be confirmed together: one of the sample, or up to 50 alike."""

    id: int
    run_id: int
    kind: str
    label: str
    label_en: str
    stage: Stage
    first_by: str = Field(description="who confirms, or confirmed, it first")
    first_at: datetime | None
    taken_out: int = Field(description="rows that the first took out")
    left: int = Field(description="rows that wait for this stage, those of the page among them")
    rows: list[BulkRow]


class TakenPage(BaseModel):
    """The next page, null where nothing waits."""

    page: BulkPage | None


class WantedPage(BaseModel):
    """`beside`: a page in hand; another one is wanted, to be there before the key is up."""

    model_config = ConfigDict(extra="forbid")

    beside: Annotated[int, Field(ge=1, lt=1 << 63)] | None = None


class SeenRow(BaseModel):
    """A row as it was shown."""

    model_config = ConfigDict(extra="forbid")

    id: RowId
    version: Annotated[int, Field(ge=1, le=32_767)]
    seen: Annotated[str, StringConstraints(pattern="^-?[0-9]{1,20}$")]


class PageVerdict(BaseModel):
    """What somebody says of a page. `rows`: these are the people. `taken_out`: to be decided
    singly. `wrong`: not the person; that stops the kind in the area. Rows not named stay as they
    are.
    """

    model_config = ConfigDict(extra="forbid")

    rows: list[SeenRow] = Field(max_length=PAGE)
    taken_out: list[RowId] = Field([], max_length=PAGE)
    wrong: list[RowId] = Field([], max_length=PAGE)


class BulkOutcome(BaseModel):
    """What became of one row. `changed`: it will be shown again; `gone`: nobody has to decide it
    here any more.
    """

    id: int
    outcome: Outcome


class PageOutcome(BaseModel):
    """What became of a page."""

    page_id: int
    run: BulkRun
    items: list[BulkOutcome]


class Undone(BaseModel):
    """How many rows were taken back, and how many are left: ask again until none is."""

    undone: int
    left: int


class BulkStop(BaseModel):
    """A kind that is stopped in an area, because one was wrong."""

    id: int
    kind: str
    label: str
    label_en: str
    area: str
    run_id: int
    case_id: int = Field(description="the row that was wrong")
    stopped_by: str
    at: datetime
    lifted_by: str | None
    lifted_at: datetime | None
