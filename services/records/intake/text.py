"""Bytes to text in the encodings that clinics save files in, found out while the bytes come: UTF-8, UTF-16 and cp1258."""

import codecs
from collections.abc import AsyncIterator

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_HEAD = 1_024
_BEYOND_ASCII = bytes(range(0x80, 0x100))
# a byte that cannot be read costs its own row only: it becomes a lone surrogate, which no row may hold
_ERRORS = {"utf-8": "surrogateescape", "cp1258": "surrogateescape", "utf-16-le": "replace", "utf-16-be": "replace"}


async def decoded(body: AsyncIterator[bytes], *, at_least: int = 1 << 16) -> AsyncIterator[str]:
    """The text in parts of at least so many bytes, but for the last; no part is empty."""
    decoder: codecs.IncrementalDecoder | None = None
    held = bytearray()
    async for part in body:
        held += part
        if len(held) < at_least:
            continue
        block, held = bytes(held), bytearray()
        if decoder is None:
            decoder, block = _opened(block)
        decoder = _legacy_if_needed(decoder, block)
        if text := decoder.decode(block):
            yield text
    block = bytes(held)
    if decoder is None:
        decoder, block = _opened(block)
    if text := _legacy_if_needed(decoder, block).decode(block, final=True):
        yield text


def _opened(head: bytes) -> tuple[codecs.IncrementalDecoder, bytes]:
    """A decoder by the mark at the beginning or, for UTF-16 without one, by where its zero bytes stand; and what follows the mark."""
    for mark, encoding in _BOMS:
        if head.startswith(mark):
            return _decoder(encoding, sure=True), head[len(mark) :]
    even, odd = head[:_HEAD:2].count(0), head[1:_HEAD:2].count(0)
    if max(even, odd) * 5 > len(head[:_HEAD]):
        return _decoder("utf-16-le" if odd > even else "utf-16-be", sure=True), head
    return _decoder("utf-8", sure=False), head


class _Utf8(codecs.getincrementaldecoder("utf-8")):  # type: ignore[misc]
    """UTF-8 that is only supposed, as long as every byte was ASCII."""

    sure = False


def _decoder(encoding: str, *, sure: bool) -> codecs.IncrementalDecoder:
    made = _Utf8(_ERRORS[encoding]) if encoding == "utf-8" else codecs.getincrementaldecoder(encoding)(_ERRORS[encoding])
    if isinstance(made, _Utf8):
        made.sure = sure
    return made


def _legacy_if_needed(decoder: codecs.IncrementalDecoder, block: bytes) -> codecs.IncrementalDecoder:
    """cp1258 in place of UTF-8 where the first block with letters beyond ASCII has more broken ones than whole ones."""
    if not isinstance(decoder, _Utf8) or decoder.sure or block.isascii():
        return decoder
    decoder.sure = True
    every, whole = (len(codecs.getincrementaldecoder("utf-8")(errors).decode(block)) for errors in ("surrogateescape", "ignore"))
    beyond_ascii = whole - len(block.translate(None, delete=_BEYOND_ASCII))
    return _decoder("cp1258", sure=True) if every - whole > beyond_ascii else decoder
