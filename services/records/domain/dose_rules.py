"""What a row must keep, in two tables: messages for fields that gave no value, and dose rules."""

import re
from collections.abc import Callable, Collection, Sequence
from datetime import date
from types import MappingProxyType
from typing import Literal, NamedTuple

from contracts.events import DoseKind, Sex
from contracts.products import PRODUCTS
from services.records.domain.row_error import RowError, Unread
from vietnamese.dates import PROGRAMME_BEGAN, Birth

Severity = Literal["error", "warning"]

OLDEST_BIRTH = date(1900, 1, 1)
NUMBERS = MappingProxyType({"primary": (1, 3), "additional": (2, 4), "booster": (2, 7)})
"""Which shots a kind may be, counted over all kinds: the paper form has 3 primary slots, 1
additional and 3 boosters.
"""


class ParsedRow(NamedTuple):
    """The values of a row by field, the day of its intake, and the known facilities.

    A rule is only asked where the values that it needs were read. Until then a field may hold an
    `Unread` instead.
    """

    source_id: str
    full_name: str
    date_of_birth: Birth
    sex: Sex | None
    nationality: str
    province_code: str
    district_code: str
    commune_code: str
    dose_number: int
    dose_kind: DoseKind
    product: str
    lot: str
    date_given: date
    facility_code: str
    today: date
    facilities: frozenset[str] | None


class DoseRule(NamedTuple):
    """One dose rule: a row that breaks it is rejected; `needs` names the values it looks at."""

    broken: Callable[[ParsedRow], bool]
    needs: tuple[str, ...]
    error: RowError


def _rule(
    code: str, field: str, needs: str, broken: Callable[[ParsedRow], bool], vi: str, en: str
) -> DoseRule:
    return DoseRule(broken, tuple(needs.split()), RowError(field, code, vi, en))


def _born(row: ParsedRow, *, before: date = date.min, after: date = date.max) -> bool:
    """Whether the first day on which the person may be born lies before, or after, that day."""
    first = row.date_of_birth.first
    return first is not None and (first < before or first > after)


def _fits(number: int, least: int, most: int) -> bool:
    return least <= number <= most


def _whole_series(row: ParsedRow) -> int:
    return PRODUCTS[row.product].primary_doses


# fmt: off
RULES: Sequence[DoseRule] = (
    _rule("BIRTH_TOO_EARLY", "date_of_birth", "date_of_birth",
          lambda row: _born(row, before=OLDEST_BIRTH),
          "Ngày sinh trước năm 1900; hãy sửa năm sinh.",
          "The birth date lies before 1900; correct the year."),
    _rule("BIRTH_IN_FUTURE", "date_of_birth", "date_of_birth",
          lambda row: _born(row, after=row.today),
          "Ngày sinh ở tương lai; hãy sửa ngày sinh.",
          "The birth date lies in the future; correct it."),
    _rule("GIVEN_BEFORE_BIRTH", "date_given", "date_of_birth date_given",
          lambda row: _born(row, after=row.date_given),
          "Ngày tiêm trước ngày sinh; hãy kiểm tra cả hai ngày.",
          "The dose was given before the birth date; check both dates."),
    _rule("GIVEN_IN_FUTURE", "date_given", "date_given", lambda row: row.date_given > row.today,
          "Ngày tiêm ở tương lai; hãy sửa ngày tiêm.",
          "The date of the dose lies in the future; correct it."),
    _rule("GIVEN_BEFORE_PROGRAMME", "date_given", "date_given",
    lambda row: row.date_given < PROGRAMME_BEGAN,
          "Ngày tiêm trước khi chương trình tiêm chủng bắt đầu (08/03/2021); hãy sửa ngày tiêm.",
          "The dose is dated before the programme began (8 March 2021); correct the date."),
    _rule("NUMBER_NOT_OF_KIND", "dose_number", "dose_kind dose_number",
          lambda row: not _fits(row.dose_number, *NUMBERS[row.dose_kind]),
          "Số thứ tự mũi không hợp với loại liều; đếm chung mọi loại: cơ bản 1-3, bổ sung 2-4, "
          "nhắc lại 2-7.",
          "The dose number does not fit the kind; counted over all kinds: primary 1-3, additional "
          "2-4, booster 2-7."),
    _rule("NUMBER_BEYOND_PRODUCT", "dose_number", "product dose_kind dose_number",
          lambda row: row.dose_kind == "primary" and row.dose_number > _whole_series(row),
          "Vắc xin này không có mũi cơ bản thứ này; hãy kiểm tra loại liều và tên vắc xin.",
          "This vaccine has fewer primary doses; check the kind of the dose and the product."),
    _rule("FACILITY_NOT_LISTED", "facility_code", "facility_code",
          lambda row: bool(row.facilities) and row.facility_code not in (row.facilities or ()),
          "Mã cơ sở tiêm không có trong danh mục.",
          "The facility code is not on the list of facilities."),
)
"""In the order in which a row is told."""


