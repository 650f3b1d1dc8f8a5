"""One form of each Vietnamese syllable, and whether a text reads as Vietnamese by their shape.

The strict form keeps letters and modifiers, and moves the tone to the end as a combining sign. Then
neither the order of bytes nor the place of the tone matters.
"""

import re
import unicodedata
from functools import lru_cache

from vietnamese.spelling import bare

_INVISIBLE = dict.fromkeys(
    map(ord, "\u00ad\u034f\u180e\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u202a\u202c")
)
_APOSTROPHES = dict.fromkeys(map(ord, "’‘ʼ`´′ʹˈ＇"), "'")
_ETH = {ord("Ð"): "đ", ord("ð"): "đ", ord("Ɖ"): "đ", ord("ɖ"): "đ", ord("Đ"): "đ"}
SIGNS = _INVISIBLE | _APOSTROPHES | _ETH | {ord("ı"): "i"}
"""What is typed for a sign that looks like it."""
TONES = "\u0300\u0301\u0309\u0303\u0323"

_SYLLABLE = re.compile(
    r"(?:ngh|ng|nh|ch|gh|gi|kh|ph|qu|th|tr|[bcdđghklmnpqrstvx])?"
    r"(?:[aăâeêioôơuưy]|ai|ao|au|ay|âu|ây|eo|êu|ia|iê|iêu|iu|oa|oă|oai|oay|oe|oi|oo|ôi|ơi|ua|uâ|uây|uê|ui|uô|uôi|uơ|uy|uya|uyê|uyu|ưa|ưi|ươ|ươi|ươu|ưu|yê|yêu)"
    rf"(?:ch|ng|nh|[cmnpt])?[{TONES}]?"
)


@lru_cache(maxsize=65_536)
def strict_word(word: str) -> str:
    """One syllable in small letters, its tone behind them: `Hoà` and `Hòa` are both `hoa` and a
    grave.
    """
    small = word.translate(SIGNS).casefold()
    if small.isascii():
        return small
    letters: list[str] = []
    tones: list[str] = []
    # taking letters apart brings out more of what is typed for other signs: of U+0149 an apostrophe
    for sign in unicodedata.normalize("NFD", small).translate(SIGNS):
        (tones if sign in TONES else letters).append(sign)
    # of several, in what is not one syllable, the order is Unicode's
    return unicodedata.normalize("NFC", "".join(letters)) + "".join(
        sorted(tones, key=unicodedata.combining)
    )


def implausible(text: str) -> int:
    """How many words of the text are no Vietnamese syllable; what has foreign signs counts
    double.
    """
    return sum(map(_wrongness, text.split()))


@lru_cache(maxsize=65_536)
def _wrongness(word: str) -> int:
    strict = strict_word(word)
    if _SYLLABLE.fullmatch(strict):
        return 0
    return 1 if bare(strict).isalnum() else 2
