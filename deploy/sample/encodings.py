"""Names as old systems wrote them, seen by programs that know nothing of it: TCVN3, VNI, VIQR, and
UTF-8 read as Windows-1252.
"""

import unicodedata
from functools import cache

_LETTERS = (
    "àáảãạ" "ăằắẳẵặ" "âầấẩẫậ" "đ" "èéẻẽẹ" "êềếểễệ" "ìíỉĩị" "òóỏõọ" "ôồốổỗộ" "ơờớởỡợ" "ùúủũụ" "ưừứửữự" "ỳýỷỹỵ"
)  # fmt: skip
# the codes of TCVN 5712 (ABC fonts) for the letters above, read as Windows-1252; U+00AD is that of
# ư
_TCVN3 = (
    "µ¸¶·¹" "¨»¾¼½Æ" "©ÇÊÈÉË" "®" "ÌÐÎÏÑ" "ªÒÕÓÔÖ" "×ÝØÜÞ" "ßãáâä" "«åèæçé" "¬êíëìî" "ïóñòô" "\u00adõøö÷ù" "úýûüþ"
)  # fmt: skip
_TCVN3_CAPITALS = dict(zip("ĂÂÊÔƠƯĐ", "¡¢£¤¥¦§", strict=True))

_VNI_MARKS = {"\u0300": "ø", "\u0301": "ù", "\u0309": "û", "\u0303": "õ", "\u0323": "ï"}
_VNI_MARKED = {
    "\u0302": dict(
        zip(["", "\u0300", "\u0301", "\u0309", "\u0303", "\u0323"], "âàáåãä", strict=True)
    ),
    "\u0306": dict(
        zip(["", "\u0300", "\u0301", "\u0309", "\u0303", "\u0323"], "êèéúüë", strict=True)
    ),
}
_VNI_SINGLE = dict(zip("íìỉĩịỵđ", "íìæóòîñ", strict=True))

_VIQR_MARKS = {
    "\u0300": "`", "\u0301": "'", "\u0309": "?", "\u0303": "~", "\u0323": ".", "\u0302": "^",
    "\u0306": "(", "\u031b": "+",
}  # fmt: skip


@cache
def _tcvn3() -> dict[int, str]:
    table = {ord(letter): code for letter, code in zip(_LETTERS, _TCVN3, strict=True)}
    # an accented capital has no code of its own: the small letter's is typed
    capitals = {ord(chr(letter).upper()): code for letter, code in table.items()}
    return capitals | table | {ord(letter): code for letter, code in _TCVN3_CAPITALS.items()}


@cache
def _vni() -> dict[int, str]:
    table = {}
    for letter in _LETTERS:
        coded = _VNI_SINGLE.get(letter) or _vni_letter(letter)
        table[ord(letter)], table[ord(letter.upper())] = coded, coded.upper()
    return table


def _vni_letter(letter: str) -> str:
    apart = unicodedata.normalize("NFD", letter)
    base, marks = apart[0], apart[1:]
    tone = "".join(mark for mark in marks if mark in _VNI_MARKS)
    if "\u031b" in marks:
        return {"o": "ô", "u": "ö"}[base] + _VNI_MARKS.get(tone, "")
    for modifier, codes in _VNI_MARKED.items():
        if modifier in marks:
            return base + codes[tone]
    return base + _VNI_MARKS[tone]


def tcvn3(name: str) -> str:
    """`Nguyễn Văn Ánh` as `NguyÔn V¨n ¸nh`."""
    return name.translate(_tcvn3())


def vni(name: str) -> str:
    """`Nguyễn Văn Ánh` as `Nguyeãn Vaên AÙnh`."""
    return name.translate(_vni())


def viqr(name: str) -> str:
    """`Nguyễn Văn Ánh` as `Nguye^~n Va(n A'nh`."""
    apart = unicodedata.normalize("NFD", name.replace("đ", "dd").replace("Đ", "DD"))
    # Unicode puts a dot below before a circumflex, VIQR the tone last
    letters: list[str] = []
    tone = ""
    for letter in apart:
        if not unicodedata.combining(letter):
            letters += tone, letter
            tone = ""
        elif letter in _VNI_MARKS:
            tone = _VIQR_MARKS[letter]
        else:
            letters.append(_VIQR_MARKS[letter])
    return "".join([*letters, tone])


def utf8_as_cp1252(name: str) -> str:
    """`Nguyễn` as `Nguyá»…n`; bytes that Windows-1252 leaves open become control characters, as
    browsers have it.
    """
    return "".join(_cp1252(byte) for byte in name.encode())


@cache
def _cp1252(byte: int) -> str:
    return bytes([byte]).decode("cp1252", "ignore") or chr(byte)
