"""A dose as it is typed, and as it is recorded."""

from datetime import date
from typing import NamedTuple

from contracts.events import DoseFacts, DoseKind, Person, Sex
from contracts.products import PRODUCTS
from services.records.domain.field_parsers import KIND_TYPED, SEX_TYPED
from vietnamese.countries import country_typed
from vietnamese.dates import Precision, birth_typed, day_typed
from vietnamese.unicode_forms import composed, unusual

HOME = "VN"


class Raw(NamedTuple):
    """One row as typed: trimmed text, in the fixed order of the fields."""

    source_id: str = ""
    full_name: str = ""
    date_of_birth: str = ""
    sex: str = ""
    personal_id: str = ""
    passport_number: str = ""
    phone: str = ""
    nationality: str = ""
    province_code: str = ""
    district_code: str = ""
    commune_code: str = ""
    dose_number: str = ""
    dose_kind: str = ""
    product: str = ""
    lot: str = ""
    date_given: str = ""
    facility_code: str = ""


FIELDS = Raw._fields


def composed_row(raw: Raw) -> Raw:
    """The row with each cell's text trimmed and in its one Unicode form, which is digested."""
    if unusual("".join(raw)) is None:
        return raw
    return Raw._make([text if text.isascii() else composed(text).strip() for text in raw])


class ValidDose(NamedTuple):
    """One dose whose fields were all read and that breaks no rule, as its facility recorded it.

    `content` is a 64-bit digest of everything in it, which tells "unchanged" from "new version".
    It is flat, in the order of an event's fields: few ask for the parts as objects.
    """

    source_id: str
    facility_code: str
    full_name: str
    date_of_birth: str
    date_precision: Precision
    sex: Sex | None
    personal_id: str
    passport_number: str
    nationality: str
    province_code: str
    district_code: str
    commune_code: str
    product: str
    dose_number: int
    dose_kind: DoseKind
    date_given: date
    lot: str
    phone: str
    content: int
    doubts: tuple[str, ...] = ()

    @property
    def person(self) -> Person:
        """The person as typed."""
        return Person(*self[2:12])

    @property
    def facts(self) -> DoseFacts:
        """What was injected and when."""
        return DoseFacts(*self[12:17])


def typed_row(
    person: Person, phone: str, facility_code: str, source_id: str, facts: DoseFacts
) -> Raw:
    """A recorded dose as it would be typed; reading it gives the same dose."""
    return Raw(
        source_id, person.full_name, birth_typed(person.date_of_birth, person.date_precision),
        SEX_TYPED[person.sex],
        person.personal_id, person.passport_number, phone, country_typed(person.nationality),
        person.province_code, person.district_code, person.commune_code,
        str(facts.dose_number), KIND_TYPED[facts.dose_kind], PRODUCTS[facts.product].name,
        facts.lot,
        day_typed(facts.date_given), facility_code,
    )  # fmt: skip
