"""Whether what somebody typed is the person of a certificate: every one of the asked facts must match."""

import re
import unicodedata
from datetime import date
from typing import NamedTuple

from contracts.dates import read_birth
from services.signer.domain.names import composed

# what readers cannot tell apart, or tell nothing by: joiners and direction marks, and the shapes of the apostrophe
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
_APOSTROPHES = str.maketrans(dict.fromkeys("’‘ʼ`´′", "'"))
_STROKES = str.maketrans({"ð": "đ", "ɖ": "đ"})
_TONES = "\u0300\u0301\u0303\u0309\u0323"


class Asked(NamedTuple):
    """What somebody typed on the look-up page; the ID finds the certificates, so it is not here."""

    full_name: str
    date_of_birth: str
    sex: str
    last_dose: date


class Known(NamedTuple):
    """What the certificates of that ID say."""

    full_name: str
    date_of_birth: str
    sex: str | None
    last_dose: date


def same_person(asked: Asked, known: Known) -> bool:
    """Whether name (in any spelling of the same), birth date, sex and the date of the last dose are all the same."""
    return same_name_and_birth(asked, known) and asked.sex == known.sex and asked.last_dose == known.last_dose


def same_name_and_birth(asked: Asked, known: Known) -> bool:
    """Whether name (in any spelling of the same) and birth date are the same."""
    return name_key(asked.full_name) == name_key(known.full_name) and birth_key(asked.date_of_birth) == known.date_of_birth


def name_key(name: str) -> str:
    """What is equal for two spellings of one name: case, spacing, Unicode form, apostrophes and where a tone stands make no difference."""
    spaced = " ".join(_INVISIBLE.sub("", name).translate(_APOSTROPHES).split())
    return " ".join(map(_word_key, composed(spaced).lower().translate(_STROKES).split()))


def _word_key(word: str) -> str:
    """The word without its tones, and the tones behind it: hòa and hoà are one."""
    marks = unicodedata.normalize("NFD", word)
    tones = "".join(sorted(mark for mark in marks if mark in _TONES))
    return unicodedata.normalize("NFC", "".join(mark for mark in marks if mark not in _TONES)) + tones


def birth_key(typed: str) -> str:
    """The ISO form of a typed day, month or year, in any way that files have it; the text itself where it is none."""
    text = typed.strip()
    found = read_birth(text)
    return found.text if found else text
