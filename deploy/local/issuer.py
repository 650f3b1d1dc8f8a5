"""The token issuer of the embedded mode: an ES256 key in the home folder, its key set beside it,
and tokens for any role.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from jwt.algorithms import ECAlgorithm

from contracts.access import Role
from deploy.local.home import Home, make_private, write_private

ISSUER = "https://issuer.hochieu.local"
"""Where nobody signs in at a page: tests of services alone, and keys that are shown to nobody."""
AUDIENCE = "hochieu"


def prepare(home: Home, url: str | None = None) -> None:
    """Makes the key and publishes its key set, where that was not done before.

    `url`: what the issuer is called from now on, as its own discovery document says it.
    """
    _key(home)
    if url is not None:
        write_private(_name_file(home), url.encode())


def url(home: Home) -> str:
    """What the issuer of this home is called."""
    file = _name_file(home)
    return file.read_text().strip() if file.exists() else ISSUER


def signed(home: Home, claims: Mapping[str, Any], lifetime: timedelta) -> str:
    """A token of the issuer with these claims."""
    key, now = _key(home), datetime.now(UTC)
    issued = {"iss": url(home), "iat": now, "exp": now + lifetime}
    return jwt.encode({**issued, **claims}, key, algorithm="ES256", headers={"kid": _kid(key)})


def token(
    home: Home,
    role: Role,
    *,
    facility: str | None = None,
    areas: Sequence[str] = (),
    personal_id: str | None = None,
    lifetime: timedelta = timedelta(hours=12),
    subject: str | None = None,
) -> str:
    """A signed token of `role`, limited to a facility, to areas (code prefixes) or to a citizen's
    own number.
    """
    claims: dict[str, Any] = {
        "aud": AUDIENCE,
        "sub": subject or _subject(role, facility, areas, personal_id),
        "roles": [role.value],
    }
    if facility:
        claims["facility"] = facility
    if areas:
        claims["areas"] = list(areas)
    if personal_id:
        claims["personal_id"] = personal_id
    return signed(home, claims, lifetime)


def _name_file(home: Home) -> Path:
    return home.jwks.with_name("issuer.url")


def _subject(
    role: Role, facility: str | None, areas: Sequence[str], personal_id: str | None
) -> str:
    if personal_id:
        return "citizen-" + hashlib.sha256(personal_id.encode()).hexdigest()[:16]
    return "-".join((role.value, *filter(None, (facility, *areas))))


def _key(home: Home) -> ec.EllipticCurvePrivateKey:
    path = home.jwks.with_name("token.pem")
    if not path.exists():
        make_private(path.parent)
        made = ec.generate_private_key(ec.SECP256R1())
        write_private(path, made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    key = load_pem_private_key(path.read_bytes(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    if not home.jwks.exists():
        jwk = {
            **ECAlgorithm.to_jwk(key.public_key(), as_dict=True),
            "kid": _kid(key),
            "alg": "ES256",
            "use": "sig",
        }
        write_private(home.jwks, json.dumps({"keys": [jwk]}).encode())
    return key


def _kid(key: ec.EllipticCurvePrivateKey) -> str:
    numbers = key.public_key().public_numbers()
    return hashlib.sha256(f"{numbers.x:x}{numbers.y:x}".encode()).hexdigest()[:16]
