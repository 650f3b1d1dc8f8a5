"""The upload desk: takes the rows of one upload in, chunk by chunk, and answers for each of them.

Every chunk is one transaction that stores the doses, what was told to the other rows, the counts and the event. A caller that may push for
one facility only gets the whole upload as one transaction: a row of another facility refuses it all (403), and nothing is left behind.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from itertools import chain
from typing import NamedTuple

from contracts.access import Reach
from contracts.events import MAX_CHUNK
from contracts.topics import EXPRESS_ROWS, RECORDED
from services.chassis.db import BelievedNewError, Transaction
from services.chassis.errors import ServiceError, TransientError
from services.records.context import Context
from services.records.domain.dose import Dose, Raw
from services.records.domain.faults import RowError
from services.records.domain.reading import read_row
from services.records.domain.record_code import injection
from services.records.intake import Typed
from services.records.store import batches, doses
from services.records.store.batches import Counts
from services.records.store.doses import Key
from services.records.versions import Version, doses_recorded, end_older, row_binding, stored

_TRIES = 3
_CHUNKS = 4  # chunks of the reader that one transaction takes
_64_BITS = (1 << 64) - 1
_new = tuple.__new__  # as for a dose

_ELSEWHERE = RowError(
    "facility_code", "FACILITY_NOT_YOURS", "Bạn không được gửi mũi tiêm của cơ sở này.", "You may not push doses of this facility."
)
_NOT_TO_ADD = RowError(
    "source_id",
    "NOT_YOURS_TO_ADD",
    "Bạn chỉ sửa được mũi tiêm đã ghi nhận của người sống ở địa bàn của bạn; mũi mới do cơ sở tiêm gửi.",
    "You may only correct doses on record of people who live in your area; a new dose is for its facility to push.",
)
_TWICE = RowError(
    "source_id",
    "DUPLICATE_IN_FILE",
    "Một dòng trước trong tệp đã có mã bản ghi này (tệp không có cột mã: cùng người, cùng ngày, cùng mũi); mỗi mũi tiêm cần một mã riêng.",
    "An earlier row of this file has the same record code (in a file without codes: the same person, day and dose number); "
    "each dose needs a code of its own.",
)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who uploads: the token's subject, what it may record, and its own facility where it may push for that one alone.

    `corrects`: residences, as prefixes, of people whose doses on record it may put right wherever they were given.
    """

    subject: str
    reach: Reach
    own_facility: str | None = None
    corrects: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Taken:
    """A batch as it was taken in."""

    batch_id: int
    counts: Counts


class _Read(NamedTuple):
    typed: Typed
    dose: Dose
    warnings: Sequence[RowError]
    corrects: bool  # it may only put right what is on record


@dataclass(slots=True)
class _Chunk:
    """What the rows of one transaction came to, before the database is asked."""

    read: dict[Key, _Read] = field(default_factory=dict)
    warned: list[Key] = field(default_factory=list)
    answers: list[batches.RowAnswer] = field(default_factory=list)
    counts: Counts = field(default_factory=Counts)


OnClose = Callable[[Transaction, Taken], Awaitable[None]]


async def take_in(context: Context, caller: Caller, media_type: str, chunks: AsyncIterator[list[Typed]], on_close: OnClose) -> Taken:
    """Takes an upload in; `on_close` runs in the transaction that completes the batch.

    An error of the file as a whole (ServiceError of the reader) leaves what was taken before it, and the batch `broken`.
    """
    # before anything is stored the first rows are read: a file that is no dose file leaves no batch, and a small one takes the fast lane
    first, second = await anext(chunks, None), await anext(chunks, None)
    upload = _Upload(context, caller, express=second is None and len(first or ()) <= EXPRESS_ROWS)
    async with upload.opened(media_type):
        try:
            async for rows in _together([chunk for chunk in (first, second) if chunk], chunks):
                await upload.take(rows)
        except ServiceError as error:
            await upload.close("broken")
            error.members.setdefault("batch_id", upload.batch_id)
            raise
        return await upload.close("complete", on_close)


async def _together(first: list[list[Typed]], rest: AsyncIterator[list[Typed]]) -> AsyncIterator[list[Typed]]:
    """What one transaction takes: a few chunks, because each commit waits for the disk; and what came before an error, before it."""
    held = first
    try:
        async for chunk in rest:
            if len(held) >= _CHUNKS:
                yield list(chain.from_iterable(held))
                held = []
            held.append(chunk)
    except ServiceError:
        if held:
            yield list(chain.from_iterable(held))
        raise
    if held:
        yield list(chain.from_iterable(held))


