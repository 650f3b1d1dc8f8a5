"""Restores a text whose UTF-8 was read as Windows-1252, Latin-1 or Windows-1258.

Only what is well-formed UTF-8 is restored. No right Vietnamese text is that: behind `Ã` a sign
would have to follow that no name has.
"""

import re
from collections.abc import AsyncIterator
from functools import lru_cache
from itertools import islice

from vietnamese.encodings import unmisread

# no misread text has these letters, and nearly every Vietnamese text has many
_NEVER_MISREAD = re.compile("[\u1ea0-\u1ef9]")
_OF_VIET_NAM = re.compile("[\u0300-\u0323\u1ea0-\u1ef9]")
_RUN = re.compile("[\x80-\U0010ffff]+")
_LAST_RUN = re.compile("[\x80-\U0010ffff]+\\Z")
_LONGEST = 200  # letters of a run that is held until the next part
_LONGEST_OF_A_WORD = 30
_MOST_RUNS = 1_000  # of one part
_ENOUGH = 100  # runs that tell


async def unmangled(parts: AsyncIterator[str]) -> AsyncIterator[str]:
    """The same text, restored where its first letters beyond ASCII were misread."""
    buffer = ""
    misread: bool | None = None
    async for part in parts:
        if misread is None and not part.isascii():
            misread = _is_misread(part)
        if not misread:
            yield part
            continue
        text, buffer = buffer + part, ""
        # the rest of a letter may stand in the next part
        if last := _LAST_RUN.search(text, max(len(text) - _LONGEST, 0)):
            text, buffer = text[: last.start()], last[0]
        if text:
            yield _RUN.sub(_put_back, text)
    if buffer:
        yield _RUN.sub(_put_back, buffer)


def _is_misread(part: str) -> bool | None:
    """Whether the text was misread; None where nothing shows it, for the next part may."""
    if _NEVER_MISREAD.search(part):
        return False
    runs = [run[0] for run in islice(_RUN.finditer(part), _MOST_RUNS)]
    put_back = [letters for run in runs if (letters := unmisread(run)) != run]
    # a single `Ã` and a no-break space may be right: some letter must be Viet Nam's own
    if len(put_back) * 2 > len(runs) and any(map(_OF_VIET_NAM.search, put_back)):
        return True
    return False if len(runs) >= _ENOUGH else None


def _put_back(run: re.Match[str]) -> str:
    letters = run[0]
    return _of_a_word(letters) if len(letters) <= _LONGEST_OF_A_WORD else unmisread(letters)


# the letters between two of ASCII: a country's names have some thousand such runs
_of_a_word = lru_cache(maxsize=8_192)(unmisread)
