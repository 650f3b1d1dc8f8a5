"""Reads XLS and XLSB in a process of its own, which may be killed.

These formats cannot be measured before they are parsed.
"""

import asyncio
import json
import os
import struct
import sys
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import IO

from services.chassis.errors import ServiceError
from services.records.uploads.formats import file_errors
from services.records.uploads.formats.sheet_cells import Sheet
from services.records.uploads.formats.sheets import Part
from services.records.uploads.workbooks import BROKEN, PASSWORD
from services.records.uploads.workbooks.values import SheetRow

_SECONDS = 120
_TURN_S = 30
_turn = asyncio.Semaphore(1)
"""One workbook at a time: what the largest needs has room in the container once."""
_LONGEST_LINE = 1 << 25
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_PART = 1 << 20
_FIRST_RECORD, _FILE_PASS, _RECORDS = b"\x09\x08\x10\x00\x00\x06\x05\x00", 0x002F, 20


async def parts(file: IO[bytes]) -> AsyncIterator[Part]:
    """The sheets of a workbook on disk.

    ServiceError 413 or 422 where it is too much, locked or broken; 503 where others stay too long.
    """
    if await asyncio.to_thread(_is_encrypted, file):
        raise file_errors.password()
    async with _in_turn(), aclosing(_parsed(file)) as parsed:
        async for part in parsed:
            yield part


@asynccontextmanager
async def _in_turn() -> AsyncIterator[None]:
    try:
        await asyncio.wait_for(_turn.acquire(), _TURN_S)
    except TimeoutError as error:
        raise file_errors.others_are_read() from error
    try:
        yield
    finally:
        _turn.release()


async def _parsed(file: IO[bytes]) -> AsyncGenerator[Part]:
    file.seek(0)
    command = (sys.executable, "-m", "services.records.uploads.workbooks")
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=file,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        limit=_LONGEST_LINE,
        # where to find the code, and nothing else of ours: what is in the environment may be secret
        env={"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    assert process.stdout is not None
    try:
        while line := await asyncio.wait_for(process.stdout.readline(), _SECONDS):
            yield _part(json.loads(line))
        ended = await process.wait()
    except TimeoutError as error:
        raise file_errors.workbook_too_large() from error
    except ValueError as error:
        raise file_errors.workbook_broken() from error
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if ended:
        raise file_errors.password() if await asyncio.to_thread(_is_locked, file) else _fault(ended)


def _part(message: object) -> Part:
    if isinstance(message, dict):
        return Sheet(
            message["name"],
            message["is_read"],
            merged=[(first, last, place) for first, last, place in message["merged"]],
        )
    assert isinstance(message, list)
    return [SheetRow(number, cells, odd) for number, cells, odd in message]


def _fault(ended: int) -> ServiceError:
    if ended == PASSWORD:
        return file_errors.password()
    return file_errors.workbook_broken() if ended == BROKEN else file_errors.workbook_too_large()


def _is_encrypted(file: IO[bytes]) -> bool:
    """Whether it is the container in which Office puts a workbook with a password."""
    file.seek(0)
    buffer = b""
    while part := file.read(_PART):
        if _ENCRYPTED in buffer + part:
            return True
        buffer = part[-len(_ENCRYPTED) :]
    return False


def _is_locked(file: IO[bytes]) -> bool:
    """Whether the first records of an XLS file say that it is encrypted (MS-XLS 2.4.117)."""
    file.seek(0)
    head = file.read(_PART)
    at = head.find(_FIRST_RECORD)
    for _ in range(_RECORDS):
        if at < 0 or at + 4 > len(head):
            return False
        kind, length = struct.unpack_from("<HH", head, at)
        if kind == _FILE_PASS:
            return True
        at += 4 + length
    return False
