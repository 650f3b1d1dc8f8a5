"""What `/people/search` takes and answers."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from contracts.events import Sex
from services.chassis.paging import Page
from services.records.complaints.models import ListedComplaint
from services.records.domain.namesakes import Unlike
from services.records.doses.models import Dose, PersonOut
from services.records.told_cases.models import CaseOfDose

_Number = Annotated[str, Field(max_length=40)]


class PersonSearch(BaseModel):
    """Whom to look for, in one of three ways.

    By `number`; by `passport_number` and `nationality`; or by `full_name` and `date_of_birth`.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"number": "079177004127"},
                {"passport_number": "X40271860", "nationality": "GB"},
                {"full_name": "tran thi mau", "date_of_birth": "05/08/1977"},
            ]
        }
    )

    number: _Number | None = Field(
        None, description="CCCD, or the number of an earlier card (CMND), as typed"
    )
    passport_number: _Number | None = None
    nationality: str | None = Field(None, pattern="^[A-Z]{2}$", description="ISO 3166-1 alpha-2")
    full_name: str | None = Field(
        None, max_length=200, description="whole; accents and the order of its words do not matter"
    )
    date_of_birth: str | None = Field(
        None,
        max_length=40,
        description=(
            "as typed, day first; a year or month alone only together with a district or commune"
        ),
    )
    sex: Sex | None = Field(None, description="with name and birth date: of this sex, or not told")
    province_code: str | None = Field(None, pattern="^[0-9]{2}$", description="of residence")
    district_code: str | None = Field(None, pattern="^[0-9]{3}$")
    commune_code: str | None = Field(None, pattern="^[0-9]{5}$")


class FoundBy(StrEnum):
    """By what a person was found."""

    NUMBER = "number"
    """The registry's own."""
    OLD_NUMBER = "old_number"
    """One that the person had before, by the registry."""
    TYPED_NUMBER = "typed_number"
    """It was typed for these doses, and nobody has confirmed it."""
    PASSPORT = "passport"
    NAME = "name"


class FoundDose(Dose):
    """One dose of a found person."""

    since: datetime = Field(description="since when it stands so, or waits for people")
    case: CaseOfDose | None = Field(None, description="where the police are with it; null: nowhere")


class FoundPerson(BaseModel):
    """A person, and all of their doses within the caller's reach.

    Doses whose person is not confirmed are together where the same was typed for them.
    """

    person: PersonOut = Field(description="as typed for the newest dose")
    confirmed: bool = Field(description="whether the registry confirmed the person, or a passport")
    found_by: FoundBy
    unlike: list[Unlike] = Field(
        [], description="how it is not written as it was asked for; with name and birth date only"
    )
    doses: list[FoundDose] = Field(description="in the order they were given")
    complaints: list[ListedComplaint] = Field(
        [],
        description="that the person sent signed in, at offices that the caller sees",
    )


class FoundPeople(Page[FoundPerson]):
    """The people that were found."""

    too_many: bool = Field(
        False, description="more doses fit than are looked through; say more of the person"
    )
