"""Whether two names are one but for their spaces and marks.

`HHen Niê` is H'Hen Niê, but `Thu Ý` is not Thuý: two words, and the one that they make together,
are two people's names. So a space counts as lost only in what is no syllable.
"""

import unicodedata
from typing import NamedTuple

from contracts.identity.name_forms import MARKS, NameForms
from vietnamese.syllables import SIGNS, implausible, strict_word


class _Token(NamedTuple):
    """A word, and its letters one by one, each with its accents."""

    strict: str
    letters: list[str]


def same_but_for_spaces(typed: NameForms, own: NameForms) -> bool:
    """Whether two names have the same syllables in the same order.

    The Ê Đê may write the clan first.
    """
    marked = _is_marked(typed) or _is_marked(own)
    if len(typed.strict) == len(own.strict) and not marked:
        return typed.strict == own.strict
    # however they are spaced, they have as many letters and tones
    if sum(map(len, typed.strict)) != sum(map(len, own.strict)):
        return False
    words, registered = _words(typed), _words(own)
    turns = range(len(registered)) if marked else (0,)
    return any(_fill_each_other(words, registered[at:] + registered[:at]) for at in turns)


def _is_marked(name: NameForms) -> bool:
    """Whether the name begins with a letter of its own: H', K', Y."""
    return bool(name.strict) and len(name.strict[0]) == 1


def _words(name: NameForms) -> list[_Token]:
    apart = MARKS.sub(" ", name.text.translate(SIGNS)).split()
    return [_Token(strict, _letters(word)) for strict, word in zip(name.strict, apart, strict=True)]


def _letters(word: str) -> list[str]:
    letters: list[str] = []
    for sign in unicodedata.normalize("NFD", word.casefold()):
        if letters and unicodedata.combining(sign):
            letters[-1] += sign
        else:
            letters.append(sign)
    return [strict_word(letter) for letter in letters]


def _fill_each_other(words: list[_Token], other: list[_Token]) -> bool:
    """Whether each word of either name is one of the other's, or several without their spaces."""
    while words and other:
        if len(words[0].letters) < len(other[0].letters):
            words, other = other, words
        word, count = words[0], _filling(len(words[0].letters), other)
        if count == 1:
            same = word.strict == other[0].strict
        else:
            # letter by letter: `túân` is tú and ân, and not tuấn, although both have the same
            # letters and tones
            same = implausible(word.strict) > 0 and word.letters == [
                letter for part in other[:count] for letter in part.letters
            ]
        if not same:
            return False
        words, other = words[1:], other[count:]
    return not words and not other


def _filling(length: int, words: list[_Token]) -> int:
    """How many of the words together have so many letters; all of them where none do."""
    total = 0
    for count, word in enumerate(words, 1):
        total += len(word.letters)
        if total >= length:
            return count
    return len(words)