class _Upload:
    def __init__(self, context: Context, caller: Caller, *, express: bool) -> None:
        self._context = context
        self._caller = caller
        self._express = express
        self._today = context.today()
        self._whole: Transaction | None = None
        self._total = Counts()
        self._all_new = True
        """Whether nothing of the last chunk was on record, so that most likely nothing of the next one is."""
        self._may_add: dict[str, bool] = {}
        """By facility code."""
        self.batch_id = 0

    @asynccontextmanager
    async def opened(self, media_type: str) -> AsyncIterator[None]:
        async with AsyncExitStack() as held:
            if self._caller.own_facility is not None:
                self._whole = await held.enter_async_context(self._context.db.begin())
            async with self._unit() as tx:
                self.batch_id = await batches.open_batch(tx, self._caller.subject, self._caller.own_facility, media_type)
            yield

    async def close(self, status: str, on_close: OnClose | None = None) -> Taken:
        taken = Taken(self.batch_id, self._total)
        async with self._unit() as tx:
            await batches.close_batch(tx, self.batch_id, status)
            if on_close is not None:
                await on_close(tx, taken)
        return taken

    async def take(self, rows: Sequence[Typed]) -> None:
        if self._all_new:
            with suppress(BelievedNewError):
                return await self._take(rows, careful=False)
            self._all_new = False
        return await self._take(rows, careful=True)

    async def _take(self, rows: Sequence[Typed], *, careful: bool) -> None:
        chunk = _Chunk()
        for at in range(0, len(rows), MAX_CHUNK):
            self._read(rows[at : at + MAX_CHUNK], chunk)
            # reading is work of the processor: others get their turn
            await asyncio.sleep(0)
        async with self._unit(careful=careful) as tx:
            versions = list(await self._store(tx, chunk))
            await batches.answer_rows(tx, chunk.answers)
            await batches.count(tx, self.batch_id, chunk.counts)
            for at in range(0, len(versions), MAX_CHUNK):
                key, event = f"{self.batch_id}/{rows[at].row}", doses_recorded(self.batch_id, versions[at : at + MAX_CHUNK])
                await self._context.outbox.put(tx, RECORDED.lane(self._express), key, RECORDED.name, event)
        self._total.add(chunk.counts)
        self._context.metrics.count("recorded", "accepted", chunk.counts.accepted)
        self._context.metrics.count("recorded", "rejected", chunk.counts.rejected)

    @asynccontextmanager
    async def _unit(self, *, careful: bool = True) -> AsyncIterator[Transaction]:
        if self._whole is not None:
            yield self._whole
            return
        async with self._context.db.begin(careful=careful) as tx:
            yield tx

    def _read(self, rows: Sequence[Typed], chunk: _Chunk) -> None:
        chunk.counts.received += len(rows)
        today, facilities = self._today, self._context.facilities
        for typed in rows:
            raw = typed.raw
            if raw is None:
                self._reject(chunk, typed, typed.error)
                continue
            if not typed.coded:
                raw = self._with_code(raw)
                typed = typed._replace(raw=raw)
            dose, errors, warnings = read_row(raw, today=today, facilities=facilities)
            if dose is None:
                self._reject(chunk, typed, *errors)
                continue
            facility = dose.facility_code
            may_add = self._may_add.get(facility)
            if may_add is None:
                may_add = self._may_add[facility] = self._may_record(facility)
            key = (facility, dose.source_id)
            if not may_add and not self._caller.corrects:
                self._reject(chunk, typed, _ELSEWHERE)
            elif key in chunk.read:
                self._reject(chunk, typed, _TWICE)
            else:
                chunk.read[key] = _new(_Read, (typed, dose, warnings, not may_add))
                if warnings:
                    chunk.warned.append(key)

    def _with_code(self, raw: Raw) -> Raw:
        """A code that tells nothing of the person to who has not the key: codes stand in lists and events."""
        return raw._replace(source_id=f"M-{self._context.sealer.blind(injection(raw)) & _64_BITS:016x}")

    def _may_record(self, facility_code: str) -> bool:
        own = self._caller.own_facility
        if own is not None and facility_code != own:
            raise ServiceError(
                403,
                "FACILITY_NOT_YOURS",
                "Tệp có mũi tiêm của cơ sở khác; không dòng nào được nhận. Hãy tách tệp theo cơ sở.",
                "The file has doses of another facility; no row was taken. Split the file by facility.",
            )
        return self._caller.reach.may_record_for(facility_code)

    def _reject(self, chunk: _Chunk, typed: Typed, *errors: RowError | None) -> None:
        chunk.counts.rejected += 1
        self._answer(chunk, typed, "rejected", [error for error in errors if error])

    def _answer(self, chunk: _Chunk, typed: Typed, outcome: str, errors: Sequence[RowError], dose_id: int | None = None) -> None:
        raw = None
        if outcome == "rejected" and typed.raw is not None:
            # whatever a clinic typed is kept, even what is no Unicode, so that the file can be given back
            plain = json.dumps(typed.raw).encode()
            raw = self._context.sealer.seal(plain, row_binding(self.batch_id, typed.row))
        source_id = "".join(letter for letter in (typed.raw.source_id if typed.raw else "")[:100] if letter.isprintable())
        told = json.dumps([error.as_json() for error in errors], ensure_ascii=False)
        chunk.answers.append((self.batch_id, typed.row, outcome, source_id, dose_id, told, raw))

    async def _store(self, tx: Transaction, chunk: _Chunk) -> Collection[Version]:
        """Stores a chunk's doses and adds to its counts; answers what is to be verified."""
        corrects = [key for key, read in chunk.read.items() if read.corrects] if self._caller.corrects else []
        if corrects:
            await self._turn_away(tx, chunk, corrects)
        if not chunk.read:
            return []
        versions = await self._first_versions(tx, chunk.read) if self._all_new and not corrects else None
        if versions is None:
            versions = await self._store_known(tx, chunk)
        chunk.counts.accepted += len(versions)
        for key in chunk.warned:
            if key in versions:
                read = chunk.read[key]
                chunk.counts.warnings += 1
                self._answer(chunk, read.typed, "warned", read.warnings)
        return versions.values()

    async def _turn_away(self, tx: Transaction, chunk: _Chunk, keys: Collection[Key]) -> None:
        """Of doses of other facilities only those of the caller's people may be corrected; nobody learns which others there are."""
        known = await doses.known(tx, list(keys))
        for key in keys:
            if key not in known or not known[key].residence.startswith(self._caller.corrects):
                self._reject(chunk, chunk.read.pop(key).typed, _NOT_TO_ADD)

    async def _first_versions(self, tx: Transaction, reads: Mapping[Key, _Read]) -> dict[Key, Version] | None:
        """Stores what is believed to be new; None, and nothing stored, where one of the keys is on record."""
        ids = await doses.take_ids(tx, len(reads))
        sealer, batch_id = self._context.sealer, self.batch_id
        made = [stored(sealer, dose_id, 1, batch_id, read.typed.row, read.dose) for dose_id, read in zip(ids, reads.values(), strict=True)]
        return dict(zip(reads, made, strict=True)) if await doses.insert_new(tx, [version.row for version in made]) else None

    async def _store_known(self, tx: Transaction, chunk: _Chunk) -> dict[Key, Version]:
        """Where some doses are on record: the same again is told so, what changed becomes a new version."""
        for _ in range(_TRIES):
            known = await doses.known(tx, list(chunk.read))
            self._all_new = not known
            versions = await self._first_versions(tx, {key: read for key, read in chunk.read.items() if key not in known})
            if versions is not None:
                break
        else:
            raise TransientError("another upload is writing the same doses")
        newer: dict[Key, Version] = {}
        for key, now in known.items():
            read = chunk.read[key]
            if now.batch_id == self.batch_id:
                self._reject(chunk, read.typed, _TWICE)
            elif now.digest == read.dose.content:
                chunk.counts.unchanged += 1
                chunk.counts.accepted += 1
                self._answer(chunk, read.typed, "unchanged", (), now.id)
            else:
                newer[key] = stored(self._context.sealer, now.id, now.version + 1, self.batch_id, read.typed.row, read.dose)
        if newer:
            rows = [version.row for version in newer.values()]
            await doses.add_versions(tx, rows, self._caller.subject, "uploaded again")
            await end_older(self._context, tx, rows, "corrected")
        chunk.counts.corrected += len(newer)
        return {**versions, **newer}
