"""Search keys: what the registry files people under and the verifier looks for them by, so that both fold names and dates alike.

No key is of a name, a date or a place alone: each joins two of them, so that even in a country few people share it.
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

_LONGEST, _WORDS = 64, 8
_LETTERS = str.maketrans({"đ": "d", "ð": "d", "ɖ": "d"})
_LONE_Y = re.compile("(?<![aâou])y|(?<=^qu)y")
_ONSETS = (("tr", "ch"), ("gi", "d"), ("l", "n"), ("s", "x"))


def bare(text: str) -> str:
    """Small letters without accents: `Đức` as `duc`."""
    small = text.casefold()
    if small.isascii():
        return small
    apart = unicodedata.normalize("NFKD", small.translate(_LETTERS))
    return "".join([letter for letter in apart if not unicodedata.combining(letter)])


def respell(word: str) -> str:
    """One spelling of the ones that are confused (tr/ch, gi/d, l/n, s/x, y/i), accents kept; takes small letters."""
    for onset, instead in _ONSETS:
        if word.startswith(onset):
            # `gi` before a consonant is g and i (gìn), before a vowel one sound (giang)
            rest = word[1:] if onset == "gi" and (len(word) < 3 or word[2] not in "aeiouyăâêôơư") else word[len(onset) :]
            word = instead + rest
            break
    return _LONE_Y.sub("i", word)


# a country's names are made of some thousands of words: nearly every one is found here
@lru_cache(maxsize=65_536)
def sounds(word: str) -> str:
    """The letters of one word as they sound, without accents, marks and spaces: `Trường` and `Chương` begin alike."""
    return respell("".join([letter for letter in bare(word) if letter.isalnum()]))[:_LONGEST]


def _day(date_of_birth: str) -> tuple[str, str]:
    """Year, and day and month in ascending order, so that swapping them changes nothing; empty where not known."""
    year, rest = date_of_birth[:4], date_of_birth[5:]
    if len(rest) == 5 and rest[:2] > rest[3:]:
        rest = f"{rest[3:]}-{rest[:2]}"
    return year, rest


def person_keys(full_name: str, date_of_birth: str, sex: str = "", commune_code: str = "") -> list[str]:
    """What a registered person is filed under; at most six keys.

    `date_of_birth` is yyyy-mm-dd, yyyy-mm or yyyy. The sex is in no key: it is too often mistyped to be relied on and halves little.
    """
    words = [sound for word in full_name.split() if (sound := sounds(word))]
    if not words:
        return []
    year, day = _day(date_of_birth)
    letters = "".join(sorted("".join(words)))[:_LONGEST]  # sorted: words in any order, joined or apart
    keys = [f"n{letters}|{year}|{day}", f"g{words[-1]}|{year}|{day}", f"f{''.join(words[:-1])[:_LONGEST]}|{year}|{day}"]
    if day:
        keys.append(f"y{letters}|{day}")
    if commune_code:
        keys += (f"r{letters}|{commune_code}", f"d{year}|{day}|{commune_code}")
    return keys


def search_keys(full_name: str, date_of_birth: str, commune_code: str = "") -> list[str]:
    """What to search a typed person by; `date_of_birth` as in `person_keys`, or empty where it cannot be read. Up to 30 keys."""
    return sound_keys([sounds(word) for word in full_name.split()], date_of_birth, commune_code)


def sound_keys(name: Sequence[str], date_of_birth: str, commune_code: str = "") -> list[str]:
    """The same for a name of which is known how its words sound."""
    words = [word for word in name[:_WORDS] if word]
    whole = "".join(words)
    letters = "".join(sorted(whole))[:_LONGEST]
    keys = [f"r{letters}|{commune_code}"] if words and commune_code else []
    if not date_of_birth:
        return keys
    year, day = _day(date_of_birth)
    # who is registered with a year alone is typed as of 1 January by habit
    for known in (day, "") if day == "01-01" else (day,):
        born = f"{year}|{known}"
        if words:
            front = whole[: len(whole) - len(words[-1])][:_LONGEST]
            keys += [f"n{letters}|{born}", f"f{front}|{born}", *[f"g{word}|{born}" for word in dict.fromkeys(words)]]
        if commune_code:
            keys.append(f"d{born}|{commune_code}")
    if words and day:
        keys.append(f"y{letters}|{day}")
    return keys
