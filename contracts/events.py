"""The events of the pipeline: chunks of up to 500 doses of one batch, carried as CloudEvents 1.0 in
binary mode.

Readers are tolerant: an unknown field is ignored, and within v1 only optional fields are added.

An event is a model, its parts are dataclasses: hundreds of millions are made, and a model of ten
fields takes twelve times the memory. A part is checked when its event is read; who makes one of
other people's data uses `checked`. None is ever changed; `slots` without `frozen`, whose
constructor takes three times as long.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from contracts.acceptance import NumberChange, Proof
from contracts.case_states import CaseAct, CaseState, WaitsFor
from contracts.words import Grade, Reason, Result
from vietnamese.dates import Precision

MAX_CHUNK = 500
MAX_SUGGESTED = 3

Sex = Literal["male", "female"]
DoseKind = Literal["primary", "additional", "booster"]
AttributeName = Literal[
    "personal_id", "full_name", "date_of_birth", "sex", "passport_number", "status"
]
_DOUBTS = (
    "why people must decide, whoever the person is; codes of `contracts.words.Doubt`, of which more"
    " may come"
)
RecheckReason = Literal["case decided", "decision undone", "registry changed"]


class _Event(BaseModel):
    # of a chunk's strings hardly any but the keys come twice
    model_config = ConfigDict(extra="ignore", frozen=True, cache_strings="keys")


Part = TypeVar("Part")


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def checked(kind: Callable[..., Part], values: Mapping[str, object]) -> Part:
    """A part made of other people's values; ValidationError where one is not of its kind."""
    made: Part = _adapter(kind).validate_python(values)
    return made


@dataclass(slots=True)
class Person:
    """The person of a dose as the facility typed it: trimmed text, nothing corrected."""

    full_name: str = ""
    date_of_birth: Annotated[
        str,
        Field(
            description="ISO date, yyyy-mm or yyyy where it could be read; otherwise the raw text"
        ),
    ] = ""
    date_precision: Precision = "missing"
    sex: Sex | None = None
    personal_id: Annotated[
        str, Field(description="the ID column as typed, whatever stands in it")
    ] = ""
    passport_number: str = ""
    nationality: Annotated[str, Field(description="ISO 3166-1 alpha-2")] = "VN"
    province_code: str = ""
    district_code: str = ""
    commune_code: str = ""


@dataclass(slots=True)
class DoseFacts:
    """What was injected and when; health owns these facts."""

    product: Annotated[str, Field(description="product code of `contracts.products`")]
    dose_number: Annotated[int, Field(ge=1, le=9)]
    dose_kind: DoseKind
    date_given: date
    lot: str = ""


@dataclass(slots=True)
class RecordedDose:
    """One dose as recorded, at one version."""

    dose_id: int
    version: Annotated[int, Field(ge=1)]
    source_id: str
    facility_code: str
    person: Person
    facts: DoseFacts
    doubts: Annotated[tuple[str, ...], Field(description=_DOUBTS)] = ()


class DosesRecorded(_Event):
    """`doses.recorded.v1`: doses as typed and normalised; records writes, the verifier reads."""

    batch_id: int
    doses: Annotated[list[RecordedDose], Field(max_length=MAX_CHUNK)]


@dataclass(slots=True, frozen=True)
class AttributeResult:
    """How one attribute compares with the registry."""

    name: AttributeName
    result: Result
    reason: Reason | None = None


@dataclass(slots=True)
class RegistryPerson:
    """The registry's own data of a verified person; for an exempt person, the data as typed."""

    full_name: str
    date_of_birth: Annotated[str, Field(description="yyyy-mm-dd, yyyy-mm or yyyy")]
    personal_id: str = ""
    passport_number: str = ""
    sex: Sex | None = None
    nationality: str = "VN"
    old_ids: Annotated[
        tuple[str, ...],
        Field(description="the person's superseded numbers, as the registry has them"),
    ] = ()


@dataclass(slots=True)
class SuggestedPerson:
    """A living registered person whom a dose that is not eligible may mean."""

    personal_id: str
    full_name: str
    date_of_birth: Annotated[str, Field(description="yyyy-mm-dd, yyyy-mm or yyyy")]
    sex: Sex
    confidence: Annotated[float, Field(ge=0, le=1)]
    number_change: Annotated[
        NumberChange, Field(description="what it would do to the typed number")
    ]
    evidence: Annotated[
        tuple[str, ...], Field(description="codes of what speaks for and against the person")
    ] = ()
    residence: Annotated[
        str, Field(description="province, district and commune as registered, joined")
    ] = ""
    certain: Annotated[
        str | None, Field(description="the kind by which a policy calls it certain; more may come")
    ] = None


@dataclass(slots=True)
class VerifiedDose:
    """What the verifier concluded of one dose at one version; `person` and `facts` only where the
    dose is eligible.
    """

    dose_id: int
    version: int
    grade: Grade
    attributes: tuple[AttributeResult, ...] = ()
    person: RegistryPerson | None = None
    facts: DoseFacts | None = None
    doubts: Annotated[tuple[str, ...], Field(description=_DOUBTS)] = ()
    facility_code: Annotated[
        str, Field(description="who recorded it; empty where not eligible, or not told")
    ] = ""
    residence: Annotated[
        str, Field(description="province, district and commune as recorded, joined; else empty")
    ] = ""
    suggestions: Annotated[
        tuple[SuggestedPerson, ...],
        Field(
            max_length=MAX_SUGGESTED,
            description="where it is not eligible: who may be meant, the likeliest first",
        ),
    ] = ()
    case: Annotated[
        CaseState | None, Field(description="its case as it was opened, where one waits")
    ] = None


