"""Stores rows where some record codes are taken: each goes where it belongs.

That is the dose on record, a dose under a code of its own, or nowhere. A row never makes a dose
another person's, unless it says which version of that dose it corrects.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from contracts.ids import DoseId
from contracts.words import State
from services.chassis.db import Transaction
from services.chassis.errors import TransientError
from services.records.context import Context
from services.records.domain.dose import ValidDose
from services.records.domain.doubts import remaining, with_doubts, with_marks_of
from services.records.domain.equivalence import encodings_of
from services.records.domain.row_error import RowError
from services.records.domain.same_injection import Relation, relation
from services.records.doses import store as doses
from services.records.doses.store import ComparedDose, Key, KnownDose
from services.records.doses.versions import (
    NewVersion,
    insert_first_versions,
    new_version,
    reparse,
)
from services.records.pipeline.store import status
from services.records.suggestions.errors import CHANGED_TOO, NO_SUCH_PERSON
from services.records.suggestions.service import TOLD, accept_in_file
from services.records.uploads.conflicts import (
    RowOutcome,
    StoredDose,
    can_be_told_apart,
    resolve_conflict,
)
from services.records.uploads.earlier_codes import under_earlier_codes
from services.records.uploads.errors import NOT_TO_ADD, TWICE, code_of_another
from services.records.uploads.id_bitmap import IdBitmap
from services.records.uploads.rows import RowParser, TransactionRows, Uploader, ValidRow
from vietnamese.dates import day_in_viet_nam

_TRIES = 3
_VERIFIED = frozenset({None, State.PENDING, State.ELIGIBLE, State.ISSUED, State.WITHDRAWN})
"""States of a dose whose person the registry confirmed, or may confirm yet."""


@dataclass(frozen=True, slots=True)
class StoredRows:
    """Rows that became versions, with these.

    `met`: ids of doses on record that rows were about. `any_known`: whether a code was taken.
    """

    rows: Sequence[ValidRow] = ()
    versions: Sequence[NewVersion] = ()
    met: Collection[int] = ()
    any_known: bool = False


@dataclass(slots=True)
class _Placement:
    """Rows by what becomes of them."""

    new: dict[Key, ValidRow] = field(default_factory=dict)
    corrected: dict[Key, tuple[KnownDose, ValidRow]] = field(default_factory=dict)
    unchanged: list[tuple[KnownDose, ValidRow, RowError | None]] = field(default_factory=list)
    rejected: list[tuple[ValidRow, RowError]] = field(default_factory=list)
    met: set[int] = field(default_factory=set)
    any_known: bool = False


class _PlacedRow(NamedTuple):
    """What becomes of a row, its message, and whether it was about the dose under its code."""

    outcome: RowOutcome
    message: RowError | None
    meets: bool = True


async def store_placed(
    context: Context,
    tx: Transaction,
    uploader: Uploader,
    parser: RowParser,
    parsed: TransactionRows,
    answered: IdBitmap,
) -> StoredRows:
    """Places and stores the valid rows of one transaction, and answers those that store nothing.

    `answered`: doses that rows of earlier transactions of the upload were about. What was issued
    for a corrected dose stays valid until its new version is judged.
    """
    if parsed.only_corrects:
        await _reject_unknown_corrections(tx, uploader, parsed)
    if not parsed.valid:
        return StoredRows()
    sealer, batch_id = context.sealer, parsed.batch_id
    rows = sorted((*parsed.valid.values(), *parsed.repeated), key=lambda row: row.input.row)
    for _ in range(_TRIES):
        placement = await _place(context, tx, parser, rows, answered)
        new = [(row.input.row, row.dose) for row in placement.new.values()]
        first_versions = await insert_first_versions(sealer, tx, batch_id, new)
        if first_versions is not None:
            break
    else:
        raise TransientError("another upload is writing the same doses")
    for row, message in placement.rejected:
        parsed.reject(row.input, message)
    accepted = await _accept_suggestions(context, tx, uploader, placement)
    for known, row, warning in placement.unchanged:
        told = accepted.get(known.id) if row.input.accept else None
        if told is None or told in TOLD.values():
            parsed.leave_unchanged(row.input, known.id, told or warning)
        else:
            parsed.reject(row.input, told)
    parsed.counts.corrected += len(placement.corrected)
    newer_versions = [
        new_version(sealer, known.id, known.version + 1, batch_id, row.input.row, row.dose)
        for known, row in placement.corrected.values()
    ]
    if newer_versions:
        dose_rows = [version.row for version in newer_versions]
        await status.queue_neighbours(tx, *(dose.id for dose in dose_rows))
        await doses.add_versions(tx, dose_rows, uploader.subject, "uploaded again")
    return StoredRows(
        [*placement.new.values(), *(row for _, row in placement.corrected.values())],
        [*first_versions, *newer_versions],
        placement.met,
        placement.any_known,
    )


async def _accept_suggestions(
    context: Context, tx: Transaction, uploader: Uploader, placement: _Placement
) -> dict[DoseId, RowError]:
    """What rows are told that say nothing new, but accept the suggestion for their dose."""
    cells = {
        known.id: (known.version, row.input.accept)
        for known, row, _ in placement.unchanged
        if row.input.accept and row.input.version == str(known.version)
    }
    gone = {
        known.id: NO_SUCH_PERSON
        for known, row, _ in placement.unchanged
        if row.input.accept and known.id not in cells
    }
    return gone | await accept_in_file(context, tx, uploader.accepts, cells) if cells else gone


async def _reject_unknown_corrections(
    tx: Transaction, uploader: Uploader, parsed: TransactionRows
) -> None:
    """Rejects rows that may only correct, but find no dose of the uploader's people.

    The message is the same for a dose of others: nobody learns which there are.
    """
    rows = (*parsed.valid.values(), *parsed.repeated)
    keys = list(dict.fromkeys(row.key for row in rows if row.only_corrects))
    known = await doses.lock_known(tx, keys)
    for key in keys:
        if key in known and known[key].residence.startswith(uploader.corrects):
            continue
        repeated = [row for row in parsed.repeated if row.key == key]
        for row in (parsed.valid.pop(key), *repeated):
            parsed.reject(row.input, NOT_TO_ADD)
        parsed.repeated = [row for row in parsed.repeated if row.key != key]


async def _place(
    context: Context,
    tx: Transaction,
    parser: RowParser,
    rows: Sequence[ValidRow],
    answered: IdBitmap,
) -> _Placement:
    """Places rows in their order, and locks the doses that they are about."""
    placer = _Placer(context, tx, parser, answered)
    rows = await under_earlier_codes(context, tx, parser, rows)
    displaced = await placer.place(rows, own_codes=False)
    if displaced:
        await placer.place(displaced, own_codes=True)
    return placer.placement


class _Placer:
    def __init__(
        self, context: Context, tx: Transaction, parser: RowParser, answered: IdBitmap
    ) -> None:
        self._context = context
        self._tx = tx
        self._parser = parser
        self._answered = answered
        self.placement = _Placement()

    async def place(self, rows: Sequence[ValidRow], *, own_codes: bool) -> list[ValidRow]:
        """Places rows, and returns those that go on under a code of their own.

        `own_codes`: the rows have such a code already, so none gets another.
        """
        known = await doses.lock_known(self._tx, list({row.key: None for row in rows}))
        self.placement.any_known = self.placement.any_known or bool(known)
        changed = [
            row
            for row in rows
            if (current := known.get(row.key)) and current.digest != row.dose.content
        ]
        stored_doses = await self._stored_doses({known[row.key].id for row in changed})
        recorded_apart = set() if own_codes else await self._recorded_apart(changed)
        displaced = []
        for row in rows:
            current = known.get(row.key)
            stored = stored_doses.get(current.id) if current is not None else None
            if stored is not None:
                row = self._with_doubts_of(stored, row)
            if current is None:
                placed = self._place_under_free_code(row)
            elif row.input.row in recorded_apart:
                placed = _PlacedRow(RowOutcome.APART, TWICE)
            else:
                placed = self._place_under_taken_code(row, current, stored)
            if placed.outcome is not RowOutcome.APART:
                self._put(row, current, placed)
            elif own_codes or row.only_corrects or not (own := self._parser.under_own_code(row)):
                self._put(row, current, placed._replace(outcome=RowOutcome.REJECTED, meets=False))
            else:
                displaced.append(own)
        return displaced

    def _with_doubts_of(self, stored: StoredDose, row: ValidRow) -> ValidRow:
        """The row with the stored doubts, where its kind of file cannot say that they are over.

        No file takes the marks of a supplement away.
        """
        if stored.dose is None or not stored.dose.doubts:
            return row
        if row.input.doubts or self._parser.states_doubts:
            return row._replace(dose=with_marks_of(row.dose, stored.dose.doubts))
        changed = {
            name
            for name, old, new in zip(ValidDose._fields, stored.dose, row.dose, strict=True)
            if old != new
        }
        return row._replace(dose=with_doubts(row.dose, remaining(stored.dose.doubts, changed)))

    def _place_under_free_code(self, row: ValidRow) -> _PlacedRow:
        first = self.placement.new.get(row.key)
        if first is None:
            return _PlacedRow(RowOutcome.NEW, None)
        # nobody has judged either of them yet, so both numbers may be right
        another = relation(first.dose, row.dose, verified=True) is not Relation.SAME
        apart = another and can_be_told_apart(row.dose, first.dose, coded=row.input.coded)
        return _PlacedRow(RowOutcome.APART if apart else RowOutcome.REJECTED, TWICE)

    def _place_under_taken_code(
        self, row: ValidRow, current: KnownDose, stored: StoredDose | None
    ) -> _PlacedRow:
        answered = current.id in self._answered or current.id in self.placement.met
        if stored is None:
            # the digests are equal: the row says exactly what is on record
            return (
                _PlacedRow(RowOutcome.REJECTED, TWICE)
                if answered
                else _PlacedRow(RowOutcome.UNCHANGED, None)
            )
        encodings = encodings_of(row.input.raw) if row.input.raw else ()
        outcome, message = resolve_conflict(
            stored, row.dose, row.input.version, encodings, answered=answered
        )
        if outcome is not RowOutcome.APART:
            return _PlacedRow(outcome, message)
        apart = stored.dose is not None and can_be_told_apart(
            row.dose, stored.dose, coded=row.input.coded
        )
        refusal = TWICE if answered else code_of_another(stored.id, stored.since)
        return _PlacedRow(RowOutcome.APART if apart else RowOutcome.REJECTED, refusal, meets=False)

    def _put(self, row: ValidRow, current: KnownDose | None, placed: _PlacedRow) -> None:
        outcome, message, meets = placed
        if row.input.accept and outcome in (RowOutcome.NEW, RowOutcome.CORRECTED):
            outcome, message = RowOutcome.REJECTED, CHANGED_TOO
        if outcome is RowOutcome.NEW:
            self.placement.new[row.key] = row
        elif outcome is RowOutcome.REJECTED:
            assert message is not None
            self.placement.rejected.append((row, message))
        else:
            assert current is not None
            if outcome is RowOutcome.CORRECTED:
                self.placement.corrected[row.key] = (current, row)
            else:
                self.placement.unchanged.append((current, row, message))
        if current is not None and meets:
            self.placement.met.add(current.id)

    async def _stored_doses(self, ids: Collection[int]) -> dict[int, StoredDose]:
        if not ids:
            return {}
        compared = await doses.compared_doses(self._tx, sorted(ids))
        corrected = [dose.content.id for dose in compared if dose.content.version > 1]
        before: defaultdict[int, list[ValidDose]] = defaultdict(list)
        if corrected:
            for content in await doses.contents_before(self._tx, corrected):
                dose = reparse(self._context.sealer, content, self._context.today())
                if dose is not None:
                    before[content.id].append(dose)
        return {
            dose.content.id: self._stored_dose(dose, before[dose.content.id]) for dose in compared
        }

    def _stored_dose(self, compared: ComparedDose, before: Sequence[ValidDose]) -> StoredDose:
        content = compared.content
        return StoredDose(
            id=content.id,
            version=content.version,
            dose=reparse(self._context.sealer, content, self._context.today()),
            withdrawn=compared.state == State.WITHDRAWN,
            verified=compared.state in _VERIFIED,
            since=day_in_viet_nam(compared.since),
            before=tuple(before),
        )

    async def _recorded_apart(self, changed: Sequence[ValidRow]) -> set[int]:
        """Numbers of rows whose injection was recorded under a code of its own before.

        A row that names its version means the dose under its code.
        """
        own_keys = {self._parser.own_key(row): row for row in changed if not row.input.version}
        known = await doses.lock_known(self._tx, list(own_keys)) if own_keys else {}
        stored_doses = await self._stored_doses({dose.id for dose in known.values()})
        apart = set()
        for key, dose in known.items():
            stored, row = stored_doses[dose.id], own_keys[key]
            if (
                stored.dose is not None
                and relation(stored.dose, row.dose, verified=stored.verified) is Relation.SAME
            ):
                apart.add(row.input.row)
        return apart
