"""Names of groups that stand over several columns of a header, and what they mean for these."""

import re
from collections.abc import Sequence

from vietnamese.normalize import fold

# columns under the name of such a group are another person's
_OTHERS = re.compile(
    r"(?:thong tin |ve |cua |nguoi )*(?:(?:giam ho|than nhan|than|nha|phu huynh|chu ho|lien he|lien"
    r" lac|dai dien|bac si|can bo|nhan vien"
    r"|nhap lieu|lap bieu|lap phieu|dua tre|guardian|parents?|contact)(?: .*)?|bo me|cha"
    r" me|bo|cha|me|mother|father)"
)
# what tells which of several doses a column is about
_OF_A_DOSE = re.compile(
    r"(?P<before>.*?) ?"
    r"(?:(?:mui|lan|lieu|dose|shot)(?: (?:tiem|thu|so|vac ?xin|no))*"
    r" ?(?P<number>[1-9]|nhat|hai|ba|tu|nam)|(?P<plain>[1-9]))"
    r"(?P<after>(?: .*)?)"
)
_WORDS = {"nhat": 1, "hai": 2, "ba": 3, "tu": 4, "nam": 5}
_LONGEST = 160


def names_over(row: Sequence[str], below: Sequence[str]) -> list[str]:
    """For each column below, the name that stands over it: in its own place, or in an earlier one.

    A name with nothing below it is a column's own. A name that would stand over most of the table
    is a title.
    """
    names: list[str] = []
    current = ""
    for at, text in enumerate(below):
        if at < len(row) and row[at]:
            current = row[at] if text else ""
        names.append(current if text else "")
    if sum(map(bool, row)) == 1 and 2 * sum(map(bool, names)) > sum(map(bool, below)):
        return [""] * len(names)
    return names


def is_of_others(name: str) -> bool:
    """Whether columns under this name are another person's, or of one dose: `Người giám hộ`, `Mũi
    2`.
    """
    if not name or len(name) > _LONGEST:
        return False
    dose = dose_in_series(name)
    return bool(_OTHERS.fullmatch(fold(name))) or (dose is not None and dose[1] in {"", "tiem"})


def dose_in_series(text: str) -> tuple[int, str] | None:
    """The 2 of `Ngày tiêm mũi 2` or `Mũi 2: Ngày tiêm`, and the rest of the text.

    None where no dose is numbered.
    """
    if len(text) > _LONGEST or not (match := _OF_A_DOSE.fullmatch(fold(text))):
        return None
    word = match["number"] or match["plain"]
    return (
        int(word) if word.isdigit() else _WORDS[word]
    ), f"{match['before']}{match['after']}".strip()
