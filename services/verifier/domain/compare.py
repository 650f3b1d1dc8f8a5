"""How a typed attribute compares with a registered one.

The result says what it can be used for: `match` and `equivalent` are the same data; `partial` is one known slip, which the policy may
repair; `mismatch` is other data, or several slips at once, whose reason then only guides people.
"""

import re
from functools import lru_cache

from contracts.events import AttributeResult, Precision, Sex
from contracts.words import Reason, Result
from services.verifier.domain.encodings import readings
from services.verifier.domain.names import Name, name_of, respelt_word

Finding = tuple[Result, Reason | None]

SAME: Finding = (Result.MATCH, None)
_EQUAL, _PART, _OTHER = Result.EQUIVALENT, Result.PARTIAL, Result.MISMATCH
_DAY_FIRST = re.compile(r"(\d{1,2})[\s/.-]+(\d{1,2})[\s/.-]+(\d{4})")


@lru_cache(maxsize=512)
def attribute(name: str, finding: Finding) -> AttributeResult:
    """One attribute's result; there are few, so they are shared."""
    return AttributeResult(name=name, result=finding[0], reason=finding[1])  # type: ignore[arg-type]


def compare_names(typed: str, registered: str) -> Finding:
    """A typed name against a registered one."""
    if typed == registered:
        return SAME
    if not typed.strip():
        return Result.ABSENT_IN_REQUEST, Reason.NAME_MISSING
    one, other = name_of(typed), name_of(registered)
    if _same(one, other):
        return _EQUAL, Reason.NAME_SPELLING
    finding = _slip(one, other)
    if finding[0] is _OTHER or not typed.isascii():
        # undoing an encoding cannot make a stranger's name equal: the whole name must come out
        for reading in readings(typed):
            if _same(name_of(reading), other):
                return _EQUAL, Reason.NAME_ENCODING
            # a capital's accents are lost in TCVN3
            if finding[1] is Reason.NAME_DIFFERS and _slip(name_of(reading), other)[1] is Reason.DIACRITICS_MISSING:
                finding = _OTHER, Reason.NAME_ENCODING
    return finding


def _same(one: Name, other: Name) -> bool:
    if one.strict == other.strict:
        return True
    if one.joined == other.joined:
        return len(one.strict) != len(other.strict)
    # among the Ê Đê the clan may be written first
    return (_is_marked(one) or _is_marked(other)) and len(one.joined) == len(other.joined) and one.joined in other.joined * 2


def _is_marked(name: Name) -> bool:
    return len(name.strict[0]) == 1 if name.strict else False


