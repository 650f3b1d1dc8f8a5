"""Keys in files of one folder: made on first start, loaded afterwards, and made anew when their
time of use is over.

For a laptop and for tests. A file's key can be copied unseen, so production refuses it and takes a
PKCS#11 module instead.
"""

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec, rsa

from services.signer.hcert.cose import PSS, SHA_256, Algorithm, raw_from_der
from services.signer.keys.certified import CertifiedKey
from services.signer.keys.certify import CSCA_TERM, certify_root, certify_signer, new_key
from services.signer.keys.pairs import KeyPair, load_pairs, save_pair
from services.signer.keys.port import KeyUnavailableError
from services.signer.keys.ring import KeyRing, newest_in_use

_DETERMINISTIC = ec.ECDSA(SHA_256, deterministic_signing=True)


class FileSigner(CertifiedKey):
    """A key in this process's memory."""

    def __init__(self, pair: KeyPair) -> None:
        super().__init__(pair.certificate)
        # chosen once: to find out of what kind a key is takes longer than to put the signature into
        # COSE's form
        self._sign = (
            _es256(pair.key)
            if isinstance(pair.key, ec.EllipticCurvePrivateKey)
            else _ps256(pair.key)
        )

    def sign(self, to_be_signed: bytes) -> bytes:
        """The signature: r‖s by RFC 6979 for ES256, PSS for PS256."""
        return self._sign(to_be_signed)


def _es256(key: ec.EllipticCurvePrivateKey) -> Callable[[bytes], bytes]:
    return lambda to_be_signed: raw_from_der(key.sign(to_be_signed, _DETERMINISTIC))


def _ps256(key: rsa.RSAPrivateKey) -> Callable[[bytes], bytes]:
    return lambda to_be_signed: key.sign(to_be_signed, PSS, SHA_256)


def open_key_folder(
    folder: Path, algorithm: Algorithm, country: str, environment: str, now: datetime
) -> KeyRing:
    """The keys in `folder`, one of them of `algorithm` and fit to sign at `now`: made where there
    is none, with its root.

    KeyUnavailableError in production. Several processes may start on one folder: a lock lets one of
    them make what is missing.
    """
    if environment == "production":
        raise KeyUnavailableError(
            "ENVIRONMENT=production refuses keys in files, which can be copied unseen: name a"
            " PKCS#11 module in KEYS_MODULE."
        )
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _locked(folder / ".lock"):
        signers = [FileSigner(pair) for pair in load_pairs(folder, "dsc")]
        active = newest_in_use(signers, algorithm, now)
        if active is None:
            active = FileSigner(
                _new_signer(
                    folder, algorithm, _root(folder, country, environment, now), environment, now
                )
            )
            signers.append(active)
        roots = tuple(root.certificate for root in load_pairs(folder, "csca"))
    return KeyRing(active, {signer.envelope.kid: signer for signer in signers}, roots)


def _root(folder: Path, country: str, label: str, now: datetime) -> KeyPair:
    fit = [root for root in load_pairs(folder, "csca") if CSCA_TERM.in_use(root.certificate, now)]
    if fit:
        return max(fit, key=lambda root: root.certificate.not_valid_before_utc)
    key = new_key(Algorithm.ES256)
    root = KeyPair(key, certify_root(key, country, label, now))
    save_pair(folder, "csca", root)
    return root


def _new_signer(
    folder: Path, algorithm: Algorithm, root: KeyPair, label: str, now: datetime
) -> KeyPair:
    key = new_key(algorithm)
    pair = KeyPair(key, certify_signer(key.public_key(), root.key, root.certificate, label, now))
    save_pair(folder, "dsc", pair)
    return pair


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
