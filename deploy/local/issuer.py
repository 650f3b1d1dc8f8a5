"""The token issuer of the embedded mode: an ES256 key in the home folder, its key set beside it,
and tokens for any role.
"""

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

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
AUDIENCE = "hochieu"


def prepare(home: Home) -> None:
    """Makes the key and publishes its key set, where that was not done before."""
    _key(home)


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
    key = _key(home)
    now = datetime.now(UTC)
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": subject or _subject(role, facility, areas, personal_id),
        "iat": now,
        "exp": now + lifetime,
        "roles": [role.value],
    }
    if facility:
        claims["facility"] = facility
    if areas:
        claims["areas"] = list(areas)
    if personal_id:
        claims["personal_id"] = personal_id
    return jwt.encode(claims, key, algorithm="ES256", headers={"kid": _kid(key)})


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
