"""Rows of an upload before the database is asked: which are doses, and what the others are told."""

import asyncio
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import NamedTuple

from contracts.access import Reach
from contracts.events import MAX_CHUNK
from contracts.ids import BatchId, DoseId
from contracts.words import Doubt
from services.chassis.encryption import Sealer
from services.records.domain.derived_code import injection
from services.records.domain.dose import Raw, ValidDose
from services.records.domain.doubts import with_doubts
from services.records.domain.parse_fast import parse_fast
from services.records.domain.parse_row import parse_odd_row
from services.records.domain.row_error import RowError
from services.records.domain.year_cells import DAYS_OF_YEARS, meant_year, year_in_date_cell
from services.records.doses.store import Key
from services.records.doses.versions import row_binding
from services.records.suggestions.errors import NO_SUCH_PERSON
from services.records.suggestions.service import Accepting
from services.records.uploads import row_messages
from services.records.uploads.errors import ELSEWHERE, file_of_another_facility, recorded_apart
from services.records.uploads.formats import InputRow
from services.records.uploads.formats.row_errors import SHAPELESS
from services.records.uploads.store import RowAnswer, UploadCounts
from services.records.uploads.unreadable_rows import UnreadableRows
from vietnamese.dates import read_written
from vietnamese.id_numbers import number_key

_64_BITS = (1 << 64) - 1
_LONGEST_SOURCE_ID = 100  # characters that an answer repeats
_new = tuple.__new__  # see `parse_fast`


class Sender(NamedTuple):
    """Who is counted as the sender: a facility or a subject, and whether that is a program."""

    who: str
    program: bool = False

    def kind(self, what: str) -> str:
        """The limit that counts `bytes`, or `rejected` rows, of such a sender."""
        return f"program_{what}" if self.program else what


@dataclass(frozen=True, slots=True)
class Uploader:
    """Who uploads: the token's subject, whom it is counted as, and what it may record.

    `own_facility`: the one facility that the caller may push for, where it is only one.
    `corrects`: prefixes of residences. The caller may correct recorded doses of people who live
    there, wherever the doses were given. `accepts`: as whom; None: they accept no suggestion.
    """

    subject: str
    sender: Sender
    reach: Reach
    own_facility: str | None = None
    corrects: tuple[str, ...] = ()
    accepts: Accepting | None = None


class ValidRow(NamedTuple):
    """A row that is a dose; `only_corrects`: it may only correct a dose that is on record."""

    input: InputRow
    dose: ValidDose
    warnings: Sequence[RowError]
    only_corrects: bool

    @property
    def key(self) -> Key:
        """The natural key of its dose."""
        return self.dose.facility_code, self.dose.source_id


@dataclass(slots=True, repr=False)
class TransactionRows:
    """The rows that one transaction takes, parsed, with the answers to them.

    `valid`: by natural key. `repeated`: valid rows whose key an earlier row of this transaction
    has. `recoded`: whether a dose may be on record under the code that an earlier rule gave it.
    `ended_at`: the first row that was not looked at, as too many before it hold nothing.
    """

    batch_id: BatchId
    sealer: Sealer
    valid: dict[Key, ValidRow] = field(default_factory=dict)
    repeated: list[ValidRow] = field(default_factory=list)
    recoded: bool = False
    only_corrects: bool = False
    accepts: bool = False
    answers: list[RowAnswer] = field(default_factory=list)
    counts: UploadCounts = field(default_factory=UploadCounts)
    unreadable: UnreadableRows = field(default_factory=UnreadableRows)
    ended_at: int | None = None

    @property
    def may_all_be_new(self) -> bool:
        """Whether every row is a first one: nothing in the rows says that its dose is on record."""
        return not (self.repeated or self.recoded or self.only_corrects or self.accepts)

    def reject(self, row: InputRow, *errors: RowError) -> None:
        """Answers that a row was not taken."""
        self.counts.rejected += 1
        sealed = None
        if row.raw is not None and any(row.raw):
            # Whatever a clinic typed is kept, even broken Unicode, so that the file can be given
            # back.
            texts = (*row.raw, row.version, row.dose_id) if row.version else row.raw
            sealed = self.sealer.seal(
                json.dumps(texts).encode(), row_binding(self.batch_id, row.row)
            )
        self._answer(row, "rejected", errors, sealed=sealed)

    def leave_unchanged(self, row: InputRow, dose_id: DoseId, warning: RowError | None) -> None:
        """Answers that the dose stays as it is on record."""
        self.counts.unchanged += 1
        self.counts.accepted += 1
        self.counts.warnings += warning is not None
        self._answer(row, "unchanged", [warning] if warning else (), dose_id=dose_id)

    def accept(self, rows: Sequence[ValidRow]) -> None:
        """Counts stored rows; only those with warnings get an answer of their own."""
        self.counts.accepted += len(rows)
        for row in rows:
            if row.warnings:
                self.counts.warnings += 1
                self._answer(row.input, "warned", row.warnings)

    def _answer(
        self,
        row: InputRow,
        outcome: str,
        errors: Sequence[RowError],
        *,
        dose_id: DoseId | None = None,
        sealed: bytes | None = None,
    ) -> None:
        source_id = row.raw.source_id[:_LONGEST_SOURCE_ID] if row.raw else ""
        messages = row_messages.kept(errors)
        self.answers.append(
            RowAnswer(
                self.batch_id,
                row.row,
                outcome,
                "".join(filter(str.isprintable, source_id)),
                dose_id,
                json.dumps(messages.whole, ensure_ascii=False),
                sealed,
                messages.codes,
            )
        )


