"""The text of a code as it arrives in mails, forms and addresses.

A space is a letter of base45. A line break may have replaced a space of the code, may be beside
one, or may have cut a word. So every likely reading is tried, and the checksum of the compressed
message tells which was meant.
"""

import re
import unicodedata
from collections.abc import Iterator
from itertools import chain, combinations
from urllib.parse import unquote_plus

from services.signer.hcert.hc1 import MAX_TEXT

MOST = 4 * MAX_TEXT
"""Longest text that is cleaned; written for an address a code is up to three times as long."""
_UNSEEN = frozenset({"Cc", "Cf"})
_BREAK = re.compile(r"[\r\n\v\f\x85\u2028\u2029]+")
_MARGIN = re.compile("[ >|]*")
# a coded colon shows it; %20 does not, it may stand in any code
_IN_AN_ADDRESS = re.compile(r"\s*HC1%3A", re.IGNORECASE)
_DOUBTFUL = 18
"""How many doubtful breaks are tried the other way, each alone and any two: 172 readings, 26 ms.

Only in a text of at most `_LONG` letters.
"""
_LONG = 2_000


def readings(text: str) -> Iterator[str]:
    """What `text` may mean, the likeliest first, at least one; just one where no line is broken.

    Control characters and marks that nobody sees are dropped, and space at both ends, as no code
    ends with one. Letters are not made capitals: base45 has no others, and who changed them may
    have changed more.
    """
    if len(text) <= MOST and _IN_AN_ADDRESS.match(text):
        # every space of the code is coded, so that no other is one
        text = unquote_plus("".join(_visible(text).split()))
    if len(text) > MOST or (text.isascii() and text.isprintable()):
        yield text.strip()
        return
    text = "".join(" " if unicodedata.category(sign) == "Zs" else sign for sign in text)
    lines = [_visible(line) for line in _BREAK.split(text)]
    yield "".join(lines).strip()
    lines = [line for line in lines if line.strip()]
    if len(lines) < 2:
        return
    # indented, or quoted in an answer: no code begins so, and each line has what the first has
    margin = _MARGIN.match(lines[0])[0]  # type: ignore[index]
    lines = [line.removeprefix(margin) for line in lines]
    yield "".join(lines).strip()
    bare = [line.strip() for line in lines]
    yield "".join(bare)
    yield " ".join(bare)
    yield from _each_break(bare)


def _each_break(lines: list[str]) -> Iterator[str]:
    """Some breaks in place of a space and some within a word: what is shorter than the others was
    broken where a space stood.

    A line of full length, or one that ends with a hyphen, may have been broken within a word as
    well; that is tried first.
    """
    width = max(map(len, lines))
    doubtful = [
        at for at, line in enumerate(lines[:-1]) if len(line) == width or line.endswith("-")
    ]
    few = len(doubtful) <= _DOUBTFUL and len(lines) * width <= _LONG
    for spaced in chain([()], *(combinations(doubtful, number) for number in (1, 2) if few)):
        within = {*doubtful} - {*spaced}
        gaps = ["" if at in within else " " for at in range(len(lines) - 1)]
        yield "".join(line + gap for line, gap in zip(lines, [*gaps, ""], strict=True))


def _visible(line: str) -> str:
    return "".join(sign for sign in line if unicodedata.category(sign) not in _UNSEEN)
