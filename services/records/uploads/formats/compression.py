"""Unpacks files within files: gzip, and ZIP archives whose directory is small enough to read."""

import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO

from services.records.uploads.formats import file_errors

MAX_DIRECTORY = 1 << 18
"""Bytes of an archive's directory: a workbook of a hundred sheets has 20,000."""
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    OSError,
    ValueError,
)
"""What reading an archive raises that is damaged, or odd on purpose."""

_PART = 1 << 18
_GZIP_OR_ZLIB, _RAW = 32 + zlib.MAX_WBITS, -zlib.MAX_WBITS


def opened_zip(file: IO[bytes]) -> zipfile.ZipFile:
    """Opens an archive; raises one of BROKEN where it is none.

    So does an archive whose directory would fill the memory: each entry becomes an object.
    """
    end = zipfile._EndRecData(file)  # type: ignore[attr-defined]  # how the library itself finds the directory
    if end and end[zipfile._ECD_SIZE] > MAX_DIRECTORY:  # type: ignore[attr-defined]
        raise zipfile.BadZipFile("an archive of very many files")
    return zipfile.ZipFile(file)


class Inflater:
    """Unpacks gzip (of several members too) or deflate while it comes.

    ServiceError 413 past `max_bytes`, 422 where it is damaged.
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._left = max_bytes
        self._stream = zlib.decompressobj(_GZIP_OR_ZLIB)
        self._begun = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        """What these bytes unpack to, in parts of bounded size."""
        while data:
            if self._stream.eof:
                # zeros after the last member are padding
                if not (data := data.lstrip(b"\0")):
                    return
                self._stream = zlib.decompressobj(_GZIP_OR_ZLIB)
            part = self._inflated(data)
            self._begun = True
            self._left -= len(part)
            if self._left < 0:
                raise file_errors.too_large(self._max_bytes)
            if part:
                yield part
            data = self._stream.unconsumed_tail or self._stream.unused_data

    def finish(self) -> None:
        """ServiceError 422 where the end is missing."""
        if self._begun and not self._stream.eof:
            raise file_errors.coding_broken()

    def _inflated(self, data: bytes) -> bytes:
        try:
            return self._stream.decompress(data, _PART)
        except zlib.error as error:
            if self._begun:
                raise file_errors.coding_broken() from error
        # some senders leave out the frame around deflate
        self._stream = zlib.decompressobj(_RAW)
        try:
            return self._stream.decompress(data, _PART)
        except zlib.error as error:
            raise file_errors.coding_broken() from error


def unpacked(file: IO[bytes], max_bytes: int) -> IO[bytes]:
    """The one file within a gzip file or a ZIP archive, on disk.

    ServiceError 413 or 422 where there is none, several, or too much.
    """
    file.seek(0)
    is_gzip = file.read(2) == b"\x1f\x8b"
    file.seek(0)
    into = tempfile.SpooledTemporaryFile(max_size=1 << 20)  # handed on open  # noqa: SIM115
    try:
        for part in _gunzipped(file, max_bytes) if is_gzip else _unzipped(file, max_bytes):
            into.write(part)
    except BROKEN as error:
        into.close()
        raise file_errors.coding_broken() from error
    except BaseException:
        into.close()
        raise
    return into


def _gunzipped(file: IO[bytes], max_bytes: int) -> Iterator[bytes]:
    inflater = Inflater(max_bytes)
    while data := file.read(_PART):
        yield from inflater.feed(data)
    inflater.finish()


def _unzipped(file: IO[bytes], max_bytes: int) -> Iterator[bytes]:
    with opened_zip(file) as archive:
        members = [
            member
            for member in archive.infolist()
            if not member.is_dir() and not member.filename.startswith("__MACOSX/")
        ]
        if len(members) != 1:
            raise file_errors.zip_of_files()
        left = max_bytes
        with archive.open(members[0]) as content:
            while data := content.read(_PART):
                left -= len(data)
                if left < 0:
                    raise file_errors.too_large(max_bytes)
                yield data
