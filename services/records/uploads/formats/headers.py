"""Looks up what a column's header means, in the one table of spellings.

A header is looked up whole, never by a piece of it: what is not in the table is no field of ours.
What is nearly in it is offered to the sender (`nearly`) and never taken.
"""

import re
from types import MappingProxyType

from services.records.uploads.formats import header_spellings
from services.records.uploads.formats.dose_columns import HEADERS
from services.records.uploads.formats.header_spellings import SPELLINGS, HeaderMeaning
from vietnamese.normalize import fold
from vietnamese.old_encodings import looked_up

LONGEST = 160
"""Characters of a header that may be one of ours."""

_LETTER = re.compile(r"[^\W\d_]|#")
_NUMBERED = re.compile(r"\s*[(\[]?\d{1,2}\s*[.)\]:/-]+\s*(?=\D)")
_VACCINE = re.compile("vaccines?|vaccin|vacxine|vaxin")
_VACCINE_SHORT = re.compile(r"\bvx\b")
_TWO_LANGUAGES = re.compile(r"[/|(\[\n–-]")

# an ID's column is headed by these words in any number and order, and no other column is
_CARD = "cccd|cancuoc(?:congdan)?|dinhdanh(?:canhan|congdan|cn)?|ddcn|sdd|mdd|(?:so|the)cc"
_OLD_CARD = "cmnd|cmtnd|cmt|chungminh(?:nhandan|thu)?(?:nhandan)?"
_PASSPORT = "hochieu|passport|hc"
_BETWEEN = "so|ma|the|giay|hoac|hay|va|or|moi|cu|no|number|ganchip"
_IDENTITY = re.compile(f"(?:{_CARD}|{_OLD_CARD}|{_PASSPORT}|{_BETWEEN})+")
_NEW, _OLD, _ABROAD = re.compile(_CARD), re.compile(_OLD_CARD), re.compile(_PASSPORT)

# what may stand behind a header, and of which fields
_HINTS = re.compile(f"(?: (?:{header_spellings.HINTS}))+$")
_BEHIND = (
    (
        re.compile(f" {header_spellings.PERSON}$"),
        frozenset(
            {
                "full_name",
                "date_of_birth",
                "sex",
                "personal_id",
                "passport_number",
                "phone",
                "nationality",
            }
        ),
    ),
    (
        re.compile(f" {header_spellings.RESIDENCE}$"),
        frozenset(
            {"province_code", "district_code", "commune_code", "province", "district", "commune"}
        ),
    ),
)


def key(text: str) -> str:
    """What spellings of one header share: no accents, case or blanks; one word for vaccines."""
    return "#" if text.strip() == "#" else _squeezed(fold(text))


def _squeezed(folded: str) -> str:
    return _VACCINE.sub("vacxin", _VACCINE_SHORT.sub("vacxin", folded).replace(" ", ""))


_TABLE = MappingProxyType(
    {
        key(name): HeaderMeaning(field)
        for field, header in HEADERS.items()
        for name in (header, field, f"person.{field}")
    }
    | {key(name): meaning for meaning, names in SPELLINGS.items() for name in names}
)


def meaning_of(header: str) -> HeaderMeaning | None:
    """What a column with this header holds; None where that is not sure.

    This is the one place where headers are looked up.
    """
    if not header or len(header) > LONGEST or not _LETTER.search(header):
        return None
    return looked_up(header, _meaning)


def field_of(header: str) -> str | None:
    """The field of a header, or the word for another column that is known."""
    meaning = meaning_of(header)
    return meaning.field if meaning else None


def _meaning(header: str) -> HeaderMeaning | None:
    return _looked_up(header) or _in_two_languages(header)


def _looked_up(header: str) -> HeaderMeaning | None:
    text = header.lstrip()
    text = _NUMBERED.sub("", text, count=1) if text[:1] in "([0123456789" else text
    if (meaning := _named(key(text))) or " " not in (folded := fold(text)):
        return meaning
    plain = _HINTS.sub("", f" {folded}").lstrip()
    if plain != folded and (meaning := _named(_squeezed(plain))):
        return meaning
    for ending, fields in _BEHIND:
        shorter = ending.sub("", plain)
        if shorter != plain and (meaning := _named(_squeezed(shorter))) and meaning.field in fields:
            return meaning
    return None


def _named(squeezed: str) -> HeaderMeaning | None:
    if meaning := _TABLE.get(squeezed):
        return meaning
    if not _IDENTITY.fullmatch(squeezed):
        return None
    new, old, abroad = (bool(words.search(squeezed)) for words in (_NEW, _OLD, _ABROAD))
    if not (new or old):
        return HeaderMeaning("passport_number") if abroad else None
    return HeaderMeaning("personal_id", 0 if new and not old else 2 if old and not new else 1)


def _in_two_languages(header: str) -> HeaderMeaning | None:
    """`Họ và tên / Full name`: both halves mean the same."""
    for mark in _TWO_LANGUAGES.finditer(header):
        if (first := _looked_up(header[: mark.start()])) is None:
            continue
        second = _looked_up(header[mark.end() :])
        if second is not None and second.field == first.field:
            return min(first, second)
    return None
