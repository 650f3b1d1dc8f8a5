"""What the REST of the signer takes and answers."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from contracts.events import Sex
from services.signer.domain.revocation_hashes import HashType
from services.signer.hcert.outcomes import IN_V1, REASONS
from vietnamese.dates import is_year_cut, read_written
from vietnamese.unicode_forms import composed_if_text

_Composed = BeforeValidator(composed_if_text)
_Text = Annotated[str, Field(min_length=1, max_length=200), _Composed]

_PersonalId = Annotated[
    str,
    Field(min_length=4, max_length=20, description="personal ID; a foreigner's passport number"),
    _Composed,
]


def _day(written: object) -> object:
    """A day in any way that files have it; a moment is the day that it was in Viet Nam."""
    if not isinstance(written, str):
        return written
    if day := (read := read_written(written.strip())) and read.real():
        return day
    if is_year_cut(written):
        raise PydanticCustomError(
            "date_year_cut",
            "The year has two digits, so the day is not sure; write all four digits",
        )
    raise PydanticCustomError(
        "date_unreadable",
        "The date cannot be read, or there is no such day; write dd/mm/yyyy or yyyy-mm-dd",
    )


class PassportField(BaseModel):
    """One of the eleven fields, in Vietnamese and English."""

    field: str
    label_vi: str
    label_en: str
    value_vi: str
    value_en: str


class CertificateLinks(BaseModel):
    """Where a certificate is looked at, its pictures, and its page to print."""

    self: str
    png: str
    svg: str
    pdf: str


class Renewal(BaseModel):
    """Of a certificate that was renewed: which one it replaces, and until when that one is valid
    beside it.
    """

    replaces: str = Field(description="the earlier certificate's identifier")
    replaced_expires_at: datetime
    message_vi: str
    message_en: str


class Certificate(BaseModel):
    """One signed code, for one dose."""

    uvci: str
    status: Literal["valid", "expired", "revoked"]
    dose_number: int
    doses_in_series: int
    date_given: date
    product: str
    issued_at: datetime
    expires_at: datetime
    qr: str = Field(description="the text of the QR code: HC1:…")
    links: CertificateLinks
    renewal: Renewal | None = Field(None, description="null where it is the first for its dose")


class PassportLinks(BaseModel):
    """Where the passport is as a page to print."""

    pdf: str = "/signer/v1/me/passport.pdf"


class Passport(BaseModel):
    """What a person shows: the eleven fields of the current certificate, and all certificates, the
    first dose first.
    """

    fields: list[PassportField]
    certificates: list[Certificate]
    links: PassportLinks = PassportLinks()


class LookupRequest(BaseModel):
    """What the look-up page asks for."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    full_name: _Text
    date_of_birth: Annotated[
        str,
        Field(min_length=4, max_length=80, description="dd/mm/yyyy or yyyy-mm-dd, or the year"),
        _Composed,
    ]
    sex: Sex
    personal_id: _PersonalId
    last_dose_date: Annotated[date, BeforeValidator(_day)]
    email: Annotated[
        str,
        Field(
            max_length=254,
            pattern=r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$",
        ),
    ]
    code: Annotated[
        str | None,
        Field(
            max_length=40,
            description="an office's code, by which many tries of others are no hindrance",
        ),
    ] = None


class LookupCodeRequest(BaseModel):
    """For whom an office gives out a code."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    personal_id: _PersonalId


class LookupCode(BaseModel):
    """A code for one look-up of this person, to hand over or to send by post."""

    code: str = Field(description="XXXX-XXXX-XXXX")
    expires_at: datetime


class LookupTaken(BaseModel):
    """The only answer there is."""

    message_vi: str = (
        "Nếu thông tin khớp với dữ liệu tiêm chủng, hộ chiếu vắc xin sẽ được gửi đến địa chỉ thư"
        " điện tử đã cho."
    )
    message_en: str = (
        "If what you typed matches the vaccination records, the passport is on its way to the"
        " e-mail address you gave."
    )


class PassportLink(BaseModel):
    """The token of a letter's link, or the one by which who opened it looks again."""

    model_config = ConfigDict(extra="forbid")

    token: Annotated[str, Field(min_length=20, max_length=100, pattern=r"^[A-Za-z0-9_-]+$")]


