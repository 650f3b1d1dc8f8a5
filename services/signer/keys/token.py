"""A PKCS#11 token: the session with it, and what it holds.

One process has one session. After an error the session is given up, and the next use opens another.
So a device that was away, or was failed over, is found again without a restart.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pkcs11
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from pkcs11 import Attribute, KeyType, Mechanism, MechanismFlag, ObjectClass, TokenFlag
from pkcs11.exceptions import PKCS11Error
from pkcs11.util.ec import encode_named_curve_parameters
from pkcs11.util.x509 import decode_x509_certificate

from services.chassis.errors import TransientError
from services.signer.hcert.cose import Algorithm, PublicKey
from services.signer.keys.port import KeyUnavailableError

_P_256 = encode_named_curve_parameters("secp256r1")
_POINT = 65
_LAST_TRY = TokenFlag.USER_PIN_FINAL_TRY | TokenFlag.USER_PIN_LOCKED
_FOR_OPERATORS = {
    pkcs11.PinIncorrect: (
        "refuses the PIN; it is not tried again until KEYS_PIN_FILE changes, since a few wrong ones"
        " lock the token"
    ),
    pkcs11.PinLocked: (
        "is locked after too many wrong PINs; its security officer must set a new one"
    ),
    pkcs11.PinExpired: "wants a new PIN",
    pkcs11.UserPinNotInitialized: "has no user PIN yet",
    pkcs11.NoSuchToken: "is not there; KEYS_TOKEN is the label of a token of KEYS_MODULE",
    pkcs11.MultipleTokensReturned: "is there more than once; its label must be its own",
}
"""Errors (CKR_…) that do not pass by themselves, and what to do; every other one is waited out."""


class TokenKey(NamedTuple):
    """A key pair in a token: CKA_ID, CKA_LABEL, and the public half."""

    id: bytes
    label: str
    public_key: PublicKey


class Pkcs11Token:
    """The token `label` of the PKCS#11 library `module`, logged in to with the PIN in `pin_file`;
    opened at its first use.

    Each method raises TransientError where the token does not answer, and KeyUnavailableError where
    an operator must do something first.
    """

    def __init__(self, module: Path, label: str, pin_file: Path) -> None:
        self._module = module
        self._label = label
        self._pin_file = pin_file
        # a session is one conversation, and the ring is read in another thread than signs
        self._lock = threading.Lock()
        self._session: pkcs11.Session | None = None
        self._private: dict[bytes, Any] = {}
        self._refused: str | None = None

    def sign(
        self,
        key: bytes,
        data: bytes,
        mechanism: Mechanism,
        parameters: tuple[Any, ...] | None = None,
    ) -> bytes:
        """The signature over `data` with the private key whose CKA_ID is `key`."""
        with self._working_session() as session:
            private: Any = self._private.get(key)
            if private is None:
                private = self._private[key] = session.get_key(
                    object_class=ObjectClass.PRIVATE_KEY, id=key
                )
            signature: bytes = private.sign(data, mechanism=mechanism, mechanism_param=parameters)
            return signature

    def keys(self, label: str) -> list[TokenKey]:
        """The key pairs of P-256 and RSA whose label begins with `label`."""
        with self._working_session() as session:
            privates = session.get_objects({Attribute.CLASS: ObjectClass.PRIVATE_KEY})
            private = {key.id for key in privates}  # type: ignore[attr-defined]
            publics = list(session.get_objects({Attribute.CLASS: ObjectClass.PUBLIC_KEY}))
            public = [(key.id, key.label, _public(key)) for key in publics]  # type: ignore[attr-defined]
        return [
            TokenKey(id, name, key)
            for id, name, key in public
            if key is not None and id in private and name.startswith(label)
        ]

    def certificates(self) -> list[x509.Certificate]:
        """The X.509 certificates in the token."""
        with self._working_session() as session:
            objects = session.get_objects({Attribute.CLASS: ObjectClass.CERTIFICATE})
            encoded = [bytes(certificate[Attribute.VALUE]) for certificate in objects]
        try:
            return [x509.load_der_x509_certificate(der) for der in encoded if der]
        except ValueError as error:
            raise KeyUnavailableError(
                f"the token {self._label} holds a certificate that cannot be read"
            ) from error

    def make_key(self, algorithm: Algorithm, id: bytes, label: str) -> None:
        """Makes a key pair in the token, whose private half never leaves it: P-256, or RSA of 2048
        bits.
        """
        common: dict[str, Any] = {
            "id": id,
            "label": label,
            "store": True,
            "capabilities": MechanismFlag.SIGN | MechanismFlag.VERIFY,
            "private_template": {Attribute.SENSITIVE: True, Attribute.EXTRACTABLE: False},
        }
        with self._working_session() as session:
            if algorithm is Algorithm.ES256:
                curve = session.create_domain_parameters(
                    KeyType.EC, {Attribute.EC_PARAMS: _P_256}, local=True
                )
                curve.generate_keypair(**common)
            else:
                session.generate_keypair(KeyType.RSA, 2048, **common)

    def add_certificate(self, certificate: x509.Certificate, id: bytes, label: str) -> None:
        """Stores a certificate beside the key pair with the same CKA_ID."""
        attributes = decode_x509_certificate(certificate.public_bytes(Encoding.DER))
        with self._working_session() as session:
            session.create_object(
                {**attributes, Attribute.ID: id, Attribute.LABEL: label, Attribute.TOKEN: True}
            )

    @contextmanager
    def _working_session(self) -> Iterator[pkcs11.Session]:
        with self._lock:
            try:
                if self._session is None:
                    self._session = self._open()
                yield self._session
            except PKCS11Error as error:
                self._session = None
                self._private.clear()
                name = type(error).__name__
                if advice := _FOR_OPERATORS.get(type(error)):
                    raise KeyUnavailableError(
                        f"the token {self._label} {advice} ({name})"
                    ) from error
                raise TransientError(
                    f"the token {self._label} does not answer as it should: {name}"
                ) from error

    def _open(self) -> pkcs11.Session:
        pin = self._pin_file.read_text().strip()
        if pin == self._refused:
            raise pkcs11.PinIncorrect
        try:
            library = pkcs11.lib(str(self._module))
        except RuntimeError as error:
            raise KeyUnavailableError(
                f"{self._module} is no PKCS#11 library that can be loaded"
            ) from error
        # earlier sessions end with it; without it not every library finds a device that was away
        library.reinitialize()
        token = library.get_token(token_label=self._label)
        if token.flags & _LAST_TRY:
            raise pkcs11.PinLocked
        try:
            return token.open(rw=True, user_pin=pin)
        except pkcs11.PinIncorrect:
            self._refused = pin
            raise


def _public(key: Any) -> PublicKey | None:
    if key.key_type is KeyType.RSA:
        exponent, modulus = (
            int.from_bytes(key[part], "big")
            for part in (Attribute.PUBLIC_EXPONENT, Attribute.MODULUS)
        )
        return rsa.RSAPublicNumbers(exponent, modulus).public_key()
    if key.key_type is KeyType.EC and key[Attribute.EC_PARAMS] == _P_256:
        # some tokens wrap the point into an octet string, as they should, and some do not
        return ec.EllipticCurvePublicKey.from_encoded_point(
            ec.SECP256R1(), key[Attribute.EC_POINT][-_POINT:]
        )
    return None
