"""Spools the body of an upload to disk: slow senders hold no transaction, large files no memory."""

import asyncio
import hashlib
import os
import re
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import IO

from fastapi import Request

from services.records.uploads.form import FormFile
from services.records.uploads.formats import file_errors
from services.records.uploads.formats.compression import Inflater, unpacked
from services.records.uploads.formats.detect import (
    JSON,
    MEDIA_TYPES,
    MULTIPART,
    declared_type,
    is_packed,
    read_as,
)

_IN_MEMORY = 1 << 20
_HEAD = 1 << 10
_DOCUMENT = re.compile(rb'\s*\{\s*"doses"\s*:')
_PART = 1 << 18
CODINGS = ("gzip", "deflate")
"""What `Content-Encoding` may be."""
_SAME = {"x-gzip": "gzip", "identity": ""}


@dataclass(frozen=True, slots=True)
class Spooled:
    """A whole file, what it is read as, and a digest by which the same upload is recognised.

    The digest is of the declared type and of the file before `Content-Encoding` or a form packed
    it. A program that sends the file again may use another boundary or gzip time.
    `size`: bytes of the unpacked file.
    """

    file: IO[bytes]
    media_type: str
    fingerprint: bytes
    size: int

    async def parts(self) -> AsyncIterator[bytes]:
        """The bytes from the beginning."""
        self.file.seek(0)
        while part := await asyncio.to_thread(self.file.read, _PART):
            yield part


@asynccontextmanager
async def spooled(request: Request, max_bytes: int) -> AsyncIterator[Spooled]:
    """Keeps the file of a request's body for the block.

    ServiceError 413 as soon as the body, or what it unpacks to, is larger than `max_bytes`. 415 for
    an unknown type or coding, 422 for what is broken.
    """
    content_type = request.headers.get("content-type", "")
    # a plain type says what it is; the other ways of writing one take a closer look
    declared = content_type if content_type in MEDIA_TYPES else declared_type(content_type)
    inflater = Inflater(max_bytes) if _coding(request.headers.get("content-encoding", "")) else None
    length = request.headers.get("content-length", "")
    if length.isdigit() and int(length) > max_bytes:
        raise file_errors.too_large(max_bytes)
    form = FormFile(content_type) if declared == MULTIPART else None
    digest = hashlib.blake2b(declared.encode() + b"\0", digest_size=16)
    async with AsyncExitStack() as stack:
        file: IO[bytes] = stack.enter_context(tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY))  # noqa: SIM115
        async for part in _decoded(request.stream(), inflater, max_bytes):
            content = form.feed(part) if form else part
            digest.update(content)
            file.write(content)
        if form:
            form.finish()
            declared = form.declared
        media_type = JSON
        if not (declared == JSON and await asyncio.to_thread(_is_document, file)):
            if await asyncio.to_thread(is_packed, file):
                file = stack.enter_context(await asyncio.to_thread(unpacked, file, max_bytes))
            media_type = await asyncio.to_thread(read_as, file, declared)
        yield Spooled(file, media_type, digest.digest(), file.seek(0, os.SEEK_END))


def _is_document(file: IO[bytes]) -> bool:
    """Whether a file begins as `{"doses": [...]}`, so that nothing else is to be found out."""
    file.seek(0)
    return _DOCUMENT.match(file.read(_HEAD)) is not None


def _coding(content_encoding: str) -> str:
    """The coding of a body, empty for none; ServiceError 415 for an unknown one, or several."""
    name = content_encoding.strip().lower()
    coding = _SAME.get(name, name)
    if coding and coding not in CODINGS:
        raise file_errors.coding_unsupported(CODINGS)
    return coding


async def _decoded(
    body: AsyncIterator[bytes], inflater: Inflater | None, max_bytes: int
) -> AsyncIterator[bytes]:
    size = 0
    async for part in body:
        size += len(part)
        if size > max_bytes:
            raise file_errors.too_large(max_bytes)
        if inflater is None:
            yield part
            continue
        for content in inflater.feed(part):
            yield content
            # unpacking is work of the processor: others get their turn
            await asyncio.sleep(0)
    if inflater is not None:
        inflater.finish()
