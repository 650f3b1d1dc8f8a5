"""Texts in the forms and encodings that clinics' programs leave them in."""

import unicodedata
from collections.abc import Callable
from types import MappingProxyType

from deploy.sample import encodings

Form = Callable[[str], str]

_TONES = "\u0300\u0301\u0303\u0309\u0323"
_MODIFIERS = "\u0302\u0306\u031b"


def cp1258(text: str) -> bytes:
    """In code page 1258, which has letters with their modifier, and tones as signs of their own."""
    return "".join(map(_tone_apart, text)).encode("cp1258")


def _tone_apart(letter: str) -> str:
    apart = unicodedata.normalize("NFD", letter)
    tones = "".join(sign for sign in apart if sign in _TONES)
    return (
        unicodedata.normalize("NFC", "".join(sign for sign in apart if sign not in _TONES)) + tones
    )


def tone_first(text: str) -> str:
    """Every tone before its modifier: á and a circumflex for ấ."""
    letters = []
    for letter in unicodedata.normalize("NFC", text):
        base, *marks = list(unicodedata.normalize("NFD", letter))
        marks.sort(key=lambda sign: sign in _MODIFIERS)
        first = unicodedata.normalize("NFC", base + "".join(marks[:1]))
        letters.append(first + "".join(marks[1:]))
    return "".join(letters)


def eth(text: str) -> str:
    """`Ð` (U+00D0) for `Đ`."""
    return text.translate({ord("Đ"): "Ð", ord("đ"): "ð"})


def wide(text: str) -> str:
    """Digits of full width."""
    return text.translate({code: code + 0xFEE0 for code in range(ord("0"), ord("9") + 1)})


def unseen(text: str) -> str:
    """A sign that nobody sees behind every space, which is a no-break space."""
    return text.replace(" ", "\u00a0\u200b")


def misread(text: str, codec: str) -> str:
    """UTF-8 read as another encoding; bytes that it leaves open become control characters."""
    return "".join(bytes([byte]).decode(codec, "ignore") or chr(byte) for byte in text.encode())


def _misread_as(codec: str, times: int = 1) -> Form:
    def form(text: str) -> str:
        for _ in range(times):
            text = misread(text, codec)
        return text

    return form


FORMS: MappingProxyType[str, Form] = MappingProxyType(
    {
        "NFC": str,
        "NFD": lambda text: unicodedata.normalize("NFD", text),
        "tone first": tone_first,
        "eth": eth,
        "unseen": unseen,
        "wide": wide,
    }
)
"""Ways of writing the same text in Unicode."""

OLD: MappingProxyType[str, Form] = MappingProxyType(
    {"TCVN3": encodings.tcvn3, "VNI": encodings.vni, "VIQR": encodings.viqr}
)
"""What Unicode makes of a text in an old encoding."""

MISREAD: MappingProxyType[str, Form] = MappingProxyType(
    {
        "1252": _misread_as("cp1252"), "Latin-1": _misread_as("latin-1"),
        "1258": _misread_as("cp1258"),
        "1252 twice": _misread_as("cp1252", 2), "Latin-1 twice": _misread_as("latin-1", 2),
    }
)  # fmt: skip
"""What a text becomes whose UTF-8 is read as something else."""
