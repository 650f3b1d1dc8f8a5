"""Brand names as clinics type them, to product codes: by an exact table after folding, by likeness only where one product
alone is alike.
"""

import re
from functools import lru_cache
from types import MappingProxyType

from rapidfuzz import fuzz

from contracts.products import PRODUCTS
from services.records.domain.faults import Unread
from services.records.domain.fold import fold, squeeze
from services.records.domain.old_encodings import looked_up

_TYPED = {
    "comirnaty": ("comirnaty", "pfizer", "biontech", "pfizer biontech", "bnt162b2", "tozinameran", "comirnaty pfizer", "phai do", "pf"),
    "spikevax": ("spikevax", "moderna", "mrna 1273", "elasomeran", "spikevax moderna", "takeda"),
    "vaxzevria": ("vaxzevria", "astrazeneca", "astra zeneca", "astra", "azd1222", "az", "chadox1", "chadox1 s", "covishield",
                  "oxford astrazeneca"),
    "janssen": ("janssen", "jcovden", "johnson johnson", "johnson", "j j", "ad26 cov2 s", "ad26cov2s", "jcovden janssen"),
    "sputnik-v": ("sputnik v", "sputnik", "gam covid vac", "gamaleya", "sputnik v gam covid vac", "gamcovidvac"),
    "bbibp-corv": ("bbibp corv", "vero cell", "verocell", "sinopharm", "vero cell sinopharm", "bbibp corv vero cell", "vero"),
    "hayat-vax": ("hayat vax", "hayat", "hayat vax sinopharm", "julphar"),
    "abdala": ("abdala", "cigb 66", "cigb"),
    "covaxin": ("covaxin", "bharat", "bharat biotech", "bbv152"),
}  # fmt: skip

# vaccines that exist but are none of ours: a name alike to one of these must not become a product
_OTHERS = ("sinovac", "coronavac", "nanocovax", "nano covax", "covivac", "novavax", "nuvaxovid", "covovax", "arct 154",
    "cansino", "soberana")  # fmt: skip

_NOISE = re.compile(
    r"\b(?:vac ?xin|vac ?cine|vaccin|vx|phong|ngua|benh|covid ?19|covid|sars cov 2|ncov|tiem|tre em|nguoi lon|inactivated|bat hoat|"
    r"do|cua|hang|my|anh|trung quoc|cuba|nga|[0-9]+ [0-9]+ tuoi|[0-9]+ ?(?:ml|mcg|ug)|0 [0-9]+ ?ml)\b"
)
_ALIKE, _APART = 84.0, 12.0

ALIASES = MappingProxyType({squeeze(name): code for code, names in _TYPED.items() for name in names})


def _by_words(folded: str) -> str | None:
    """The product of a text all of whose words are names of that one product (`Comirnaty (Pfizer)`)."""
    named = {ALIASES.get(word) for word in folded.split()}
    return named.pop() if len(named) == 1 else None


def _likeness(bare: str) -> list[tuple[float, str]]:
    """Products and other vaccines by how alike their best name is, best first."""
    best = {code: max(fuzz.ratio(bare, squeeze(name)) for name in names) for code, names in _TYPED.items()}
    others = max(fuzz.ratio(bare, squeeze(name)) for name in _OTHERS)
    return sorted([*((score, code) for code, score in best.items()), (others, "")], reverse=True)


@lru_cache(maxsize=4_096)
def read_product(text: str) -> str | Unread:
    """A product's code. Likeness decides for one long enough name that is near to one product and far from every other."""
    return (looked_up(text, _product) or Unread.UNKNOWN) if text else Unread.MISSING


def _product(text: str) -> str | None:
    folded = fold(text)
    core = _NOISE.sub(" ", folded)
    bare = core.replace(" ", "")
    known = ALIASES.get(folded.replace(" ", "")) or ALIASES.get(bare) or _by_words(core)
    if known:
        return known
    # a name of two words or more may hold two brands: then likeness proves nothing
    if len(bare) < 5 or any(ALIASES.get(word) for word in core.split()):
        return None
    (score, code), (second, _), *_ = _likeness(bare)
    return code if code and score >= _ALIKE and score - second >= _APART else None


def candidates(text: str) -> list[str]:
    """Up to three product names that the text may mean, for the message of a row that was not understood."""
    core = _NOISE.sub(" ", fold(text))
    named = {code for word in core.split() if (code := ALIASES.get(word))}
    alike = [code for score, code in _likeness(core.replace(" ", "")) if code and score >= 50.0]
    return [PRODUCTS[code].name for code in dict.fromkeys([*sorted(named), *alike])][:3]
