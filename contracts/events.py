"""The events of the pipeline: chunks of up to 500 doses of one batch, carried as CloudEvents 1.0 in binary mode.

Readers are tolerant: an unknown field is ignored, and within v1 only optional fields are added.
"""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from contracts.words import Grade, Reason, Result

MAX_CHUNK = 500

Sex = Literal["male", "female"]
DoseKind = Literal["primary", "additional", "booster"]
Precision = Literal["day", "month", "year", "impossible", "missing"]
RecheckReason = Literal["case decided", "decision undone", "registry changed"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class Person(_Part):
    """The person of a dose as the facility typed it: trimmed text, nothing corrected."""

    full_name: str = ""
    date_of_birth: str = Field("", description="ISO date, yyyy-mm or yyyy where it could be read; otherwise the raw text")
    date_precision: Precision = "missing"
    sex: Sex | None = None
    personal_id: str = Field("", description="the ID column as typed, whatever stands in it")
    passport_number: str = ""
    nationality: str = Field("VN", description="ISO 3166-1 alpha-2")
    province_code: str = ""
    district_code: str = ""
    commune_code: str = ""


class DoseFacts(_Part):
    """What was injected and when; health owns these facts."""

    product: str = Field(description="product code of `contracts.products`")
    lot: str = ""
    dose_number: int = Field(ge=1, le=9)
    dose_kind: DoseKind
    date_given: date


class RecordedDose(_Part):
    """One dose as recorded, at one version."""

    dose_id: int
    version: int = Field(ge=1)
    source_id: str
    facility_code: str
    person: Person
    facts: DoseFacts


class DosesRecorded(_Part):
    """`doses.recorded.v1`: doses as typed and normalised; records writes, the verifier reads."""

    batch_id: int
    doses: Annotated[list[RecordedDose], Field(max_length=MAX_CHUNK)]


class AttributeResult(_Part):
    """How one attribute compares with the registry."""

    name: Literal["personal_id", "full_name", "date_of_birth", "sex", "passport_number", "status"]
    result: Result
    reason: Reason | None = None


class RegistryPerson(_Part):
    """The registry's own data of a verified person; for an exempt person, the data as typed."""

    personal_id: str = ""
    passport_number: str = ""
    full_name: str
    date_of_birth: str = Field(description="yyyy-mm-dd, yyyy-mm or yyyy")
    sex: Sex | None = None
    nationality: str = "VN"


class VerifiedDose(_Part):
    """What the verifier concluded of one dose at one version; `person` and `facts` only where the dose is eligible."""

    dose_id: int
    version: int
    grade: Grade
    attributes: tuple[AttributeResult, ...] = ()
    person: RegistryPerson | None = None
    facts: DoseFacts | None = None


class DosesVerified(_Part):
    """`doses.verified.v1`: the verifier writes, records and the signer read."""

    batch_id: int
    algorithm: str = Field(description="version of the matching algorithm and its policy table")
    registry_time: datetime | None = Field(None, description="time of the registry's answer")
    doses: Annotated[list[VerifiedDose], Field(max_length=MAX_CHUNK)]


class IssuedDose(_Part):
    """The certificate of one dose at one version."""

    dose_id: int
    version: int
    uvci: str


class RefusedDose(_Part):
    """An eligible dose for which no certificate may be issued, and the rule that says so."""

    dose_id: int
    version: int
    code: str


class CertificatesIssued(_Part):
    """`certificates.issued.v1`: the signer writes, records reads."""

    kid: str = Field(description="key identifier, base64")
    issued_at: datetime
    expires_at: datetime
    certificates: Annotated[list[IssuedDose], Field(max_length=MAX_CHUNK)]
    refused: Annotated[list[RefusedDose], Field(max_length=MAX_CHUNK)] = []


class WithdrawnDose(_Part):
    """One dose that is no longer valid, and why."""

    dose_id: int
    version: int
    reason: str


class DosesWithdrawn(_Part):
    """`doses.withdrawn.v1`: records writes, the signer and the verifier read."""

    doses: Annotated[list[WithdrawnDose], Field(max_length=MAX_CHUNK)]


class RecheckedDose(_Part):
    """One dose to be verified anew as it stands, and why; only while this is its current version."""

    dose_id: int
    version: int
    reason: RecheckReason


class DosesRecheck(_Part):
    """`doses.recheck.v1`: the verifier writes, records reads and tells each dose again as a new version of the same content."""

    doses: Annotated[list[RecheckedDose], Field(max_length=MAX_CHUNK)]
