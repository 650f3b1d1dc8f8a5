"""Recognises rows that are no dose: the header printed again, titles, sums, signatures.

They are counted, never dropped unseen.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence

from services.records.uploads.formats.header_search import is_numbering
from vietnamese.normalize import fold

TITLES, HEADERS_AGAIN, NUMBERINGS, FOOTERS, NUMBERED_ONLY = (
    "title_rows",
    "header_rows",
    "numbering_rows",
    "footer_rows",
    "blank_numbered_rows",
)

_FEW = 3
"""Filled cells that a row of signatures has at the most."""

# `Tống` is a family's name, `Tổng` is not
_SUM = re.compile(r"(?:tổng|tong|cộng|cong|total|grand total|sum)\b", re.IGNORECASE)
_SUM_WORDS = re.compile(
    r"(?:tong|cong|so|cac|la|co|gom|va|nguoi|mui|lieu|doi tuong|truong hop|ban ghi|dong|danh"
    r" sach|trang|tiem|chung|da|duoc|trong|ngay|total"
    r"|grand|sum|rows?|doses?|people|persons?|of|nam|nu|\d| )*"
)
_FOOTER = re.compile(
    r"(?:nguoi|can bo|nhan vien|y si|dieu duong) (?:lap|tong hop|nhap|bao cao|kiem tra|ghi|thong"
    r" ke|viet)\b.*"
    r"|thu truong\b.*|truong tram\b.*"
    r"|(?:pho )?(?:giam doc|truong phong|truong khoa|chu tich|hieu truong|tram truong)(?: .*)?|lanh"
    r" dao\b.*|ke toan(?: truong)?"
    r"|(?:tm|kt|tl|tuq) .*|\(?(?:da )?ky\b.*|xac nhan (?:cua )?\b.*|dai dien\b.*|noi nhan\b.*|luu"
    r" y\b.*|ghi chu\b.*|an dinh danh sach\b.*"
    r"|danh sach (?:nay )?(?:gom|co)\b.*|.*\bngay(?: \d+)? thang(?: \d+)? nam(?: \d+)?|trang \d+(?:"
    r" \d+)?|page \d+(?: of)?(?: \d+)?"
    r"|prepared by\b.*|signature\b.*|signed\b.*|het"
)


class OddRows:
    """Tells rows of one table that are no dose from those that are."""

    def __init__(
        self, titles: Sequence[Sequence[str]], header: Sequence[Sequence[str]], number: int | None
    ) -> None:
        """`titles`, `header`: the rows above the data; `number`: the column that numbers the rows,
        if there is one.
        """
        self._titles = frozenset(_alike(cell) for row in titles for cell in row if cell.strip())
        self._header = [
            {at: _alike(cell) for at, cell in enumerate(row) if cell.strip()} for row in header
        ]
        self._number = number
        self._below = False

    def kind(self, cells: Sequence[str]) -> str | None:
        """What a row is, as `ignored` counts it; None where it may be meant as a dose."""
        filled = [(at, text) for at, cell in enumerate(cells) if (text := cell.strip())]
        kind = self._kind(filled, cells)
        self._below = kind == FOOTERS
        return kind

    def _kind(self, filled: Sequence[tuple[int, str]], cells: Sequence[str]) -> str | None:
        if len(filled) == 1 and filled[0][0] == self._number and filled[0][1].rstrip(".").isdigit():
            return NUMBERED_ONLY
        if self._is_header(filled):
            return HEADERS_AGAIN
        if len(filled) <= _FEW and all(_alike(text) in self._titles for _, text in filled):
            return TITLES
        if is_numbering(cells):
            return NUMBERINGS
        return FOOTERS if self._is_footer([text for _, text in filled]) else None

    def _is_header(self, filled: Sequence[tuple[int, str]]) -> bool:
        return any(_is_again(row, filled) for row in self._header)

    def _is_footer(self, texts: Sequence[str]) -> bool:
        first = unicodedata.normalize("NFC", texts[0])
        if _SUM.match(first) and len(first) <= 100 and _SUM_WORDS.fullmatch(fold(first)):
            return all(_SUM_WORDS.fullmatch(fold(text[:100])) for text in texts[1:])
        if len(texts) > _FEW:
            return False
        signs = sum(bool(_FOOTER.fullmatch(fold(text[:200]))) for text in texts)
        if signs and len(texts) - signs <= 1:
            return True
        # who signed stands below
        return self._below and not any(map(str.isdigit, "".join(texts)))


def _is_again(header: Mapping[int, str], filled: Sequence[tuple[int, str]]) -> bool:
    """Whether more than half of a row's cells repeat this row of the header."""
    same = others = 0
    for at, text in filled:
        if at in header and _alike(text) == header[at]:
            same += 1
        else:
            others += 1
            if 2 * others >= len(filled):
                return False
    return same >= min(_FEW, len(header))


def _alike(text: str) -> str:
    return " ".join(text[:200].split()).casefold()
