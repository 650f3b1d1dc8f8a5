"""Whether an audit's chain still stands, link by link, and whether it is the one whose heads were
copied outside; pure.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from deploy.audit.heads import Head
from services.chassis.audit_chain import COLUMNS, FORGOT, link

_YEAR = timedelta(days=365)
_ACT, _SUBJECTS, _SCOPE = (COLUMNS.index(name) for name in ("act", "subjects", "scope"))


class Link(NamedTuple):
    """One position, and the row that stands there (its `COLUMNS`); None where it is gone."""

    position: int
    hash: bytes
    row: Sequence[object] | None


class Break(NamedTuple):
    """One thing that is wrong with a chain."""

    code: str
    vi: str
    en: str
    where: str


def _altered(where: str) -> Break:
    return Break("AUDIT_ALTERED", "nhật ký bị sửa", "rows of the audit were changed", where)


def _missing(where: str) -> Break:
    return Break("AUDIT_MISSING", "nhật ký bị mất dòng", "rows of the audit are gone", where)


def _beginning(where: str) -> Break:
    return Break(
        "AUDIT_BEGINNING",
        "phần đầu của nhật ký bị cắt",
        "the audit's oldest rows are gone, and no retention took them",
        where,
    )


def _cut(where: str) -> Break:
    return Break(
        "AUDIT_CUT",
        "phần cuối của nhật ký bị cắt",
        "the audit ends before a head that was copied outside",
        where,
    )


def _rewritten(where: str) -> Break:
    return Break(
        "AUDIT_REWRITTEN",
        "nhật ký bị viết lại",
        "the audit is another one than that whose head was copied outside",
        where,
    )


class ChainCheck:
    """Takes the links of one chain in their order, and holds no more than the last of them.

    `start`: the position of the first one; past 1 a link that was verified before, as `heads` say.
    """

    def __init__(self, heads: Iterable[Head], now: datetime, start: int = 1) -> None:
        self._heads = sorted(heads, key=lambda head: head.position)
        self._now = now
        self._start = start
        self._next = 0
        self._last: Link | None = None
        self._anchor: Link | None = None
        self._anchored = False

    def take(self, entry: Link) -> Iterator[Break]:
        """What is wrong with the next link."""
        if self._last is None:
            yield from self._first(entry)
        else:
            if entry.position != self._last.position + 1:
                yield _missing(f"{self._last.position + 1}–{entry.position - 1}")
            elif entry.row is None:
                yield _missing(str(entry.position))
            elif link(self._last.hash, entry.position, entry.row) != entry.hash:
                yield _altered(str(entry.position))
            self._anchored |= self._names_anchor(entry)
        yield from self._compared(entry)
        self._last = entry

    def _first(self, entry: Link) -> Iterator[Break]:
        """The very first row, or the anchor that retention left, whose hash a later row names."""
        if entry.position == self._start > 1:
            return
        if entry.row is None:
            self._anchor = entry
        elif entry.position != 1:
            yield _beginning(f"1–{entry.position - 1}")
        elif link(b"", 1, entry.row) != entry.hash:
            yield _altered("1")

    def _names_anchor(self, entry: Link) -> bool:
        anchor, row = self._anchor, entry.row
        return (
            anchor is not None
            and row is not None
            and row[_ACT] == FORGOT
            and row[_SUBJECTS] == [anchor.position]
            and row[_SCOPE] == f"hash={anchor.hash.hex()}"
        )

    def _compared(self, entry: Link) -> Iterator[Break]:
        while self._next < len(self._heads):
            head = self._heads[self._next]
            if head.position > entry.position:
                return
            self._next += 1
            if head.position == entry.position and head.hash != entry.hash:
                yield _rewritten(f"{head.position} ({head.at:%Y-%m-%d %H:%M})")
            # a head is copied within minutes of its row; a row of a year ago may be gone
            elif head.position < entry.position and self._now - head.at < _YEAR:
                yield _beginning(f"{head.position} ({head.at:%Y-%m-%d %H:%M})")

    def end(self) -> Iterator[Break]:
        """What is wrong now that there are no more links."""
        if self._anchor is not None and not self._anchored:
            yield _beginning(f"1–{self._anchor.position}")
        for head in self._heads[self._next :]:
            yield _cut(f"{head.position} ({head.at:%Y-%m-%d %H:%M})")


def unchained(count: int) -> Break:
    """Rows that no link holds: written while the trigger was off, or their links are gone."""
    return Break(
        "AUDIT_UNCHAINED",
        "dòng nhật ký ngoài chuỗi",
        "rows of the audit that its chain does not hold",
        str(count),
    )
