"""What a row is told that could not even be read, in both languages."""

from collections.abc import Sequence

from services.records.domain.row_error import RowError


def columns_missing(headers: Sequence[str]) -> RowError:
    """A row ends before columns that every dose needs."""
    names = ", ".join(headers)
    return RowError(
        "",
        "COLUMNS_MISSING",
        f"Dòng thiếu cột so với tiêu đề ({names}); hãy kiểm tra dấu phân cách.",
        f"The row has fewer columns than the header, and lacks: {names}; check the separators.",
    )


COLUMNS_EXTRA = RowError(
    "",
    "COLUMNS_EXTRA",
    "Dòng thừa cột so với tiêu đề; ô có dấu phân cách phải đặt trong ngoặc kép.",
    "The row has more columns than the header; a cell that holds the separator must be quoted.",
)
SHAPELESS = frozenset({"COLUMNS_MISSING", "COLUMNS_EXTRA"})
"""Codes of rows whose cells may stand under the wrong headers: kept as they are, but not judged."""
QUOTE_UNCLOSED = RowError(
    "",
    "QUOTE_UNCLOSED",
    "Ngoặc kép mở mà không đóng.",
    "A quotation mark is opened and not closed.",
)
NOT_JSON = RowError("", "NOT_JSON", "Dòng không phải JSON.", "The line is no JSON.")
NOT_AN_OBJECT = RowError(
    "", "NOT_AN_OBJECT", "Mỗi mũi tiêm phải là một đối tượng JSON.", "A dose must be a JSON object."
)
NOT_READABLE = RowError(
    "",
    "NOT_READABLE",
    "Không đọc được mục này: không phải JSON, quá lớn hoặc lồng quá sâu.",
    "This item cannot be read: it is no JSON, too large or nested too deeply.",
)


def wrong_shape(field: str) -> RowError:
    """A JSON value is neither text nor a number, or a person is no object."""
    if field == "person":
        return RowError(
            field,
            "WRONG_SHAPE",
            "person phải là một đối tượng JSON.",
            "`person` must be a JSON object.",
        )
    return RowError(
        field, "WRONG_SHAPE", "Giá trị phải là chữ hoặc số.", "The value must be text or a number."
    )


def cell_error(field: str) -> RowError:
    """A cell holds the error of a formula."""
    return RowError(
        field,
        "CELL_ERROR",
        "Ô chứa lỗi công thức (như #N/A, #REF!); hãy sửa công thức hoặc gõ giá trị.",
        "The cell holds the error of a formula (as #N/A, #REF!); mend the formula, or type the"
        " value.",
    )


def number_cut(field: str) -> RowError:
    """A spreadsheet cut a number that is too long for it."""
    return RowError(
        field,
        "NUMBER_CUT",
        "Số quá dài, bảng tính chỉ giữ 15 chữ số; hãy định dạng ô là văn bản rồi gõ lại đủ số.",
        "The number is too long, spreadsheets keep 15 digits; format the cell as text and type all"
        " of it again.",
    )


def columns_disagree(field: str, shown: str) -> RowError:
    """Two columns for one field hold different things: the sender must say which is right."""
    return RowError(
        field,
        "COLUMNS_DISAGREE",
        f"Các cột cùng nghĩa ({shown}) ghi khác nhau; hãy sửa để chỉ còn một giá trị.",
        f"The columns that mean the same ({shown}) hold different values; leave only one.",
    )
