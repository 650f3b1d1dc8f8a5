"""Errors with one cause: how they are told from chance, and the rules that correct a row.

A rule is a pure function of what was typed. It uses nothing but the row itself, so its proposals
tell nobody anything about the registry.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from math import log, sqrt
from types import MappingProxyType
from typing import NamedTuple

from contracts.words import Reason
from services.records.domain.dose import HOME, Raw
from services.records.domain.field_changes import FieldChange, changes
from services.records.domain.field_parsers import read_nationality, read_phone
from vietnamese.dates import read_birth
from vietnamese.encoded_names import decoded_name
from vietnamese.spelling import bare
from vietnamese.surnames import SURNAMES

LEAST_DOSES = 5
LEAST_TIMES = 3.0
LEAST_SCORE = 5.0
"""With hundreds of thousands of groups in a country, chance alone passes five standard deviations
in less than one of ten searches.
"""
_ADDED = 100


class Group(NamedTuple):
    """Doses of one facility or batch: `wrong` of `total` have the reason; so have
    `wrong_everywhere` of `everywhere` in the country.
    """

    wrong: int
    total: int
    wrong_everywhere: int
    everywhere: int


def elsewhere(group: Group) -> float:
    """The share of the reason in the rest of the country.

    A hundred doses of the whole country's share are added: what is nearly the whole country is
    compared with itself, and is no cluster.
    """
    whole = group.wrong_everywhere / group.everywhere
    return (group.wrong_everywhere - group.wrong + _ADDED * whole) / (
        group.everywhere - group.total + _ADDED
    )


def score(group: Group) -> float:
    """How far above the rest of the country, about in standard deviations: the signed root of the
    likelihood ratio of two binomials.
    """
    share, usual = group.wrong / group.total, min(elsewhere(group), 1 - 1e-9)
    if share <= usual:
        return 0.0
    right = (group.total - group.wrong) * log((1 - share) / (1 - usual)) if share < 1 else 0.0
    return sqrt(2 * max(group.wrong * log(share / usual) + right, 0.0))


def is_cluster(group: Group) -> bool:
    """Whether the group is too large, too dense and too improbable for chance."""
    dense = group.wrong >= LEAST_TIMES * elsewhere(group) * group.total
    return group.wrong >= LEAST_DOSES and dense and score(group) >= LEAST_SCORE


def common_beginning(codes: Collection[str]) -> str:
    """How all the codes begin."""
    first, last = min(codes), max(codes)
    length = 0
    while length < len(first) and first[length] == last[length]:
        length += 1
    return first[:length]


class ClusterRule(NamedTuple):
    """One way to correct rows; `mend` answers None where it does not fit a row.

    `any_reason`: its correction is sure, and the error hides others. It looks at all doses of the
    cluster's facility or batch that wait.
    """

    code: str
    name_vi: str
    name_en: str
    mend: Callable[[Raw], Raw | None]
    any_reason: bool = False


_DATE = re.compile(r"([0-9]{1,2})([/.-])([0-9]{1,2})\2([0-9]{4})")
_MARKS = re.compile(r"[\s.,\-‐‑–'’`_/]+")
_SCIENTIFIC = re.compile(r"([1-9])[.,]([0-9]+)[eE]\+?([0-9]{1,2})")
_PHONE = re.compile(r"0[35789][0-9]{8}")
_WHOLE = {10: 12, 11: 12, 7: 9, 8: 9}
"""Digits left of a CCCD or CMND that lost its zeros, and the digits it had."""
_SURNAMES = frozenset(map(bare, SURNAMES))


def _swap_day_month(raw: Raw) -> Raw | None:
    match = _DATE.fullmatch(raw.date_of_birth)
    if match is None:
        return None
    day, separator, month, year = match.groups()
    if day == month:
        return None
    swapped = f"{month}{separator}{day}{separator}{year}"
    birth = read_birth(swapped)
    return (
        raw._replace(date_of_birth=swapped)
        if birth is not None and birth.precision == "day"
        else None
    )


def _number(text: str) -> str | None:
    """The number with its lost zeros; None where it cannot be one."""
    if not (text.isascii() and text.isdigit()):
        return None
    whole = text.zfill(_WHOLE.get(len(text), 0))
    return whole if len(whole) in (9, 12) else None


def _with_number(raw: Raw, number: str | None) -> Raw | None:
    return None if number is None or number == raw.personal_id else raw._replace(personal_id=number)


def _pad_number(raw: Raw) -> Raw | None:
    return _with_number(raw, _number(_MARKS.sub("", raw.personal_id)))


def _write_out(raw: Raw) -> Raw | None:
    match = _SCIENTIFIC.fullmatch(raw.personal_id)
    if match is None:
        return None
    first, rest, exponent = match.groups()
    # with fewer digits than the exponent says the number was rounded, and its end is lost
    whole = len(rest) == int(exponent)
    return _with_number(raw, _number(first + rest)) if whole else None


def _phone_to_its_field(raw: Raw) -> Raw | None:
    phone = read_phone(raw.personal_id)
    if not _PHONE.fullmatch(phone) or (raw.phone and read_phone(raw.phone) != phone):
        return None
    return raw._replace(personal_id="", phone=phone)


def _surname_first(raw: Raw) -> Raw | None:
    first, *rest = raw.full_name.split()
    if not rest or bare(first) in _SURNAMES:
        return None
    if bare(rest[0]) in _SURNAMES:
        return raw._replace(full_name=" ".join([*rest, first]))
    if bare(rest[-1]) in _SURNAMES:
        return raw._replace(full_name=" ".join([rest[-1], first, *rest[:-1]]))
    return None


def _decode_name(raw: Raw) -> Raw | None:
    # a foreigner's name may have any sign
    name = decoded_name(raw.full_name) if read_nationality(raw.nationality) == HOME else None
    return None if name is None else raw._replace(full_name=name)


_DECODE = ClusterRule(
    "DECODE_NAME", "Đọc lại họ tên gõ bằng bảng mã cũ (TCVN3, VNI, VIQR, UTF-8 bị đọc sai)",
    "Read the name in the old encoding that it was typed in",
    _decode_name, any_reason=True,
)  # fmt: skip
_SWAP = ClusterRule(
    "SWAP_DAY_MONTH", "Đảo lại ngày và tháng sinh", "Swap day and month of birth", _swap_day_month
)
_PAD = ClusterRule("PAD_NUMBER", "Thêm lại số 0 ở đầu", "Put the lost zeros back", _pad_number)

RULES: Mapping[str, ClusterRule] = MappingProxyType(
    {
        Reason.DAY_MONTH_SWAPPED: _SWAP,
        Reason.DATE_IMPOSSIBLE: _SWAP,
        Reason.ID_LEADING_ZERO_LOST: _PAD,
        Reason.ID_PUNCTUATED: ClusterRule(
            "PLAIN_NUMBER", "Bỏ dấu trong số", "Take the marks out of the number", _pad_number
        ),
        Reason.ID_SCIENTIFIC: ClusterRule(
            "WRITE_OUT_NUMBER", "Viết lại đủ chữ số", "Write the number out", _write_out
        ),
        Reason.ID_IS_PHONE_NUMBER: ClusterRule(
            "PHONE_TO_ITS_FIELD",
            "Chuyển số điện thoại về đúng cột",
            "Move the phone number to its field",
            _phone_to_its_field,
        ),
        Reason.NAME_ENCODING: _DECODE,
        Reason.NAME_ORDER: ClusterRule(
            "SURNAME_FIRST", "Đưa họ lên trước", "Put the family name first", _surname_first
        ),
    }
)
"""The rule that corrects rows with this reason."""


def proposed(raw: Raw, reasons: Iterable[str]) -> list[tuple[ClusterRule, list[FieldChange]]]:
    """What the rules make of a row with these reasons.

    A name in an old encoding is read whatever the reasons are: it is seldom among them.
    """
    rules = {rule.code: rule for rule in (*map(RULES.get, reasons), _DECODE) if rule}
    return [(rule, changes(raw, mended)) for rule in rules.values() if (mended := rule.mend(raw))]
