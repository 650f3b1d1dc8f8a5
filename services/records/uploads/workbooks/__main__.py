"""The process that parses an XLS or XLSB file from its standard input.

Sheets and rows leave as lines of JSON. The system ends it where a file asks for more than its
little memory and time. It starts fast, for it imports little.
"""

import json
import resource
import sys
from itertools import islice

from python_calamine import (
    CalamineError,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from services.records.uploads.workbooks import BROKEN, MAX_SHEETS, PASSWORD, TOO_LARGE
from services.records.uploads.workbooks.values import merged_of, rows_of

MAX_MEMORY = 1_000_000_000
MAX_SECONDS = 100
_AT_ONCE = 100


def main() -> int:
    """Parses the file, and answers the exit code."""
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MAX_SECONDS, MAX_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        with open(0, "rb", closefd=False) as file, CalamineWorkbook.from_filelike(file) as book:
            _tell(book)
    except PasswordError:
        return PASSWORD
    except MemoryError:
        return TOO_LARGE
    except CalamineError as error:
        return PASSWORD if "password" in str(error).lower() else BROKEN
    except BaseException:  # the parser's own alarm is no Exception
        return BROKEN
    return 0


def _tell(book: CalamineWorkbook) -> None:
    for at, about in enumerate(book.sheets_metadata[: MAX_SHEETS + 1]):
        is_sheet = about.typ == SheetTypeEnum.WorkSheet
        sheet = book.get_sheet_by_index(at) if is_sheet else None
        is_read = is_sheet and about.visible == SheetVisibleEnum.Visible
        _line({"name": about.name, "is_read": is_read, "merged": merged_of(sheet) if sheet else []})
        if sheet is None or sheet.start is None:
            continue
        rows = rows_of(sheet)
        while block := list(islice(rows, _AT_ONCE)):
            if valued := [row for row in block if any(row.cells)]:
                _line(valued)


def _line(told: object) -> None:
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    sys.exit(main())
