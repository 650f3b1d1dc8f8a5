"""What typing does to a name: the same name in other signs, and the catalogue's misspellings. None:
it cannot happen to this name.
"""

import re
import unicodedata
from collections.abc import Callable
from functools import cache
from random import Random

_TONES = "\u0300\u0301\u0303\u0309\u0323"
_MODIFIERS = "\u0302\u0306\u031b"
_STROKE = str.maketrans("đĐ", "dD")
_VOWELS = "aeiouy"
_TONE_BEFORE = re.compile(f"([{_MODIFIERS}])([{_TONES}])")
_DOT_BELOW_FIRST = re.compile(f"(\u0323)([{_MODIFIERS}])")
_OPEN_PAIR = re.compile(
    "(?<![qQ])([oOuU])([\u0300\u0301\u0303\u0309\u0323])([aeyAEY])(?![a-zđ\u0300-\u036f])"
)
_APOSTROPHES = "’‘ʼ`´′"
_ZERO_WIDTH = "\u200b\u200c\u2060\ufeff"

# one way of writing and the other; only these are confused, and only at the beginning of a syllable
_ONSETS = (
    ("ch", "tr"),
    ("tr", "ch"),
    ("gi", "d"),
    ("s", "x"),
    ("x", "s"),
    ("l", "n"),
    ("n", "l"),
    ("d", "gi"),
)
_LONE_Y = re.compile(r"(?<=[hklmst])([yýỳỷỹỵiíìỉĩị])\b", re.IGNORECASE)
_I_Y = str.maketrans("yýỳỷỹỵiíìỉĩị", "iíìỉĩịyýỳỷỹỵ")

Slip = Callable[[Random, str], str | None]


@cache
def _apart(word: str) -> str:
    return unicodedata.normalize("NFD", word)


@cache
def bare(word: str) -> str:
    """Without accents: `Hòa` as `Hoa`, `Đức` as `Duc`."""
    return "".join(
        letter for letter in _apart(word) if not unicodedata.combining(letter)
    ).translate(_STROKE)


def _differing(new: str, name: str) -> str | None:
    return new if new != name else None


# the same name in other signs


def upper_case(_: Random, name: str) -> str | None:
    return _differing(name.upper(), name)


def spaces(rng: Random, name: str) -> str | None:
    form = rng.randrange(4)
    return (
        f"  {name.replace(' ', '  ')}\u00a0",
        name.replace(" ", "\u00a0"),
        f"{name} ",
        name.replace(" ", " \t"),
    )[form]


def decomposed(_: Random, name: str) -> str | None:
    return _differing(_apart(name), name)


def tone_before_modifier(_: Random, name: str) -> str | None:
    """A tone typed before the circumflex, breve or horn of its letter: signs that NFC does not
    unite.
    """
    ordered = _DOT_BELOW_FIRST.sub(r"\2\1", _apart(name))
    return _differing(_TONE_BEFORE.sub(r"\2\1", ordered), ordered)


def eth(_: Random, name: str) -> str | None:
    return _differing(name.replace("Đ", "Ð"), name)


def tone_placement(_: Random, name: str) -> str | None:
    """`Hòa` as `Hoà`, `Thúy` as `Thuý`."""
    return _differing(unicodedata.normalize("NFC", _OPEN_PAIR.sub(r"\1\3\2", _apart(name))), name)


def zero_width(rng: Random, name: str) -> str | None:
    at = rng.randrange(1, len(name))
    return name[:at] + rng.choice(_ZERO_WIDTH) + name[at:]


def apostrophe(rng: Random, name: str) -> str | None:
    return _differing(name.replace("'", rng.choice(_APOSTROPHES)), name)


# misspellings


def no_accents(rng: Random, name: str) -> str | None:
    plain = bare(name)
    if plain == name:
        return None
    chance = rng.random()
    return plain.upper() if chance < 0.7 else plain if chance < 0.9 else plain.lower()


