"""The population registry's REST contract: what the ministry's endpoint answers, and the stub that
stands in for it.

`POST /registry/v1/people:lookup`, `POST /registry/v1/people:search`, `GET /registry/v1/changes`;
errors are problem documents (RFC 9457). Readers are tolerant: an unknown field is ignored, and
within v1 only optional fields are added.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from contracts.events import Sex

MAX_IDS = 1000
MAX_QUERIES = 500
MAX_KEYS = 64
MAX_FOUND = 100

Kind = Literal["corrected", "renumbered", "died"]
Key = Annotated[str, Field(min_length=1, max_length=120)] | Annotated[int, Field(ge=0, lt=1 << 64)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, cache_strings="keys")


# a dataclass for the reasons of the events' parts; never changed once made
@dataclass(slots=True)
class Person:
    """One registered person."""

    personal_id: Annotated[str, Field(pattern="^[0-9]{12}$")]
    full_name: str
    date_of_birth: Annotated[
        str,
        Field(
            pattern="^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$",
            description="yyyy-mm-dd; yyyy-mm or yyyy where no more is known",
        ),
    ]
    sex: Sex
    old_ids: Annotated[
        tuple[str, ...],
        Field(
            description=(
                "CMND numbers and superseded personal numbers; one number may be several people's"
            )
        ),
    ] = ()
    nationality: Annotated[str, Field(description="ISO 3166-1 alpha-2")] = "VN"
    province_code: Annotated[str, Field(description="of the registered residence")] = ""
    district_code: str = ""
    commune_code: str = ""
    status: Literal["alive", "died"] = "alive"


class LookupRequest(_Part):
    """Numbers to look up: personal, superseded or CMND; whatever else is asked for is nobody's."""

    ids: list[Annotated[str, Field(max_length=64)]] = Field(max_length=MAX_IDS)


class LookupAnswer(_Part):
    """Everyone whose personal number or one of whose old numbers was asked for, once each; a number
    that nobody has is simply absent.
    """

    as_of: datetime = Field(description="the moment that the answer holds for")
    asked: int = Field(
        description=(
            "how many numbers this answers for: fewer than were sent means that the answer is not"
            " whole"
        )
    )
    people: list[Person]


class Query(_Part):
    """People who have any one of these keys (`contracts.keys`)."""

    keys: list[Key] = Field(max_length=MAX_KEYS)


class SearchRequest(_Part):
    """Searches by key."""

    queries: list[Query] = Field(max_length=MAX_QUERIES)
    limit: int = Field(20, ge=1, le=MAX_FOUND, description="how many people a query may find")


class Found(_Part):
    """The people of one query, those who share the most keys first."""

    people: list[Person]
    more: bool = Field(description="more people share a key than are shown or were looked at")


class SearchAnswer(_Part):
    """One result a query, in the order of the queries."""

    as_of: datetime
    results: list[Found]


class Change(_Part):
    """One entry of the change feed."""

    sequence: int = Field(ge=1)
    at: datetime
    kind: Kind
    personal_id: str = Field(description="the number that the person had before the change")
    person: Person = Field(description="the person as registered after the change")


class Changes(_Part):
    """Changes after `since`, oldest first."""

    items: list[Change]
    next: int | None = Field(
        description="`since` of the next page; null where this is the last one for now"
    )
