"""Text of strangers as it is shown to people: what nobody sees in it is marked.

A name may hold signs that turn the order of letters, or that have no shape. Two names then look
alike and are not, or a name looks like another one. Stored and signed text stays as it is.
"""

import unicodedata

# printable by their category, and yet without any shape: joiners, fillers, variation selectors,
# the blank of Braille
_SHAPELESS = frozenset(
    map(
        chr,
        (
            *(0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180B, 0x180C, 0x180D, 0x180F),
            *(0x2800, 0x3164, 0xFFA0),
            *range(0xFE00, 0xFE10),
            *range(0xE0100, 0xE01F0),
        ),
    )
)
_JOINERS = "\u200c\u200d"
_JOINED_FROM, _JOINED_TO = "\u0600", "\u0dff"
"""Writing systems of the Middle East and India: they need the joiners between their letters."""


def visible(text: str) -> str:
    """The text, with each sign that nobody sees or that turns the text replaced by `⟦U+202E⟧`.

    Marked are controls, signs of format and direction, fillers, and what is no character. Letters
    with their marks (NFC and NFD) and blanks stay; so do joiners where a script needs them.
    """
    if text.isprintable() and (text.isascii() or _SHAPELESS.isdisjoint(text)):
        return text
    before, shown = "", []
    for sign in text:
        shown.append(sign if _stays(sign, before) else f"⟦U+{ord(sign):04X}⟧")
        before = sign
    return "".join(shown)


def _stays(sign: str, before: str) -> bool:
    if sign.isprintable():
        return sign not in _SHAPELESS
    if sign in _JOINERS:
        return _JOINED_FROM <= before <= _JOINED_TO and before.isprintable()
    return unicodedata.category(sign) == "Zs"
