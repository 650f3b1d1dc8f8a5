"""Two spellings compared letter by letter, so that a reader's eye finds what differs."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Final, Literal

Kind = Literal["same", "tone", "mark", "case", "letter", "missing"]
_TONES: Final = frozenset("\u0300\u0301\u0303\u0309\u0323")
"""Grave, acute, tilde, hook above and dot below: the tones of Vietnamese."""
_LONGEST: Final = 200
_GAP: Final = 10
_COST: Final = {"same": 0, "case": 1, "tone": 2, "mark": 3, "letter": 15}


@dataclass(frozen=True, slots=True)
class Piece:
    """Letters that stand together, and how they compare with those of the other value.

    `missing`: nothing stands here, where the other value has something.
    """

    text: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Pair:
    """One place where both differ: `tone` of one letter, `mark` (ă, đ, ơ), case, or letters."""

    left: str
    right: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Difference:
    """Both values in pieces, and the places where they differ, in reading order."""

    left: tuple[Piece, ...]
    right: tuple[Piece, ...]
    pairs: tuple[Pair, ...]


def compare_letters(left: str, right: str) -> Difference:
    """Aligns two values so that as few letters as possible differ, and says how each does.

    Letters are compared in composed form; what stands after the 200th is compared as a whole.
    """
    aligned = list(_aligned(_letters(left), _letters(right)))
    lefts, rights, pairs = [], [], []
    for kind, group in groupby(aligned, key=lambda pair: pair.kind):
        together = list(group)
        a, b = ("".join(getattr(one, side) for one in together) for side in ("left", "right"))
        lefts.append(Piece(a, kind if a else "missing"))
        rights.append(Piece(b, kind if b else "missing"))
        if kind != "same":
            pairs.append(Pair(a, b, kind))
    return Difference(tuple(lefts), tuple(rights), tuple(pairs))


def _letters(value: str) -> list[str]:
    text = unicodedata.normalize("NFC", value)
    rest = text[_LONGEST:]
    return [*text[:_LONGEST], rest] if rest else list(text)


def _aligned(left: list[str], right: list[str]) -> Iterator[Pair]:
    """The cheapest way from one to the other, as an edit distance with costs by likeness."""
    cost = [[_GAP * (i + j) for j in range(len(right) + 1)] for i in range(len(left) + 1)]
    for i, a in enumerate(left, 1):
        for j, b in enumerate(right, 1):
            cost[i][j] = min(
                cost[i - 1][j - 1] + _COST[kind_of(a, b)],
                cost[i - 1][j] + _GAP,
                cost[i][j - 1] + _GAP,
            )
    steps, i, j = [], len(left), len(right)
    while i or j:
        a, b = left[i - 1] if i else "", right[j - 1] if j else ""
        kind = kind_of(a, b)
        if i and j and cost[i][j] == cost[i - 1][j - 1] + _COST[kind]:
            steps.append(Pair(a, b, kind))
            i, j = i - 1, j - 1
        elif i and cost[i][j] == cost[i - 1][j] + _GAP:
            steps.append(Pair(a, "", "letter"))
            i -= 1
        else:
            steps.append(Pair("", b, "letter"))
            j -= 1
    return reversed(steps)


def kind_of(a: str, b: str) -> Kind:
    """How two letters differ at most: `ó`, `ò` by tone; `ă`, `â` by mark; `a`, `A` by case."""
    if a == b:
        return "same"
    if a.lower() == b.lower():
        return "case"
    (base_a, marks_a), (base_b, marks_b) = _taken_apart(a), _taken_apart(b)
    if base_a != base_b:
        return "letter"
    return "tone" if marks_a == marks_b else "mark"


def _taken_apart(letter: str) -> tuple[str, str]:
    """A letter without anything on it, and its marks without its tone."""
    plain = letter.lower().replace("đ", "d\u0335")
    parts = unicodedata.normalize("NFD", plain)
    return parts[:1], "".join(sorted(mark for mark in parts[1:] if mark not in _TONES))
