"""What people type into the look-up and the complaint: read gently, and told what to mend."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from vietnamese.cells import bare_number
from vietnamese.dates import PROGRAMME_BEGAN, read_birth, read_written
from vietnamese.unicode_forms import composed

_EMAIL: Final = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_PASSPORT: Final = re.compile(r"(?=.*\d)[A-Za-z0-9]{5,15}")
_DIGITS: Final = re.compile(r"\d{1,4}")
Words = Callable[[str, str], str]
"""Chooses the text of the reader's language."""


@dataclass(slots=True)
class TypedForm:
    """A form as it was typed; what is wrong is kept by the id of its field."""

    typed: Mapping[str, Any]
    t: Words
    today: date
    errors: dict[str, str] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """A field without the blanks around it, in the one form of its letters."""
        value = self.typed.get(name)
        return composed(value).strip() if isinstance(value, str) else ""

    def parts(self, name: str) -> dict[str, Any]:
        """A date as the component shows it again."""
        return {
            **{part: self.text(f"{name}_{part}") for part in ("day", "month", "year")},
            "year_only": bool(self.text(f"{name}_year_only")),
        }

    def full_name(self) -> str:
        """The name; an error where there is none."""
        name = self.text("full_name")
        if not name:
            self.errors["full_name"] = self.t("Xin nhập họ và tên.", "Please type your full name.")
        elif len(name) > 200:
            self.errors["full_name"] = self.t(
                "Họ và tên dài quá 200 chữ; xin xem lại.", "The name has more than 200 letters."
            )
        return name

    def sex(self) -> str:
        """`male` or `female`; an error where neither was chosen."""
        chosen = self.text("sex")
        if chosen not in ("male", "female"):
            self.errors["sex"] = self.t("Xin chọn giới tính.", "Please choose male or female.")
        return chosen

    def birth(self, name: str = "birth") -> str:
        """`dd/mm/yyyy`, or the year alone."""
        parts = self.parts(name)
        year = parts["year"]
        if not year:
            self.errors[name] = self.t("Xin nhập ngày sinh.", "Please type the date of birth.")
            return ""
        if not re.fullmatch(r"(19|20)\d\d", year) or int(year) > self.today.year:
            self.errors[name] = self.t(
                "Năm sinh gồm 4 số, ví dụ 1985.", "The year has four digits, as 1985."
            )
            return ""
        if parts["year_only"] or not (parts["day"] or parts["month"]):
            return str(year)
        written = f"{parts['day']}/{parts['month']}/{year}"
        known = read_birth(written) if parts["day"] and parts["month"] else None
        if known is None or known.precision != "day":
            self.errors[name] = self.t(
                "Không có ngày này; xin xem lại ngày và tháng sinh.",
                "There is no such day; please look at day and month again.",
            )
        return written

    def given(self, name: str = "last") -> date | None:
        """The day of an injection."""
        parts = self.parts(name)
        if not any(parts[part] for part in ("day", "month", "year")):
            self.errors[name] = self.t(
                "Xin nhập ngày tiêm; ngày ghi trên giấy xác nhận tiêm.",
                "Please type the day of the injection; the vaccination slip has it.",
            )
            return None
        written = read_written(f"{parts['day']}/{parts['month']}/{parts['year']}")
        day = written.real() if written and len(str(parts["year"])) == 4 else None
        if day is None:
            self.errors[name] = self.t(
                "Không có ngày này; xin xem lại ngày, tháng, năm (4 số).",
                "There is no such day; please look at day, month and year (4 digits).",
            )
        elif day > self.today:
            self.errors[name] = self.t("Ngày này chưa đến.", "This day is still to come.")
        elif day < PROGRAMME_BEGAN:
            self.errors[name] = self.t(
                "Chương trình tiêm bắt đầu ngày 08/03/2021; xin xem lại năm.",
                "The programme began on 8 March 2021; please look at the year.",
            )
        return day

    def number(self, name: str = "number") -> str:
        """A CCCD, a CMND or a foreigner's passport number."""
        typed = self.text(name)
        number = bare_number(typed)
        if not number:
            self.errors[name] = self.t(
                "Xin nhập số CCCD (12 số) hoặc CMND (9 số).",
                "Please type the card number (12 or 9 digits).",
            )
        elif number.isascii() and number.isdigit():
            if len(number) not in (9, 12):
                self.errors[name] = self.t(
                    f"Số CCCD có 12 số, CMND có 9 số; quý vị đã nhập {len(number)} số.",
                    f"A card number has 12 or 9 digits; you typed {len(number)}.",
                )
        elif not _PASSPORT.fullmatch(number):
            self.errors[name] = self.t(
                "Số này không giống số CCCD, CMND hay hộ chiếu; xin xem lại.",
                "This does not look like a card or passport number; please look again.",
            )
        return number

    def email(self, name: str = "email", *, needed: bool = True) -> str:
        """One plain address."""
        email = self.text(name)
        if not email and needed:
            self.errors[name] = self.t("Xin nhập địa chỉ email.", "Please type an e-mail address.")
        elif email and (len(email) > 254 or not _EMAIL.fullmatch(email)):
            self.errors[name] = self.t(
                "Địa chỉ email chưa đúng, ví dụ ten@gmail.com.",
                "This is no e-mail address, such as name@gmail.com.",
            )
        return email