def _place_of_tone(letters: str) -> int | None:
    """The vowel that bears a syllable's tone: the one with a modifier, else the last before a
    consonant, else the last but one.
    """
    base = bare(letters).lower()
    start = 2 if base[:2] in ("qu", "gi") and len(base) > 2 and base[2] in _VOWELS else 0
    vowels = [place for place in range(start, len(base)) if base[place] in _VOWELS]
    if not vowels:
        return None
    for place in reversed(vowels):
        if any(mark in _apart(letters[place]) for mark in _MODIFIERS):
            return place
    closed = vowels[-1] < len(base) - 1
    return vowels[-1] if closed or len(vowels) == 1 else vowels[-2]


def wrong_tone(rng: Random, name: str) -> str | None:
    """One tone or vowel mark other, missing or too many."""
    words = name.split(" ")
    chosen = rng.randrange(1 if len(words) > 2 else 0, len(words))
    word = words[chosen]
    place = _place_of_tone(word)
    if place is None:
        return None
    signs = _apart(word[place])
    if rng.random() < 0.25 and (marks := [mark for mark in signs if mark in _MODIFIERS]):
        new = signs.replace(marks[0], "")
    else:
        had = next((sign for sign in signs if sign in _TONES), "")
        new = signs.replace(had, "") if had else signs
        # a tone put on by mistake, or another one, or none
        new += rng.choice([tone for tone in _TONES if tone != had] + ([""] if had else []))
    words[chosen] = unicodedata.normalize("NFC", word[:place] + new + word[place + 1 :])
    return _differing(" ".join(words), name)


def middle_dropped(rng: Random, name: str) -> str | None:
    words = name.split(" ")
    if len(words) < 3:
        return None
    del words[rng.randrange(1, len(words) - 1)]
    return " ".join(words)


def abbreviated(rng: Random, name: str) -> str | None:
    """`Ng. T. Hòa`, `Nguyễn T Hòa`."""
    words = name.split(" ")
    if len(words) < 3:
        return None
    stop = rng.choice(". ").strip()
    family = "Ng" + stop if words[0] == "Nguyễn" and rng.random() < 0.5 else words[0]
    # `Giàng A Vàng` has nothing to be abbreviated
    return _differing(
        " ".join([family, *(word[0] + stop for word in words[1:-1]), words[-1]]), name
    )


def order_swapped(rng: Random, name: str) -> str | None:
    words = name.split(" ")
    if len(words) < 2:
        return None
    return " ".join(
        [words[-1], *words[:-1]]
        if len(words) == 2 or rng.random() < 0.7
        else [*words[1:], words[0]]
    )


def spelling(rng: Random, name: str) -> str | None:
    """i for y, s for x, tr for ch, l for n, d for gi, in one syllable after the family name."""
    words = name.split(" ")
    options = []
    for place in range(1, len(words)):
        word = words[place]
        low = word.lower()
        if (
            len(low) < 3
            and (other := _LONE_Y.sub(lambda found: found[0].translate(_I_Y), word)) != word
        ):
            options.append((place, other))
        for onset, instead in _ONSETS:
            if (
                low.startswith(onset)
                and bare(low)[len(onset) : len(onset) + 1] in tuple(_VOWELS)
                and not low.startswith(("ngh", "nh", "ng"))
            ):
                # `gi` before i is written `g`: no one types `giinh`
                if instead == "gi" and bare(low)[1] == "i":
                    continue
                options.append((place, instead.capitalize() + word[len(onset) :]))
                break
    if not options:
        return None
    place, other = rng.choice(options)
    words[place] = other
    return " ".join(words)


def minority_form(rng: Random, name: str) -> str | None:
    """`H'Hen Niê` as `H Hen Niê`, `HHen Niê`, `Niê H'Hen`; `Y Phôn Ksơr` as `YPhôn Ksơr`."""
    prefix = next((prefix for prefix in ("H'", "K'", "Y ", "Ka ") if name.startswith(prefix)), None)
    if prefix is None:
        return None
    rest = name[len(prefix) :]
    mark = prefix.rstrip("' ")
    given, _, clan = rest.partition(" ")
    forms = [f"{mark}{rest}", f"{mark}-{rest}"]
    if prefix.endswith("'"):
        forms += [f"{mark} {rest}", f"{mark}' {rest}"]
    if clan:
        forms.append(f"{clan} {prefix}{given}")
    return rng.choice(forms)
