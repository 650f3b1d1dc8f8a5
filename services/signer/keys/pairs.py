"""Private keys with their certificates, as PEM files of one folder: `csca-….pem`, `dsc-….pem`."""

import os
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from services.signer.hcert.cose import kid_of
from services.signer.keys.certify import PrivateKey
from services.signer.keys.port import KeyUnavailableError


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A private key and the certificate of its public half."""

    key: PrivateKey
    certificate: x509.Certificate


def load_pairs(folder: Path, kind: str) -> list[KeyPair]:
    """All pairs of one kind (`csca` or `dsc`); KeyUnavailableError names the file that holds no
    such pair.
    """
    return [_load(path) for path in sorted(folder.glob(f"{kind}-*.pem"))]


def save_pair(folder: Path, kind: str, pair: KeyPair) -> None:
    """Writes a pair so that only the owner reads it, and so that a crash leaves no half of it."""
    pem = pair.key.private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    ) + pair.certificate.public_bytes(Encoding.PEM)
    final = folder / f"{kind}-{kid_of(pair.certificate).hex()}.pem"
    draft = final.with_suffix(".new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(pem)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(final)


def _load(path: Path) -> KeyPair:
    pem = path.read_bytes()
    try:
        key = load_pem_private_key(pem, password=None)
        certificate = x509.load_pem_x509_certificate(pem)
    except ValueError as error:
        raise KeyUnavailableError(
            f"{path.name} holds no private key with its certificate"
        ) from error
    if (
        not isinstance(key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey)
        or key.public_key() != certificate.public_key()
    ):
        raise KeyUnavailableError(f"the private key in {path.name} is not its certificate's")
    return KeyPair(key, certificate)
