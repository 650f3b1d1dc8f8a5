"""Compares a typed name with a registered one: which one slip makes the first of the second."""

from collections.abc import Sequence

from contracts.identity.comparison import (
    MATCH,
    Comparison,
    absent,
    equivalent,
    mismatch,
    partial,
)
from contracts.identity.name_forms import NameForms, name_of, respelt_word, without_accents
from contracts.identity.token_alignment import same_but_for_spaces
from contracts.words import Reason, Result
from vietnamese.encodings import Encoding, whole_readings
from vietnamese.syllables import TONES, implausible

_SPELLING, _ENCODING = equivalent(Reason.NAME_SPELLING), equivalent(Reason.NAME_ENCODING)
_PERHAPS_ENCODED, _CAPITALS_LOST = partial(Reason.NAME_ENCODING), mismatch(Reason.NAME_ENCODING)
_MISSING, _DIFFERS = absent(Reason.NAME_MISSING), mismatch(Reason.NAME_DIFFERS)
_NO_ACCENTS = partial(Reason.DIACRITICS_MISSING)
_ONE_TONE, _SEVERAL_TONES = partial(Reason.TONE_DIFFERS), mismatch(Reason.TONE_DIFFERS)
_ORDER, _ORDER_AND_ACCENTS = partial(Reason.NAME_ORDER), mismatch(Reason.NAME_ORDER)
_MIDDLE, _MIDDLE_AND_ACCENTS = (
    partial(Reason.MIDDLE_NAME_MISSING),
    mismatch(Reason.MIDDLE_NAME_MISSING),
)
_ABBREVIATED = partial(Reason.NAME_ABBREVIATED)
_VARIANT, _VARIANTS = partial(Reason.SPELLING_VARIANT), mismatch(Reason.SPELLING_VARIANT)
_TYPO = mismatch(Reason.NAME_TYPO)
_UNLIKE = (Result.MISMATCH, Result.PARTIAL)


def compare_names(typed: str, registered: str) -> Comparison:
    """Compares a typed name, in whatever encoding, with a registered one."""
    if alike := _at_a_glance(typed, registered):
        return alike
    own = name_of(registered)
    as_typed = _word_for_word(name_of(typed), own)
    # an encoded name may read well (`Vò BÝch My` is Vũ Bích My in TCVN3), but never lacks accents
    # alone
    return (
        _decoded(typed, own, as_typed)
        if as_typed.result in _UNLIKE and as_typed is not _NO_ACCENTS
        else as_typed
    )


def _decoded(typed: str, own: NameForms, as_typed: Comparison) -> Comparison:
    """Compares the typed name with its encoding undone.

    `as_typed`: the answer where no encoding makes the registered name of it.
    """
    compared = as_typed
    # word by word `Hoàng` is Hồng in VNI: an encoding must account for every sign of the name
    for encoding, text in whole_readings(typed):
        read = name_of(text)
        if same_but_for_spaces(read, own):
            return _ENCODING if _is_certain(encoding, typed, text) else _PERHAPS_ENCODED
        if compared is _DIFFERS and read.bare == own.bare and _accents(read, own) is _NO_ACCENTS:
            compared = _CAPITALS_LOST
    return compared


def _is_certain(encoding: Encoding, typed: str, read: str) -> bool:
    """Whether nobody is called what was typed.

    One word that is no Vietnamese syllable may be a name all the same (Ka Bêi, Loïc). No such name
    is well-formed UTF-8 by chance, but a syllable with the space behind it may be (`MÃ AN` for Mà
    An).
    """
    gained = implausible(typed) - implausible(read)
    return gained > 1 or (gained == 1 and encoding is Encoding.UTF8_AS_1252)


def compare_read_names(typed: str, registered: str) -> Comparison:
    """Compares a typed name, taken as it reads, with a registered one."""
    return _at_a_glance(typed, registered) or _word_for_word(name_of(typed), name_of(registered))


def _at_a_glance(typed: str, registered: str) -> Comparison | None:
    """The comparison of most names, which need not be taken apart."""
    if typed == registered:
        return MATCH
    small = typed.lower()
    if small == registered.lower():
        return _SPELLING
    return _NO_ACCENTS if small.isascii() and small == without_accents(registered) else None


def _word_for_word(typed: NameForms, own: NameForms) -> Comparison:
    if typed.strict == own.strict:
        return _SPELLING
    if not typed.strict:
        return _MISSING
    return _SPELLING if same_but_for_spaces(typed, own) else _slip(typed, own)


def _is_rotation(words: tuple[str, ...], own: tuple[str, ...]) -> bool:
    return (
        len(words) == len(own)
        and words[0] in own
        and any(words == own[at:] + own[:at] for at in range(1, len(own)))
    )


def _slip(typed: NameForms, own: NameForms) -> Comparison:
    if typed.bare == own.bare:
        return _accents(typed, own)
    if len(typed.strict) == len(own.strict):
        return _ORDER if _is_rotation(typed.strict, own.strict) else _word_by_word(typed, own)
    if (
        2 <= len(typed.strict) < len(own.strict)
        and typed.bare[0] == own.bare[0]
        and typed.bare[-1] == own.bare[-1]
    ):
        if (
            typed.strict[0] == own.strict[0]
            and typed.strict[-1] == own.strict[-1]
            and _is_part(typed.strict, own.strict)
        ):
            return _MIDDLE
        if _is_part(typed.bare, own.bare):
            return _MIDDLE_AND_ACCENTS
    return _TYPO if "".join(typed.bare) == "".join(own.bare) else _DIFFERS


def _accents(typed: NameForms, own: NameForms) -> Comparison:
    """Compares the accents of two names whose letters agree."""
    bare_typed = [
        bare == strict
        for strict, word, bare in zip(typed.strict, own.strict, typed.bare, strict=True)
        if strict != word
    ]
    if all(bare_typed) and (len(bare_typed) > 1 or typed.strict == typed.bare):
        return _NO_ACCENTS
    return _ONE_TONE if len(bare_typed) == 1 else _SEVERAL_TONES


def _word_by_word(typed: NameForms, own: NameForms) -> Comparison:
    differing = [
        at
        for at, (strict, word) in enumerate(zip(typed.strict, own.strict, strict=True))
        if strict != word
    ]
    if differing[-1] < len(typed.strict) - 1 and all(
        _abbreviates(typed.strict[at], own.strict[at]) for at in differing
    ):
        return _ABBREVIATED
    if _respelt([(typed.strict[at], own.strict[at]) for at in differing]):
        # a family name is not misspelt but another one
        return _VARIANT if len(differing) == 1 and differing[0] else _VARIANTS
    unlike = [(bare, word) for bare, word in zip(typed.bare, own.bare, strict=True) if bare != word]
    if _respelt(unlike):
        return _VARIANTS
    if len(unlike) == 1:
        return _TYPO if len(typed.strict) > 1 and _one_letter(*unlike[0]) else _DIFFERS
    return _ORDER_AND_ACCENTS if _is_rotation(typed.bare, own.bare) else _DIFFERS


def _respelt(pairs: Sequence[tuple[str, str]]) -> bool:
    """Whether the words of each pair are one word in the spelling of confused sounds."""
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
