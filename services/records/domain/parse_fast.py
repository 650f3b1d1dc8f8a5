"""The fast path of parsing: rows without errors and warnings, as nearly all are, in one pass.

The tables of `dose_rules` stay the authority. Rules over values of which there are few (number,
kind, product) are asked once, at import. Rules over dates and facilities are compared here:
`COMPARED` names them. Tests hold that no rule is left over, and that a row is parsed the same
whichever way it takes.
"""

from datetime import date
from functools import lru_cache
from itertools import product as combinations
from typing import Any, NamedTuple

from contracts.events import DoseKind, Sex
from contracts.products import PRODUCTS
from services.records.domain.digest import EMPTY, SEPARATOR, SIGNED_64
from services.records.domain.dose import HOME, Raw, ValidDose
from services.records.domain.dose_rules import (
    NUMBERS,
    OLDEST_BIRTH,
    RULES,
    TEXT_FAULTS,
    ParsedRow,
)
from services.records.domain.field_parsers import (
    read_area,
    read_day,
    read_facility,
    read_kind,
    read_lot,
    read_nationality,
    read_number,
    read_phone,
    read_product,
    read_sex,
)
from services.records.domain.row_error import Unread
from vietnamese.cells import bare_number
from vietnamese.dates import PROGRAMME_BEGAN, Precision, read_birth, read_day_first
from vietnamese.unicode_forms import unusual

MAX_TEXT, MAX_ID = 200, 64
_LONGEST_REMEMBERED = 2_000
"""Characters of a row; a longer one has a cell that is too long, and is not even looked up."""
GUARDS = frozenset("='\"")
"""With these a spreadsheet's export begins what is to stay text: `'0012`, `="0012"`.

No record code and no name begins so.
"""

REMEMBERED = [
    rule for rule in RULES if {"dose_number", "dose_kind", "product"}.issuperset(rule.needs)
]
COMPARED = frozenset({
    "BIRTH_TOO_EARLY", "BIRTH_IN_FUTURE", "GIVEN_BEFORE_BIRTH", "GIVEN_IN_FUTURE",
    "GIVEN_BEFORE_PROGRAMME", "FACILITY_NOT_LISTED",
})  # fmt: skip
_OLDEST = OLDEST_BIRTH.isoformat()
_MOST_DOSES = 9

# A NamedTuple's own constructor, written in Python, takes longer than making all the values.
_new = tuple.__new__


class _CodedFields(NamedTuple):
    """Values of the fields of which there are few different ones; the number also as text."""

    sex: Sex | None
    nationality: str
    number: int
    number_text: str
    kind: DoseKind
    product: str


def _fits(number: int, kind: str, product: str) -> bool:
    empty: Any = ParsedRow._make([None] * len(ParsedRow._fields))
    row = empty._replace(dose_number=number, dose_kind=kind, product=product)
    return not any(rule.broken(row) for rule in REMEMBERED)


_FITTING = frozenset(
    fields for fields in combinations(range(_MOST_DOSES + 1), NUMBERS, PRODUCTS) if _fits(*fields)
)
"""Number, kind and product that break no rule together."""


def parse_fast(
    raw: Raw, today: date, facilities: frozenset[str] | None, *, is_composed: bool = False
) -> ValidDose | None:
    """The dose of a row that reads well and breaks no rule; None where a closer look is needed.

    `is_composed`: whether the row surely has its one Unicode form (`composed_row`). Otherwise only
    ordinary letters are read.
    """
    (
        source_id, name, birth_typed, sex_typed, personal_id, passport, phone, nationality_typed,
        province_typed, district_typed, commune_typed, number_typed, kind_typed, product_typed,
        lot_typed, given_typed, facility_typed,
    ) = raw  # fmt: skip
    free_text = f"{source_id}{name}{birth_typed}{personal_id}{passport}{phone}"
    # a masked cell has a `*`; in a name it may stand
    if (
        "*" in free_text
        or len(free_text) > MAX_TEXT
        or not (source_id and name and len(personal_id) <= MAX_ID)
    ):
        return None
    # nearly all is ASCII and whole Vietnamese letters: nothing to compose, and nothing broken
    if unusual(free_text) and not (is_composed and _may_stand(free_text)):
        return None
    if source_id[0] in GUARDS or name[0] in GUARDS:
        return None
    # what the caches below keep must not be as long as somebody likes
    if len("".join(raw)) > _LONGEST_REMEMBERED:
        return None
    coded = _coded(sex_typed, nationality_typed, number_typed, kind_typed, product_typed)
    areas = _areas(province_typed, district_typed, commune_typed)
    day_given = _day_given(given_typed)
    lot, facility = read_lot(lot_typed), read_facility(facility_typed)
    if not (coded and areas and day_given and isinstance(lot, str) and isinstance(facility, str)):
        return None
    given, given_text = day_given
    birth = _birth(birth_typed, given, given_text)
    if not birth or given > today or (facilities and facility not in facilities):
        return None
    birth_text, precision = birth
    sex, nationality, number, number_text, kind, product = coded
    province, district, commune = areas
    return build_dose(
        source_id, facility, name, birth_text, precision, sex, personal_id, passport, nationality,
        province, district, commune, product, number, number_text, kind, given, given_text, lot,
        phone,
    )  # fmt: skip


