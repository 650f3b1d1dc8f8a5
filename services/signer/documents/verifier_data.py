"""What a verifier needs to judge codes without a network: whom to believe, and what was revoked.

Beside that: which codes are known, and the words for each outcome.
"""

from base64 import b64encode
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from contracts.products import PRODUCTS
from services.signer.context import Context
from services.signer.domain.revocation_hashes import hash_of
from services.signer.hcert import value_sets
from services.signer.hcert.cose import Algorithm, encode_kid
from services.signer.hcert.outcomes import MISUSES, REASONS
from services.signer.hcert.trust_list import TrustedKey
from services.signer.store import certificates as store

_AT_ONCE: Final = 10_000


async def sign_verifier_data(context: Context) -> str:
    """The data as a signed list (JWS); at most a minute old."""
    now = context.clock()

    async def make() -> Mapping[str, Any]:
        return _content(context, now, await _revoked(context, now))

    return await context.verifier_list.read(now, context.ring.active, make)


def _content(context: Context, now: datetime, revoked: bytes) -> Mapping[str, Any]:
    """`revoked`: hashes of UVCIs, 16 bytes each, one behind the other; in base64 as all bytes."""
    return {
        "issued_at": now.isoformat(),
        "country": context.profile.country,
        "roots": [_text(root.public_bytes(Encoding.DER)) for root in context.ring.roots],
        "keys": [key_as_json(key) for key in context.trust],
        "revoked": _text(revoked),
        "value_sets": value_sets_as_json(),
        "product_names": {product.eu_mp: product.name for product in PRODUCTS.values()},
        "outcomes": REASONS,
        "misuses": MISUSES,
    }


async def _revoked(context: Context, now: datetime) -> bytes:
    hashes: list[bytes] = []
    after = 0
    while True:
        async with context.db.begin() as tx:
            rows = await store.revocations(tx, now, after, _AT_ONCE)
        hashes += [hash_of("UCI", row.uvci, b"", context.profile.country) for row in rows]
        if len(rows) < _AT_ONCE:
            return b"".join(sorted(hashes))
        after = rows[-1].id


def key_as_json(trusted: TrustedKey) -> dict[str, object]:
    """A trusted key as a browser takes it: SubjectPublicKeyInfo, and no times where it has none."""
    is_curve = isinstance(trusted.key, ec.EllipticCurvePublicKey)
    item: dict[str, object] = {
        "kid": encode_kid(trusted.kid),
        "country": trusted.country,
        "usage": sorted(trusted.usage),
        "algorithm": (Algorithm.ES256 if is_curve else Algorithm.PS256).name,
        "key": _text(trusted.spki),
    }
    if trusted.der:
        item["not_before"] = trusted.not_before.isoformat()
        item["not_after"] = trusted.not_after.isoformat()
    return item


def value_sets_as_json() -> dict[str, object]:
    """The codes that certificates may carry, by the kind of field."""
    return {
        "diseases": sorted(value_sets.DISEASES),
        "countries": sorted(value_sets.COUNTRY_CODES),
        "prophylaxes": sorted(value_sets.PROPHYLAXES),
        "products": sorted(value_sets.PRODUCTS),
        "manufacturers": sorted(value_sets.MANUFACTURERS),
        "test_types": sorted(value_sets.TEST_TYPES),
        "test_results": sorted(value_sets.TEST_RESULTS),
        "highest_test_device": value_sets.HIGHEST_TEST_DEVICE,
    }


def _text(data: bytes) -> str:
    return b64encode(data).decode("ascii")