def _is_rotation(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    return len(one) == len(other) and any(one == other[at:] + other[:at] for at in range(1, len(other)))


def _slip(one: Name, other: Name) -> Finding:
    """Which single slip makes the typed name of the registered one."""
    if not one.strict or not other.strict:
        return _OTHER, Reason.NAME_DIFFERS
    if one.bare == other.bare:
        return _accents(one, other)
    if _is_rotation(one.strict, other.strict):
        return _PART, Reason.NAME_ORDER
    if len(one.strict) == len(other.strict):
        return _word_by_word(one, other)
    if 2 <= len(one.strict) < len(other.strict):
        for result, short, long in ((_PART, one.strict, other.strict), (_OTHER, one.bare, other.bare)):
            if short[0] == long[0] and short[-1] == long[-1] and _is_part(short, long):
                return result, Reason.MIDDLE_NAME_MISSING
    if "".join(one.bare) == "".join(other.bare):
        return _OTHER, Reason.NAME_TYPO
    return _OTHER, Reason.NAME_DIFFERS


def _accents(one: Name, other: Name) -> Finding:
    """The letters agree, the accents do not."""
    differing = [(a, b, c) for a, b, c in zip(one.strict, other.strict, one.bare, strict=True) if a != b]
    if all(typed == plain for typed, _, plain in differing) and (len(differing) > 1 or one.strict == one.bare):
        return _PART, Reason.DIACRITICS_MISSING
    return (_PART if len(differing) == 1 else _OTHER), Reason.TONE_DIFFERS


def _word_by_word(one: Name, other: Name) -> Finding:
    differing = [at for at, (a, b) in enumerate(zip(one.strict, other.strict, strict=True)) if a != b]
    if differing[-1] < len(one.strict) - 1 and all(_abbreviates(one.strict[at], other.strict[at]) for at in differing):
        return _PART, Reason.NAME_ABBREVIATED
    if all(respelt_word(one.strict[at]) == respelt_word(other.strict[at]) for at in differing):
        # a family name is not misspelt but another one
        return (_PART if len(differing) == 1 and differing[0] else _OTHER), Reason.SPELLING_VARIANT
    if all(respelt_word(a) == respelt_word(b) for a, b in zip(one.bare, other.bare, strict=True)):
        return _OTHER, Reason.SPELLING_VARIANT
    if _is_rotation(one.bare, other.bare):
        return _OTHER, Reason.NAME_ORDER
    unlike = [(a, b) for a, b in zip(one.bare, other.bare, strict=True) if a != b]
    if len(unlike) == 1 and len(one.strict) > 1 and _one_letter(*unlike[0]):
        return _OTHER, Reason.NAME_TYPO
    return _OTHER, Reason.NAME_DIFFERS


def _abbreviates(short: str, word: str) -> bool:
    """`T` for Thị, `Ng` for Nguyễn."""
    return len(short) <= 2 and len(short) < len(word.rstrip("12345")) and (word.startswith(short) or word.startswith({"d": "đ"}.get(short, short)))


def _is_part(short: tuple[str, ...], long: tuple[str, ...]) -> bool:
    rest = iter(long)
    return all(word in rest for word in short)


def _one_letter(one: str, other: str) -> bool:
    """Whether one letter was added, left out, replaced, or swapped with its neighbour."""
    if abs(len(one) - len(other)) > 1 or min(len(one), len(other)) < 2:
        return False
    start = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    a, b = one[start:], other[start:]
    return a[1:] == b[1:] or a[1:] == b or a == b[1:] or (a[:2] == b[1::-1] and a[2:] == b[2:])


@lru_cache(maxsize=65_536)
def compare_births(typed: str, precision: Precision, registered: str) -> Finding:
    """A typed birth date against a registered one (yyyy-mm-dd, yyyy-mm or yyyy)."""
    if typed == registered:
        return SAME
    if precision == "missing" or not typed:
        return Result.ABSENT_IN_REQUEST, Reason.DATE_MISSING
    if precision == "impossible":
        return _impossible(typed, registered)
    shorter = min(len(typed), len(registered))
    if typed[:shorter] == registered[:shorter]:
        # 1 January is what clinics type for a year alone
        return (_EQUAL if typed[shorter:] in ("-01-01", "-01") else _PART), Reason.YEAR_ONLY
    if shorter < len("yyyy-mm-dd"):
        return _OTHER, Reason.DATE_DIFFERS
    if typed[4:] == "-01-01" and typed[:4] == registered[:4]:
        return _PART, Reason.YEAR_ONLY
    return _days(typed, registered)


def _impossible(typed: str, registered: str) -> Finding:
    found = _DAY_FIRST.fullmatch(typed)
    fits = found and found[3] == registered[:4] and (len(registered) < 7 or found[2].zfill(2) == registered[5:7])
    return (_PART if fits else _OTHER), Reason.DATE_IMPOSSIBLE


def _days(typed: str, registered: str) -> Finding:
    if typed[:4] == registered[:4]:
        if typed[5:7] == registered[8:] and typed[8:] == registered[5:7]:
            return _PART, Reason.DAY_MONTH_SWAPPED
        differing = sum(map(str.__ne__, typed, registered))
        return (_PART, Reason.DATE_DIGIT) if differing == 1 else (_OTHER, Reason.DATE_DIFFERS)
    if typed[4:] == registered[4:]:
        # less than a generation: more could be a parent of the same name
        close = abs(int(typed[:4]) - int(registered[:4])) in (1, 2, 3, 10)
        one_digit = sum(map(str.__ne__, typed[:4], registered[:4])) == 1
        if close or one_digit:
            return (_PART if close else _OTHER), Reason.DATE_DIGIT
    return _OTHER, Reason.DATE_DIFFERS


def compare_sexes(typed: Sex | None, registered: Sex) -> Finding:
    """A typed sex against the registered one."""
    if typed == registered:
        return SAME
    return (Result.ABSENT_IN_REQUEST, Reason.SEX_MISSING) if typed is None else (_OTHER, Reason.SEX_DIFFERS)
