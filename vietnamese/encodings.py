"""Text from old systems: TCVN3 (ABC fonts), VNI, VIQR, and UTF-8 that was misread.

Misread: read as Windows-1252, Latin-1 or Windows-1258, once or twice.
"""

import re
from collections.abc import Iterator
from enum import StrEnum
from functools import lru_cache
from itertools import product

import ftfy.bad_codecs  # noqa: F401

from vietnamese.syllables import implausible

# letters that misread UTF-8 never has
_NOT_IN_1252 = re.compile("[ăĐđĨĩŨũƠơƯư\u0300-\u036f\u1ea0-\u1ef9]")
_LOST_SPACE = re.compile("((?:Ã|Ă|Æ|áº|á»|(?<=[ƒº»†\x83\x86])Â))( |$)")
# read as Latin-1 the bytes 80 to 9F are control characters;
# read as Windows-1258 two bytes that begin a letter are Ă and a grave
_AS_1252 = {
    **{code: bytes([code]).decode("cp1252", "ignore") or chr(code) for code in range(0x80, 0xA0)},
    0x102: "Ã",
    0x300: "Ì",
}
_MOST_MISREADINGS = 2
_VOWELS = "aăâeêioôơuưy"
_TONED = [
    "aàáảãạ",
    "ăằắẳẵặ",
    "âầấẩẫậ",
    "eèéẻẽẹ",
    "êềếểễệ",
    "iìíỉĩị",
    "oòóỏõọ",
    "ôồốổỗộ",
    "ơờớởỡợ",
    "uùúủũụ",
    "ưừứửữự",
    "yỳýỷỹỵ",
]
_TABLE = {
    vowel: dict(zip(" `'?~.", row, strict=True)) for vowel, row in zip(_VOWELS, _TONED, strict=True)
}
"""Vowel and tone (in VIQR's signs) to letter."""

# TCVN 5712-1, the letters' codes read as Windows-1252, in the order of the letters beside them
_TCVN3 = str.maketrans(
    "µ¸¶·¹¨»¾¼½Æ©ÇÊÈÉË®ÌÐÎÏÑªÒÕÓÔÖ×ÝØÜÞßãáâä«åèæçé¬êíëìîïóñòô\u00adõøö÷ùúýûüþ¡¢£¤¥¦§",
    "àáảãạăằắẳẵặâầấẩẫậđèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵĂÂÊÔƠƯĐ",
)

_VNI_TONES = dict(zip("øùûõï", "`'?~.", strict=True))
_VNI_MARKED = {
    "a": {**dict(zip("âàáåãä", [("â", tone) for tone in " `'?~."], strict=True)),
          **dict(zip("êèéúüë", [("ă", tone) for tone in " `'?~."], strict=True))},
    "e": dict(zip("âàáåãä", [("ê", tone) for tone in " `'?~."], strict=True)),
    "o": dict(zip("âàáåãä", [("ô", tone) for tone in " `'?~."], strict=True)),
}  # fmt: skip
_VNI_SINGLE = dict(zip("ôöæóòîñ", "ơưỉĩịỵđ", strict=True))
_VNI = re.compile("([aeo])([âàáåãäêèéúüë])|([aeouyôö])([øùûõï])|([ôöæóòîñ])", re.IGNORECASE)

_VIQR = re.compile(r"dd|([aeiouy])([\^(+]?)([`'?~.]?)", re.IGNORECASE)
_VIQR_MODIFIED = {"a^": "â", "a(": "ă", "e^": "ê", "o^": "ô", "o+": "ơ", "u+": "ư"}
_VIQR_SIGNS = re.compile(r"[a-z][\^(+`'?~.]|dd", re.IGNORECASE)

_MOST_LOST = 6  # in one name; each doubles the readings
_NOT_TCVN3 = re.compile(f"[^\0-\x7f{''.join(map(chr, _TCVN3))}]")
_AS_IN_VNI = str.maketrans("", "", "íìÍÌ")  # these two VNI has no other code for


class Encoding(StrEnum):
    """What an old system wrote names in."""

    TCVN3 = "TCVN3"
    VNI = "VNI"
    VIQR = "VIQR"
    UTF8_AS_1252 = "UTF8_AS_1252"


