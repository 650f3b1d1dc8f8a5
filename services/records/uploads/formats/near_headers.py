"""Finds headers that are nearly one of ours: offered to the sender, never taken."""

from collections.abc import Sequence
from types import MappingProxyType

from rapidfuzz import process
from rapidfuzz.distance import OSA

from services.records.uploads.formats.dose_columns import HEADERS
from services.records.uploads.formats.header_spellings import NAMED_OR_CODED, OFFERED, SPELLINGS
from services.records.uploads.formats.headers import LONGEST, key, meaning_of

_MOST = 60
# of names shorter than this a slip makes another word
_SHORTEST = 5
_LETTERS_A_SLIP = 6

_SPELLED = MappingProxyType(
    {key(name): field for field, name in HEADERS.items()}
    | {
        key(name): meaning.field
        for meaning, names in SPELLINGS.items()
        if meaning.field in HEADERS
        for name in names
    }
)
_UNSURE = MappingProxyType({key(name): fields for name, fields in OFFERED.items()})
_KEYS = tuple(name for name in _SPELLED if len(name) >= _SHORTEST)


def nearly(headers: Sequence[str], missing: Sequence[str]) -> list[tuple[str, str]]:
    """Which of these headers may mean which of the missing fields; at most sixty are compared."""
    return [
        (header, field)
        for header in [text for text in headers if text and len(text) <= LONGEST][:_MOST]
        if (field := _field(header, missing)) is not None
    ]


def _field(header: str, missing: Sequence[str]) -> str | None:
    meaning = meaning_of(header)
    if meaning is not None and meaning.field in HEADERS:
        return None
    name = key(header)
    unsure = [
        *_UNSURE.get(name, ()),
        *([NAMED_OR_CODED[meaning.field]] if meaning and meaning.field in NAMED_OR_CODED else []),
    ]
    if unsure:
        return next((field for field in unsure if field in missing), None)
    if len(name) < _SHORTEST or meaning is not None:
        return None
    slips = max(1, len(name) // _LETTERS_A_SLIP)
    near = process.extract(name, _KEYS, scorer=OSA.distance, score_cutoff=slips, limit=5)
    return next(
        (_SPELLED[spelling] for spelling, _, _ in near if _SPELLED[spelling] in missing), None
    )
