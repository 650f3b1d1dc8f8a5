"""A dose as it is typed and as it is recorded."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from contracts.events import DoseFacts, DoseKind, Person, Sex
from contracts.products import PRODUCTS
from services.records.domain.dates import birth_typed, day_typed
from services.records.domain.digest import digest64
from services.records.domain.nationality import nationality_typed
from services.records.domain.vocabulary import KIND_TYPED, SEX_TYPED, read_phone
from vietnamese.cells import bare_number
from vietnamese.dates import Precision
from vietnamese.unicode_forms import composed, unusual

HOME = "VN"

# a tuple's own constructor: the one that a NamedTuple gets in Python takes longer than all the
# values do
_new = tuple.__new__


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
    """The row with each cell's text in its one form, trimmed: so it is kept and digested."""
    if unusual("".join(raw)) is None:
        return raw
    return _new(Raw, [text if text.isascii() else composed(text).strip() for text in raw])


class ValidDose(NamedTuple):
    """One dose as a facility recorded it; `content` is a 64-bit digest of everything in it, to tell
    "unchanged" from "new version".

    Flat, in the order of an event's fields: of most doses nobody asks for the parts as objects.
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

    def doubted(self, doubts: Sequence[str]) -> "ValidDose":
        """The same dose left to people for these reasons, which are part of its content."""
        if not doubts:
            return self
        content = digest64((str(self.content), *doubts))
        return self._replace(doubts=tuple(doubts), content=content)

    @property
    def person(self) -> Person:
        """The person as typed."""
        return Person(*self[2:12])

    @property
    def facts(self) -> DoseFacts:
        """What was injected and when."""
        return DoseFacts(*self[12:17])


def dose_of(
    source_id: str, facility_code: str, name: str, birth: str, precision: Precision,
    sex: Sex | None, personal_id: str, passport: str,
    nationality: str, province: str, district: str, commune: str,
    product: str, number: int, number_text: str, kind: DoseKind, given: date, given_text: str,
    lot: str, phone_typed: str,
) -> ValidDose:  # fmt: skip
    """The dose of these values, each read; `number_text` and `given_text` (ISO) are what a reader
    has at hand, for the digest.
    """
    # most are plain: the others keep what was typed, without what only their cell put there
    if personal_id and not (personal_id.isalnum() and personal_id.isascii()):
        personal_id = bare_number(personal_id)
    if passport and not (passport.isalnum() and passport.isascii()):
        passport = bare_number(passport)
    # the column is headed "CMND/CCCD/HC": a foreigner's number in it is that of a passport
    if nationality != HOME and personal_id and not passport:
        personal_id, passport = "", personal_id
    phone = read_phone(phone_typed)
    content = digest64((
        source_id, name, birth, precision, sex or "", personal_id, passport, nationality, province,
        district, commune, phone,
        product, lot, number_text, kind, given_text, facility_code,
    ))  # fmt: skip
    return _new(ValidDose, (
        source_id, facility_code, name, birth, precision, sex, personal_id, passport, nationality,
        province, district, commune,
        product, number, kind, given, lot, phone, content, (),
    ))  # fmt: skip


def typed_row(
    person: Person, phone: str, facility_code: str, source_id: str, facts: DoseFacts
) -> Raw:
    """A recorded dose as it would be typed; reading it gives the same dose."""
    return Raw(
        source_id, person.full_name, birth_typed(person.date_of_birth, person.date_precision),
        SEX_TYPED[person.sex],
        person.personal_id, person.passport_number, phone, nationality_typed(person.nationality),
        person.province_code, person.district_code, person.commune_code,
        str(facts.dose_number), KIND_TYPED[facts.dose_kind], PRODUCTS[facts.product].name,
        facts.lot,
        day_typed(facts.date_given), facility_code,
    )  # fmt: skip