class RowParser:
    """Parses the rows of one upload for its uploader.

    `states_doubts`: whether a row without doubts says that there are none. Only a FHIR bundle can.
    """

    def __init__(
        self,
        sealer: Sealer,
        uploader: Uploader,
        batch_id: BatchId,
        today: date,
        facilities: frozenset[str],
        *,
        states_doubts: bool,
    ) -> None:
        self.states_doubts = states_doubts
        self._sealer = sealer
        self._uploader = uploader
        self._batch_id = batch_id
        self._today = today
        self._facilities = facilities
        self._unreadable, self._received = UnreadableRows(), 0
        self._may_add: dict[str, bool] = {}
        """By facility code."""

    async def parse(self, rows: Sequence[InputRow]) -> TransactionRows:
        """Parses the rows of one transaction.

        ServiceError 403 where the uploader may push for one facility and a row is another's.
        """
        unreadable = replace(self._unreadable)
        parsed = TransactionRows(self._batch_id, self._sealer, unreadable=unreadable)
        for at in range(0, len(rows), MAX_CHUNK):
            self._parse(rows[at : at + MAX_CHUNK], parsed)
            if parsed.ended_at is not None:
                break
            # parsing takes the processor: others get their turn
            await asyncio.sleep(0)
        return parsed

    def keep(self, parsed: TransactionRows) -> None:
        """Goes on after rows that were stored."""
        self._unreadable = parsed.unreadable
        self._received += parsed.counts.received

    def _parse(self, rows: Sequence[InputRow], parsed: TransactionRows) -> None:
        before = parsed.counts.received
        parsed.counts.received += len(rows)
        today, facilities = self._today, self._facilities
        warnings: Sequence[RowError]
        for at, row in enumerate(rows):
            raw = row.raw
            if row.errors or raw is None:
                parsed.reject(row, *row.errors, *self._other_errors(row))
                if row.holds_nothing and self._ends(parsed, rows, before, at):
                    return
                continue
            if not row.coded:
                raw = self._with_derived_code(raw)
                row = row._replace(raw=raw)
            dose = parse_fast(raw, today, facilities)
            warnings = ()
            if dose is None:
                dose, errors, warnings = parse_odd_row(raw, today=today, facilities=facilities)
                if dose is None:
                    parsed.reject(row, *errors, *_year_cell_hints(raw, errors))
                    if row.holds_nothing and self._ends(parsed, rows, before, at):
                        return
                    continue
            if dose.date_of_birth.startswith(DAYS_OF_YEARS):
                row = _with_year_cell_doubt(row, dose.date_of_birth)
            if row.doubts or row.warnings:
                dose, warnings = with_doubts(dose, row.doubts), (*row.warnings, *warnings)
            if row.accept:
                if not row.version:
                    parsed.reject(row, NO_SUCH_PERSON)
                    continue
                parsed.accepts = True
            if row.earlier_code:
                parsed.recoded = True
            facility = dose.facility_code
            may_add = self._may_add.get(facility)
            if may_add is None:
                may_add = self._may_add[facility] = self._may_record(facility)
            if not may_add:
                if not self._uploader.corrects:
                    parsed.reject(row, ELSEWHERE)
                    continue
                parsed.only_corrects = True
            key = (facility, dose.source_id)
            valid = _new(ValidRow, (row, dose, warnings, not may_add))
            if key in parsed.valid:
                parsed.repeated.append(valid)
            else:
                parsed.valid[key] = valid

    def _ends(
        self, parsed: TransactionRows, rows: Sequence[InputRow], before: int, at: int
    ) -> bool:
        """Counts the row at that place, which holds nothing; whether the file is read no further.

        `before`: rows of the transaction before these.
        """
        if not parsed.unreadable.end_at(self._received + before + at):
            return False
        parsed.counts.received = before + at + 1
        parsed.ended_at = rows[at + 1].row if at + 1 < len(rows) else rows[at].row + 1
        return True

    def _other_errors(self, row: InputRow) -> Iterator[RowError]:
        """Finds what else is wrong with a row of which only a part could be read.

        The sender is told everything at once. What could not be read is not called missing: a
        field with an error, the person where the whole row has one, an optional code.
        """
        if row.raw is None or any(error.code in SHAPELESS for error in row.errors):
            return
        result = parse_odd_row(
            row.raw, today=self._today, facilities=self._facilities, known_errors=row.errors
        )
        for error in result.errors:
            if error not in row.errors and (row.coded or error.field != "source_id"):
                yield error

    def _may_record(self, facility_code: str) -> bool:
        own = self._uploader.own_facility
        if own is not None and facility_code != own:
            raise file_of_another_facility()
        return self._uploader.reach.may_record_for(facility_code)

    def _with_derived_code(self, raw: Raw, suffix: str = "") -> Raw:
        """The row with a record code made of what it says.

        Codes stand in lists and events, so it tells nothing of the person without the key.
        """
        code = self._sealer.blind(injection(raw) + suffix) & _64_BITS
        return raw._replace(source_id=f"M-{code:016x}")

    def own_key(self, row: ValidRow) -> Key:
        """The natural key that a row gets where its code belongs to another injection.

        It is made of the day it was given, which stays when the person is corrected. A row without
        a code is told apart by its number.
        """
        raw = row.input.raw
        assert raw is not None
        facility, source_id = row.key
        if row.input.coded:
            return facility, f"{source_id}~{row.dose.date_given.isoformat()}"
        derived = self._with_derived_code(raw, f"\x1f{number_key(raw.personal_id)}")
        return facility, derived.source_id

    def under_own_code(self, row: ValidRow) -> ValidRow | None:
        """The row under a code of its own, with a warning; None where that would be too long."""
        _, code = self.own_key(row)
        return self.under_code(row, code, recorded_apart(code))

    def under_code(self, row: ValidRow, code: str, *warnings: RowError) -> ValidRow | None:
        """The row under another code, with these warnings; None where the code is too long."""
        raw = row.input.raw
        assert raw is not None
        raw = raw._replace(source_id=code)
        dose = parse_fast(raw, self._today, self._facilities)
        if dose is None:
            dose = parse_odd_row(raw, today=self._today, facilities=self._facilities).dose
        if dose is None:
            return None
        dose = with_doubts(dose, row.input.doubts)
        return ValidRow(row.input, dose, (*row.warnings, *warnings), row.only_corrects)


def _year_cell_hints(raw: Raw, errors: Sequence[RowError]) -> Iterator[RowError]:
    """A hint for a day of vaccination that may be a year typed into a date cell."""
    if any(error.field == "date_given" for error in errors):
        written = read_written(raw.date_given)
        if (day := written and written.real()) and (year := meant_year(day.isoformat())):
            yield year_in_date_cell("date_given", year)


def _with_year_cell_doubt(row: InputRow, birth: str) -> InputRow:
    """The row with a doubt where its birth date may be a year typed into a date cell."""
    year = meant_year(birth)
    if year is None:
        return row
    warning = year_in_date_cell("date_of_birth", year)
    return row._replace(
        doubts=(*row.doubts, Doubt.YEAR_IN_DATE_CELL), warnings=(*row.warnings, warning)
    )
