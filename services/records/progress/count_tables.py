"""Tables of counts as CSV, with headings in either language; no cell runs as a formula."""

import csv
import io
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

from services.records.progress.scope_models import (
    Funnel,
    ProgressDay,
    ProgressUnit,
    ReasonCount,
)
from services.records.uploads.formats.formula_guard import guarded

TableLanguage = Literal["vi", "en"]
Item = TypeVar("Item")
_UTF_8_MARK = b"\xef\xbb\xbf"
_COUNTS: Mapping[str, tuple[str, str]] = {
    "given": ("Đã tiêm", "Given"),
    "missing": ("Chưa nhập", "Never uploaded"),
    "recorded": ("Đã ghi nhận", "Recorded"),
    "sent": ("Đã gửi xác thực", "Sent for verification"),
    "not_sendable": ("Chưa gửi được", "Not sendable"),
    "pending": ("Đang xác thực", "Being verified"),
    "right": ("Đúng", "Right"),
    "repaired": ("Đã tự sửa", "Repaired"),
    "exempt": ("Người nước ngoài", "Foreigners"),
    "wrong": ("Sai", "Wrong"),
    "waiting": ("Đang chờ người xử lý", "Waiting for people"),
    "issued": ("Đã cấp", "Issued"),
}


@dataclass(frozen=True)
class CountTable(Generic[Item]):
    """Headings in Vietnamese and English, and how an item becomes a line's cells."""

    headings: Sequence[tuple[str, str]]
    cells: Callable[[Item], Sequence[object]]

    def head(self, language: TableLanguage) -> bytes:
        """The first line, after the mark that tells spreadsheets of UTF-8."""
        return _UTF_8_MARK + _written(
            [[vi if language == "vi" else en for vi, en in self.headings]]
        )

    def lines(self, items: Iterable[Item]) -> bytes:
        """Items as lines."""
        return _written(map(self.cells, items))

    async def parts(self, items: Iterable[Item], language: TableLanguage) -> AsyncIterator[bytes]:
        """The whole file."""
        yield self.head(language)
        yield self.lines(items)


def _written(rows: Iterable[Sequence[object]]) -> bytes:
    lines = io.StringIO(newline="")
    csv.writer(lines).writerows([[_cell(cell) for cell in row] for row in rows])
    return lines.getvalue().encode()


def _cell(value: object) -> object:
    if value is None:
        return ""
    return value if isinstance(value, int | float) else guarded(str(value))


def _funnel(counts: Funnel) -> list[int | None]:
    return [getattr(counts, name) for name in _COUNTS]


_OF_DAYS = [name for name in _COUNTS if name in ProgressDay.model_fields]

units_table = CountTable[ProgressUnit](
    [
        ("Mã", "Code"),
        ("Tên", "Name"),
        *_COUNTS.values(),
        ("Thay đổi từ hôm trước", "Change since the day before"),
        ("Chờ trên mỗi mũi đã xử lý trong 7 ngày", "Waiting for each one worked on in 7 days"),
        ("Chờ lâu nhất từ", "Longest wait since"),
    ],
    lambda unit: [
        unit.code,
        unit.name,
        *_funnel(unit.funnel),
        unit.change,
        unit.slowness,
        unit.oldest.date().isoformat() if unit.oldest else None,
    ],
)
days_table = CountTable[ProgressDay](
    [("Ngày", "Day"), *(_COUNTS[name] for name in _OF_DAYS)],
    lambda day: [day.day.isoformat(), *(getattr(day, name) for name in _OF_DAYS)],
)
reasons_table = CountTable[ReasonCount](
    [
        ("Mã lý do", "Reason"),
        ("Giải thích", "In Vietnamese"),
        ("Giải thích bằng tiếng Anh", "In English"),
        ("Số mũi đang chờ", "Doses waiting"),
    ],
    lambda reason: [reason.reason, reason.message, reason.message_en, reason.doses],
)
