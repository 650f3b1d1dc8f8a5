"""What a search asks for, read as it was typed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from contracts.events import Sex
from contracts.passports import read_passport
from services.chassis.encryption import Sealer
from services.records.domain.namesakes import births_alike
from services.records.people import errors
from services.records.people.models import PersonSearch
from services.records.schema import NAMESAKE_INDEX, PASSPORT_INDEX, PERSON_INDEX
from vietnamese.dates import Birth, read_birth
from vietnamese.id_numbers import number_key
from vietnamese.plain_names import namesake, plain_name

_SMALL_PLACES: Final = frozenset({"district_code", "commune_code"})
_PLACES: Final = frozenset({"province_code", *_SMALL_PLACES})


@dataclass(frozen=True, slots=True)
class ByNumber:
    """Asks for the holder of a number; `person` is its blind index."""

    person: int
    passport: bool


@dataclass(frozen=True, slots=True)
class ByName:
    """Asks for namesakes with one birth date.

    `namesakes`: the blind indexes under which they may be. `place`: where they live, as far as
    told, by the name of the code.
    """

    full_name: str
    birth: Birth
    namesakes: tuple[int, ...]
    sex: Sex | None
    place: Mapping[str, str]


def read_question(sealer: Sealer, search: PersonSearch) -> ByNumber | ByName:
    """What is asked; ServiceError 422 where it is nothing, too little, or unreadable."""
    number, passport, name = (
        (text or "").strip() for text in (search.number, search.passport_number, search.full_name)
    )
    if [bool(number), bool(passport), bool(name)].count(True) != 1:
        raise errors.search_needs_one_way()
    if number:
        key = number_key(number)
        if not key:
            raise errors.number_unreadable()
        return ByNumber(PERSON_INDEX.of(sealer, key), passport=False)
    if passport:
        if not search.nationality:
            raise errors.search_needs_one_way()
        holder = f"{search.nationality}:{read_passport(passport)}"
        return ByNumber(PASSPORT_INDEX.of(sealer, holder), passport=True)
    return _by_name(sealer, search, name)


def _by_name(sealer: Sealer, search: PersonSearch, name: str) -> ByName:
    birth = read_birth((search.date_of_birth or "").strip())
    if birth is None or birth.precision in ("missing", "impossible") or not plain_name(name):
        raise errors.name_or_birth_unreadable()
    codes = search.model_dump(include=set(_PLACES), exclude_none=True)
    if birth.precision != "day" and not codes.keys() & _SMALL_PLACES:
        raise errors.year_needs_place()
    namesakes = {
        NAMESAKE_INDEX.of(sealer, namesake(name, text)): None for text in births_alike(birth)
    }
    return ByName(name, birth, tuple(namesakes), search.sex, codes)
