"""Decodes files in the encodings that clinics use, found out while the bytes come.

They are UTF-8, UTF-16 with a mark or without, and the one-byte encodings of `legacy_charset`. A
text that was misread on its way is restored (`misread_text`).
"""

import codecs
import re
from collections.abc import AsyncIterator

from vietnamese.legacy_charset import Legacy
from vietnamese.misread_text import unmangled

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_HEAD = 1_024
_LETTERS = bytes(range(0x80, 0x100))
_BEYOND_ASCII = re.compile(rb"[\x80-\xff]")
# a byte that cannot be read costs its own row only: it becomes a lone surrogate, which no row may
# hold
_ERRORS = {"utf-8": "surrogateescape", "utf-16-le": "replace", "utf-16-be": "replace"}


async def decoded(body: AsyncIterator[bytes], *, at_least: int = 1 << 16) -> AsyncIterator[str]:
    """The text in parts of about `at_least` bytes, the last may be shorter; no part is empty."""
    async for text in unmangled(_read(body, at_least)):
        yield text


async def _read(body: AsyncIterator[bytes], at_least: int) -> AsyncIterator[str]:
    buffer = bytearray()
    reader: _Decoder | None = None
    async for part in body:
        buffer += part
        if len(buffer) < at_least:
            continue
        if reader is None:
            reader = _opened(buffer)
        taken = reader.ready(buffer, at_least)
        block = bytes(buffer[:taken])
        del buffer[:taken]
        if block and (text := reader.decode(block)):
            yield text
    if reader is None:
        reader = _opened(buffer)
    if text := reader.decode(bytes(buffer), final=True):
        yield text


def _opened(head: bytearray) -> "_Decoder":
    """A decoder by the mark at the beginning, which is taken off, or by where zero bytes stand."""
    for mark, encoding in _BOMS:
        if head.startswith(mark):
            del head[: len(mark)]
            return _Decoder(encoding)
    even, odd = head[:_HEAD:2].count(0), head[1:_HEAD:2].count(0)
    if max(even, odd) * 5 > len(head[:_HEAD]):
        return _Decoder("utf-16-le" if odd > even else "utf-16-be")
    return _Decoder(None)


class _Decoder:
    """Decodes the blocks of one file; its first letters beyond ASCII may tell its encoding."""

    def __init__(self, encoding: str | None) -> None:
        self._unicode = _unicode(encoding or "utf-8")
        self._decided = encoding is not None
        self._legacy: Legacy | None = None

    def ready(self, buffer: bytearray, at_least: int) -> int:
        """How many bytes of the buffer can be decoded; until the encoding is clear, only ASCII."""
        if self._decided:
            return len(buffer)
        letter = _BEYOND_ASCII.search(buffer)
        if letter is None or len(buffer) - letter.start() >= at_least:
            return len(buffer)
        return letter.start()

    def decode(self, block: bytes, *, final: bool = False) -> str:
        """The text of a block."""
        if not self._decided and not block.isascii():
            self._decided = True
            self._legacy = Legacy() if _is_broken(block) else None
        if self._legacy is not None:
            return block.decode(self._legacy.encoding_of(block), "surrogateescape")
        return self._unicode.decode(block, final=final)


def _unicode(encoding: str) -> codecs.IncrementalDecoder:
    return codecs.getincrementaldecoder(encoding)(_ERRORS[encoding])


def _is_broken(block: bytes) -> bool:
    """Whether more letters beyond ASCII are broken UTF-8 than whole."""
    every, whole = (
        len(codecs.getincrementaldecoder("utf-8")(errors).decode(block))
        for errors in ("surrogateescape", "ignore")
    )
    beyond_ascii = whole - len(block.translate(None, delete=_LETTERS))
    return every - whole > beyond_ascii
