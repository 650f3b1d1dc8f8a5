"""Why rows are not given back as a workbook."""

from services.chassis.errors import ServiceError


def too_many_rows(most: int) -> ServiceError:
    """More rows than a workbook may have that is posted again."""
    return ServiceError(
        413,
        "TOO_MANY_ROWS",
        f"Hơn {most} dòng; hãy lọc bớt hoặc tải CSV.",
        f"More than {most} rows; filter them, or take the CSV.",
    )
