"""Where the rows of an upload go whose record code is taken: to the dose on record, to a code of
their own, or nowhere.

A row never makes a dose another person's, unless it says which version of that dose it corrects.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from contracts.words import State
from services.chassis.db import Transaction
from services.records.context import Context
from services.records.domain.dose import ValidDose
from services.records.domain.doubts import remaining
from services.records.domain.equivalence import encodings_of
from services.records.domain.row_error import RowError
from services.records.domain.same_injection import Relation, relation
from services.records.doses import store as doses
from services.records.doses.store import Key, KnownDose
from services.records.doses.versions import reparse
from services.records.uploads.conflicts import (
    TWICE,
    RowOutcome,
    StoredDose,
    against,
    code_of_another,
    may_stand_apart,
)
from services.records.uploads.earlier_codes import under_earlier_codes
from services.records.uploads.id_bitmap import IdBitmap
from services.records.uploads.rows import Reading, ValidRow
from vietnamese.dates import VIET_NAM

_VERIFIED = frozenset({None, State.PENDING, State.ELIGIBLE, State.ISSUED, State.WITHDRAWN})
"""States of a dose whose person was found in the registry, or may be yet."""


@dataclass(slots=True)
class Placed:
    """Rows by what becomes of them.

    `new`: doses to be stored. `newer`: versions to be stored, with the dose as it is on record.
    `met`: ids of all doses on record that rows were about. `any_known`: whether a code was taken.
    """

    new: dict[Key, ValidRow] = field(default_factory=dict)
    newer: dict[Key, tuple[KnownDose, ValidRow]] = field(default_factory=dict)
    unchanged: list[tuple[KnownDose, ValidRow, RowError | None]] = field(default_factory=list)
    rejected: list[tuple[ValidRow, RowError]] = field(default_factory=list)
    met: set[int] = field(default_factory=set)
    any_known: bool = False


class _Decision(NamedTuple):
    """What becomes of a row, what it is told, and whether it was about the dose that has its
    code.
    """

    outcome: RowOutcome
    message: RowError | None
    meets: bool = True


async def place(
    context: Context,
    tx: Transaction,
    reading: Reading,
    reads: Sequence[ValidRow],
    answered: IdBitmap,
) -> Placed:
    """Places the rows of one transaction, in their order; the doses that they are about get locked.

    `answered`: doses that earlier rows of the upload were about.
    """
    placing = _Placing(context, tx, reading, answered)
    reads = await under_earlier_codes(context, tx, reading, reads)
    displaced = await placing.place(reads, own=False)
    if displaced:
        await placing.place(displaced, own=True)
    return placing.placed


class _Placing:
    def __init__(
        self, context: Context, tx: Transaction, reading: Reading, answered: IdBitmap
    ) -> None:
        self._context = context
        self._tx = tx
        self._reading = reading
        self._answered = answered
        self.placed = Placed()

    async def place(self, reads: Sequence[ValidRow], *, own: bool) -> list[ValidRow]:
        """Places rows, and answers those that go on under a code of their own; none does from there
        (`own`).
        """
        known = await doses.known(self._tx, list({read.key: None for read in reads}))
        self.placed.any_known = self.placed.any_known or bool(known)
        changed = [
            read
            for read in reads
            if (now := known.get(read.key)) and now.digest != read.dose.content
        ]
        records = await self._records({known[read.key].id for read in changed})
        apart = set() if own else await self._recorded_apart(changed)
        displaced = []
        for read in reads:
            now = known.get(read.key)
            if now is not None and (record := records.get(now.id)) is not None:
                read = self._with_doubts_of(record, read)
            if now is None:
                decision = self._of_a_free_code(read)
            elif read.typed.row in apart:
                decision = _Decision(RowOutcome.APART, TWICE)
            else:
                decision = self._of_a_taken_code(read, now, records.get(now.id))
            if decision.outcome is not RowOutcome.APART:
                self._put(read, now, decision)
            elif own or read.corrects or (moved := self._reading.apart(read)) is None:
                self._put(read, now, decision._replace(outcome=RowOutcome.REJECTED, meets=False))
            else:
                displaced.append(moved)
        return displaced

    def _with_doubts_of(self, record: StoredDose, read: ValidRow) -> ValidRow:
        """The row with the doubts on record, where its kind of file cannot say that they are
        over.
        """
        if (
            record.dose is None
            or not record.dose.doubts
            or read.typed.doubts
            or self._reading.states_doubts
        ):
            return read
        changed = {
            name
            for name, old, new in zip(ValidDose._fields, record.dose, read.dose, strict=True)
            if old != new
        }
        return read._replace(dose=read.dose.doubted(remaining(record.dose.doubts, changed)))

    def _of_a_free_code(self, read: ValidRow) -> _Decision:
        first = self.placed.new.get(read.key)
        if first is None:
            return _Decision(RowOutcome.NEW, None)
        # nobody has judged either of them yet, so both numbers may be right
        another = relation(first.dose, read.dose, verified=True) is not Relation.SAME
        apart = another and may_stand_apart(read.dose, first.dose, coded=read.typed.coded)
        return _Decision(RowOutcome.APART if apart else RowOutcome.REJECTED, TWICE)

    def _of_a_taken_code(
        self, read: ValidRow, now: KnownDose, record: StoredDose | None
    ) -> _Decision:
        answered = now.id in self._answered or now.id in self.placed.met
        if record is None:
            # to the letter what is on record
            return (
                _Decision(RowOutcome.REJECTED, TWICE)
                if answered
                else _Decision(RowOutcome.UNCHANGED, None)
            )
        encodings = encodings_of(read.typed.raw) if read.typed.raw else ()
        outcome, message = against(
            record, read.dose, read.typed.version, encodings, answered=answered
        )
        if outcome is not RowOutcome.APART:
            return _Decision(outcome, message)
        holder = record.dose
        apart = holder is not None and may_stand_apart(read.dose, holder, coded=read.typed.coded)
        refusal = TWICE if answered else code_of_another(record)
        return _Decision(RowOutcome.APART if apart else RowOutcome.REJECTED, refusal, meets=False)

    def _put(self, read: ValidRow, now: KnownDose | None, decision: _Decision) -> None:
        outcome, message, meets = decision
        if outcome is RowOutcome.NEW:
            self.placed.new[read.key] = read
        elif outcome is RowOutcome.REJECTED:
            assert message is not None
            self.placed.rejected.append((read, message))
        else:
            assert now is not None
            if outcome is RowOutcome.CORRECTED:
                self.placed.newer[read.key] = (now, read)
            else:
                self.placed.unchanged.append((now, read, message))
        if now is not None and meets:
            self.placed.met.add(now.id)

    async def _records(self, ids: Collection[int]) -> dict[int, StoredDose]:
        if not ids:
            return {}
        rows = await doses.standing(self._tx, sorted(ids))
        corrected = [row["id"] for row in rows if row["version"] > 1]
        before: defaultdict[int, list[ValidDose]] = defaultdict(list)
        for row in await doses.contents_before(self._tx, corrected) if corrected else ():
            if (dose := self._read_again(row)) is not None:
                before[row["id"]].append(dose)
        return {row["id"]: self._record(row, before[row["id"]]) for row in rows}

    def _record(self, row: Any, before: Sequence[ValidDose]) -> StoredDose:
        return StoredDose(
            id=row["id"],
            version=row["version"],
            dose=self._read_again(row),
            withdrawn=row["state"] == State.WITHDRAWN,
            verified=row["state"] in _VERIFIED,
            since=row["since"].astimezone(VIET_NAM).date(),
            before=tuple(before),
        )

    def _read_again(self, row: Any) -> ValidDose | None:
        return reparse(self._context.sealer, row, self._context.today())

    async def _recorded_apart(self, changed: Sequence[ValidRow]) -> set[int]:
        """Numbers of rows whose injection was recorded under a code of its own before.

        A row that names its version means the dose of its code.
        """
        own = {self._reading.own_key(read): read for read in changed if not read.typed.version}
        known = await doses.known(self._tx, list(own)) if own else {}
        records = await self._records({now.id for now in known.values()})
        apart = set()
        for key, now in known.items():
            record, read = records[now.id], own[key]
            if (
                record.dose is not None
                and relation(record.dose, read.dose, verified=record.verified) is Relation.SAME
            ):
                apart.add(read.typed.row)
        return apart
