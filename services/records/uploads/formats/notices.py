"""Notices about a file as a whole, in both languages.

They may name headers and sheets, which hold no personal data.
"""

from collections.abc import Sequence

from services.chassis.errors import ServiceError
from services.records.domain.row_error import RowError
from services.records.uploads.formats.dose_columns import HEADERS

MORE_PAGES = RowError(
    "",
    "FHIR_MORE_PAGES",
    "Bundle là một trang của kết quả tìm kiếm và còn trang sau (link next); hãy gửi cả các"
    " trang đó.",
    "The bundle is one page of a search's answer, and has a next one (its link `next`); send the"
    " other pages too.",
)


def not_read_on(row: int) -> RowError:
    """Reading ended before this row, as too many before it held nothing."""
    return RowError(
        "",
        "NOT_READ_ON",
        f"Từ dòng {row} trở đi tệp không được đọc, vì quá nhiều dòng trước đó không có dữ liệu mũi"
        " tiêm. Các dòng đã đọc vẫn được ghi nhận; hãy bỏ các dòng trống hoặc hỏng rồi gửi lại.",
        f"From row {row} on the file was not read, since too many rows before it hold no dose. Rows"
        " that were read stay recorded; remove the empty or broken ones and send the file again.",
    )


def nearly(header: str, field: str) -> RowError:
    """A column was not read, and may be one of ours."""
    name = HEADERS[field]
    return RowError(
        field,
        "HEADER_NEARLY",
        f"Cột '{header}' không được đọc; nếu đó là '{name}', hãy sửa tiêu đề rồi gửi lại.",
        f"The column '{header}' was not read; if it is '{name}', mend its header and send the file"
        " again.",
    )


def several_columns(field: str, headers: Sequence[str]) -> RowError:
    """Several columns hold one field: says which of them counts."""
    names = ", ".join(f"'{header}'" for header in headers)
    if field == "personal_id":
        return RowError(
            field,
            "ID_COLUMNS",
            f"Có nhiều cột số giấy tờ ({names}): mỗi dòng lấy số 12 chữ số, không có mới lấy số cũ;"
            " số còn lại không được lưu.",
            f"Several columns of ID numbers ({names}): the one of 12 digits counts, or else the old"
            " one; the other is not kept.",
        )
    return RowError(
        field,
        "SEVERAL_COLUMNS",
        f"Có nhiều cột cho '{HEADERS[field]}' ({names}): mỗi dòng lấy ô đầu tiên có dữ liệu.",
        f"Several columns for '{HEADERS[field]}' ({names}): of each row the first that is not empty"
        " counts.",
    )


def nameless(at: int) -> str:
    """The name that an answer gives a column without a header: its letters in a spreadsheet."""
    letters = ""
    number = at + 1
    while number:
        number, letter = divmod(number - 1, 26)
        letters = chr(65 + letter) + letters
    return f"({letters})"


def sheet_not_read(name: str, fault: ServiceError) -> RowError:
    """A sheet of a workbook was not read, and why."""
    return RowError(
        "",
        "SHEET_NOT_READ",
        f"Trang tính “{name}” không được đọc. {fault.vi}",
        f"The sheet “{name}” was not read. {fault.en}",
    )
