"""How a typed name compares with a registered one: the one slip that makes the first of the second,
if one does.
"""

from collections.abc import Sequence

from contracts.words import Reason, Result
from services.verifier.domain.comparison import SAME, Finding, absent, equal, other, part
from services.verifier.domain.name_forms import Name, name_of, respelt_word, without_accents
from services.verifier.domain.token_alignment import same_but_for_spaces
from vietnamese.encodings import Encoding, whole_readings
from vietnamese.syllables import TONES, implausible

_SPELLING, _ENCODING = equal(Reason.NAME_SPELLING), equal(Reason.NAME_ENCODING)
_PERHAPS_ENCODED, _CAPITALS_LOST = part(Reason.NAME_ENCODING), other(Reason.NAME_ENCODING)
_MISSING, _DIFFERS = absent(Reason.NAME_MISSING), other(Reason.NAME_DIFFERS)
_NO_ACCENTS = part(Reason.DIACRITICS_MISSING)
_ONE_TONE, _SEVERAL_TONES = part(Reason.TONE_DIFFERS), other(Reason.TONE_DIFFERS)
_ORDER, _ORDER_AND_ACCENTS = part(Reason.NAME_ORDER), other(Reason.NAME_ORDER)
_MIDDLE, _MIDDLE_AND_ACCENTS = part(Reason.MIDDLE_NAME_MISSING), other(Reason.MIDDLE_NAME_MISSING)
_ABBREVIATED = part(Reason.NAME_ABBREVIATED)
_VARIANT, _VARIANTS = part(Reason.SPELLING_VARIANT), other(Reason.SPELLING_VARIANT)
_TYPO = other(Reason.NAME_TYPO)
_UNLIKE = (Result.MISMATCH, Result.PARTIAL)


def compare_names(typed: str, registered: str) -> Finding:
    """A typed name, in whatever encoding, against a registered one."""
    if alike := _at_a_glance(typed, registered):
        return alike
    own = name_of(registered)
    found = _word_for_word(name_of(typed), own)
    # an encoded name may read well (`Vò BÝch My` is Vũ Bích My in TCVN3), but never lacks accents
    # alone
    return (
        _decoded(typed, own, found)
        if found.result in _UNLIKE and found is not _NO_ACCENTS
        else found
    )


def _decoded(typed: str, own: Name, found: Finding) -> Finding:
    """What the typed name is found to be once its encoding is undone; `found` where no encoding
    makes the registered one of it.
    """
    # word by word `Hoàng` is Hồng in VNI: an encoding must account for every sign of the name
    for encoding, text in whole_readings(typed):
        read = name_of(text)
        if same_but_for_spaces(read, own):
            return _ENCODING if _is_certain(encoding, typed, text) else _PERHAPS_ENCODED
        if found is _DIFFERS and read.bare == own.bare and _accents(read, own) is _NO_ACCENTS:
            found = _CAPITALS_LOST
    return found


def _is_certain(encoding: Encoding, typed: str, read: str) -> bool:
    """Whether nobody is called what was typed: one word that is no Vietnamese syllable may be a
    name all the same (Ka Bêi, Loïc).

    No such name is well-formed UTF-8 by chance, but a syllable may be with the space behind it (`MÃ
    AN` for Mà An).
    """
    gained = implausible(typed) - implausible(read)
    return gained > 1 or (gained == 1 and encoding is Encoding.UTF8_AS_1252)


def compare_read_names(typed: str, registered: str) -> Finding:
    """A typed name, taken as it reads, against a registered one."""
    return _at_a_glance(typed, registered) or _word_for_word(name_of(typed), name_of(registered))


def _at_a_glance(typed: str, registered: str) -> Finding | None:
    """What most names are found to be, without taking them apart."""
    if typed == registered:
        return SAME
    small = typed.lower()
    if small == registered.lower():
        return _SPELLING
    return _NO_ACCENTS if small.isascii() and small == without_accents(registered) else None


