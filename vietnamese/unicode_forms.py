"""One form of each text, in which it is stored, shown and compared.

Macintosh computers take letters apart (NFD), and code page 1258 has tones as signs of their own.
Keyboards type a tone before its modifier, `Ð` (U+00D0) for `Đ`, and letters of full width. Copied
pages leave signs that nobody sees. What old encodings wrote keeps its signs. In TCVN3 a soft hyphen
is `ư`, and `Ð` is `é`. Behind `Ã` a no-break space is half of an `à` whose UTF-8 was misread.
"""

import re
import unicodedata

_VIETNAMESE = "ÀÁÂÃÈÉÊÌÍÒÓÔÕÙÚÝàáâãèéêìíòóôõùúýĂăĐđĨĩŨũƠơƯưẠạẢảẤấẦầẨẩẪẫẬậẮắẰằẲẳẴẵẶặẸẹẺẻẼẽẾếỀềỂểỄễỆệỈỉỊịỌọỎỏỐốỒồỔổỖỗỘộỚớỜờỞởỠỡỢợỤụỦủỨứỪừỬửỮữỰựỲỳỴỵỶỷỸỹ"
unusual = re.compile(f"[^ -~{_VIETNAMESE}]").search
"""Finds a sign that is neither ASCII nor a whole Vietnamese letter.

A text without one is in its one form, and printable.
"""

LONGEST = 1_000
"""Characters; a longer text stays as it is, for no cell may hold so many."""
# Unicode's own bound (UAX 15, stream-safe text): sorting marks takes the square of their number
_TOO_MANY_MARKS = re.compile(r"[^\w\s!-~]{31}")

_UNSEEN = dict.fromkeys(
    (
        0x34F,
        0x180E,
        0x200B,
        0x200E,
        0x200F,
        *range(0x202A, 0x202F),
        0x2060,
        *range(0x2066, 0x206A),
        0xFEFF,
    )
)
_SPACES = dict.fromkeys((0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000), " ")
_WIDE = {code: chr(code - 0xFF01 + 0x21) for code in range(0xFF01, 0xFF5F)}
# of typesetters, and the bold and slanted ones that people paste from their telephones
_STYLED = {
    code: unicodedata.normalize("NFKC", chr(code))
    for code in (*range(0xFB00, 0xFB07), *range(0x1D400, 0x1D800))
}
_STROKED = {ord("Ɖ"): "Đ", ord("ɖ"): "đ"}
_WRITTEN_OTHERWISE = _UNSEEN | _SPACES | _WIDE | _STYLED | _STROKED
# writing systems of the Middle East and India need these two between their letters
_JOINERS = re.compile("(?<![\u0600-\u0dff])[\u200c\u200d]")

_MARK = re.compile("[\u0300-\u036f]")
_TONE = "([\u0300\u0301\u0303\u0309])"
_TONE_FIRST = re.compile(f"(?<=[AEOaeo]){_TONE}(\u0302)|(?<=[Aa]){_TONE}(\u0306)")
# no word of the languages that have an eth begins with one; in TCVN3 a consonant follows it
_VOWELS = "aeiouyAEIOUYÀ-ÃÈ-ÊÌÍÒ-ÕÙÚÝà-ãè-êìíò-õùúýĂăĨĩŨũƠơƯưẠ-ỹ"
_ETH = re.compile(f"(?<![^\\W_])[Ðð](?=[{_VOWELS}])")
_NO_BREAK = re.compile("\u00a0")
_NO_BREAK_APART = re.compile("(?<![ÂÃĂÄÅÆº»€])\u00a0")
_NEVER_MISREAD = re.compile("[ăĐđĨĩŨũƠơƯưẠ-ỹ]")
"""Letters that no misread UTF-8 has."""


def composed(text: str) -> str:
    """The text in its one form: NFC, Vietnamese letters whole, ordinary spaces, nothing unseen."""
    if unusual(text) is None or len(text) > LONGEST or _TOO_MANY_MARKS.search(text):
        return text
    # of all that is not in it, most is only taken apart
    text = unicodedata.normalize("NFC", text)
    if unusual(text) is None:
        return text
    text = _ordered(_JOINERS.sub("", text.translate(_WRITTEN_OTHERWISE)))
    if "Ð" in text or "ð" in text:
        text = _ETH.sub(_stroked, text)
    if "\u00a0" in text:
        text = (_NO_BREAK if _NEVER_MISREAD.search(text) else _NO_BREAK_APART).sub(" ", text)
    return text


def composed_if_text(value: object) -> object:
    """The same for a value of a request; one that is no text is left to whoever refuses it."""
    return composed(value) if isinstance(value, str) else value


def _ordered(text: str) -> str:
    """NFC, a tone that was typed before the modifier put behind it."""
    text = unicodedata.normalize("NFC", text)
    if not _MARK.search(text):
        return text
    apart = unicodedata.normalize("NFD", text)
    return unicodedata.normalize("NFC", _TONE_FIRST.sub(r"\2\1\4\3", apart))


def _stroked(eth: re.Match[str]) -> str:
    return "Đ" if eth[0] == "Ð" else "đ"