def _vni_letter(found: re.Match[str]) -> str:
    whole = found[0].lower()
    if found[5]:
        letter = _VNI_SINGLE[whole]
    elif found[3]:
        letter = _TABLE[{"ô": "ơ", "ö": "ư"}.get(whole[0], whole[0])][_VNI_TONES[whole[1]]]
    else:
        marked = _VNI_MARKED[whole[0]].get(whole[1])
        if marked is None:
            return found[0]
        letter = _TABLE[marked[0]][marked[1]]
    return letter.upper() if found[0][0].isupper() else letter


def _viqr_letter(found: re.Match[str]) -> str:
    whole = found[0].lower()
    if whole == "dd":
        letter = "đ"
    else:
        vowel = _VIQR_MODIFIED.get(whole[0] + found[2], whole[0])
        letter = _TABLE[vowel][found[3] or " "]
    return letter.upper() if found[0][0].isupper() else letter


@lru_cache(maxsize=65_536)
def word_readings(word: str) -> tuple[str, str, str]:
    """One word as TCVN3, VNI and VIQR: these know nothing of the words beside it."""
    viqr = _VIQR.sub(_viqr_letter, word) if _VIQR_SIGNS.search(word) else word
    return (
        (word, word, viqr)
        if word.isascii()
        else (word.translate(_TCVN3), _VNI.sub(_vni_letter, word), viqr)
    )


def unmisread(text: str) -> str:
    """The text before its UTF-8 was misread, once or twice; the text itself where it was not."""
    for _ in range(_MOST_MISREADINGS):
        try:
            text = text.translate(_AS_1252).encode("sloppy-windows-1252").decode()
        except UnicodeError:
            break
    return text


def is_plain(text: str) -> bool:
    """Whether no encoding left a trace."""
    return text.isascii() and not _VIQR_SIGNS.search(text)


def misread_utf8(text: str) -> Iterator[str]:
    """What the text was if its UTF-8 was misread: some of its spaces may be letters' halves."""
    if text.isascii() or _NOT_IN_1252.search(text):
        return
    # the no-break space that ends `Ã ` (à) is lost where spaces are tidied: eaten, or one with the
    # space behind it
    for spaced in dict.fromkeys(
        (text, _LOST_SPACE.sub("\\1\u00a0", text), _LOST_SPACE.sub("\\1\u00a0\\2", text))
    ):
        if (new := unmisread(spaced)) != text:
            yield new


def readings(text: str) -> tuple[str, ...]:
    """What the text may have been, by each decoder that makes something else of it."""
    if is_plain(text):
        return ()
    read = [" ".join(words) for words in zip(*map(word_readings, text.split(" ")), strict=True)]
    return tuple(dict.fromkeys((*misread_utf8(text), *[new for new in read if new != text])))


def whole_readings(text: str) -> Iterator[tuple[Encoding, str]]:
    """What the text may have been, by each encoding that accounts for every sign of it beyond
    ASCII; by VIQR only where all is ASCII.
    """
    if is_plain(text):
        return
    if text.isascii():
        yield Encoding.VIQR, _VIQR.sub(_viqr_letter, text)
        return
    if not _NOT_TCVN3.search(text):
        yield Encoding.TCVN3, text.translate(_TCVN3)
    if _VNI.sub("", text).translate(_AS_IN_VNI).isascii():
        yield Encoding.VNI, _VNI.sub(_vni_letter, text)
    if not _NOT_IN_1252.search(text):
        yield from (
            (Encoding.UTF8_AS_1252, new)
            for new in map(unmisread, _spaces_restored(text))
            if new != text
        )


def _spaces_restored(text: str) -> Iterator[str]:
    """The text with every choice of which no-break spaces were eaten and which became one with the
    space behind them.
    """
    inside = sum(1 for _, space in _LOST_SPACE.findall(text) if space)
    for chosen in product(("", " "), repeat=min(inside, _MOST_LOST)):
        behind = iter(chosen)

        def restored(found: re.Match[str], behind: Iterator[str] = behind) -> str:
            return f"{found[1]}\u00a0{found[2] and next(behind, ' ')}"

        yield _LOST_SPACE.sub(restored, text)


def decoded(text: str) -> str:
    """The text itself, or what an old encoding made of it where only that reads as Vietnamese; for
    searching, not for accepting.
    """
    if is_plain(text):
        return text
    wrong = implausible(text)
    # what was pasted from one old system into another is encoded twice
    while wrong:
        best = min(readings(text), key=implausible, default=text)
        if implausible(best) >= wrong:
            break
        text, wrong = best, implausible(best)
    return text
