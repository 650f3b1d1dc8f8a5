"""The file of the document signers of other countries that are believed here: PEM or JSON, each
entry read on its own.

PEM: a bundle of X.509 certificates, as a ministry keeps it; text around them does not matter.

JSON: a list, or an object with the list under `keys` or `items` (so that the answer of another
system's `/signer/v1/trust-list` is such a file). An entry has

- `certificate` (also `rawData`, as the gateways of the European Union call it): X.509, DER in
  base64, or PEM.
- Or `publicKey` (also `public_key`): SubjectPublicKeyInfo, likewise, for a key of which no
  certificate is known.
- `kid`: the key identifier in base64. With a certificate it may be left out, and is then the first
  8 bytes of its SHA-256.
- `country`: two letters. With a certificate it may be left out, and is then the subject's.
- `usage`: the kinds of certificate that the key may sign, of `v`, `t` and `r`. Without it those of
  the certificate, or all.

An entry that cannot be used is skipped, logged and counted. One damaged certificate must not keep
the others from being believed, nor the signer from signing.
"""

import json
import re
from base64 import b64decode
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

import structlog
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import load_der_public_key, load_pem_public_key
from prometheus_client import CollectorRegistry, Gauge
from pydantic import AliasChoices, BaseModel, Field

from services.signer.hcert.trust_list import ANY_KIND, KeyKindError, TrustedKey, TrustList

Why = Literal["damaged", "algorithm", "incomplete", "cut_short", "file"]
WHYS: tuple[Why, ...] = ("damaged", "algorithm", "incomplete", "cut_short", "file")
"""Why an entry, or the whole file, cannot be used."""

_log = structlog.get_logger()
_BLOCK = re.compile(rb"(?=-----BEGIN )")
_CERTIFICATE = re.compile(rb"-----BEGIN (?:X509 )?CERTIFICATE-----")
_LEAST_RSA_BITS = 2_048
_MOST_BYTES = 64_000_000
_KID_BYTES = 32


class SkippedEntry(NamedTuple):
    """An entry that cannot be used: its place in the file, from 1, and why."""

    place: int
    why: Why


class _UnusableError(Exception):
    def __init__(self, why: Why) -> None:
        super().__init__(why)
        self.why = why


class _TrustEntry(BaseModel):
    kid: str | None = None
    country: Annotated[str, Field(pattern="^[A-Za-z]{2}$")] | None = None
    usage: Annotated[frozenset[Literal["v", "t", "r"]], Field(min_length=1)] | None = None
    certificate: str | None = Field(None, validation_alias=AliasChoices("certificate", "rawData"))
    public_key: str | None = Field(None, validation_alias=AliasChoices("publicKey", "public_key"))

    def key(self) -> TrustedKey:
        """The key of the entry; ValueError, or whatever its parts raise, where it has none."""
        kid = _bytes(self.kid) if self.kid else None
        country = self.country.upper() if self.country else None
        if kid is not None and not 0 < len(kid) <= _KID_BYTES:
            raise _UnusableError("incomplete")
        if self.certificate:
            pem = self.certificate.lstrip().startswith("-----")
            certificate = (
                x509.load_pem_x509_certificate(self.certificate.encode())
                if pem
                else _certificate(self.certificate)
            )
            return _usable(TrustedKey.of(certificate, kid, country, self.usage))
        if not self.public_key or not kid or not country:
            raise _UnusableError("incomplete")
        pem = self.public_key.lstrip().startswith("-----")
        key: Any = (
            load_pem_public_key(self.public_key.encode())
            if pem
            else load_der_public_key(_bytes(self.public_key))
        )
        return _usable(TrustedKey.alone(kid, key, country, self.usage or ANY_KIND))


def read_trust(content: bytes) -> tuple[TrustList, list[SkippedEntry]]:
    """The keys of a file and what was passed over; ValueError where it is neither a bundle nor such
    JSON.
    """
    entries = list(
        _json_entries(content)
        if content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"[", b"{")
        else _pem_entries(content)
    )
    keys: list[TrustedKey] = []
    skipped: list[SkippedEntry] = []
    for place, entry in enumerate(entries, 1):
        try:
            keys.append(entry())
        except _UnusableError as error:
            skipped.append(SkippedEntry(place, error.why))
        except (UnsupportedAlgorithm, KeyKindError):
            skipped.append(SkippedEntry(place, "algorithm"))
        except Exception:
            # damaged certificates make their reader raise nearly anything
            skipped.append(SkippedEntry(place, "damaged"))
    return TrustList.once(keys), skipped


