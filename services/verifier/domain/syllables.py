"""Whether a text reads as Vietnamese: by the shape of its syllables."""

import re
from functools import lru_cache

from services.verifier.domain.names import TONES, bare_word, strict_word

_SYLLABLE = re.compile(
    r"(?:ngh|ng|nh|ch|gh|gi|kh|ph|qu|th|tr|[bcdđghklmnpqrstvx])?"
    r"(?:[aăâeêioôơuưy]|ai|ao|au|ay|âu|ây|eo|êu|ia|iê|iêu|iu|oa|oă|oai|oay|oe|oi|oo|ôi|ơi|ua|uâ|uây|uê|ui|uô|uôi|uơ|uy|uya|uyê|uyu|ưa|ưi|ươ|ươi|ươu|ưu|yê|yêu)"
    rf"(?:ch|ng|nh|[cmnpt])?[{TONES}]?"
)


def implausible(text: str) -> int:
    """How many words of the text are no Vietnamese syllable; what has foreign signs counts double."""
    return sum(map(_wrongness, text.split()))


@lru_cache(maxsize=65_536)
def _wrongness(word: str) -> int:
    strict = strict_word(word)
    if _SYLLABLE.fullmatch(strict):
        return 0
    return 1 if bare_word(strict).isalnum() else 2
