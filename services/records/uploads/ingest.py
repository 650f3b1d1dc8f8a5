"""The upload desk: takes the rows of one upload in, a few chunks at a time, and answers for each of
them.

They are one transaction that stores the doses, what was told to the other rows, the counts and the
events. A caller that may push for one facility only gets the whole upload as one transaction: a row
of another facility refuses it all (403), and nothing is left behind.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from itertools import chain

from contracts.events import MAX_CHUNK
from contracts.topics import EXPRESS_ROWS, RECORDED
from services.chassis.db import ConflictError, Transaction
from services.chassis.errors import ServiceError, TransientError
from services.records.context import Context
from services.records.doses import store as doses
from services.records.doses.store import Key
from services.records.doses.versions import NewVersion, new_version, recorded_event
from services.records.pipeline.store import status
from services.records.uploads import store as batches
from services.records.uploads.formats import FileReport, InputRow
from services.records.uploads.formats.file_report import as_json
from services.records.uploads.id_bitmap import IdBitmap
from services.records.uploads.placement import Placed, place
from services.records.uploads.returned_files import names_a_dose, put_back, refuse_damaged
from services.records.uploads.rows import NOT_TO_ADD, Chunk, Reading, Uploader, ValidRow
from services.records.uploads.store import UploadCounts

_TRIES = 3
_CHUNKS = 4  # chunks of the reader that one transaction takes


@dataclass(frozen=True, slots=True)
class IngestedBatch:
    """A batch as it was taken in."""

    batch_id: int
    counts: UploadCounts


OnClose = Callable[[Transaction, IngestedBatch], Awaitable[None]]


async def take_in(
    context: Context,
    caller: Uploader,
    media_type: str,
    chunks: AsyncIterator[list[InputRow]],
    report: FileReport,
    on_close: OnClose,
) -> IngestedBatch:
    """Takes an upload in; `report` is filled while `chunks` are read.

    `on_close` runs in the transaction that completes the batch.

    An error of the file as a whole (ServiceError of the reader) leaves what was taken before it,
    and the batch `broken`.
    """
    # before anything is stored the first rows are read: a file that is no dose file leaves no
    # batch, and a small one takes the fast lane
    first, second = await anext(chunks, None), await anext(chunks, None)
    if names_a_dose(given := [*(first or ()), *(second or ())]):
        async with context.db.begin() as tx:
            await refuse_damaged(context, tx, caller, given)
    upload = _Upload(
        context, caller, report, express=second is None and len(first or ()) <= EXPRESS_ROWS
    )
    async with upload.opened(media_type):
        try:
            async for rows in _together([chunk for chunk in (first, second) if chunk], chunks):
                await upload.take(rows)
        except ServiceError as error:
            await upload.close("broken")
            error.members.setdefault("batch_id", upload.batch_id)
            raise
        return await upload.close("complete", on_close)


async def _together(
    first: list[list[InputRow]], rest: AsyncIterator[list[InputRow]]
) -> AsyncIterator[list[InputRow]]:
    """What one transaction takes: a few chunks, because each commit waits for the disk; and what
    came before an error, before it.
    """
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
    def __init__(
        self, context: Context, caller: Uploader, report: FileReport, *, express: bool
    ) -> None:
        self._context = context
        self._report = report
        self._caller = caller
        self._express = express
        self._reading = Reading(context.sealer, caller, context.today(), context.facilities)
        self._whole: Transaction | None = None
        self._total = UploadCounts()
        # not "the dose is of this batch": it is of the one before where a row said the same again,
        # or of none where somebody corrects it
        self._answered = IdBitmap()
        self._all_new = True
        """Whether nothing of the last chunk was on record, so that most likely nothing of the next
        one is.
        """
        self.batch_id = 0

    @asynccontextmanager
    async def opened(self, media_type: str) -> AsyncIterator[None]:
        async with AsyncExitStack() as held:
            if self._caller.own_facility is not None:
                self._whole = await held.enter_async_context(self._context.db.begin())
            async with self._unit() as tx:
                self.batch_id = await batches.open_batch(
                    tx, self._caller.subject, self._caller.own_facility, media_type
                )
            self._reading.batch_id = self.batch_id
            self._reading.states_doubts = "fhir" in media_type
            yield

    async def close(self, status: str, on_close: OnClose | None = None) -> IngestedBatch:
        taken = IngestedBatch(self.batch_id, self._total)
        async with self._unit() as tx:
            await batches.close_batch(
                tx, self.batch_id, status, self._report.sheets, as_json(self._report)
            )
            if on_close is not None:
                await on_close(tx, taken)
        return taken

    async def take(self, rows: Sequence[InputRow]) -> None:
        if names_a_dose(rows):
            async with self._unit() as tx:
                rows = await put_back(self._context, tx, self._caller, rows)
        if self._all_new:
            with suppress(ConflictError):
                return await self._take(rows, optimistic=True)
            self._all_new = False
        return await self._take(rows, optimistic=False)

    async def _take(self, rows: Sequence[InputRow], *, optimistic: bool) -> None:
        chunk = Chunk()
        for at in range(0, len(rows), MAX_CHUNK):
            self._reading.read(rows[at : at + MAX_CHUNK], chunk)
            # reading is work of the processor: others get their turn
            await asyncio.sleep(0)
        async with self._unit(optimistic=optimistic) as tx:
            versions = list(await self._store(tx, chunk))
            await batches.answer_rows(tx, chunk.answers)
            await batches.count(tx, self.batch_id, chunk.counts)
            for at in range(0, len(versions), MAX_CHUNK):
                key, event = (
                    f"{self.batch_id}/{versions[at].row.row}",
                    recorded_event(self.batch_id, versions[at : at + MAX_CHUNK]),
                )
                await self._context.outbox.put(
                    tx, RECORDED.lane(self._express), key, RECORDED.name, event
                )
        self._answered.add(chunk.answered)
        self._total.add(chunk.counts)
        self._context.metrics.count("recorded", "accepted", chunk.counts.accepted)
        self._context.metrics.count("recorded", "rejected", chunk.counts.rejected)

    @asynccontextmanager
    async def _unit(self, *, optimistic: bool = False) -> AsyncIterator[Transaction]:
        if self._whole is not None:
            yield self._whole
            return
        async with self._context.db.begin(optimistic=optimistic) as tx:
            yield tx

    async def _store(self, tx: Transaction, chunk: Chunk) -> Collection[NewVersion]:
        """Stores a chunk's doses and adds to its counts; answers what is to be verified."""
        corrects = [read.key for read in (*chunk.read.values(), *chunk.again) if read.corrects]
        if corrects:
            await self._turn_away(tx, chunk, corrects)
        if not chunk.read:
            return []
        believed_new = self._all_new and not corrects and not chunk.again and not chunk.recoded
        versions = await self._first_versions(tx, chunk.read) if believed_new else None
        if versions is None:
            versions = await self._store_placed(tx, chunk)
        chunk.answered += [version.row.id for version in versions.values()]
        chunk.counts.accepted += len(versions)
        for key in chunk.warned:
            if key in versions:
                read = chunk.read[key]
                chunk.counts.warnings += 1
                self._reading.answer(chunk, read.typed, "warned", read.warnings)
        return versions.values()

    async def _turn_away(self, tx: Transaction, chunk: Chunk, keys: Collection[Key]) -> None:
        """Of doses of other facilities only those of the caller's people may be corrected; nobody
        learns which others there are.
        """
        known = await doses.known(tx, list(dict.fromkeys(keys)))
        for key in dict.fromkeys(keys):
            if key in known and known[key].residence.startswith(self._caller.corrects):
                continue
            for read in (chunk.read.pop(key), *(read for read in chunk.again if read.key == key)):
                self._reading.reject(chunk, read.typed, NOT_TO_ADD)
            chunk.again = [read for read in chunk.again if read.key != key]

    async def _first_versions(
        self, tx: Transaction, reads: Mapping[Key, ValidRow]
    ) -> dict[Key, NewVersion] | None:
        """Stores what is believed to be new; None, and nothing stored, where one of the keys is on
        record.
        """
        ids = await doses.take_ids(tx, len(reads))
        sealer, batch_id = self._context.sealer, self.batch_id
        made = [
            new_version(sealer, dose_id, 1, batch_id, read.typed.row, read.dose)
            for dose_id, read in zip(ids, reads.values(), strict=True)
        ]
        return (
            dict(zip(reads, made, strict=True))
            if await doses.insert_new(tx, [version.row for version in made])
            else None
        )

    async def _store_placed(self, tx: Transaction, chunk: Chunk) -> dict[Key, NewVersion]:
        """Where some codes are taken: each row goes where it belongs, and what it changed becomes a
        new version.
        """
        reads = sorted((*chunk.read.values(), *chunk.again), key=lambda read: read.typed.row)
        for _ in range(_TRIES):
            placed = await place(self._context, tx, self._reading, reads, self._answered)
            self._all_new = not placed.any_known
            versions = await self._first_versions(tx, placed.new)
            if versions is not None:
                break
        else:
            raise TransientError("another upload is writing the same doses")
        for read, message in placed.rejected:
            self._reading.reject(chunk, read.typed, message)
        for known, read, warning in placed.unchanged:
            self._reading.leave(chunk, read.typed, known.id, warning)
        chunk.answered += placed.met
        chunk.read = {**placed.new, **{key: read for key, (_, read) in placed.newer.items()}}
        chunk.warned = [key for key, read in chunk.read.items() if read.warnings]
        chunk.counts.corrected += len(placed.newer)
        return {**versions, **await self._newer(tx, placed)}

    async def _newer(self, tx: Transaction, placed: Placed) -> dict[Key, NewVersion]:
        """Stores the versions that rows of doses on record make.

        What was issued for the older ones holds until these are judged: an upload ends nobody's
        certificate.
        """
        newer = {
            key: new_version(
                self._context.sealer,
                known.id,
                known.version + 1,
                self.batch_id,
                read.typed.row,
                read.dose,
            )
            for key, (known, read) in placed.newer.items()
        }
        if newer:
            await status.queue_neighbours(tx, *(version.row.id for version in newer.values()))
            await doses.add_versions(
                tx,
                [version.row for version in newer.values()],
                self._caller.subject,
                "uploaded again",
            )
        return newer
