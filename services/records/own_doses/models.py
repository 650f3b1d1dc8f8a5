"""What `/me/doses` answers."""

from datetime import date, datetime

from pydantic import BaseModel, Field

from contracts.events import DoseKind
from contracts.standing import Holder, Paper, Stage


class InBothLanguages(BaseModel):
    """The same words in Vietnamese and English."""

    vi: str
    en: str


class DoseHolder(BaseModel):
    """The office that has a dose in hand, by the codes that are known of it."""

    kind: Holder
    name: InBothLanguages
    facility_code: str | None = Field(None, description="where the facility has it")
    residence: str | None = Field(
        None, description="province, district and commune joined, where an office of these has it"
    )


class PaperToBring(BaseModel):
    """A paper that helps."""

    kind: Paper
    name: InBothLanguages


class OwnDose(BaseModel):
    """One dose of the caller, and where it stands."""

    dose_id: int
    facility_code: str
    product: str
    product_name: str
    dose_number: int
    dose_kind: DoseKind
    date_given: date
    stage: Stage
    title: InBothLanguages
    explanation: InBothLanguages
    holder: DoseHolder
    since: datetime | None = Field(description="how long it has stood there, where that is kept")
    bring: list[PaperToBring]
    next: InBothLanguages
    reasons: list[str] = Field(description="codes, for who helps by telephone")
    uvci: str | None


class OwnDoses(BaseModel):
    """The caller's doses, the newest injection first."""

    items: list[OwnDose]
    others: int = Field(
        description=(
            "doses that bear the caller's number under another name or birth date: not shown, and"
            " to be told to the station where one of them is the caller's after all"
        )
    )
    note: InBothLanguages | None = Field(
        None, description="what to do where nothing stands under the number"
    )
