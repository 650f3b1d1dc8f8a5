"""What a certificate says of one dose of one verified person (European schema 1.3.0), and to whom
one is due.
"""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from contracts.events import DoseFacts, DoseKind, RefusedDose, RegistryPerson, VerifiedDose
from contracts.products import PRODUCTS, Product
from contracts.refusals import RefusalCode
from contracts.uvci import Uvci, mint
from contracts.words import ELIGIBLE_GRADES, Mark
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
from services.signer.domain.lint import lint
from vietnamese.calendar_days import in_viet_nam, months_after
from vietnamese.latin_names import split_name, transliterate

_SHORTEST_MONTH = timedelta(days=28)


@dataclass(frozen=True, slots=True)
class Eligibility:
    """To whom a passport is due: the ministry has changed this before, so it is data.

    The defaults are the rule of April 2022: any number of verified doses, from age 5. `min_age`:
    completed years on the day of issue. `min_doses`: certificates that a person must have before a
    passport is shown; the first press releases said "fully vaccinated" only.
    """

    min_age: int = 5
    min_doses: int = 1

    def latest_birth(self, on: date) -> str:
        """The latest birth date, as ISO text, with which somebody has reached the age on that day.

        As text, a year or month alone sorts before its days, so its first day counts. Registers
        write 01/01 for such people by habit. The lint refuses an impossible birth date.
        """
        return f"{on.year - self.min_age:04}-{on:%m-%d}"

    def passport_due(self, doses: int) -> bool:
        """Whether so many verified doses make a passport."""
        return doses >= self.min_doses


@dataclass(frozen=True, slots=True)
class Profile:
    """What every certificate of this issuer says.

    `validity_months`: until it expires. `renew_days`: the next edition is made so many days before.
    """

    country: str = "VN"
    issuer: str = "Ministry of Health of Viet Nam"
    validity_months: int = 12
    eligibility: Eligibility = Eligibility()
    renew_days: int = 30

    @property
    def renewal_lead(self) -> timedelta:
        """How long before it expires a certificate is renewed: never before half of its life."""
        return min(timedelta(days=self.renew_days), self.validity_months * _SHORTEST_MONTH / 2)

    def times(self, now: datetime, window: Window) -> tuple[int, int]:
        """When a certificate made at `now` is issued and expires, in seconds since 1970.

        It never outlives the signing key's certificate, which is valid within `window`.
        """
        expires = int(months_after(now, self.validity_months).timestamp())
        return int(now.timestamp()), min(expires, window.not_after)


class Draft(NamedTuple):
    """A certificate that may be signed: its claims passed the lint."""

    dose: VerifiedDose
    person: RegistryPerson
    facts: DoseFacts
    uvci: Uvci
    claims: Claims


class DraftChunk(NamedTuple):
    """The drafts of a chunk of doses, their times, and the doses that get none."""

    drafts: list[Draft]
    refused: list[RefusedDose]
    issued_at: datetime
    expires_at: datetime


