"""Whom a verifier believes: certificates of document signers with their key identifier, country and
permitted use.
"""

import re
from base64 import b64encode
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

from services.signer.hcert.cose import PublicKey, encode_kid, kid_of

# the object identifiers 1.3.6.1.4.1.1847.2021.1.x, and 1.3.6.1.4.1.0.1847.2021.1.x, which an early
# specification had by a typing error, as they are encoded. A strict reader refuses the other
# extensions of some countries' certificates, and these with them
_USAGE = re.compile(rb"\x06[\x0b\x0c]\x2b\x06\x01\x04\x01\x00?\x8e\x37\x8f\x65\x01([\x01-\x03])")
_KIND = {b"\1": "t", b"\2": "v", b"\3": "r"}
ANY_KIND = frozenset(_KIND.values())
_ALWAYS, _FOR_EVER = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


class KeyKindError(ValueError):
    """A key of an algorithm that no health certificate is signed with."""


@dataclass(frozen=True, slots=True)
class TrustedKey:
    """One document signer. `usage`: the kinds of certificate (v, t, r) it may sign; without an
    extended key usage, all.

    `der` is its X.509 certificate, empty where only the key is known; such a key has no times of
    its own.
    """

    kid: bytes
    key: PublicKey
    country: str
    usage: frozenset[str]
    not_before: datetime
    not_after: datetime
    der: bytes

    @classmethod
    def of(
        cls,
        certificate: x509.Certificate,
        kid: bytes | None = None,
        country: str | None = None,
        usage: frozenset[str] | None = None,
    ) -> "TrustedKey":
        """Read from a certificate, but for what is passed beside it; KeyKindError where its key is
        neither on an elliptic curve nor RSA.
        """
        key = certificate.public_key()
        if not isinstance(key, ec.EllipticCurvePublicKey | rsa.RSAPublicKey):
            raise KeyKindError("the certificate's key is neither on an elliptic curve nor RSA")
        countries = certificate.subject.get_attributes_for_oid(NameOID.COUNTRY_NAME)
        return cls(
            kid=kid or kid_of(certificate),
            key=key,
            country=country or (str(countries[0].value) if countries else ""),
            usage=usage or _usage(certificate),
            not_before=certificate.not_valid_before_utc,
            not_after=certificate.not_valid_after_utc,
            der=certificate.public_bytes(Encoding.DER),
        )

    @classmethod
    def alone(cls, kid: bytes, key: PublicKey, country: str, usage: frozenset[str]) -> "TrustedKey":
        """A key of which no certificate is known."""
        return cls(kid, key, country, usage, _ALWAYS, _FOR_EVER, b"")

    @property
    def spki(self) -> bytes:
        """The public key as SubjectPublicKeyInfo, DER."""
        return self.key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    def as_json(self) -> dict[str, object]:
        """One item of the published trust list: binary values in base64, times in ISO 8601."""
        item: dict[str, object] = {
            "kid": encode_kid(self.kid),
            "country": self.country,
            "usage": sorted(self.usage),
        }
        if not self.der:
            return item | {"public_key": b64encode(self.spki).decode("ascii")}
        times = {"not_before": self.not_before.isoformat(), "not_after": self.not_after.isoformat()}
        return item | times | {"certificate": b64encode(self.der).decode("ascii")}


class TrustList:
    """Trusted keys by their identifier; eight bytes can fall together, so one identifier may name
    several.
    """

    def __init__(self, keys: Iterable[TrustedKey]) -> None:
        self._by_kid: defaultdict[bytes, list[TrustedKey]] = defaultdict(list)
        for key in keys:
            self._by_kid[key.kid].append(key)

    @classmethod
    def of(cls, certificates: Iterable[x509.Certificate]) -> "TrustList":
        """A list of these certificates, each once."""
        return cls.once(map(TrustedKey.of, certificates))

    @classmethod
    def once(cls, keys: Iterable[TrustedKey]) -> "TrustList":
        """A list of these keys, each once under each of its identifiers."""
        return cls({(key.kid, key.der or key.spki): key for key in keys}.values())

    def __iter__(self) -> Iterator[TrustedKey]:
        return (key for keys in self._by_kid.values() for key in keys)

    def __add__(self, other: "TrustList") -> "TrustList":
        return TrustList.once((*self, *other))

    def find(self, kid: bytes) -> list[TrustedKey]:
        """The keys of that identifier; empty where nobody trusted has it."""
        return self._by_kid.get(kid, [])

    def as_json(self, now: datetime) -> list[dict[str, object]]:
        """The list as it is published: the keys with a certificate that has not run out."""
        return [key.as_json() for key in self if key.der and key.not_after > now]

    def keys_as_json(self) -> list[dict[str, object]]:
        """The keys without a certificate, as they are published."""
        return [key.as_json() for key in self if not key.der]


def _usage(certificate: x509.Certificate) -> frozenset[str]:
    return (
        frozenset(_KIND[number] for number in _USAGE.findall(certificate.tbs_certificate_bytes))
        or ANY_KIND
    )
