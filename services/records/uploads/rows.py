"""What the rows of an upload come to before the database is asked: doses to be stored, and what the
other rows are told.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from contracts.access import Reach
from contracts.words import Doubt
from services.chassis.encryption import Sealer
from services.chassis.errors import ServiceError
from services.records.domain.derived_code import injection
from services.records.domain.dose import Raw, ValidDose
from services.records.domain.parse_row import parse_row
from services.records.domain.row_error import RowError
from services.records.domain.year_cells import DAYS_OF_YEARS, meant_year, year_in_date_cell
from services.records.doses.store import Key
from services.records.doses.versions import row_binding
from services.records.uploads.conflicts import recorded_apart
from services.records.uploads.formats import InputRow
from services.records.uploads.formats.row import SHAPELESS
from services.records.uploads.store import RowAnswer, UploadCounts
from vietnamese.dates import read_written
from vietnamese.id_numbers import number_key

_64_BITS = (1 << 64) - 1
_new = tuple.__new__  # as for a dose

ELSEWHERE = RowError(
    "facility_code",
    "FACILITY_NOT_YOURS",
    "Bạn không được gửi mũi tiêm của cơ sở này.",
    "You may not push doses of this facility.",
)
NOT_TO_ADD = RowError(
    "source_id",
    "NOT_YOURS_TO_ADD",
    "Bạn chỉ sửa được mũi tiêm đã ghi nhận của người sống ở địa bàn của bạn; mũi mới do cơ sở tiêm"
    " gửi.",
    "You may only correct doses on record of people who live in your area; a new dose is for its"
    " facility to push.",
)


@dataclass(frozen=True, slots=True)
class Uploader:
    """Who uploads: the token's subject, what it may record, and its own facility where it may push
    for that one alone.

    `corrects`: residences, as prefixes, of people whose doses on record it may put right wherever
    they were given.
    """

    subject: str
    reach: Reach
    own_facility: str | None = None
    corrects: tuple[str, ...] = ()


class ValidRow(NamedTuple):
    """A row that is a dose, with its warnings."""

    typed: InputRow
    dose: ValidDose
    warnings: Sequence[RowError]
    corrects: bool  # it may only put right what is on record

    @property
    def key(self) -> Key:
        """Facility and record code."""
        return self.dose.facility_code, self.dose.source_id


@dataclass(slots=True)
class Chunk:
    """What the rows of one transaction came to, before the database is asked."""

    read: dict[Key, ValidRow] = field(default_factory=dict)
    again: list[ValidRow] = field(default_factory=list)
    """Rows whose code an earlier row of the chunk has."""
    warned: list[Key] = field(default_factory=list)
    recoded: bool = False
    """Whether a row's dose may be on record under the code that it had by earlier rules."""
    answers: list[RowAnswer] = field(default_factory=list)
    counts: UploadCounts = field(default_factory=UploadCounts)
    answered: list[int] = field(default_factory=list)
    """Ids of the doses that rows were about."""