def draft_certificates(
    doses: Sequence[VerifiedDose],
    now: datetime,
    serials: Sequence[bytes],
    window: Window,
    profile: Profile,
    single: Set[int] = frozenset(),
) -> DraftChunk:
    """Fixes the claims of each dose and lints them; a dose that may not be certified is refused.

    `serials`: one of `uvci.serials` a dose. `window`: when the signing key's certificate is valid.
    `single`: ids of the doses whose person's primary series was of one dose.
    """
    issued, expires = profile.times(now, window)
    country, issuer = profile.country, profile.issuer
    latest_birth = profile.eligibility.latest_birth(in_viet_nam(now))
    drafts: list[Draft] = []
    refused: list[RefusedDose] = []
    for dose, serial in zip(doses, serials, strict=True):
        person, facts = dose.person, dose.facts
        if dose.grade not in ELIGIBLE_GRADES or person is None or facts is None:
            refused.append(RefusedDose(dose.dose_id, dose.version, RefusalCode.NOT_VERIFIED))
            continue
        if dose.doubts and Mark.SUPPLEMENT_OPEN in dose.doubts:
            refused.append(RefusedDose(dose.dose_id, dose.version, RefusalCode.SUPPLEMENT_OPEN))
            continue
        if facts.product not in PRODUCTS:
            refused.append(RefusedDose(dose.dose_id, dose.version, RefusalCode.PRODUCT_UNKNOWN))
            continue
        if person.date_of_birth > latest_birth:
            refused.append(RefusedDose(dose.dose_id, dose.version, RefusalCode.TOO_YOUNG))
            continue
        uvci = mint(serial)
        claims = claims_of(
            person,
            facts,
            uvci,
            country=country,
            issuer=issuer,
            issued=issued,
            expires=expires,
            single=dose.dose_id in single,
        )
        broken = lint(claims, window)
        if broken is not None:
            refused.append(RefusedDose(dose.dose_id, dose.version, broken))
        else:
            drafts.append(Draft(dose, person, facts, uvci, claims))
    return DraftChunk(
        drafts, refused, datetime.fromtimestamp(issued, UTC), datetime.fromtimestamp(expires, UTC)
    )


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
    """The claims of one dose; the person is the registry's, never the request's.

    `issued` and `expires` in seconds since 1970. `single`: whether the person's primary series was
    of one dose. KeyError where the product is not one of `PRODUCTS`.
    """
    family_name, given_name = split_name(person.full_name)
    name = {"fn": family_name, "fnt": transliterate(family_name)}
    if given_name:
        name["gn"] = given_name
        name["gnt"] = transliterate(given_name)
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
    code: str, kind: DoseKind, number: int, vaccinated: date, single: bool
) -> dict[str, str | int]:
    product = PRODUCTS[code]
    in_series, total = series(kind, number, product, single=single)
    vaccine = {"tg": COVID_19, "vp": product.eu_vp, "mp": product.eu_mp, "ma": product.eu_ma}
    return {**vaccine, "dn": in_series, "sd": total, "dt": vaccinated.isoformat()}


def series(
    kind: DoseKind, number: int, product: Product, *, single: bool = False
) -> tuple[int, int]:
    """Dose number and number of doses in the series (`dn`, `sd`), in the forms that verifiers'
    rules know.

    A primary dose counts against its product's series. One beyond it belongs to a mixed series that
    is at least so long (Abdala, then Comirnaty as the third: 3/3). An additional dose or booster is
    n/n, so that it is never read as an unfinished series. A booster as the second dose follows a
    series of one, and is 2/1: 2/2 would be a finished series of two. What follows a
    series of one (Janssen) is n/1: `single`, or the dose's own product says so.
    """
    if kind == "primary":
        return number, max(number, product.primary_doses)
    return (number, 1) if number == 2 or single or is_single(product) else (number, number)


def is_single(product: Product) -> bool:
    """Whether one dose of the product is a whole primary series."""
    return product.primary_doses == 1


def is_whole_series(dose: VerifiedDose) -> bool:
    """Whether the dose alone is its person's whole primary series."""
    facts = dose.facts
    return (
        facts is not None
        and facts.dose_kind == "primary"
        and facts.product in PRODUCTS
        and is_single(PRODUCTS[facts.product])
    )


def follows_a_series(dose: VerifiedDose) -> bool:
    """Whether how the dose is written depends on how long its person's primary series was."""
    facts = dose.facts
    return facts is not None and facts.dose_kind != "primary" and facts.dose_number > 2


def after_single(dose: Mapping[str, Any]) -> dict[str, Any]:
    """A certificate's dose (`dn`, `sd`), once its person's series turns out to be of one."""
    later = dose["dn"] > 2 and dose["dn"] == dose["sd"]
    return {**dose, "sd": 1} if later else dict(dose)
