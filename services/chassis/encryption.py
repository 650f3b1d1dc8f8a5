"""Encryption of personal data at rest, and blind indexes to find sealed values by equality.

AES-256-GCM under a key named by one leading byte, so that keys can be rotated; a blind index is a
keyed hash of 64 bits.
"""

import os
from base64 import b64decode
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from struct import Struct

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import BaseModel, SecretStr

_NONCE = 12
_signed = Struct(">q").unpack


class SealSettings(BaseModel):
    """`keys`: comma-separated base64 keys of 32 bytes, the newest last (or a file that holds them);
    `index_key`: the blind index's own.
    """

    keys: SecretStr | None = None
    keys_file: Path | None = None
    index_key: SecretStr | None = None
    index_key_file: Path | None = None


class Sealer:
    """Seals with the newest key, opens with any."""

    def __init__(self, keys: list[bytes], index_key: bytes) -> None:
        if not keys or any(len(key) != 32 for key in [*keys, index_key]):
            raise ValueError("a sealing key is 32 bytes")
        self._ciphers = [AESGCM(key) for key in keys]
        self._newest = len(keys) - 1
        self._index = blake2b(key=index_key, digest_size=8)
        self._head = bytes((self._newest,))

    @classmethod
    def of(cls, cfg: SealSettings) -> "Sealer":
        """Built from settings; ValueError where a key is missing or of the wrong length."""
        keys = _secret(cfg.keys, cfg.keys_file, "SEAL_KEYS")
        index_key = _secret(cfg.index_key, cfg.index_key_file, "SEAL_INDEX_KEY")
        return cls([b64decode(key) for key in keys.split(",")], b64decode(index_key))

    def seal(self, plain: bytes, bound_to: bytes) -> bytes:
        """Encrypts `plain` so that it opens only together with `bound_to` (the row it belongs
        to).
        """
        nonce = os.urandom(_NONCE)
        return b"".join(
            (self._head, nonce, self._ciphers[self._newest].encrypt(nonce, plain, bound_to))
        )

    def unseal(self, sealed: bytes, bound_to: bytes) -> bytes:
        """Decrypts; ValueError if the value was changed, moved to another row, or sealed with a key
        that is gone.
        """
        try:
            return self._ciphers[sealed[0]].decrypt(
                sealed[1 : 1 + _NONCE], sealed[1 + _NONCE :], bound_to
            )
        except (InvalidTag, IndexError) as error:
            raise ValueError("a sealed value does not open") from error

    def blind(self, value: str) -> int:
        """The blind index of `value`: a signed 64-bit integer, equal for equal values, telling
        nothing without the key.
        """
        # a copy of the begun hash costs half of beginning one with the key
        begun = self._index.copy()
        begun.update(value.encode())
        number: int = _signed(begun.digest())[0]
        return number


@dataclass(frozen=True, slots=True)
class SealedField:
    """A sealed column, declared once beside its table.

    A value opens only in the row that it was sealed for. `binding` is a pattern as
    `complaint:%d/text`, which the numbers of the row's key complete.
    """

    binding: bytes

    def seal(self, sealer: Sealer, plain: bytes, *key: int) -> bytes:
        """The sealed value of the row with this key."""
        return sealer.seal(plain, self.binding % key)

    def unseal(self, sealer: Sealer, sealed: bytes, *key: int) -> bytes:
        """The value of the row with this key; ValueError where it was sealed for another one."""
        return sealer.unseal(sealed, self.binding % key)


@dataclass(frozen=True, slots=True)
class BlindIndex:
    """A column of blind indexes, declared once beside its table.

    `domain` begins what is hashed, so that values of two kinds never have one index.
    """

    domain: str = ""

    def of(self, sealer: Sealer, value: str) -> int:
        """The index under which this value is found."""
        return sealer.blind(self.domain + value)


def _secret(value: SecretStr | None, file: Path | None, name: str) -> str:
    if value is not None:
        return value.get_secret_value()
    if file is not None:
        return file.read_text().strip()
    raise ValueError(f"set {name} or {name}_FILE")
