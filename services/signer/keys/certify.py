"""Certificates of the two levels: the country's root (CSCA) and the document signers under it
(DSC).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import NameOID

from services.signer.hcert.cose import Algorithm, PublicKey

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey

VACCINATION = x509.ObjectIdentifier("1.3.6.1.4.1.1847.2021.1.2")
BACKDATED = timedelta(hours=1)
"""A certificate begins earlier than it is made, so that a process whose clock is behind may sign
with it at once.
"""


@dataclass(frozen=True, slots=True)
class KeyTerm:
    """How long a certificate is valid, and how long its key is used."""

    valid: timedelta
    used: timedelta

    def in_use(self, certificate: x509.Certificate, now: datetime) -> bool:
        """Whether the certificate's key may still sign at `now`."""
        begins = certificate.not_valid_before_utc
        return begins <= now < begins + self.used


CSCA_TERM = KeyTerm(valid=timedelta(days=4 * 365), used=timedelta(days=365))
DSC_TERM = KeyTerm(valid=timedelta(days=2 * 365), used=timedelta(days=182))


def new_key(algorithm: Algorithm) -> PrivateKey:
    """A key for the algorithm: P-256, or RSA of 2048 bits (3072 makes codes that phones read with
    difficulty).
    """
    if algorithm is Algorithm.ES256:
        return ec.generate_private_key(ec.SECP256R1())
    return rsa.generate_private_key(public_exponent=65_537, key_size=2048)


def certify_root(key: PrivateKey, country: str, label: str, now: datetime) -> x509.Certificate:
    """A self-signed CSCA that may certify document signers and nothing below them."""
    name = _name(country, f"CSCA {label}")
    return (
        _begin(name, name, key.public_key(), now, CSCA_TERM)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(key_cert_sign=True, crl_sign=True), critical=True)
        .sign(key, SHA256())
    )


def certify_signer(
    key: PublicKey, root_key: PrivateKey, root: x509.Certificate, label: str, now: datetime
) -> x509.Certificate:
    """A DSC for vaccination certificates, signed by the root; it never outlives the root."""
    country = str(root.subject.get_attributes_for_oid(NameOID.COUNTRY_NAME)[0].value)
    root_id = root.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    term = KeyTerm(min(DSC_TERM.valid, root.not_valid_after_utc - now + BACKDATED), DSC_TERM.used)
    return (
        _begin(_name(country, f"DSC {label}"), root.subject, key, now, term)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(root_id), critical=False
        )
        .add_extension(_usage(digital_signature=True), critical=True)
        .add_extension(x509.ExtendedKeyUsage([VACCINATION]), critical=False)
        .sign(root_key, SHA256())
    )


def _begin(
    subject: x509.Name, issuer: x509.Name, key: PublicKey, now: datetime, term: KeyTerm
) -> x509.CertificateBuilder:
    begins = now.replace(microsecond=0) - BACKDATED
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins + term.valid)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _name(country: str, common_name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, country),
            x509.NameAttribute(NameOID.COMMON_NAME, f"{common_name} {country}"),
        ]
    )


def _usage(
    *, digital_signature: bool = False, key_cert_sign: bool = False, crl_sign: bool = False
) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=digital_signature,
        key_cert_sign=key_cert_sign,
        crl_sign=crl_sign,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