class Reading:
    """Reads the rows of one upload for its caller, and words the answers."""

    def __init__(
        self, sealer: Sealer, caller: Uploader, today: date, facilities: frozenset[str]
    ) -> None:
        self._sealer = sealer
        self._caller = caller
        self._today = today
        self._facilities = facilities
        self._may_add: dict[str, bool] = {}
        """By facility code."""
        self.batch_id = 0
        self.states_doubts = False
        """Whether a row without doubts says that there are none: only a bundle can say so."""

    def read(self, rows: Sequence[InputRow], chunk: Chunk) -> None:
        """Adds these rows to `chunk`; ServiceError 403 where the caller may push for one facility
        and one of them is another's.
        """
        chunk.counts.received += len(rows)
        today, facilities = self._today, self._facilities
        for typed in rows:
            raw = typed.raw
            if typed.errors or raw is None:
                self.reject(chunk, typed, *typed.errors, *self._also_wrong(typed))
                continue
            if not typed.coded:
                raw = self._with_code(raw)
                typed = typed._replace(raw=raw)
            dose, errors, warnings = parse_row(raw, today=today, facilities=facilities)
            if dose is None:
                self.reject(chunk, typed, *errors, *_hints(raw, errors))
                continue
            if dose.date_of_birth.startswith(DAYS_OF_YEARS):
                typed = _doubted(typed, dose.date_of_birth)
            if typed.doubts or typed.warnings:
                dose, warnings = dose.doubted(typed.doubts), (*typed.warnings, *warnings)
            facility = dose.facility_code
            if typed.earlier_code:
                chunk.recoded = True
            may_add = self._may_add.get(facility)
            if may_add is None:
                may_add = self._may_add[facility] = self._may_record(facility)
            key = (facility, dose.source_id)
            if not may_add and not self._caller.corrects:
                self.reject(chunk, typed, ELSEWHERE)
            elif key in chunk.read:
                chunk.again.append(ValidRow(typed, dose, warnings, not may_add))
            else:
                chunk.read[key] = _new(ValidRow, (typed, dose, warnings, not may_add))
                if warnings:
                    chunk.warned.append(key)

    def _also_wrong(self, typed: InputRow) -> Iterator[RowError]:
        """What is wrong with the part of a row that could be read: its sender is told all at once.

        What could not be read is not told to be missing: a field with an error, the person where
        the row as a whole has one, and a code that the row need not have.
        """
        if typed.raw is None or any(error.code in SHAPELESS for error in typed.errors):
            return
        read = parse_row(
            typed.raw, today=self._today, facilities=self._facilities, told=typed.errors
        )
        for error in read.errors:
            if error not in typed.errors and (typed.coded or error.field != "source_id"):
                yield error

    def _with_code(self, raw: Raw, apart: str = "") -> Raw:
        """A code that tells nothing of the person to who has not the key: codes stand in lists and
        events.
        """
        return raw._replace(
            source_id=f"M-{self._sealer.blind(injection(raw) + apart) & _64_BITS:016x}"
        )

    def own_key(self, read: ValidRow) -> Key:
        """The code that a row gets where its own is another injection's.

        By the day it was given, which stays when the person is corrected; without a code by its
        number.
        """
        raw = read.typed.raw
        assert raw is not None
        if read.typed.coded:
            return (
                read.dose.facility_code,
                f"{read.dose.source_id}~{read.dose.date_given.isoformat()}",
            )
        return (
            read.dose.facility_code,
            self._with_code(raw, f"\x1f{number_key(raw.personal_id)}").source_id,
        )

    def apart(self, read: ValidRow) -> ValidRow | None:
        """The same row under a code of its own, told so; None where that code would be too long."""
        _, code = self.own_key(read)
        return self.under(read, code, recorded_apart(code))

    def under(self, read: ValidRow, code: str, *warnings: RowError) -> ValidRow | None:
        """The same row under another code, told so; None where that code would be too long."""
        row = read.typed
        assert row.raw is not None
        dose = parse_row(
            row.raw._replace(source_id=code), today=self._today, facilities=self._facilities
        ).dose
        if dose is None:
            return None
        return ValidRow(row, dose.doubted(row.doubts), (*read.warnings, *warnings), read.corrects)

    def _may_record(self, facility_code: str) -> bool:
        own = self._caller.own_facility
        if own is not None and facility_code != own:
            raise ServiceError(
                403,
                "FACILITY_NOT_YOURS",
                "Tệp có mũi tiêm của cơ sở khác; không dòng nào được nhận. Hãy tách tệp theo"
                " cơ sở.",
                "The file has doses of another facility; no row was taken. Split the file by"
                " facility.",
            )
        return self._caller.reach.may_record_for(facility_code)

    def reject(self, chunk: Chunk, typed: InputRow, *errors: RowError) -> None:
        """Tells a row why it was not taken."""
        chunk.counts.rejected += 1
        self.answer(chunk, typed, "rejected", errors)

    def leave(self, chunk: Chunk, typed: InputRow, dose_id: int, warning: RowError | None) -> None:
        """Tells a row that its dose stays as it is on record."""
        chunk.counts.unchanged += 1
        chunk.counts.accepted += 1
        chunk.counts.warnings += warning is not None
        self.answer(chunk, typed, "unchanged", [warning] if warning else (), dose_id)

    def answer(
        self,
        chunk: Chunk,
        typed: InputRow,
        outcome: str,
        errors: Sequence[RowError],
        dose_id: int | None = None,
    ) -> None:
        """Tells a row what became of it; `outcome`: rejected, warned, unchanged."""
        raw = None
        if outcome == "rejected" and typed.raw is not None:
            # whatever a clinic typed is kept, even what is no Unicode, so that the file can be
            # given back
            plain = json.dumps(
                (*typed.raw, typed.version, typed.dose_id) if typed.version else typed.raw
            ).encode()
            raw = self._sealer.seal(plain, row_binding(self.batch_id, typed.row))
        source_id = "".join(
            letter
            for letter in (typed.raw.source_id if typed.raw else "")[:100]
            if letter.isprintable()
        )
        told = json.dumps([error.as_json() for error in errors], ensure_ascii=False)
        chunk.answers.append((self.batch_id, typed.row, outcome, source_id, dose_id, told, raw))


def _hints(raw: Raw, errors: Sequence[RowError]) -> Iterator[RowError]:
    """What may lie behind a day of vaccination that cannot be taken."""
    if any(error.field == "date_given" for error in errors):
        written = read_written(raw.date_given)
        if (day := written and written.real()) and (year := meant_year(day.isoformat())):
            yield year_in_date_cell("date_given", year)


def _doubted(typed: InputRow, birth: str) -> InputRow:
    year = meant_year(birth)
    if year is None:
        return typed
    warning = year_in_date_cell("date_of_birth", year)
    return typed._replace(
        doubts=(*typed.doubts, Doubt.YEAR_IN_DATE_CELL), warnings=(*typed.warnings, warning)
    )
