"""The outermost layers: the `HC1:` prefix, base45 and zlib. Nothing from outside is unpacked past a
fixed size.
"""

import zlib

from services.signer.hcert import base45
from services.signer.hcert.cose import Envelope

PREFIX = "HC1:"
MAX_TEXT = 8_192
"""Longest text that is looked at; a QR code holds 4,296 characters at most."""
MAX_PLAIN = 32_768
"""Most bytes that are unpacked: national certificates have 300 to 3,000, a bomb a thousand million.
"""


def assemble(message: bytes) -> str:
    """The text of the QR code of a signed message."""
    return PREFIX + base45.encode(zlib.compress(message, 9))


def render(envelope: Envelope, claims: bytes, signature: bytes) -> str:
    """The text of the QR code of a stored certificate, from its claims in CBOR."""
    return assemble(envelope.message(claims, signature))


def strip_prefix(text: str) -> str:
    """What follows `HC1:`; ValueError where it does not stand there or the text is too long."""
    if not text.startswith(PREFIX) or len(text) > MAX_TEXT:
        raise ValueError("not HC1")
    return text[len(PREFIX) :]


def decompress(packed: bytes) -> bytes:
    """The bytes of a whole zlib stream; ValueError where it is broken, cut short, followed by
    anything, or larger than `MAX_PLAIN`.
    """
    stream = zlib.decompressobj()
    try:
        plain = stream.decompress(packed, MAX_PLAIN)
    except zlib.error as error:
        raise ValueError("not zlib") from error
    if not stream.eof or stream.unused_data:
        raise ValueError("not one whole zlib stream")
    return plain
