"""Issuing, an act that cannot be taken back, in numbered steps.

(1) The claims are fixed, from the registry's person and the facility's dose, and linted: `prepare`.
    Those of a renewal come from the
    certificate that is about to expire: `prepare_again`.
(2) The serial and the intent are stored; from here on a retry finishes this intent and mints no
    second serial: the caller's transaction.
(3) The claims are signed: `sign`.
(4) The signatures are checked: `check`.
(5) They are stored together with their event: the caller's transaction.

What is kept is claims, signature and key identifier; the text of the QR code is put together when
it is read: `render`.
"""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from contracts.events import RegistryPerson, VerifiedDose
from contracts.products import PRODUCTS
from contracts.refusals import RefusalCode
from contracts.uvci import mint
from contracts.words import ELIGIBLE_GRADES
from services.signer.domain.claims import DCC, HCERT, Claims, claims_of
from services.signer.domain.eligibility import APRIL_2022, Eligibility
from services.signer.domain.lint import Window, lint
from services.signer.domain.next_edition import renewal_lead, renewed
from services.signer.hcert import hc1
from services.signer.hcert.cose import Envelope, claims_encoder, is_genuine, length_of
from services.signer.keys.port import Signer
from vietnamese.calendar_days import in_viet_nam, months_after


@dataclass(frozen=True, slots=True)
class Profile:
    """What every certificate of an issuer says: country, issuer's name, months until it expires,
    and to whom it is due.

    `renew_days`: so many days before it expires the next edition is made.
    """

    country: str = "VN"
    issuer: str = "Ministry of Health of Viet Nam"
    validity_months: int = 12
    eligibility: Eligibility = APRIL_2022
    renew_days: int = 30

    @property
    def renewal_lead(self) -> timedelta:
        """How long before a certificate expires it is renewed."""
        return renewal_lead(self.renew_days, self.validity_months)

    def times(self, now: datetime, window: Window) -> tuple[int, int]:
        """When a certificate that is made now is issued and expires, in seconds since 1970;
        `window` is the signing key's.
        """
        return int(now.timestamp()), min(
            int(months_after(now, self.validity_months).timestamp()), window.not_after
        )


class Intent(NamedTuple):
    """A certificate that is going to be signed: exactly these claims, under exactly this
    identifier.
    """

    dose: VerifiedDose
    person: RegistryPerson
    uvci: str
    claims: bytes


class Refusal(NamedTuple):
    """A dose that gets no certificate, and the code of the rule that says so."""

    dose: VerifiedDose
    code: RefusalCode


class Again(NamedTuple):
    """The next edition of a certificate: its identifier and claims, or the code of the rule that
    forbids it.
    """

    uvci: str
    claims: bytes
    refused: str | None


class Prepared(NamedTuple):
    """What step 1 makes of a chunk; the times hold for all of it."""

    intents: list[Intent]
    refusals: list[Refusal]
    issued_at: datetime
    expires_at: datetime


class BadSignatureError(Exception):
    """A signing device returned something that is no good signature; nothing of the chunk may be
    stored.
    """


def prepare(
    doses: Sequence[VerifiedDose],
    now: datetime,
    serials: Sequence[bytes],
    window: Window,
    profile: Profile,
    single: Set[int] = frozenset(),
) -> Prepared:
    """Step 1. A dose that may not be certified is a refusal.

    One serial of `uvci.serials` a dose; `window` is the signing key's. `single`: ids of the doses
    whose person's primary series was of one dose.
    """
    issued, expires = profile.times(now, window)
    country, issuer, latest_birth = (
        profile.country,
        profile.issuer,
        profile.eligibility.latest_birth(in_viet_nam(now)),
    )
    encode = claims_encoder()
    intents: list[Intent] = []
    refusals: list[Refusal] = []
    for dose, serial in zip(doses, serials, strict=True):
        person, facts = dose.person, dose.facts
        if dose.grade not in ELIGIBLE_GRADES or person is None or facts is None:
            refusals.append(Refusal(dose, RefusalCode.NOT_VERIFIED))
            continue
        if facts.product not in PRODUCTS:
            refusals.append(Refusal(dose, RefusalCode.PRODUCT_UNKNOWN))
            continue
        if person.date_of_birth > latest_birth:
            refusals.append(Refusal(dose, RefusalCode.TOO_YOUNG))
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
            refusals.append(Refusal(dose, broken))
        else:
            intents.append(Intent(dose, person, uvci, encode(claims)))
    return Prepared(
        intents, refusals, datetime.fromtimestamp(issued, UTC), datetime.fromtimestamp(expires, UTC)
    )


def prepare_again(
    claims: Claims,
    serial: bytes,
    now: datetime,
    window: Window,
    profile: Profile,
    *,
    single: bool = False,
) -> Again:
    """Step 1 of a renewal, from the claims of the certificate that is about to expire.

    `single`: whether the person's primary series was of one dose.
    """
    uvci = mint(serial)
    issued, expires = profile.times(now, window)
    again = renewed(
        claims,
        uvci,
        country=profile.country,
        issuer=profile.issuer,
        issued=issued,
        expires=expires,
        single=single,
    )
    too_young = again[HCERT][DCC]["dob"] > profile.eligibility.latest_birth(in_viet_nam(now))
    return Again(
        uvci, claims_encoder()(again), RefusalCode.TOO_YOUNG if too_young else lint(again, window)
    )


def sign(claims: Sequence[bytes], signer: Signer) -> list[bytes]:
    """Step 3. The signatures of stored claims, by the key that their intent names."""
    to_be_signed, sign_one = signer.envelope.to_be_signed, signer.sign
    return [sign_one(to_be_signed(each)) for each in claims]


def check(claims: Sequence[bytes], signatures: Sequence[bytes], signer: Signer) -> None:
    """Step 4. BadSignatureError unless the signatures are fit to be stored.

    Verifying each would cost twice what signing does. What goes wrong in practice goes wrong for
    the whole chunk (another key behind the certificate, another encoding), and one verified
    signature shows it. Each is looked at for its length, and no two may share their first half:
    with ES256 that would be a nonce used twice, which gives the private key away.
    """
    if len(claims) != len(signatures) or {*map(len, signatures)} - {length_of(signer.public_key)}:
        raise BadSignatureError("a signature is missing or has another length than its key gives")
    if len({signature[: len(signature) // 2] for signature in signatures}) < len(set(claims)):
        raise BadSignatureError("two signatures share their first half")
    if claims:
        envelope = signer.envelope
        if not is_genuine(
            signer.public_key, envelope.algorithm, envelope.to_be_signed(claims[-1]), signatures[-1]
        ):
            raise BadSignatureError("a signature does not verify with its own certificate")


def render(envelope: Envelope, claims: bytes, signature: bytes) -> str:
    """The text of the QR code of a stored certificate."""
    return hc1.assemble(envelope.message(claims, signature))