def _word_for_word(one: Name, own: Name) -> Finding:
    if one.strict == own.strict:
        return _SPELLING
    if not one.strict:
        return _MISSING
    return _SPELLING if same_but_for_spaces(one, own) else _slip(one, own)


def _is_rotation(words: tuple[str, ...], own: tuple[str, ...]) -> bool:
    return (
        len(words) == len(own)
        and words[0] in own
        and any(words == own[at:] + own[:at] for at in range(1, len(own)))
    )


def _slip(one: Name, own: Name) -> Finding:
    if one.bare == own.bare:
        return _accents(one, own)
    if len(one.strict) == len(own.strict):
        return _ORDER if _is_rotation(one.strict, own.strict) else _word_by_word(one, own)
    if (
        2 <= len(one.strict) < len(own.strict)
        and one.bare[0] == own.bare[0]
        and one.bare[-1] == own.bare[-1]
    ):
        if (
            one.strict[0] == own.strict[0]
            and one.strict[-1] == own.strict[-1]
            and _is_part(one.strict, own.strict)
        ):
            return _MIDDLE
        if _is_part(one.bare, own.bare):
            return _MIDDLE_AND_ACCENTS
    return _TYPO if "".join(one.bare) == "".join(own.bare) else _DIFFERS


def _accents(one: Name, own: Name) -> Finding:
    """The letters agree, the accents do not."""
    differing = [
        plain == typed
        for typed, word, plain in zip(one.strict, own.strict, one.bare, strict=True)
        if typed != word
    ]
    if all(differing) and (len(differing) > 1 or one.strict == one.bare):
        return _NO_ACCENTS
    return _ONE_TONE if len(differing) == 1 else _SEVERAL_TONES


def _word_by_word(one: Name, own: Name) -> Finding:
    differing = [
        at
        for at, (typed, word) in enumerate(zip(one.strict, own.strict, strict=True))
        if typed != word
    ]
    if differing[-1] < len(one.strict) - 1 and all(
        _abbreviates(one.strict[at], own.strict[at]) for at in differing
    ):
        return _ABBREVIATED
    if _respelt([(one.strict[at], own.strict[at]) for at in differing]):
        # a family name is not misspelt but another one
        return _VARIANT if len(differing) == 1 and differing[0] else _VARIANTS
    unlike = [
        (typed, word) for typed, word in zip(one.bare, own.bare, strict=True) if typed != word
    ]
    if _respelt(unlike):
        return _VARIANTS
    if len(unlike) == 1:
        return _TYPO if len(one.strict) > 1 and _one_letter(*unlike[0]) else _DIFFERS
    return _ORDER_AND_ACCENTS if _is_rotation(one.bare, own.bare) else _DIFFERS


def _respelt(pairs: Sequence[tuple[str, str]]) -> bool:
    """Whether the words of each pair are one in the spelling of those that are confused."""
    return all(respelt_word(typed) == respelt_word(word) for typed, word in pairs)


def _abbreviates(short: str, word: str) -> bool:
    """`T` for Thị, `Ng` for Nguyễn."""
    return (
        len(short) <= 2
        and len(short) < len(word.rstrip(TONES))
        and word.startswith((short, "đ" if short == "d" else short))
    )


def _is_part(short: tuple[str, ...], long: tuple[str, ...]) -> bool:
    rest = iter(long)
    return all(word in rest for word in short)


def _one_letter(typed: str, word: str) -> bool:
    """Whether one letter was added, left out, replaced, or swapped with its neighbour."""
    if abs(len(typed) - len(word)) > 1 or min(len(typed), len(word)) < 2:
        return False
    start = next(
        (at for at, (a, b) in enumerate(zip(typed, word, strict=False)) if a != b),
        min(len(typed), len(word)),
    )
    a, b = typed[start:], word[start:]
    return a[1:] == b[1:] or a[1:] == b or a == b[1:] or (a[:2] == b[1::-1] and a[2:] == b[2:])
