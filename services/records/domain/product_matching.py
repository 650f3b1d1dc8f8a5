"""Finds the product that a clinic's text names: by words in any order, or by likeness.

Every word of the text must be known: as a name of the product, as its maker's, or as a word that
says nothing.
"""

import re
from typing import NamedTuple

from rapidfuzz import fuzz

from contracts.products import PRODUCTS
from services.records.domain.product_names import (
    ALIASES,
    ALONE,
    MOST_WORDS,
    NAMES,
    NOISE,
    OF_MAKERS,
    OF_OTHERS,
)
from vietnamese.cells import bare_cell
from vietnamese.normalize import fold
from vietnamese.old_encodings import looked_up

_LONGEST = 200  # characters of a cell
# strengths, ages and shots: `0,3 ml`, `30 mcg/0.3ml`, `5-11 tuổi`, `từ 12 tuổi trở lên`, `mũi 2`
_QUANTITY = re.compile(
    r"\b(?:(?:[0-9]{1,2} )?[0-9]{1,3} ?(?:ml|mcg|ug|μg|g|mg|lieu|doses?|tuoi|thang|years?)(?:"
    r" lo)?(?: tro (?:len|xuong))?"
    r"|(?:mui|lan|lieu)(?: thu)? [1-9])\b"
)
_ALIKE, _APART, _SHORTEST = 84.0, 12.0, 5
_BY_LIKENESS = {code: [name.replace(" ", "") for name in names] for code, names in NAMES.items()}
_BY_LIKENESS["bbibp-corv"].append("sinopharm")


class ProductWords(NamedTuple):
    """What the words of a text are; `another`: whether they name a vaccine that is none of ours."""

    products: frozenset[str]
    makers: frozenset[str]
    another: bool
    unknown: str


def match_product(text: str) -> str | None:
    """The code of the product that a text names.

    Likeness decides for one long name only, which is near to one product and far from all others.
    """
    return looked_up(text, _product) if len(text) <= _LONGEST else None


def _product(text: str) -> str | None:
    words = _words(text)
    if words.another:
        return None
    if words.unknown:
        # beside a known name a strange one may be a second brand: likeness proves nothing then
        return None if words.products or words.makers else _alike(words.unknown)
    meant = words.products or {ALONE[maker] for maker in words.makers if maker in ALONE}
    fitting = meant.intersection(*(OF_MAKERS[maker] for maker in words.makers))
    return next(iter(fitting)) if len(meant) == len(fitting) == 1 else None


def candidates(text: str) -> list[str]:
    """Up to three names of products that an unknown text may mean, for the message to its row."""
    if len(text) > _LONGEST:
        return []
    words = _words(text)
    alike = (
        [code for score, code in _likeness(words.unknown) if code and score >= 50.0]
        if words.unknown
        else []
    )
    of_makers = [code for maker in sorted(words.makers) for code in sorted(OF_MAKERS[maker])]
    return [
        PRODUCTS[code].name for code in dict.fromkeys([*sorted(words.products), *alike, *of_makers])
    ][:3]


def _words(text: str) -> ProductWords:
    """Sorts the words of a text.

    The longest known name at each place counts: `gam covid vac` is one, and `covid` in it is none.
    """
    rest = _QUANTITY.sub(" ", fold(bare_cell(text))).split()
    products: set[str] = set()
    makers: set[str] = set()
    unknown: list[str] = []
    another = False
    while rest:
        for size in range(min(MOST_WORDS, len(rest)), 0, -1):
            name = "".join(rest[:size])
            if code := ALIASES.get(name):
                products.add(code)
            elif name in OF_MAKERS:
                makers.add(name)
            elif name in OF_OTHERS and name not in NOISE:
                another = True
            elif name not in NOISE:
                continue
            rest = rest[size:]
            break
        else:
            unknown.append(rest.pop(0))
    return ProductWords(frozenset(products), frozenset(makers), another, "".join(unknown))


def _alike(name: str) -> str | None:
    if len(name) < _SHORTEST:
        return None
    (score, code), (second, _), *_ = _likeness(name)
    return code if code and score >= _ALIKE and score - second >= _APART else None


def _likeness(name: str) -> list[tuple[float, str]]:
    """Scores products and other vaccines by how alike their best name is, best first."""
    best = {
        code: max(fuzz.ratio(name, alias) for alias in names)
        for code, names in _BY_LIKENESS.items()
    }
    others = max(fuzz.ratio(name, other) for other in OF_OTHERS)
    return sorted([*((score, code) for code, score in best.items()), (others, "")], reverse=True)
