"""Decodes names that an old system wrote, where the typed text alone leaves no doubt.

`Loïc` and `Ka Bêi` would be Vietnamese in VNI and TCVN3, and `Thu¹` and `Hoa?` have signs of TCVN3
and VIQR. So one trace is not enough. All signs must belong to one encoding, and all words must come
out as Vietnamese syllables, in no other encoding as well. Besides, the text must hold what no name
holds, begin with a surname, or have two words that are no syllables. Misread UTF-8 needs less: no
name is well-formed UTF-8 by chance.
"""

import re
from types import MappingProxyType

from vietnamese.encodings import Encoding, whole_readings
from vietnamese.surnames import SURNAMES
from vietnamese.syllables import implausible, strict_word

_IN_NO_NAME = MappingProxyType(
    {
        # signs between letters; behind a word they may be footnotes
        Encoding.TCVN3: re.compile(
            "(?<=[a-z])[µ¸¶·¹¨»¾¼½©®«¬\u00ad×¡-§]+(?=[a-z])|Þ", re.IGNORECASE
        ),
        # vowels side by side; only `aï` and `oï` are French too
        Encoding.VNI: re.compile("[aeo][âàáåãä]|[ae][êèéúüë]|[aeouyôö][ùõøû]", re.IGNORECASE),
        # a lone sign behind a word may be an apostrophe or a full stop, one within capitals too; a
        # question mark any letter that was lost
        Encoding.VIQR: re.compile(
            r"(?i:[aeo]\^|a\([`'?~.]?[a-z]|[ou]\+|[aeiouy](?:~|`(?=[a-z])))|(?i:[aeiouy])['.](?=[a-z])"
        ),
    }
)
_SURNAMES = frozenset(map(strict_word, SURNAMES))
_LETTERS = re.compile("[A-Za-z\u00c0-\u017fƠơƯưɃƀ\u0300-\u036f\u1ea0-\u1ef9' .-]+")
_LONE_SIGN = re.compile(r"(?<!\S)[^\w\s](?!\S)")
_LONE_LETTER = re.compile(r"(?<!\S)[^\sYyÝý](?!\S)")


def decoded_name(name: str) -> str | None:
    """What the name was before its encoding; None where it reads as it stands, or anything is in
    doubt.
    """
    # a soft hyphen is invisible, and so in no syllable's way, but half of an `í` in UTF-8
    if " " not in name or not (implausible(name) or "\u00ad" in name):
        return None
    found = {
        _strict(new): (encoding, new)
        for encoding, new in whole_readings(name)
        if _is_possible(encoding, name, new)
    }
    if len(found) > 1:
        found = {key: one for key, one in found.items() if _begins_with_surname(name, one[1])}
    if len(found) != 1:
        return None
    [(encoding, new)] = found.values()
    if not _is_sure(encoding, name, new):
        return None
    return _cased(name, new) if encoding is Encoding.TCVN3 else new


def _strict(name: str) -> str:
    return " ".join(map(strict_word, name.split()))


def _is_possible(encoding: Encoding, typed: str, read: str) -> bool:
    """Whether the reading can be a name."""
    if encoding is not Encoding.UTF8_AS_1252:
        return not implausible(read) and not _LONE_SIGN.search(typed)
    if read.encode().decode("sloppy-windows-1252") == typed:
        return _LETTERS.fullmatch(read) is not None
    # a space was put back, so that `Đà o` may be Đào
    return not implausible(read) and not _LONE_LETTER.search(read)


def _is_sure(encoding: Encoding, typed: str, read: str) -> bool:
    """Whether no name could have been typed so."""
    if encoding is Encoding.UTF8_AS_1252 or _begins_with_surname(typed, read):
        return True
    wrong = [word for word in typed.split() if implausible(word)]
    return any(map(_IN_NO_NAME[encoding].search, wrong)) or (
        len(wrong) > 1 and encoding is not Encoding.VIQR
    )


def _begins_with_surname(typed: str, read: str) -> bool:
    return implausible(typed.split()[0]) > 0 and strict_word(read.split()[0]) in _SURNAMES


def _cased(typed: str, read: str) -> str:
    """A TCVN3 reading with the capitals that it has no codes for, as the letters beside them have
    it.
    """
    words = list(zip(typed.split(" "), read.split(" "), strict=True))
    known = [
        new
        for old_word, word in words
        for old, new in zip(old_word[1:], word[1:], strict=True)
        if old.isascii() or new.isupper()
    ]
    if known and all(map(str.isupper, known)):
        return read.upper()
    if not any(word[:1].isupper() for _, word in words) and any(
        old[:1].isascii() for old, _ in words
    ):
        return read
    return " ".join(word[:1].upper() + word[1:] for _, word in words)