class TrustFile:
    """The keys of a file as they were when it could last be read; none where there is no file."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._content: bytes | None = None
        self._keys = TrustList([])
        self._skipped: Counter[Why] = Counter()

    def read(self) -> TrustList:
        """Reads the file again; raises for no file.

        What cannot be used is logged and counted. Where that is the whole file, the keys stay.
        """
        if self._path is None:
            return self._keys
        try:
            content = _content_of(self._path)
            if content == self._content:
                # what was said of it has been said
                return self._keys
            keys, skipped = read_trust(content)
        except (OSError, ValueError, RecursionError) as error:
            _log.error("trust_file_unreadable", file=str(self._path), error=type(error).__name__)
            self._content, self._skipped = None, Counter({"file": 1})
            return self._keys
        for entry in skipped:
            _log.error(
                "trust_entry_skipped", file=str(self._path), place=entry.place, why=entry.why
            )
        self._content, self._skipped = content, Counter(entry.why for entry in skipped)
        # a file that somebody is writing ends within an entry: until it is whole, what was believed
        # before is believed
        if "cut_short" not in self._skipped or not list(self._keys):
            self._keys = keys
        return self._keys

    def skipped(self, why: Why) -> int:
        """How many entries cannot be used for that reason; of the whole file 1."""
        return self._skipped[why]


def watch_trust(file: TrustFile, registry: CollectorRegistry) -> None:
    """Tells, whenever `registry` is read, how much of the trust file cannot be used."""
    gauge = Gauge(
        "trust_skipped",
        "Entries of the trust file that cannot be used, by why",
        ["why"],
        registry=registry,
    )
    for why in WHYS:
        gauge.labels(why).set_function(partial(file.skipped, why))


def _content_of(path: Path) -> bytes:
    with path.open("rb") as file:
        content = file.read(_MOST_BYTES + 1)
    if len(content) > _MOST_BYTES:
        raise ValueError("too large")
    return content


def _json_entries(content: bytes) -> Iterator[Callable[[], TrustedKey]]:
    read: Any = json.loads(content)
    lists = [read.get("keys"), read.get("items")] if isinstance(read, dict) else [read]
    if not any(isinstance(listed, list) for listed in lists):
        raise ValueError("no list of keys in it")
    for item in chain.from_iterable(listed for listed in lists if isinstance(listed, list)):
        yield partial(_entry, item)


def _entry(item: Any) -> TrustedKey:
    try:
        entry = _TrustEntry.model_validate(item)
    except ValueError as error:
        raise _UnusableError("incomplete") from error
    return entry.key()


def _pem_entries(content: bytes) -> Iterator[Callable[[], TrustedKey]]:
    blocks = [block for block in _BLOCK.split(content) if block.startswith(b"-----BEGIN ")]
    if not blocks:
        raise ValueError("no certificate in it")
    for block in blocks:
        yield partial(_of_block, block, last=block is blocks[-1])


def _of_block(block: bytes, *, last: bool) -> TrustedKey:
    if last and b"-----END " not in block:
        raise _UnusableError("cut_short")
    if not _CERTIFICATE.match(block):
        raise _UnusableError("incomplete")
    return _usable(TrustedKey.of(x509.load_pem_x509_certificate(block)))


def _usable(trusted: TrustedKey) -> TrustedKey:
    """Only keys with which a signature can be verified here: on P-256, or RSA of 2,048 bits and
    more.
    """
    key: Any = trusted.key
    if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1):
        return trusted
    if isinstance(key, rsa.RSAPublicKey) and key.key_size >= _LEAST_RSA_BITS:
        return trusted
    raise _UnusableError("algorithm")


def _certificate(text: str) -> x509.Certificate:
    return x509.load_der_x509_certificate(_bytes(text))


def _bytes(text: str) -> bytes:
    """Base64, in either alphabet, with or without padding and line breaks."""
    plain = "".join(text.split()).rstrip("=").translate(str.maketrans("-_", "+/"))
    return b64decode(plain + "=" * (-len(plain) % 4), validate=True)
