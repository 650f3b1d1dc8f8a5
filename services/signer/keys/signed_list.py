"""A list signed as JWS (RFC 7515), and kept a while so that not every reader costs a signature."""

import asyncio
import json
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from cryptography.hazmat.primitives.serialization import Encoding

from services.signer.hcert.cose import encode_kid
from services.signer.keys.port import Signer

_KEPT: Final = timedelta(minutes=1)


class SignedList:
    """The list as it was signed last; readers that come at once share one signature."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()
        self._made: tuple[datetime, str] | None = None

    async def read(
        self, now: datetime, signer: Signer, make: Callable[[], Awaitable[Mapping[str, Any]]]
    ) -> str:
        """The list that was made within the last minute, or a new one; TransientError where the
        key cannot sign now.
        """
        async with self._lock:
            if self._made is None or not self._made[0] <= now < self._made[0] + _KEPT:
                content = await make()
                self._made = now, await asyncio.to_thread(sign_jws, signer, content)
            return self._made[1]


def sign_jws(signer: Signer, content: Mapping[str, Any]) -> str:
    """A JWS in compact form, with the signer's certificate in its header.

    Signatures of COSE and JWS have the same form. What is signed cannot be taken for a health
    certificate: that begins with a byte which no JWS has.
    """
    header = {
        "alg": signer.envelope.algorithm.name,
        "kid": encode_kid(signer.envelope.kid),
        "typ": "verifier-data+jws",
        "x5c": [b64encode(signer.certificate.public_bytes(Encoding.DER)).decode("ascii")],
    }
    to_be_signed = f"{_part(header)}.{_part(content)}"
    signature = signer.sign(to_be_signed.encode("ascii"))
    return f"{to_be_signed}.{_base64url(signature)}"


def _part(content: Mapping[str, Any]) -> str:
    return _base64url(json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode())


def _base64url(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode("ascii")