def build_dose(
    source_id: str, facility_code: str, name: str, birth: str, precision: Precision,
    sex: Sex | None, personal_id: str, passport: str, nationality: str,
    province: str, district: str, commune: str, product: str, number: int, number_text: str,
    kind: DoseKind, given: date, given_text: str, lot: str, phone_typed: str,
) -> ValidDose:  # fmt: skip
    """Makes a dose of its parsed values.

    The many positional parameters are for speed: keywords, or an object for some of them, would
    cost every dose. `number_text` and `given_text` (ISO) go into the digest.
    """
    # most are plain; of the others what was typed stays, without what only their cell put there
    if personal_id and not (personal_id.isalnum() and personal_id.isascii()):
        personal_id = bare_number(personal_id)
    if passport and not (passport.isalnum() and passport.isascii()):
        passport = bare_number(passport)
    # the column is headed "CMND/CCCD/HC": a foreigner's number in it is that of a passport
    if nationality != HOME and personal_id and not passport:
        personal_id, passport = "", personal_id
    phone = read_phone(phone_typed)
    digest = EMPTY.copy()  # `digest64`, written out: every dose comes here
    digest.update(SEPARATOR.join((
        source_id, name, birth, precision, sex or "", personal_id, passport, nationality, province,
        district, commune, phone, product, lot, number_text, kind, given_text, facility_code,
    )).encode())  # fmt: skip
    content = SIGNED_64.unpack(digest.digest())[0]
    return _new(ValidDose, (
        source_id, facility_code, name, birth, precision, sex, personal_id, passport, nationality,
        province, district, commune, product, number, kind, given, lot, phone, content, (),
    ))  # fmt: skip


def _may_stand(text: str) -> bool:
    """Whether the text, of one cell or several, surely has none of the text faults."""
    plain = len(text) <= MAX_TEXT and text.isprintable()
    if plain and "\ufffd" not in text and "⟦" not in text:
        return True
    return not any(pattern.search(text) for pattern, *_ in TEXT_FAULTS)


def _birth(text: str, given: date, given_text: str) -> tuple[str, Precision] | None:
    """A birth date and its precision; None where it was not read, or breaks a rule."""
    if (day := read_day_first(text)) is not None:
        return (day, "day") if _OLDEST <= day <= given_text else None
    birth = read_birth(text)
    return (
        (birth.text, birth.precision)
        if birth and OLDEST_BIRTH <= (birth.first or given) <= given
        else None
    )


@lru_cache(maxsize=8_192)
def _day_given(text: str) -> tuple[date, str] | None:
    """A day since the programme began, also as ISO text."""
    day = read_day(text)
    return (
        (day, day.isoformat())
        if isinstance(day, date) and day >= PROGRAMME_BEGAN and _may_stand(text)
        else None
    )


@lru_cache(maxsize=8_192)
def _coded(
    sex_typed: str, nationality_typed: str, number_typed: str, kind_typed: str, product_typed: str
) -> _CodedFields | None:
    """The values; None where one was not read, or they break a rule together."""
    sex, nationality = read_sex(sex_typed), read_nationality(nationality_typed)
    number, kind = read_number(number_typed), read_kind(kind_typed)
    product = read_product(product_typed)
    if isinstance(sex, Unread) or isinstance(nationality, Unread) or isinstance(number, Unread):
        return None
    if isinstance(kind, Unread) or isinstance(product, Unread):
        return None
    typed = (sex_typed, nationality_typed, number_typed, kind_typed, product_typed)
    if (number, kind, product) not in _FITTING or not all(map(_may_stand, typed)):
        return None
    return _CodedFields(sex, nationality, number, str(number), kind, product)


@lru_cache(maxsize=16_384)
def _areas(province: str, district: str, commune: str) -> tuple[str, str, str] | None:
    """The codes of a residence, empty where nothing was typed; None where one was not read."""
    codes: Any = read_area(province, 2), read_area(district, 3), read_area(commune, 5)
    return None if any(isinstance(code, Unread) for code in codes) else codes
