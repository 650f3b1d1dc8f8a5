"""What stands in the ID column: the numbers worth looking up, and what is wrong with the rest."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from contracts.words import Grade, Reason
from vietnamese.encodings import is_plain, readings
from vietnamese.personal_numbers import LENGTH as _FULL
from vietnamese.personal_numbers import PREFIXES as _PROVINCES
from vietnamese.personal_numbers import is_personal
from vietnamese.spelling import bare

_LABEL = re.compile(r"^(?:so |cccd|cmnd|cmt|cc|dinh danh|ca nhan|[:.\s])+(?=['\d])")
_BETWEEN = re.compile(r"[\s.,\-‐‑–'’‘`_/]+")
_DECIMAL_ZERO = re.compile(r"\.0$")
_SCIENTIFIC = re.compile(r"([1-9])(?:[.,](\d+))?e\+?(\d{1,2})", re.ASCII)
_INSURANCE = re.compile(r"[a-z]{2}\d{13}", re.ASCII)
_PHONE = re.compile(r"(?:0|84|\+84)[35789]\d{8}", re.ASCII)
_FILLER_WORDS = frozenset(
    ["", "khong", "khong co", "ko", "ko co", "k co", "chua", "chua co", "chua cap", "khong nho",
    "khong ro", "khong biet", "mat",
     "no", "trong", "x", "xx", "xxx", "n/a", "na", "none", "null"]
)  # fmt: skip
_FILLER_NUMBERS = frozenset(
    [
        "123456789",
        "1234567890",
        "0123456789",
        "012345678",
        "123456789012",
        "123456789123",
        "987654321",
    ]
)
CARD = 9
"""Digits of an old identity card (CMND)."""
_PASSPORT = re.compile(r"(?=.*\d)[A-Z0-9]{5,15}")


@dataclass(slots=True)
class IdReading:
    """An ID column as read.

    `candidates`: numbers that it may mean. `reason`: how it is written, or what it is instead.
    `grade`: what a dose gets where nobody has any candidate. `digits`: known leading digits of a
    rounded number, its lost zeros restored. `typed`: the digits of a number of a wrong length.
    """

    candidates: tuple[str, ...] = ()
    reason: Reason | None = None
    grade: Grade = Grade.NOT_FOUND
    digits: str = ""
    typed: str = ""


_MISSING = IdReading(reason=Reason.ID_MISSING, grade=Grade.MISSING_ID)


def _wrong(reason: Reason, *candidates: str) -> IdReading:
    return IdReading(candidates, reason, Grade.ILL_FORMED_ID)


def read_number(text: str) -> IdReading:
    """Reads an ID column. A plain CCCD takes the short way."""
    return IdReading((text,)) if is_personal(text) else _read_other(text)


# read twice: before the registry is asked, and after
@lru_cache(maxsize=4_096)
def _read_other(text: str) -> IdReading:
    number = _read_text(text)
    if number.reason is not Reason.ID_IS_TEXT or is_plain(text):
        return number
    # words around a number, or in place of one, may be typed in an old encoding
    decoded = map(_read_text, readings(text))
    return next((reading for reading in decoded if reading.reason is not Reason.ID_IS_TEXT), number)


def _read_text(text: str) -> IdReading:
    if text.isascii() and text.isdigit():
        return _read_digits(text, None)
    plain = bare(unicodedata.normalize("NFKC", text)).strip().strip("\u200b\ufeff\u2060'")
    if not plain:
        return _MISSING if not text.strip() else _wrong(Reason.ID_IS_FILLER)
    plain = _LABEL.sub("", plain)
    if scientific := _SCIENTIFIC.fullmatch(_BETWEEN.sub(".", plain)):
        return _scientific(scientific)
    digits = _BETWEEN.sub("", _DECIMAL_ZERO.sub("", plain))
    # Arabic digits are digits too, but no number's
    if digits.isascii() and digits.isdigit():
        return _read_digits(digits, Reason.ID_PUNCTUATED if digits != text else None)
    if _PHONE.fullmatch(digits):
        return _wrong(Reason.ID_IS_PHONE_NUMBER)
    if _INSURANCE.fullmatch(digits):
        return _wrong(Reason.ID_IS_INSURANCE_NUMBER)
    return _wrong(
        Reason.ID_IS_FILLER if not digits or plain in _FILLER_WORDS else Reason.ID_IS_TEXT
    )


def _read_digits(digits: str, written: Reason | None) -> IdReading:
    """Reads a number by its length. Excel drops the zeros before it."""
    length = len(digits)
    if _PHONE.fullmatch(digits):
        # 84 and nine digits may also be a number of Tra Vinh without its zero
        return _wrong(Reason.ID_IS_PHONE_NUMBER, *([f"0{digits}"] if length == _FULL - 1 else []))
    if len(set(digits)) == 1 or digits in _FILLER_NUMBERS:
        return _wrong(Reason.ID_IS_FILLER)
    if length == _FULL:
        of_a_province = digits[:3] in _PROVINCES
        # a birth registered abroad has a country's code: it is looked up all the same, and wrong
        # only if nobody has it
        return IdReading((digits,), written) if of_a_province else _wrong(Reason.ID_PREFIX, digits)
    if length == CARD:
        return IdReading((digits,), written)
    if (
        digits[0] != "0"
        and length in (_FULL - 1, _FULL - 2)
        and digits.zfill(_FULL)[:3] in _PROVINCES
    ):
        return IdReading((digits.zfill(_FULL),), Reason.ID_LEADING_ZERO_LOST)
    if digits[0] != "0" and length == CARD - 1:
        return IdReading((digits.zfill(CARD),), Reason.ID_LEADING_ZERO_LOST)
    return IdReading((), Reason.ID_LENGTH, Grade.ILL_FORMED_ID, typed=digits)


def _scientific(parts: re.Match[str]) -> IdReading:
    digits, places = parts[1] + (parts[2] or ""), int(parts[3]) + 1
    whole = places <= len(digits)
    if places > _FULL:
        return _wrong(Reason.ID_SCIENTIFIC)
    leading = "0" * (_FULL - places) + digits
    if whole and len(leading) == _FULL:
        return IdReading((leading,), Reason.ID_SCIENTIFIC, Grade.ILL_FORMED_ID)
    # the last known digit may have been rounded up
    return IdReading((), Reason.ID_SCIENTIFIC, Grade.ILL_FORMED_ID, leading[:-1])


def may_be_personal(text: str) -> bool:
    """Whether the text may be a personal number, its zeros lost or with a country's code.

    A passport has nine characters at most (ICAO 9303). Nine bare digits count as a passport,
    although old cards have as many.
    """
    return is_personal(text) or any(len(number) == _FULL for number in read_number(text).candidates)


def no_passport(number: str) -> Reason | None:
    """Why this cannot be the number of a foreign passport, None where it can.

    `number`: in the form of `contracts.passports`.
    """
    if is_filler(number):
        return Reason.ID_IS_FILLER
    if _PHONE.fullmatch(number):
        return Reason.ID_IS_PHONE_NUMBER
    if _INSURANCE.fullmatch(number.casefold()):
        return Reason.ID_IS_INSURANCE_NUMBER
    return None if _PASSPORT.fullmatch(number) else Reason.ID_IS_TEXT


def is_filler(number: str) -> bool:
    """Whether somebody only filled the field."""
    return len(set(number)) <= 2 or number in _FILLER_NUMBERS


def slip(typed: str, number: str) -> Reason | None:
    """How one number becomes the other at the keyboard, None where one slip does not do.

    A slip is one digit wrong, missing or too many, or two neighbours swapped.
    """
    if abs(len(typed) - len(number)) > 1 or typed == number:
        return None
    at = 0
    for typed_digit, digit in zip(typed, number, strict=False):
        if typed_digit != digit:
            break
        at += 1
    if len(typed) != len(number):
        longer, shorter = (typed, number) if len(typed) > len(number) else (number, typed)
        return Reason.ID_LENGTH if longer[at + 1 :] == shorter[at:] else None
    if typed[at + 1 :] == number[at + 1 :]:
        return Reason.ID_DIGIT
    swapped = (
        typed[at : at + 2] == number[at + 1] + number[at] and typed[at + 2 :] == number[at + 2 :]
    )
    return Reason.ID_TRANSPOSED if swapped else None


def near(number: str, other: str) -> bool:
    """Whether at most two digits differ in two numbers of one length, as in those of twins."""
    return len(number) == len(other) and sum(map(str.__ne__, number, other)) <= 2
