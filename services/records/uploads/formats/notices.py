"""What a sender is told of the columns of a file as a whole; the texts may name headers, which hold
no personal data.
"""

from collections.abc import Sequence

from services.records.domain.row_error import RowError
from services.records.uploads.formats.headers import HEADERS


def nearly(header: str, field: str) -> RowError:
    """A column that was not read, and may be one of ours."""
    name = HEADERS[field]
    return RowError(
        field,
        "HEADER_NEARLY",
        f"Cột '{header}' không được đọc; nếu đó là '{name}', hãy sửa tiêu đề rồi gửi lại.",
        f"The column '{header}' was not read; if it is '{name}', mend its header and send the file"
        " again.",
    )


def several_columns(field: str, headers: Sequence[str]) -> RowError:
    """Several columns for one field: which of them counts."""
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
    """The name in the answer of a column that has a text somewhere, but no header; by its letters
    in a spreadsheet.
    """
    letters = ""
    number = at + 1
    while number:
        number, letter = divmod(number - 1, 26)
        letters = chr(65 + letter) + letters
    return f"({letters})"
