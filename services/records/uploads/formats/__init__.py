"""Reads uploads of every form as a stream of rows.

A file of any size passes through in chunks, and never sits in memory.
"""

from services.records.uploads.formats.detect import DECLARED, MEDIA_TYPES, MULTIPART
from services.records.uploads.formats.file_report import FileReport
from services.records.uploads.formats.reader import read_rows
from services.records.uploads.formats.row import CHUNK, InputRow

__all__ = ["CHUNK", "DECLARED", "MEDIA_TYPES", "MULTIPART", "FileReport", "InputRow", "read_rows"]
