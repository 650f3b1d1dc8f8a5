"""Makes a field's text where several columns hold it, or parts of it.

Only odd tables need this: most have one column a field.
"""

import re
from collections import Counter
from collections.abc import Callable, Sequence

from services.records.domain.row_error import RowError
from services.records.uploads.formats.row_errors import columns_disagree
from vietnamese.normalize import fold

Compose = Callable[[Sequence[str]], str | RowError]
"""The field's text, out of the cells of a row as wide as its header; or why it has none."""

_LOOSE = re.compile(r"""\.0$|[\s.\-'’"=]""")
_NOT_TICKED = frozenset({"", "0", "khong", "no", "false", "k"})
_WHOLE_NUMBER = re.compile(r"(\d+)(?:\.0)?")
MALE, FEMALE = "Nam", "Nữ"

# two columns of such a field must agree; of the other fields any of several counts
_ONE_TRUTH = frozenset({
    "source_id", "full_name", "date_of_birth", "sex", "dose_number", "dose_kind", "product", "lot",
    "date_given", "facility_code",
})  # fmt: skip


def cell(at: int) -> Compose:
    """A column's own text."""
    return lambda cells: cells[at].strip()


def first_filled(field: str, sources: Sequence[tuple[int, Compose]], shown: str) -> Compose:
    """Reads the first of several columns that is not empty.

    Columns of one rank that contradict each other make the row an error. `sources`: rank and text
    of each, the preferred first. `shown`: their headers, for people.
    """

    def compose(cells: Sequence[str]) -> str | RowError:
        best, text = 0, ""
        for rank, source in sources:
            other = source(cells)
            if isinstance(other, RowError):
                return other
            if other and not text:
                best, text = rank, other
            elif other and rank == best and field in _ONE_TRUTH and fold(other) != fold(text):
                return columns_disagree(field, shown)
        return text

    return compose


def best_number(sources: Sequence[Compose], ignored: Counter[str]) -> Compose:
    """Reads the best of several columns with a person's numbers.

    A number of twelve digits comes first, then one that lost zeros, then an old card's. Among
    equals the first counts. A number that is left is counted in `ignored`.
    """

    def compose(cells: Sequence[str]) -> str | RowError:
        texts = [text for source in sources if isinstance(text := source(cells), str) and text]
        if len(texts) < 2:
            return texts[0] if texts else ""
        best = min(texts, key=_kind_of_number)
        ignored[SECOND_NUMBERS] += any(_loose(text) != _loose(best) for text in texts)
        return best

    return compose


SECOND_NUMBERS = "second_id_numbers"
"""In `ignored`: rows with a second number of the person, which is not kept."""


def _loose(text: str) -> str:
    return _LOOSE.sub("", text)


def _kind_of_number(text: str) -> int:
    digits = _loose(text)
    if not (digits.isascii() and digits.isdigit()) or len(set(digits)) == 1:
        return 3
    if len(digits) == 12:
        return 0
    # ten digits with a zero before them are a telephone's
    return (
        1
        if len(digits) == 11 or (len(digits) == 10 and digits[0] != "0")
        else 2
        if len(digits) in {8, 9}
        else 3
    )


def date_in_parts(day: int | None, month: int, year: int) -> Compose:
    """Makes `dd/mm/yyyy` of three columns; `mm/yyyy` or `yyyy` where the others are empty.

    A whole date in one of them stays as it is.
    """

    def compose(cells: Sequence[str]) -> str:
        texts = [cells[at].strip() for at in (day, month, year) if at is not None]
        filled = [text for text in texts if text]
        if not filled or (
            len(filled) == 1 and (texts[-1] or not _WHOLE_NUMBER.fullmatch(filled[0]))
        ):
            return "".join(filled)
        first = texts.index(filled[0])
        # with a part missing between others it is no date, and the row is told so
        return "/".join(_padded(text) or "?" for text in texts[first:])

    return compose


def _padded(text: str) -> str:
    number = _WHOLE_NUMBER.fullmatch(text)
    return number[1].zfill(2) if number else text


def name_in_parts(parts: Sequence[int]) -> Compose:
    """Makes a full name of its columns, the family name's first."""
    return lambda cells: " ".join(text for at in parts if (text := cells[at].strip()))


def name_and_given(name: int, given: int) -> Compose:
    """Makes a full name of the column that is headed so and the one right of it.

    A right column that repeats the last word adds nothing.
    """

    def compose(cells: Sequence[str]) -> str:
        whole, last = cells[name].strip(), cells[given].strip()
        if not last or any(map(str.isdigit, last)) or f" {fold(whole)}".endswith(f" {fold(last)}"):
            return whole
        return f"{whole} {last}".strip()

    return compose


def ticked_sex(male: int | None, female: int) -> Compose:
    """The sex whose column is ticked; both words where both are, which no parser can read."""

    def compose(cells: Sequence[str]) -> str:
        ticked = [
            word
            for word, at in ((MALE, male), (FEMALE, female))
            if at is not None and fold(cells[at]) not in _NOT_TICKED
        ]
        return "/".join(ticked)

    return compose


def either(first: int, second: int) -> Compose:
    """The filled one of two columns, as years of birth under `Nam` and `Nữ` are.

    Both texts where both are filled.
    """
    return lambda cells: " / ".join(text for at in (first, second) if (text := cells[at].strip()))
