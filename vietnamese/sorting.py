"""Sorts Vietnamese text as a dictionary does: letter by letter, then by tone, then by case.

Neither code points nor letters without accents are in that order: Đà Nẵng comes after Cần Thơ and
before Hà Nội. The letters ă, â, đ, ê, ô, ơ and ư are letters of their own.
"""

import unicodedata

_LETTERS = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_PLACE = {letter: place for place, letter in enumerate(_LETTERS, 100)}
# none, huyền, hỏi, ngã, sắc, nặng: the order of dictionaries
_TONES = {"\u0300": 1, "\u0309": 2, "\u0303": 3, "\u0301": 4, "\u0323": 5}
_OTHERS_FROM = 1000
SortKey = tuple[tuple[int, ...], tuple[int, ...], str]


def sort_key(text: str) -> SortKey:
    """The key by which to sort texts; a shorter text comes before one that it begins."""
    letters: list[int] = []
    tones: list[int] = []
    for character in unicodedata.normalize("NFC", text):
        letter, tone = _taken_apart(character)
        lower = letter.lower()
        # a blank comes before any letter: Hà Nam before Hàm
        known = 0 if letter == " " else _PLACE.get(lower)
        letters.append(known if known is not None else _OTHERS_FROM + ord(lower[0]))
        tones.append(tone)
    return tuple(letters), tuple(tones), text


def _taken_apart(character: str) -> tuple[str, int]:
    """A letter without its tone, and which tone it had."""
    parts = unicodedata.normalize("NFD", character)
    tone = next((_TONES[part] for part in parts if part in _TONES), 0)
    bare = "".join(part for part in parts if part not in _TONES)
    return unicodedata.normalize("NFC", bare), tone
