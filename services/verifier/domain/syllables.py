"""Whether a text reads as Vietnamese: by the shape of its syllables."""

import re

from services.verifier.domain.names import TONES, bare_word, strict_word

_SYLLABLE = re.compile(
    r"(?:ngh|ng|nh|ch|gh|gi|kh|ph|qu|th|tr|[bcdđghklmnpqrstvx])?"
    r"(?:[aăâeêioôơuưy]|ai|ao|au|ay|âu|ây|eo|êu|ia|iê|iêu|iu|oa|oă|oai|oay|oe|oi|oo|ôi|ơi|ua|uâ|uây|uê|ui|uô|uôi|uơ|uy|uya|uyê|uyu|ưa|ưi|ươ|ươi|ươu|ưu|yê|yêu)"
    rf"(?:ch|ng|nh|[cmnpt])?[{TONES}]?"
)


def implausible(text: str) -> int:
    """How many words of the text are no Vietnamese syllable; what has foreign signs counts double."""
    wrong = 0
    for word in text.split():
        strict = strict_word(word)
        if not _SYLLABLE.fullmatch(strict):
            wrong += 1 if bare_word(strict).isalnum() else 2
    return wrong
