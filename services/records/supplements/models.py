"""What `/supplements` takes and answers."""

from datetime import datetime
from typing import Annotated

from pydantic import Base64Bytes, BaseModel, Field

from services.records.complaints.models import Facility
from services.records.doses.models import Dose
from services.records.supplements.rules import ContestReason, SupplementState

_Text = Annotated[str, Field(max_length=200)]


class SupplementedPerson(BaseModel):
    """The person who was injected, as typed."""

    full_name: _Text
    date_of_birth: _Text = Field(description="as typed, day first")
    sex: _Text
    personal_id: _Text = ""
    passport_number: _Text = ""
    nationality: _Text = ""
    phone: _Text = ""
    province_code: _Text
    district_code: _Text = ""
    commune_code: _Text = ""


class NewSupplement(BaseModel):
    """A dose that was given elsewhere and never recorded, from its slip."""

    person: SupplementedPerson
    facility_code: Facility = Field(description="of the facility that gave it")
    product: _Text
    lot: _Text = ""
    dose_number: int = Field(ge=1, le=9)
    dose_kind: _Text = Field("", description="as typed: primary, additional or booster")
    date_given: _Text = Field(description="as typed, day first")
    picture: Base64Bytes = Field(
        description="of the slip: JPEG, PNG or WebP of at most 2 MB, in base64"
    )


class Supplement(BaseModel):
    """A supplemented dose, and what the facility that gave it says."""

    supplement_id: int
    state: SupplementState
    recorded_at: datetime
    contest_until: datetime = Field(description="until then the facility may contest it")
    dose: Dose
    answered_at: datetime | None = Field(description="when the facility confirmed or contested it")
    reason: ContestReason | None = Field(description="why it is contested")
    words: str | None = Field(None, description="what the facility says besides")
    ruled_at: datetime | None = Field(description="when a province ruled on the contest")
    own_dose_id: int | None = Field(
        description="the facility's own record, which stands in its place; null: none, or it is"
        " beyond reach"
    )


class Contest(BaseModel):
    """Why the facility says that the dose is not right."""

    reason: ContestReason
    words: str = Field("", max_length=1000)


class Ruling(BaseModel):
    """What a province says of a contest."""

    upheld: bool = Field(description="true: the dose is withdrawn; false: it stands")
