"""What the REST of records takes and answers about complaints."""

from datetime import date, datetime
from typing import Annotated

from pydantic import Base64Bytes, BaseModel, ConfigDict, Field, model_validator

from contracts.events import Sex
from contracts.ids import DoseId
from services.records.complaints.rules import ComplaintKind, Standing
from services.records.doses.models import Correction

Facility = Annotated[str, Field(pattern=r"^[0-9]{5}$")]
Province = Annotated[str, Field(pattern=r"^[0-9]{2}$")]
_EMAIL = r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$"


class Contact(BaseModel):
    """Where the answer may go: it is mailed to the e-mail address, where there is one."""

    email: str | None = Field(None, max_length=254, pattern=_EMAIL)
    phone: str | None = Field(None, max_length=20, pattern=r"^\+?[0-9 .()-]{8,19}$")


class AboutDose(BaseModel):
    """Whose dose it is, as on the look-up page: for who has no token."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    full_name: str = Field(min_length=1, max_length=200)
    date_of_birth: str = Field(
        min_length=4, max_length=80, description="dd/mm/yyyy or yyyy-mm-dd, or the year"
    )
    sex: Sex
    personal_id: str = Field(min_length=4, max_length=20)
    date_given: date


class NewComplaint(BaseModel):
    """What is wrong or missing."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "kind": "missing_dose",
                    "text": "Thiếu mũi 2 tiêm ngày 02/11/2021.",
                    "province_code": "79",
                    "facility_code": "79001",
                    "contact": {"email": "mau@example.vn"},
                }
            ]
        }
    )

    kind: ComplaintKind
    text: str = Field(min_length=1, max_length=2000)
    facility_code: Facility | None = Field(
        None, description="the facility that must answer, where it is known"
    )
    province_code: Province = Field(
        description="of residence: who must answer where no facility is named"
    )
    contact: Contact | None = None
    dose_id: DoseId | None = Field(
        None, ge=1, lt=1 << 63, description="one of the citizen's own doses; it takes their token"
    )
    about: AboutDose | None = Field(
        None,
        description=(
            "without a token: the dose is found by these where they are its person's. The answer is"
            " the same where they are not"
        ),
    )
    picture: Base64Bytes | None = Field(
        None, description="JPEG, PNG or WebP of at most 2 MB, in base64"
    )


class ComplaintTaken(BaseModel):
    """A complaint has a number, and a time by which it must be answered."""

    complaint_id: int
    due_at: datetime


class ListedComplaint(BaseModel):
    """A complaint in a list, without what it says."""

    complaint_id: int
    kind: ComplaintKind
    state: Standing
    office: str = Field(description="who must answer: a facility's code, or a province's")
    facility_code: str = Field(description="that the complaint names; empty: none")
    province_code: str
    has_picture: bool
    created_at: datetime
    due_at: datetime
    answered_at: datetime | None


class OwnComplaint(ListedComplaint):
    """A complaint as the one who sent it sees it."""

    dose_id: int | None = Field(None, description="the dose it is about, where it is known")
    text: str
    answer: str | None
    corrected: list[str] = Field([], description="fields of the dose that the answer put right")
    forgotten: bool = Field(
        False, description="the complaint was answered, and what it said is no longer kept"
    )


class Complaint(OwnComplaint):
    """A complaint as the office sees it; every access is kept in an audit."""

    contact: Contact | None


class Answer(BaseModel):
    """What the office answers; the citizen reads the last one.

    `correction` settles it: it is made and answered at once, or neither.
    """

    text: str = Field(min_length=1, max_length=2000)
    correction: Correction | None = None
    dose_id: DoseId | None = Field(
        None,
        ge=1,
        lt=1 << 63,
        description="of the dose to correct, where the complaint does not say which it is",
    )


class Forwarding(BaseModel):
    """The other office that a complaint goes to: a facility or a province. The clock goes on."""

    facility_code: Facility | None = None
    province_code: Province | None = None

    @model_validator(mode="after")
    def _one_office(self) -> "Forwarding":
        if (self.facility_code is None) == (self.province_code is None):
            raise ValueError("name a facility or a province")
        return self
