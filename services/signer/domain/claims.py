"""The claims of a certificate: what the European schema 1.3.0 says of one dose of one verified
person.
"""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from contracts.events import DoseFacts, DoseKind, RegistryPerson
from contracts.products import PRODUCTS, Product
from vietnamese.latin_names import split_name, transliterate

ISSUER, EXPIRES, ISSUED, HCERT = 1, 4, 6, -260
"""Keys of the CBOR Web Token (RFC 8392) and, within it, of the health certificate."""
DCC = 1

SCHEMA_VERSION = "1.3.0"
COVID_19 = "840539006"

Claims = dict[int, Any]


def claims_of(
    person: RegistryPerson,
    facts: DoseFacts,
    uvci: str,
    *,
    country: str,
    issuer: str,
    issued: int,
    expires: int,
    single: bool = False,
) -> Claims:
    """The claims of one dose; `issued` and `expires` in seconds since 1970. The person is the
    registry's, never the request's.

    `single`: whether the person's primary series was of one dose.

    KeyError where the product is not one of `PRODUCTS`.
    """
    family, given = split_name(person.full_name)
    name = {"fn": family, "fnt": transliterate(family)}
    if given:
        name["gn"] = given
        name["gnt"] = transliterate(given)
    dose = _vaccination(
        facts.product, facts.dose_kind, facts.dose_number, facts.date_given, single
    ) | {
        "co": country,
        "is": issuer,
        "ci": uvci,
    }
    payload = {"ver": SCHEMA_VERSION, "nam": name, "dob": person.date_of_birth, "v": [dose]}
    return {ISSUER: country, EXPIRES: expires, ISSUED: issued, HCERT: {DCC: payload}}


# the products, numbers and days of a whole campaign are some ten thousand combinations
@lru_cache(maxsize=65_536)
def _vaccination(
    code: str, kind: DoseKind, number: int, given: date, single: bool
) -> dict[str, str | int]:
    product = PRODUCTS[code]
    in_series, total = series(kind, number, product, single=single)
    vaccine = {"tg": COVID_19, "vp": product.eu_vp, "mp": product.eu_mp, "ma": product.eu_ma}
    return {**vaccine, "dn": in_series, "sd": total, "dt": given.isoformat()}


def series(
    kind: DoseKind, number: int, product: Product, *, single: bool = False
) -> tuple[int, int]:
    """Dose number and number of doses in the series (`dn`, `sd`), in the forms that verifiers'
    rules know.

    A primary dose counts against its product's series; one beyond it belongs to a mixed series that
    is at least so long (Abdala, then Comirnaty as the third: 3/3). An additional dose or booster is
    n/n, so that it is never read as an unfinished series; the second dose as a booster follows a
    series of one, and is written 2/1, because 2/2 would be a finished series of two. What follows a
    series of one (Janssen) is n/1: `single`, or the dose's own product says so.
    """
    if kind == "primary":
        return number, max(number, product.primary_doses)
    return (number, 1) if number == 2 or single or is_single(product) else (number, number)


def is_single(product: Product) -> bool:
    """Whether one dose of the product is a whole primary series."""
    return product.primary_doses == 1


def after_single(dose: Mapping[str, Any]) -> dict[str, Any]:
    """A dose as a certificate has it (`dn`, `sd`), once its person's series turns out to be of
    one.
    """
    later = dose["dn"] > 2 and dose["dn"] == dose["sd"]
    return {**dose, "sd": 1} if later else dict(dose)
