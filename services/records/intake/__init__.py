"""Uploads of every form, read as a stream of typed rows: a file of any size passes through in
chunks and never sits in memory.
"""

from services.records.intake.kinds import DECLARED, MEDIA_TYPES, MULTIPART
from services.records.intake.reader import rows
from services.records.intake.report import FileReport
from services.records.intake.typed import CHUNK, Typed

__all__ = ["CHUNK", "DECLARED", "MEDIA_TYPES", "MULTIPART", "FileReport", "Typed", "rows"]
