"""What an operator does with the keys in the token: `python -m services.signer.keys`."""

import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from services.chassis.environment import FromEnvironment
from services.chassis.errors import TransientError
from services.signer.domain.claims import Profile
from services.signer.hcert.cose import Algorithm, kid_of
from services.signer.keys.certify import DSC_TERM
from services.signer.keys.csr import request_for
from services.signer.keys.pkcs11 import certificates_in, is_root, issued_by
from services.signer.keys.port import KeyUnavailableError
from services.signer.keys.token import Pkcs11Token, TokenKey
from services.signer.settings import KeysSettings

_USAGE = """\
`python -m services.signer.keys make|csr|import|list`: what an operator does with the keys in the
token.

make        a new key pair in the token; prints its identifier
csr ID      prints the request (PEM) for the CSCA to certify
import FILE puts a certificate (PEM) into the token: a CSCA's, or that of one of its keys
list        the keys, and how many days each may still sign and its certificate is valid
Settings: KEYS_MODULE, KEYS_TOKEN, KEYS_PIN_FILE, KEYS_LABEL, KEYS_ALGORITHM, KEYS_DIR.
"""

_ID = 8


class KeyCommandSettings(FromEnvironment):
    """The key settings of the signer alone, under the same names."""

    keys: KeysSettings = KeysSettings()


def run(arguments: Sequence[str], cfg: KeysSettings, now: datetime) -> str:
    """Does one command and answers what to print; KeyUnavailableError and TransientError say why
    not, ValueError that it was misspelt.
    """
    if cfg.module is None:
        raise KeyUnavailableError(
            "KEYS_MODULE names no PKCS#11 library; keys in files are made by the signer itself"
        )
    token = Pkcs11Token(cfg.module, cfg.token, cfg.pin_file)
    match arguments:
        case ["make"]:
            id = os.urandom(_ID)
            token.make_key(
                Algorithm[cfg.algorithm], id, f"{cfg.label}-{cfg.algorithm}-{now:%Y-%m-%d}"
            )
            return id.hex()
        case ["csr", id]:
            key = _key(token, cfg.label, bytes.fromhex(id))
            country = Profile().country
            return (
                request_for(token, key, country, f"DSC {key.label} {country}")
                .public_bytes(Encoding.PEM)
                .decode("ascii")
            )
        case ["import", file]:
            return _import(token, cfg, _certificate(Path(file)))
        case ["list"]:
            certificates = [*token.certificates(), *certificates_in(cfg.dir)]
            return "\n".join(_line(key, certificates, now) for key in token.keys(cfg.label))
    raise ValueError("no such command")


def _key(token: Pkcs11Token, label: str, id: bytes) -> TokenKey:
    key = next((key for key in token.keys(label) if key.id == id), None)
    if key is None:
        raise KeyUnavailableError(f"the token holds no key pair {id.hex()}")
    return key


def _certificate(file: Path) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(file.read_bytes())
    except ValueError as error:
        raise KeyUnavailableError(f"{file} holds no certificate") from error


def _import(token: Pkcs11Token, cfg: KeysSettings, certificate: x509.Certificate) -> str:
    certificates = [*token.certificates(), *certificates_in(cfg.dir)]
    kid = kid_of(certificate)
    if certificate in certificates:
        return f"{kid.hex()} is there already"
    if is_root(certificate):
        token.add_certificate(certificate, kid, f"csca-{kid.hex()}")
        return kid.hex()
    key = next(
        (key for key in token.keys(cfg.label) if key.public_key == certificate.public_key()), None
    )
    if key is None:
        raise KeyUnavailableError("the certificate is of no key in the token")
    if not any(issued_by(certificate, root) for root in certificates if is_root(root)):
        raise KeyUnavailableError(
            "the certificate is not signed by a CSCA that is known here; import the CSCA's own"
            " certificate first"
        )
    token.add_certificate(certificate, key.id, key.label)
    return kid.hex()


def _line(key: TokenKey, certificates: Sequence[x509.Certificate], now: datetime) -> str:
    own = [
        certificate for certificate in certificates if certificate.public_key() == key.public_key
    ]
    if not own:
        return f"{key.id.hex()}  {key.label}  waits for its certificate"
    newest = max(own, key=lambda certificate: certificate.not_valid_before_utc)
    use, valid = newest.not_valid_before_utc + DSC_TERM.used - now, newest.not_valid_after_utc - now
    return (
        f"{key.id.hex()}  {key.label}  kid {kid_of(newest).hex()}  signs {use.days} more days "
        f" valid {valid.days} more days"
    )


def main() -> None:
    """SystemExit 2 with the usage where the command is none, 1 with a line where it fails."""
    try:
        sys.stdout.write(run(sys.argv[1:], KeyCommandSettings().keys, datetime.now(UTC)) + "\n")
    except (KeyUnavailableError, TransientError, OSError) as error:
        raise SystemExit(f"keys: {error}") from error
    except ValueError as error:
        sys.stderr.write(f"{_USAGE}\n")
        raise SystemExit(2) from error


if __name__ == "__main__":
    main()
