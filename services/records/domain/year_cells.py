"""Recognises a year typed into a date cell: spreadsheets take it for a day of 1905.

They count it in days. The day is the same in whatever form the file comes, so every file is judged
alike. A file sent again in another form is unchanged. Workbooks that count from 1904 show a day of
1909. Who was really born on such a day is older than 110, and people look once.
"""

from datetime import date, timedelta

from services.records.domain.row_error import RowError

_ZEROS = (date(1899, 12, 30), date(1904, 1, 1))
_FIRST, _LAST = 1900, 2026
DAYS_OF_YEARS = ("1905-", "1909-")
"""How such a day begins, so that of most doses nothing more is looked at."""
_MEANT = {
    (zero + timedelta(days=year)).isoformat(): year
    for zero in _ZEROS
    for year in range(_FIRST, _LAST + 1)
}


def meant_year(day: str) -> int | None:
    """The year that an ISO day may stand for; None for all other days."""
    return _MEANT.get(day)


def year_in_date_cell(field: str, year: int) -> RowError:
    """The message about a field that may hold such a year."""
    return RowError(
        field,
        "YEAR_IN_DATE_CELL",
        f"Có thể là năm {year} gõ vào ô định dạng ngày; hãy gõ lại cả ngày, tháng, năm, hoặc năm"
        " dạng văn bản.",
        f"This may be the year {year}, typed into a date cell; type the whole date, or the year as"
        " text.",
    )
