"""The upload desk: takes the rows of one upload in, a few chunks at a time, and answers for each of them.

They are one transaction that stores the doses, what was told to the other rows, the counts and the events. A caller that may push for one
facility only gets the whole upload as one transaction: a row of another facility refuses it all (403), and nothing is left behind.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from itertools import chain

from contracts.events import MAX_CHUNK
from contracts.topics import EXPRESS_ROWS, RECORDED
from services.chassis.db import BelievedNewError, Transaction
from services.chassis.errors import ServiceError, TransientError
from services.records.answered import Answered
from services.records.context import Context
from services.records.intake import FileReport, Typed
from services.records.intake.report import as_json
from services.records.on_record import against
from services.records.store import batches, doses
from services.records.store.batches import Counts
from services.records.store.doses import Key, Known
from services.records.uploaded import NOT_TO_ADD, Caller, Chunk, Read, Reading
from services.records.versions import Version, doses_recorded, end_older, stored

_TRIES = 3
_CHUNKS = 4  # chunks of the reader that one transaction takes


@dataclass(frozen=True, slots=True)
class Taken:
    """A batch as it was taken in."""

    batch_id: int
    counts: Counts


OnClose = Callable[[Transaction, Taken], Awaitable[None]]


async def take_in(
    context: Context,
    caller: Caller,
    media_type: str,
    chunks: AsyncIterator[list[Typed]],
    report: FileReport,
    on_close: OnClose,
) -> Taken:
    """Takes an upload in; `report` is filled while `chunks` are read.

    `on_close` runs in the transaction that completes the batch.

    An error of the file as a whole (ServiceError of the reader) leaves what was taken before it, and the batch `broken`.
    """
    # before anything is stored the first rows are read: a file that is no dose file leaves no batch, and a small one takes the fast lane
    first, second = await anext(chunks, None), await anext(chunks, None)
    upload = _Upload(context, caller, report, express=second is None and len(first or ()) <= EXPRESS_ROWS)
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
    def __init__(self, context: Context, caller: Caller, report: FileReport, *, express: bool) -> None:
        self._context = context
        self._report = report
        self._caller = caller
        self._express = express
        self._reading = Reading(context.sealer, caller, context.today(), context.facilities)
        self._whole: Transaction | None = None
        self._total = Counts()
        # not "the dose is of this batch": it is of the one before where a row said the same again, or of none where somebody corrects it
        self._answered = Answered()
        self._all_new = True
        """Whether nothing of the last chunk was on record, so that most likely nothing of the next one is."""
        self.batch_id = 0

    @asynccontextmanager
    async def opened(self, media_type: str) -> AsyncIterator[None]:
        async with AsyncExitStack() as held:
            if self._caller.own_facility is not None:
                self._whole = await held.enter_async_context(self._context.db.begin())
            async with self._unit() as tx:
                self.batch_id = await batches.open_batch(tx, self._caller.subject, self._caller.own_facility, media_type)
            self._reading.batch_id = self.batch_id
            yield

    async def close(self, status: str, on_close: OnClose | None = None) -> Taken:
        taken = Taken(self.batch_id, self._total)
        async with self._unit() as tx:
            await batches.close_batch(tx, self.batch_id, status, self._report.sheets, as_json(self._report))
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
        chunk = Chunk()
        for at in range(0, len(rows), MAX_CHUNK):
            self._reading.read(rows[at : at + MAX_CHUNK], chunk)
            # reading is work of the processor: others get their turn
            await asyncio.sleep(0)
        async with self._unit(careful=careful) as tx:
            versions = list(await self._store(tx, chunk))
            await batches.answer_rows(tx, chunk.answers)
            await batches.count(tx, self.batch_id, chunk.counts)
            for at in range(0, len(versions), MAX_CHUNK):
                key, event = f"{self.batch_id}/{rows[at].row}", doses_recorded(self.batch_id, versions[at : at + MAX_CHUNK])
                await self._context.outbox.put(tx, RECORDED.lane(self._express), key, RECORDED.name, event)
        self._answered.add(chunk.answered)
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

    async def _store(self, tx: Transaction, chunk: Chunk) -> Collection[Version]:
        """Stores a chunk's doses and adds to its counts; answers what is to be verified."""
        corrects = [key for key, read in chunk.read.items() if read.corrects] if self._caller.corrects else []
        if corrects:
            await self._turn_away(tx, chunk, corrects)
        if not chunk.read:
            return []
        versions = await self._first_versions(tx, chunk.read) if self._all_new and not corrects else None
        if versions is None:
            versions = await self._store_known(tx, chunk)
        chunk.answered += [version.row.id for version in versions.values()]
        chunk.counts.accepted += len(versions)
        for key in chunk.warned:
            if key in versions:
                read = chunk.read[key]
                chunk.counts.warnings += 1
                self._reading.answer(chunk, read.typed, "warned", read.warnings)
        return versions.values()

    async def _turn_away(self, tx: Transaction, chunk: Chunk, keys: Collection[Key]) -> None:
        """Of doses of other facilities only those of the caller's people may be corrected; nobody learns which others there are."""
        known = await doses.known(tx, list(keys))
        for key in keys:
            if key not in known or not known[key].residence.startswith(self._caller.corrects):
                self._reading.reject(chunk, chunk.read.pop(key).typed, NOT_TO_ADD)

    async def _first_versions(self, tx: Transaction, reads: Mapping[Key, Read]) -> dict[Key, Version] | None:
        """Stores what is believed to be new; None, and nothing stored, where one of the keys is on record."""
        ids = await doses.take_ids(tx, len(reads))
        sealer, batch_id = self._context.sealer, self.batch_id
        made = [stored(sealer, dose_id, 1, batch_id, read.typed.row, read.dose) for dose_id, read in zip(ids, reads.values(), strict=True)]
        return dict(zip(reads, made, strict=True)) if await doses.insert_new(tx, [version.row for version in made]) else None

    async def _store_known(self, tx: Transaction, chunk: Chunk) -> dict[Key, Version]:
        """Where some doses are on record: the same again is told so, what changed becomes a new version."""
        for _ in range(_TRIES):
            known = await doses.known(tx, list(chunk.read))
            self._all_new = not known
            versions = await self._first_versions(tx, {key: read for key, read in chunk.read.items() if key not in known})
            if versions is not None:
                break
        else:
            raise TransientError("another upload is writing the same doses")
        return {**versions, **await self._newer(tx, chunk, known)} if known else versions

    async def _newer(self, tx: Transaction, chunk: Chunk, known: Mapping[Key, Known]) -> dict[Key, Version]:
        """The versions that the rows of known doses make; the other ones are answered for."""
        contents = [(now, chunk.read[key].dose.content) for key, now in known.items()]
        pasts = await doses.pasts(tx, [(now.id, now.version, content) for now, content in contents if content != now.digest])
        chunk.answered += [now.id for now, _ in contents]
        newer: dict[Key, Version] = {}
        for key, now in known.items():
            read = chunk.read[key]
            outcome, told = against(now, now.id in self._answered, read.dose.content, read.typed.version, pasts.get(now.id))
            if outcome == "rejected":
                assert told is not None
                self._reading.reject(chunk, read.typed, told)
            elif outcome == "unchanged":
                self._reading.leave(chunk, read.typed, now.id, told)
            else:
                newer[key] = stored(self._context.sealer, now.id, now.version + 1, self.batch_id, read.typed.row, read.dose)
        if newer:
            rows = [version.row for version in newer.values()]
            await doses.add_versions(tx, rows, self._caller.subject, "uploaded again")
            await end_older(self._context, tx, rows, "corrected")
        chunk.counts.corrected += len(newer)
        return newer
