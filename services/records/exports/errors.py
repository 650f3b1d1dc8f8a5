"""Why rows are not given back as a file."""

from services.chassis.errors import ServiceError


def too_many_rows(most: int) -> ServiceError:
    """More rows than a workbook may have that is posted again."""
    return ServiceError(
        413,
        "TOO_MANY_ROWS",
        f"Hơn {most} dòng; hãy lọc bớt hoặc tải CSV.",
        f"More than {most} rows; filter them, or take the CSV.",
    )


def too_many_exports(per_caller: int) -> ServiceError:
    """The caller takes as many files as it may at a time, or everybody together does."""
    return ServiceError(
        429,
        "TOO_MANY_EXPORTS",
        f"Đang có quá nhiều tệp được tải cùng lúc (mỗi bên tối đa {per_caller}); hãy chờ tải xong"
        " rồi thử lại.",
        f"Too many files are being taken at the same time (at most {per_caller} a caller); wait for"
        " them to end, then try again.",
        headers={"Retry-After": "10"},
    )
