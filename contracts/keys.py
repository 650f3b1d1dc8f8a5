"""Blocking keys: the registry files people under them, and the verifier searches by them.

Both make them here, so that both normalise names and dates alike. Each key joins two of name, date
and place: even in a whole country few people share one.
"""

from collections.abc import Iterable
from typing import NamedTuple

from vietnamese.spelling import LONGEST, sounds

_WORDS = 8


def _day(date_of_birth: str) -> tuple[str, str]:
    """Year, and day and month in ascending order, so that swapping them changes nothing; empty
    where not known.
    """
    year, rest = date_of_birth[:4], date_of_birth[5:]
    if len(rest) == 5 and rest[:2] > rest[3:]:
        rest = f"{rest[3:]}-{rest[:2]}"
    return year, rest


def person_keys(full_name: str, date_of_birth: str, commune_code: str = "") -> list[str]:
    """What a registered person is filed under; at most six keys.

    `date_of_birth` is yyyy-mm-dd, yyyy-mm or yyyy. The sex is in no key: it is too often mistyped
    to be relied on and halves little.
    """
    words = [sound for word in full_name.split() if (sound := sounds(word))]
    if not words:
        return []
    year, day = _day(date_of_birth)
    # sorted: words in any order, joined or apart
    letters = "".join(sorted("".join(words)))[:LONGEST]
    keys = [
        f"n{letters}|{year}|{day}",
        f"g{words[-1]}|{year}|{day}",
        f"f{''.join(words[:-1])[:LONGEST]}|{year}|{day}",
    ]
    if day:
        keys.append(f"y{letters}|{day}")
    if commune_code:
        keys += (f"r{letters}|{commune_code}", f"d{year}|{day}|{commune_code}")
    return keys


class Heard(NamedTuple):
    """A name as keys have it: how its words sound, and all their letters in order (words in any
    order, joined or apart).
    """

    words: list[str]
    letters: str


def heard_as(sounding: Iterable[str]) -> Heard:
    """The parts of a name of which is known how its words sound."""
    words = [word for word in sounding if word][:_WORDS]
    return Heard(words, "".join(sorted("".join(words)))[:LONGEST])


def births(date_of_birth: str) -> list[str]:
    """A birth date as keys have it: none where it cannot be read, several where it may stand for
    its month or its year alone.
    """
    if not date_of_birth:
        return []
    dates = [date_of_birth]
    # who is registered with a year alone is typed as of 1 January by habit, as of the first with a
    # month
    while dates[-1].endswith("-01"):
        dates.append(dates[-1][: -len("-01")])
    return ["|".join(_day(date)) for date in dates]


def search_keys(full_name: str, date_of_birth: str, commune_code: str = "") -> list[str]:
    """What to search a typed person by; `date_of_birth` as in `person_keys`, or empty where it
    cannot be read. Up to 35 keys.
    """
    return sound_keys(heard_as(map(sounds, full_name.split())), date_of_birth, commune_code)


def sound_keys(name: Heard, date_of_birth: str, commune_code: str = "") -> list[str]:
    """The same for a name of which is known how its words sound."""
    communes = (commune_code,) if commune_code else ()
    born = births(date_of_birth)
    keys = namesake_keys(name, communes) + close_keys(name, born, communes)
    if name.words:
        for one in born:
            keys += [
                f"f{_front(name)}|{one}",
                *[f"g{word}|{one}" for word in dict.fromkeys(name.words)],
            ]
    return keys + anniversary_keys(name, date_of_birth)


def close_keys(name: Heard, born: Iterable[str], communes: Iterable[str]) -> list[str]:
    """What few people share even in a whole country: a birth date (of `births`) with the whole
    name, or with one of these communes.
    """
    if not name.words:
        return [f"d{one}|{commune}" for one in born for commune in communes]
    return [
        key
        for one in born
        for key in (f"n{name.letters}|{one}", *[f"d{one}|{commune}" for commune in communes])
    ]


def namesake_keys(name: Heard, communes: Iterable[str]) -> list[str]:
    """The whole name in each of these communes, whatever the birth date."""
    return [f"r{name.letters}|{commune}" for commune in communes] if name.words else []


def given_name_keys(name: Heard, born: Iterable[str]) -> list[str]:
    """The last word of the name, and the birth date."""
    return [f"g{name.words[-1]}|{one}" for one in born] if name.words else []


def family_name_keys(name: Heard, born: Iterable[str]) -> list[str]:
    """The name but for its last word, and the birth date."""
    return [f"f{_front(name)}|{one}" for one in born] if name.words else []


def anniversary_keys(name: Heard, date_of_birth: str) -> list[str]:
    """The whole name, and day and month of birth in whatever year."""
    day = _day(date_of_birth)[1]
    return [f"y{name.letters}|{day}"] if name.words and day else []


def _front(name: Heard) -> str:
    return "".join(name.words[:-1])[:LONGEST]
