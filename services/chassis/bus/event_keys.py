"""Keys that sign events: each service's own private key, and the public keys of all writers.

The public ones are a JWK set (RFC 8037, Ed25519), in which each key also says its `writer`. Two of
a writer are believed at the same time while its key is changed; what is taken out is believed no
more.
"""

import hashlib
import json
import logging
import time
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from jwt.algorithms import OKPAlgorithm
from jwt.exceptions import PyJWTError

_REREAD_S = 2.0
_log = logging.getLogger(__name__)


class EventKeyError(Exception):
    """A file of event keys is missing or damaged; the text names the file."""


class WriterKey(NamedTuple):
    """A public key, and the service that writes with it."""

    writer: str
    key: Ed25519PublicKey


def key_id(key: Ed25519PublicKey) -> str:
    """The key's thumbprint of RFC 7638."""
    members = {"crv": "Ed25519", "kty": "OKP", "x": text_of(key.public_bytes_raw())}
    plain = json.dumps(members, separators=(",", ":"), sort_keys=True)
    return text_of(hashlib.sha256(plain.encode()).digest())


def text_of(content: bytes) -> str:
    """Bytes in base64url without padding."""
    return urlsafe_b64encode(content).rstrip(b"=").decode()


def jwk_of(writer: str, key: Ed25519PublicKey) -> dict[str, str]:
    """A writer's public key as it stands in the set."""
    public = {"kty": "OKP", "crv": "Ed25519", "x": text_of(key.public_bytes_raw())}
    return {**public, "kid": key_id(key), "use": "sig", "writer": writer}


def read_private(file: Path) -> Ed25519PrivateKey:
    """The key of a PEM file; EventKeyError where there is none."""
    try:
        key = load_pem_private_key(file.read_bytes(), None)
    except (OSError, ValueError, TypeError) as error:
        raise EventKeyError(f"{file} cannot be read ({type(error).__name__})") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise EventKeyError(f"{file} holds no Ed25519 key")
    return key


def read_writers(file: Path) -> dict[str, WriterKey]:
    """The public keys of a set by their thumbprints; EventKeyError where one is none."""
    try:
        keys = [(str(jwk["writer"]), _public(jwk)) for jwk in json.loads(file.read_bytes())["keys"]]
    except (OSError, ValueError, LookupError, TypeError, InvalidKey, PyJWTError) as error:
        raise EventKeyError(f"{file} cannot be read ({type(error).__name__})") from error
    return {key_id(key): WriterKey(writer, key) for writer, key in keys}


def _public(jwk: Mapping[str, Any]) -> Ed25519PublicKey:
    key = OKPAlgorithm.from_jwk(dict(jwk))
    if not isinstance(key, Ed25519PublicKey):
        raise TypeError("no public Ed25519 key")
    return key


class WriterKeys:
    """The set in a file, read again soon after it was changed."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._keys = read_writers(file)
        self._state = self._stat()
        self._looked = time.monotonic()

    def find(self, kid: str) -> WriterKey | None:
        """The key of this thumbprint, where it is in the set now."""
        if (now := time.monotonic()) - self._looked > _REREAD_S:
            self._looked = now
            self._look()
        return self._keys.get(kid)

    def _look(self) -> None:
        try:
            state = self._stat()
            if state != self._state:
                self._keys = read_writers(self._file)
                self._state = state
        # half a file is being written, or a mount is away: what was believed still is
        except (EventKeyError, OSError) as error:
            _log.error("the writers' keys are not read again: %s", type(error).__name__)

    def _stat(self) -> tuple[int, int, int]:
        state = self._file.stat()
        return state.st_mtime_ns, state.st_ino, state.st_size
