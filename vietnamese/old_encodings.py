"""Headers and words of closed vocabularies in old encodings; never names.

A name may be any text, so `encoded_names` wants proof. Here the vocabulary is the proof: a reading
that is no word of it is dropped.
"""

from collections.abc import Callable, Iterator
from typing import TypeVar

from vietnamese.encodings import Encoding, is_plain, misread_utf8, word_readings
from vietnamese.normalize import LONGEST
from vietnamese.unicode_forms import composed

Value = TypeVar("Value")
_OLD = (Encoding.TCVN3, Encoding.VNI, Encoding.VIQR)
"""As `word_readings` has them."""


def readings_of(text: str) -> Iterator[str]:
    """Other texts that this one may stand for: in TCVN3, VNI, VIQR or misread UTF-8.

    None of a plain text, nor of one past `LONGEST`.
    """
    if is_plain(text) or len(text) > LONGEST:
        return
    seen = {text}
    # TCVN3 may have gone through UTF-8 that was misread
    for whole in (text, *misread_utf8(text)):
        words = [word_readings(word) for word in whole.split()]
        for reading in (whole, *map(" ".join, zip(*words, strict=True))):
            if reading not in seen:
                seen.add(reading)
                yield composed(reading)


def looked_up(text: str, look_up: Callable[[str], Value | None]) -> Value | None:
    """What a vocabulary has for a text, or for its readings where they agree; otherwise None."""
    if len(text) > LONGEST:
        return look_up(text)
    text = composed(text)
    if _has_letters_only(text) and (value := look_up(text)) is not None:
        return value
    texts = [text, *readings_of(text)]
    # a vocabulary passes over signs that are letters in TCVN3: `§¶o Man` is no Oman
    for letters_only in (True, False):
        read = [look_up(reading) for reading in texts if _has_letters_only(reading) is letters_only]
        values = {value for value in read if value is not None}
        if values:
            return values.pop() if len(values) == 1 else None
    return None


def encodings_of_word(text: str, look_up: Callable[[str], object | None]) -> set[Encoding]:
    """The old encodings in which a text is a word of a vocabulary; none where it is one as it
    stands.
    """
    if (
        is_plain(text)
        or len(text) > LONGEST
        or (_has_letters_only(text) and look_up(text) is not None)
    ):
        return set()
    words = [word_readings(word) for word in text.split()]
    readings = zip(_OLD, map(" ".join, zip(*words, strict=True)), strict=False)
    return {
        encoding
        for encoding, reading in readings
        if reading != text and look_up(reading) is not None
    }


def _has_letters_only(text: str) -> bool:
    """Whether what is beyond ASCII are letters."""
    return text.isascii() or all(sign.isascii() or sign.isalpha() for sign in text)
