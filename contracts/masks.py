"""Personal numbers and birth dates as they are shown to who need not know them: `*` in place of
what is hidden.
"""

import re
import unicodedata

from vietnamese.visible_text import visible

MASK = "*"
_FIRST, _LAST = 3, 2
_DIGIT = re.compile("[0-9]")
_YEAR = re.compile(r"(?<![0-9])(?:1[89]|20)[0-9]{2}(?![0-9])")


def mask_number(number: str) -> str:
    """`040176098696` as `040*******96`; of a shorter one less, so that never more than half is
    shown.
    """
    first = _FIRST if len(number) >= 2 * (_FIRST + _LAST) else 0
    last = _LAST if len(number) > 2 * _LAST else 0
    hidden = len(number) - first - last
    return number[:first] + MASK * hidden + number[first + hidden :]


def mask_registered(number: str) -> str:
    """`040176098696` as `040*********`: a registered number to who did not type it.

    Sex, century and year follow from who it is, so two digits more would leave ten thousand numbers
    to try, and these leave a million.
    """
    return number[:_FIRST] + MASK * (len(number) - _FIRST)


def mask_birth(text: str) -> str:
    """`03/05/1980` as `**/**/1980`, `1980-05-03` as `1980-**-**`: the year alone; where no year
    stands, no digit.
    """
    year = _YEAR.search(text)
    before, kept, after = (
        (text[: year.start()], year[0], text[year.end() :]) if year else (text, "", "")
    )
    return _DIGIT.sub(MASK, before) + kept + _DIGIT.sub(MASK, after)


def mask_name(name: str, typed: str) -> str:
    """`Lê Bảo Tú` as `Lê * Tú` where Lê and Tú were typed.

    So nothing is told that the caller did not type.
    """
    typed_words = set(_words(typed))
    return " ".join(visible(word) if word in typed_words else MASK for word in _words(name))


def _words(name: str) -> list[str]:
    return unicodedata.normalize("NFC", name).split()