class DosesVerified(_Event):
    """`doses.verified.v1`: the verifier writes, records and the signer read."""

    batch_id: int
    algorithm: str = Field(description="version of the matching algorithm and its policy table")
    registry_time: datetime | None = Field(None, description="time of the registry's answer")
    doses: Annotated[list[VerifiedDose], Field(max_length=MAX_CHUNK)]


@dataclass(slots=True)
class IssuedDose:
    """The certificate of one dose at one version."""

    dose_id: int
    version: int
    uvci: str


@dataclass(slots=True)
class RefusedDose:
    """An eligible dose for which no certificate may be issued, and the rule that says so."""

    dose_id: int
    version: int
    code: str


class CertificatesIssued(_Event):
    """`certificates.issued.v1`: the signer writes, records reads. A renewal is told as the same
    dose and version under another uvci.
    """

    kid: str = Field(description="key identifier, base64")
    issued_at: datetime
    expires_at: datetime
    certificates: Annotated[list[IssuedDose], Field(max_length=MAX_CHUNK)]
    refused: Annotated[list[RefusedDose], Field(max_length=MAX_CHUNK)] = []


@dataclass(slots=True)
class WithdrawnDose:
    """One dose that is no longer valid, and why."""

    dose_id: int
    version: int
    reason: str


class DosesWithdrawn(_Event):
    """`doses.withdrawn.v1`: records writes, the signer and the verifier read."""

    doses: Annotated[list[WithdrawnDose], Field(max_length=MAX_CHUNK)]


@dataclass(slots=True)
class UnansweredLookup:
    """What somebody typed on the look-up page, and was sent no passport for."""

    full_name: str
    date_of_birth: Annotated[str, Field(description="as typed")]
    sex: Sex
    personal_id: Annotated[str, Field(description="digits alone: twelve, or nine of an old card")]
    last_dose_date: date
    email: str


class LookupsUnanswered(_Event):
    """`lookups.unanswered.v1`: the signer writes, records reads and mails where the doses stand, if
    they are the doses of who asked.
    """

    lookups: Annotated[list[UnansweredLookup], Field(max_length=MAX_CHUNK)]


@dataclass(slots=True)
class RecheckedDose:
    """One dose to be verified anew as it stands, and why; only while this is its current
    version.
    """

    dose_id: int
    version: int
    reason: RecheckReason


class DosesRecheck(_Event):
    """`doses.recheck.v1`: the verifier writes, records reads and tells each dose again as a new
    version of the same content.
    """

    doses: Annotated[list[RecheckedDose], Field(max_length=MAX_CHUNK)]


@dataclass(slots=True)
class ShownCard:
    """A card as it was read: the number, and what else it says where its line was scanned."""

    personal_id: str
    full_name: str = ""
    date_of_birth: Annotated[str, Field(description="yyyy-mm-dd; empty: not scanned")] = ""


@dataclass(slots=True)
class AcceptedSuggestion:
    """Somebody accepted that a dose is the suggested person's, or takes that back."""

    dose_id: int
    version: int
    personal_id: Annotated[str, Field(description="of the suggested person")]
    proof: Proof
    role: Annotated[str, Field(description="in which it was accepted")]
    accepted_by: Annotated[str, Field(description="subject of the caller")]
    at: datetime
    card: Annotated[
        ShownCard | None, Field(description="that was shown: the person's, or the guardian's")
    ] = None
    act: Literal["accept", "undo"] = "accept"


class SuggestionsAccepted(_Event):
    """`suggestions.accepted.v1`: records writes, the verifier reads, and has the doses verified
    again where the acceptance holds.
    """

    suggestions: Annotated[list[AcceptedSuggestion], Field(max_length=MAX_CHUNK)]


@dataclass(slots=True)
class ChangedCase:
    """How the case of one version of a dose stands now, and what was done with it last."""

    dose_id: int
    version: int
    step: Annotated[int, Field(ge=0, description="grows with each change at one version")]
    state: CaseState
    act: CaseAct
    waiting_for: WaitsFor | None
    since: datetime


@dataclass(slots=True)
class RefusedAcceptance:
    """An acceptance of `suggestions.accepted.v1` that did not hold; `at` is the acceptance's."""

    dose_id: int
    version: int
    at: datetime
    code: Annotated[
        str, Field(description="of `contracts.case_states.AcceptanceRefusal`; more may come")
    ]


class CasesChanged(_Event):
    """`cases.changed.v1`: the verifier writes what people did with cases, records reads. How a case
    was opened is told with its dose by `doses.verified.v1`.
    """

    cases: Annotated[list[ChangedCase], Field(max_length=MAX_CHUNK)]
    refused: Annotated[list[RefusedAcceptance], Field(max_length=MAX_CHUNK)] = []