_Fault = tuple[tuple[str, Unread], tuple[Severity, RowError]]


def _unread(field: str, why: Unread, vi: str, en: str, severity: Severity = "error") -> _Fault:
    return (field, why), (severity, RowError(field, f"{field.upper()}_{why.name}", vi, en))


FAULTS = MappingProxyType(dict([
    _unread("source_id", Unread.MISSING, "Thiếu mã bản ghi.", "The record code is missing."),
    _unread("full_name", Unread.MISSING, "Thiếu họ và tên.", "The full name is missing."),
    _unread("date_of_birth", Unread.UNREADABLE,
    "Không đọc được ngày sinh; viết dd/mm/yyyy hoặc chỉ năm.",
            "The birth date cannot be read; write dd/mm/yyyy or the year alone."),
    _unread("date_of_birth", Unread.YEAR_CUT,
            "Năm sinh chỉ có hai chữ số nên không rõ là ngày nào; hãy viết đủ bốn chữ số, ví dụ "
            "05/08/1961.",
            "The year of birth has two digits, so the day is not sure; write all four digits, as "
            "in 05/08/1961."),
    _unread("sex", Unread.UNREADABLE, "Không đọc được giới tính; viết Nam hoặc Nữ.",
    "The sex cannot be read; write Nam or Nữ."),
    _unread("nationality", Unread.UNKNOWN, "Không rõ quốc tịch; viết tên nước hoặc mã hai chữ.",
            "The nationality is not known; write the country's name or its two-letter code."),
    _unread("dose_number", Unread.MISSING, "Thiếu số thứ tự mũi tiêm.",
    "The dose number is missing."),
    _unread("dose_number", Unread.UNREADABLE,
    "Không đọc được số thứ tự mũi tiêm; hãy viết một số từ 1 đến 7.",
            "The dose number cannot be read; write a number from 1 to 7."),
    _unread("dose_kind", Unread.MISSING, "Thiếu loại liều.", "The kind of the dose is missing."),
    _unread("dose_kind", Unread.UNREADABLE,
    "Không đọc được loại liều; viết Cơ bản, Bổ sung hoặc Nhắc lại.",
            "The kind of the dose cannot be read; write Cơ bản, Bổ sung or Nhắc lại (primary, "
            "additional, booster)."),
    _unread("product", Unread.MISSING, "Thiếu tên vắc xin.", "The product is missing."),
    _unread("product", Unread.UNKNOWN, "Không rõ tên vắc xin.", "The product is not known."),
    _unread("lot", Unread.MISSING, "Thiếu số lô.", "The lot number is missing."),
    _unread("lot", Unread.UNREADABLE,
    "Số lô sai dạng: 4 đến 20 chữ cái không dấu, chữ số hoặc dấu gạch nối.",
            "The lot number is ill-formed: 4 to 20 letters without accents, digits or hyphens."),
    _unread("date_given", Unread.MISSING, "Thiếu ngày tiêm.", "The date of the dose is missing."),
    _unread("date_given", Unread.UNREADABLE, "Không đọc được ngày tiêm; viết dd/mm/yyyy.",
            "The date of the dose cannot be read; write dd/mm/yyyy."),
    _unread("date_given", Unread.YEAR_CUT,
            "Năm tiêm chỉ có hai chữ số nên không rõ là ngày nào; hãy viết đủ bốn chữ số, ví dụ "
            "05/08/2021.",
            "The year of the dose has two digits, so the day is not sure; write all four digits, "
            "as in 05/08/2021."),
    _unread("date_given", Unread.IMPOSSIBLE,
    "Ngày tiêm không có thật; hãy viết ngày trước tháng: dd/mm/yyyy.",
            "There is no such day as the date of the dose; write the day before the month: "
            "dd/mm/yyyy."),
    _unread("facility_code", Unread.MISSING, "Thiếu mã cơ sở tiêm.",
    "The facility code is missing."),
    _unread("facility_code", Unread.UNREADABLE, "Mã cơ sở tiêm gồm năm chữ số, kể cả số 0 ở đầu.",
            "A facility code has five digits, leading zeros included."),
    _unread("facility_code", Unread.UNKNOWN, "Hai số đầu của mã cơ sở tiêm không phải mã tỉnh.",
            "The first two digits of the facility code are no province's."),
    *(
        _unread(f"{area}_code", why, f"Không rõ mã {vi} nơi ở; mã này bị bỏ qua.",
        f"The {area} of residence is not known; it is left out.",
                "warning")
        for area, vi in (("province", "tỉnh"), ("district", "huyện"), ("commune", "xã"))
        for why in (Unread.UNREADABLE, Unread.UNKNOWN)
    ),
]))
"""By field and why it gave no value. A missing birth date, sex, number or residence is the
verifier's affair: no message here.
"""
TEXT_FAULTS = (
    (re.compile(r"[\x00-\x1f\x7f]"), "CONTROL_CHARACTER", "Ô có ký tự điều khiển; hãy gõ lại.",
     "The cell holds a control character; type it again."),
    (re.compile("[\ud800-\udfff\ufffd]"), "BROKEN_TEXT", "Ô có ký tự hỏng; hãy gõ lại.",
     "The cell holds a broken character; type it again."),
    (re.compile(r"⟦U\+"), "HIDDEN_MARKED",
     "Ô có dấu ⟦U+…⟧ thay cho ký tự ẩn, không phải dữ liệu; hãy gõ lại.",
     "The cell holds a mark ⟦U+…⟧ that stands for a hidden character, which is no data; type it"
     " again."),
    (re.compile(r"(?s).{201}"), "TEXT_TOO_LONG", "Ô quá dài: tối đa 200 ký tự.",
    "The cell is too long: at most 200 characters."),
)
"""What no cell may hold. C1 controls may stand: names decoded wrongly hold them, and the verifier
mends those.
"""
# fmt: on

ID_TOO_LONG = RowError(
    "personal_id",
    "TEXT_TOO_LONG",
    "Ô quá dài: tối đa 64 ký tự.",
    "The cell is too long: at most 64 characters.",
)


def judge(
    row: ParsedRow, rejected_fields: Collection[str] = ()
) -> tuple[list[RowError], list[RowError]]:
    """The errors and the warnings of a row; a rule says nothing where a value was not read.

    `rejected_fields`: fields that have an error already.
    """
    errors: list[RowError] = []
    warnings: list[RowError] = []
    unread = set(rejected_fields)
    for field, value in zip(row._fields, row, strict=True):
        if isinstance(value, Unread) and field not in unread:
            unread.add(field)
            severity, message = FAULTS[field, value]
            (errors if severity == "error" else warnings).append(message)
    return (
        errors
        + [rule.error for rule in RULES if unread.isdisjoint(rule.needs) and rule.broken(row)],
        warnings,
    )
