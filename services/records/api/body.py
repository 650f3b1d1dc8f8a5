"""An upload's body: put down on disk as it comes, so that a slow line holds no transaction and a large file no memory."""

import asyncio
import hashlib
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import IO

from fastapi import Request

from services.records.intake import faults

_IN_MEMORY = 1 << 20
_PART = 1 << 18


@dataclass(frozen=True, slots=True)
class Spooled:
    """A whole body, and the digest of it with its media type, by which the same upload is known again."""

    file: IO[bytes]
    fingerprint: bytes

    async def parts(self) -> AsyncIterator[bytes]:
        """The bytes from the beginning."""
        self.file.seek(0)
        while part := await asyncio.to_thread(self.file.read, _PART):
            yield part


@asynccontextmanager
async def spooled(request: Request, media_type: str, max_bytes: int) -> AsyncIterator[Spooled]:
    """Holds the request's body for the block; ServiceError 413 as soon as it is larger than `max_bytes`."""
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > max_bytes:
        raise faults.too_large(max_bytes)
    digest, size = hashlib.blake2b(media_type.encode() + b"\0", digest_size=16), 0
    with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as file:
        async for part in request.stream():
            size += len(part)
            if size > max_bytes:
                raise faults.too_large(max_bytes)
            digest.update(part)
            file.write(part)
        yield Spooled(file, digest.digest())
