"""One key for texts that differ only in accents, case, spacing or punctuation: for headers and
closed vocabularies, never for names.
"""

import re
import unicodedata

_D_WITH_STROKE = str.maketrans("đð", "dd")
LONGEST = 200
"""How many characters are read. No header and no word of a vocabulary has more, and marks may be
so many that sorting them takes hours."""
_NOT_PLAIN = re.compile("[^0-9a-z]+")


def fold(text: str) -> str:
    """`Mã cơ sở tiêm (*)` as `ma co so tiem`; the same for NFC and NFD."""
    apart = unicodedata.normalize("NFKD", text[:LONGEST].casefold())
    bare = "".join(letter for letter in apart if not unicodedata.combining(letter)).translate(
        _D_WITH_STROKE
    )
    return _NOT_PLAIN.sub(" ", bare).strip()


def squeeze(text: str) -> str:
    """Folded, without spaces: `Vero Cell` and `Verocell` are one."""
    return fold(text).replace(" ", "")
