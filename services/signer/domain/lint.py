"""The last look before a signature, as a table of rules that eu-dcc-schema 1.3.0 does not know.

The lint reads the finished claims and trusts nothing that built them. Rules are tried in order, so
that a later one may rely on what the earlier ones made sure of. Rules about the dose's facts and
the times come out alike for every dose with the same facts. They are tried once for each, and the
outcome is cached. Rules about the person and the identifier are tried every time.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from operator import itemgetter
from typing import Any, Generic, NamedTuple, TypeVar

from contracts.products import PRODUCTS
from contracts.refusals import RefusalCode
from contracts.uvci import has_right_check, is_well_formed
from services.signer.domain.claim_labels import (
    COVID_19,
    DCC,
    EXPIRES,
    HCERT,
    ISSUED,
    ISSUER,
    SCHEMA_VERSION,
    Claims,
    Window,
)
from vietnamese.calendar_days import first_day, in_viet_nam, real_date
from vietnamese.dates import PROGRAMME_BEGAN

MAX_TEXT = 80

# fields in the order in which they are written: one comparison each, and another order is none that
# was ever tested with a verifier
_PAYLOAD = ("ver", "nam", "dob", "v")
_DOSE = ("tg", "vp", "mp", "ma", "dn", "sd", "dt", "co", "is", "ci")
_NAMES = (("fn", "fnt", "gn", "gnt"), ("fn", "fnt"))
_ONLY_TEXT = {str}
_values_of = itemgetter(*_DOSE)
_BEGAN = PROGRAMME_BEGAN.isoformat()
_TRANSLITERATED = re.compile("[A-Z<]*")
_PRODUCT = {product.eu_mp: product for product in PRODUCTS.values()}


class LintedPerson(NamedTuple):
    """What the rules about the person read: it differs from dose to dose."""

    name: dict[str, str]
    born: str
    vaccinated: str
    code: str


class LintedFacts(NamedTuple):
    """What the rules about the dose read: the same for many doses, named as in the claims."""

    window: Window
    iss: str
    iat: int
    exp: int
    ver: str
    tg: str
    vp: str
    mp: str
    ma: str
    dn: int
    sd: int
    dt: str
    co: str
    by: str


Linted = TypeVar("Linted")


@dataclass(frozen=True, slots=True)
class LintRule(Generic[Linted]):
    """One thing that must not be signed; `contracts.refusals` has the words of its code."""

    code: RefusalCode
    broken: Callable[[Linted], bool]


def _illegal_series(facts: LintedFacts) -> bool:
    if (
        type(facts.dn) is not int
        or type(facts.sd) is not int
        or not (1 <= facts.dn <= 9 and 1 <= facts.sd <= 9)
    ):
        return True
    return facts.dn > facts.sd and facts.sd != 1


def _misshapen(payload: Any) -> bool:
    if type(payload) is not dict or tuple(payload) != _PAYLOAD:
        return True
    name, doses = payload["nam"], payload["v"]
    if type(name) is not dict or tuple(name) not in _NAMES:
        return True
    return (
        type(doses) is not list
        or len(doses) != 1
        or type(doses[0]) is not dict
        or tuple(doses[0]) != _DOSE
    )


SHAPE: LintRule[Any] = LintRule(RefusalCode.FIELDS, _misshapen)

FACT_RULES: tuple[LintRule[LintedFacts], ...] = (
    LintRule(RefusalCode.DOSE_NOT_TEXT, lambda f: (
        {*map(type, (f.iss, f.ver, f.tg, f.vp, f.mp, f.ma, f.dt, f.co, f.by))} != _ONLY_TEXT)),
    LintRule(RefusalCode.SCHEMA_WRONG, lambda f: (
        f.ver != SCHEMA_VERSION)),
    LintRule(RefusalCode.DOSE_DATE_IMPOSSIBLE, lambda f: (
        real_date(f.dt) is None)),
    LintRule(RefusalCode.DOSE_BEFORE_PROGRAMME, lambda f: (
        f.dt < _BEGAN)),
    LintRule(RefusalCode.DISEASE_UNKNOWN, lambda f: (
        f.tg != COVID_19)),
    LintRule(RefusalCode.PRODUCT_UNKNOWN, lambda f: (
        f.mp not in _PRODUCT)),
    LintRule(RefusalCode.MANUFACTURER_WRONG, lambda f: (
        f.ma != _PRODUCT[f.mp].eu_ma)),
    LintRule(RefusalCode.PROPHYLAXIS_WRONG, lambda f: (
        f.vp != _PRODUCT[f.mp].eu_vp)),
    LintRule(RefusalCode.SERIES_ILLEGAL, _illegal_series),
    LintRule(RefusalCode.COUNTRY_WRONG, lambda f: (
        f.co != f.iss)),
    LintRule(RefusalCode.ISSUER_MISSING, lambda f: (
        not f.by)),
    LintRule(RefusalCode.ISSUER_TOO_LONG, lambda f: (
        len(f.by) > MAX_TEXT)),
    LintRule(RefusalCode.TIMES_NOT_WHOLE, lambda f: (
        type(f.iat) is not int or type(f.exp) is not int)),
    LintRule(RefusalCode.EXPIRES_TOO_EARLY, lambda f: (
        f.exp <= f.iat)),
    LintRule(RefusalCode.EXPIRES_AFTER_KEY, lambda f: (
        f.exp > f.window.not_after)),
    LintRule(RefusalCode.ISSUED_BEFORE_KEY, lambda f: (
        f.iat < f.window.not_before)),
    LintRule(RefusalCode.DOSE_IN_FUTURE, lambda f: (
        f.dt > in_viet_nam(datetime.fromtimestamp(f.iat, UTC)).isoformat())),
)  # fmt: skip

PERSON_RULES: tuple[LintRule[LintedPerson], ...] = (
    LintRule(RefusalCode.NOT_TEXT, lambda d: (
        {type(d.born), type(d.code), *map(type, d.name.values())} != _ONLY_TEXT)),
    LintRule(RefusalCode.TEXT_TOO_LONG, lambda d: (
        max(map(len, (d.code, *d.name.values()))) > MAX_TEXT)),
    LintRule(RefusalCode.NAME_MISSING, lambda d: (
        not d.name.get("fn"))),
    LintRule(RefusalCode.NAME_SPELLING, lambda d: (
        not unicodedata.is_normalized("NFC", d.name["fn"] + d.name.get("gn", "")))),
    LintRule(RefusalCode.NAME_WITHOUT_LATIN, lambda d: (
        not d.name["fnt"] or ("gn" in d.name and not d.name.get("gnt"))
        or not _TRANSLITERATED.fullmatch(d.name["fnt"] + d.name.get("gnt", "")))),
    LintRule(RefusalCode.BIRTH_DATE_IMPOSSIBLE, lambda d: (
        first_day(d.born) is None)),
    LintRule(RefusalCode.DOSE_BEFORE_BIRTH, lambda d: (
        d.vaccinated < d.born)),
    LintRule(RefusalCode.UVCI_FORM, lambda d: (
        not is_well_formed(d.code))),
    LintRule(RefusalCode.UVCI_CHECK, lambda d: (
        not has_right_check(d.code))),
)  # fmt: skip

RULES: tuple[LintRule[Any], ...] = (SHAPE, *FACT_RULES, *PERSON_RULES)
"""In the order in which they are tried."""

_OF_PERSON = tuple((rule.broken, rule.code) for rule in PERSON_RULES)


# typed=True: a cache takes True, 1 and 1.0 for the same otherwise, and only 1 may be signed
@lru_cache(maxsize=65_536, typed=True)
def _broken_by_facts(*facts: Any) -> RefusalCode | None:
    linted = LintedFacts._make(facts)
    return next((rule.code for rule in FACT_RULES if rule.broken(linted)), None)


def lint(claims: Claims, window: Window) -> RefusalCode | None:
    """The code of the first rule that the claims break, or None where they may be signed."""
    payload = claims[HCERT][DCC]
    if _misshapen(payload):
        return SHAPE.code
    dose = payload["v"][0]
    tg, vp, mp, ma, dn, sd, vaccinated, co, by, code = _values_of(dose)
    try:
        broken = _broken_by_facts(
            window,
            claims[ISSUER],
            claims[ISSUED],
            claims[EXPIRES],
            payload["ver"],
            tg,
            vp,
            mp,
            ma,
            dn,
            sd,
            vaccinated,
            co,
            by,
        )
    except TypeError:  # no value of a certificate is a list or a map
        broken = FACT_RULES[0].code
    if broken is not None:
        return broken
    person = LintedPerson(payload["nam"], payload["dob"], vaccinated, code)
    for is_broken, refusal in _OF_PERSON:
        if is_broken(person):
            return refusal
    return None