class OpenedPassport(BaseModel):
    """What a link opens. `again`: a token by which the same browser looks again."""

    passport: Passport
    again: str
    again_until: datetime


class VerifyRequest(BaseModel):
    """The text of a QR code."""

    qr: Annotated[
        str,
        Field(
            max_length=100_000,
            description="line breaks, tabs and invisible marks in it do not matter",
        ),
    ]


class Step(StrEnum):
    """What is checked, in this order, as v1 names it."""

    PREFIX = "prefix"
    BASE45 = "base45"
    COMPRESSION = "compression"
    COSE = "cose"
    KEY = "key"
    SIGNATURE = "signature"
    VALIDITY = "validity"
    PAYLOAD = "payload"
    KEY_USAGE = "key_usage"
    REVOCATION = "revocation"


class Presented(BaseModel):
    """What a code says, to be believed only where the answer is valid.

    `entry` is its v, t or r, by the names of the European schema. Signs that nobody sees, or that
    turn the text, are shown as `⟦U+202E⟧`.
    """

    kid: str | None = Field(description="key identifier, base64")
    issuer: str | None
    issued_at: datetime | None
    expires_at: datetime | None
    kind: Literal["v", "t", "r"] | None
    uvci: str | None
    name: dict[str, str]
    date_of_birth: str | None
    entry: dict[str, str | int]
    faults: list[str] = Field(description="fields that break the European schema")
    unknown: list[str] = Field(
        [], description="fields whose code is in no value set that is known here"
    )


class CodeVerdict(BaseModel):
    """Whether a code is to be believed, and if not, the first reason against it; `steps` tells what
    each step that was reached found.
    """

    valid: bool
    code: str = Field(json_schema_extra={"enum": [code for code in REASONS if code not in IN_V1]})
    reason_vi: str
    reason_en: str
    steps: dict[Step, bool]
    certificate: Presented | None = Field(description="null where the code could not be opened")
    outcome: str = Field(
        "", description=f"as `code`, and finer, of a list that may grow: {', '.join(IN_V1)}"
    )


class VerifyAnswer(CodeVerdict):
    """Whether a code is to be believed, and if not, the first reason against it; `steps` tells what
    each step that was reached found.

    Of a picture with several codes: the first that is a health certificate's. `codes` has them all.
    """

    codes: list[CodeVerdict] | None = Field(
        None, description="of a picture: each code in it, down the page, then to the right"
    )


class TrustedSigner(BaseModel):
    """One document signer that is to be believed."""

    kid: str = Field(description="key identifier, base64")
    country: str
    usage: list[Literal["r", "t", "v"]] = Field(description="kinds of certificate it may sign")
    not_before: datetime
    not_after: datetime
    certificate: str = Field(description="X.509, DER in base64")


class TrustedPublicKey(BaseModel):
    """One document signer of which the key alone is known."""

    kid: str = Field(description="key identifier, base64")
    country: str
    usage: list[Literal["r", "t", "v"]] = Field(description="kinds of certificate it may sign")
    public_key: str = Field(description="SubjectPublicKeyInfo, DER in base64")


class TrustedSigners(BaseModel):
    """The trust list; `roots` are this issuer's own country certificates (CSCA), DER in base64."""

    items: list[TrustedSigner]
    next: str | None = None
    roots: list[str]
    keys: list[TrustedPublicKey] = Field([], description="those without a certificate")


class VerifierData(BaseModel):
    """What a verifier needs to judge codes while it is offline."""

    signed: str = Field(
        description=(
            "JWS in compact form (RFC 7515), by the key that signs certificates; `x5c` holds its"
            " certificate. Its payload is JSON: issued_at, country, roots, keys, revoked,"
            " value_sets, product_names, outcomes, misuses."
        )
    )


class Revoked(BaseModel):
    """One revoked certificate, by a hash that tells nothing of it: SHA-256 cut to 16 bytes,
    base64.
    """

    kid: str = Field(
        description="key identifier, base64; UNKNOWN_KID where the certificate was not signed here"
    )
    hash_type: HashType
    hash: str
    expires_at: datetime
