"""The act of taking an upload in, on one page; `docs/ingest_upload.md` explains its steps."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, nullcontext
from dataclasses import dataclass
from itertools import chain

from contracts.events import MAX_CHUNK
from contracts.ids import BatchId
from contracts.topics import EXPRESS_ROWS, RECORDED
from services.chassis.db import ConflictError, Transaction
from services.chassis.errors import ServiceError
from services.records.context import Context
from services.records.doses.versions import insert_first_versions, recorded_event
from services.records.uploads import store
from services.records.uploads.errors import nothing_readable
from services.records.uploads.formats import FileReport, InputRow
from services.records.uploads.formats.file_report import place_of
from services.records.uploads.formats.notices import not_read_on
from services.records.uploads.id_bitmap import IdBitmap
from services.records.uploads.placement import StoredRows, store_placed
from services.records.uploads.returned_files import refuse_damaged_dates, restore_returned_rows
from services.records.uploads.rows import RowParser, Uploader, ValidRow
from services.records.uploads.store import UploadCounts
from services.records.uploads.unreadable_rows import FEW
from vietnamese.dates import day_in_viet_nam

_CHUNKS = 4  # chunks of the reader that one transaction takes


@dataclass(frozen=True, slots=True)
class IngestedBatch:
    """A batch as it was taken in."""

    batch_id: BatchId
    counts: UploadCounts


OnClose = Callable[[Transaction, IngestedBatch], Awaitable[None]]


async def ingest_upload(
    context: Context,
    uploader: Uploader,
    media_type: str,
    chunks: AsyncIterator[list[InputRow]],
    report: FileReport,
    on_close: OnClose,
) -> IngestedBatch:
    """Takes an upload in: stores its doses, answers for every row, and publishes what is new.

    `report` is filled while `chunks` are read. `on_close` runs in the transaction that completes
    the batch. A ServiceError of the reader ends the upload: what came before it stays, and the
    batch is `broken`.
    """
    # (1) look at the first rows: a file that holds no doses leaves no batch
    first, second = await anext(chunks, None), await anext(chunks, None)
    head = [chunk for chunk in (first, second) if chunk]
    if any(row.version for row in chain.from_iterable(head)):
        async with context.db.begin() as tx:
            await refuse_damaged_dates(context, tx, uploader, [*chain.from_iterable(head)])
    if len(first or ()) > FEW and all(row.holds_nothing for row in (first or ())[: FEW + 1]):
        raise nothing_readable()
    express = second is None and len(first or ()) <= EXPRESS_ROWS

    async with AsyncExitStack() as stack:
        # (2) open the batch; an uploader for one facility gets one transaction for the whole file
        whole_file = (
            await stack.enter_async_context(context.db.begin())
            if uploader.own_facility is not None
            else None
        )

        def begin(*, optimistic: bool = False) -> AbstractAsyncContextManager[Transaction]:
            if whole_file is not None:
                return nullcontext(whole_file)
            return context.db.begin(optimistic=optimistic)

        async with begin() as tx:
            batch_id = await store.open_batch(
                tx,
                uploader.subject,
                uploader.own_facility,
                media_type,
                uploader.reach.tokens,
            )
        today = day_in_viet_nam(context.clock())
        states_doubts = "fhir" in media_type
        parser = RowParser(
            context.sealer,
            uploader,
            batch_id,
            today,
            context.facilities,
            states_doubts=states_doubts,
        )
        total, answered, believed_new = UploadCounts(), IdBitmap(), True
        try:
            async for rows in _rows_of_transactions(head, chunks):
                # (3) restore rows of files that were given back: a spreadsheet changed their form
                if any(row.version for row in rows):
                    async with begin() as tx:
                        rows = await restore_returned_rows(context, tx, uploader, rows)

                # Rows that follow new ones are believed to be new, which saves asking the
                # database. Where one is not, the transaction is void and steps 4 to 7 run again.
                for optimistic in (True, False) if believed_new else (False,):
                    # (4) parse: each row is a valid dose, or is rejected with all its errors
                    parsed = await parser.parse(rows)
                    try:
                        async with begin(optimistic=optimistic) as tx:
                            # (5) store the doses; where record codes are taken, place each row
                            stored = None
                            if optimistic and parsed.may_all_be_new:
                                valid = list(parsed.valid.values())
                                stored = await _store_new(context, tx, batch_id, valid)
                            if stored is None:
                                stored = await store_placed(
                                    context, tx, uploader, parser, parsed, answered
                                )
                                believed_new = not stored.any_known

                            # (6) answer: keep what rows were told, and the counts
                            parsed.accept(stored.rows)
                            await store.answer_rows(tx, parsed.answers)
                            await store.add_counts(tx, batch_id, parsed.counts)

                            # (7) publish the new versions with the doses, through the outbox
                            for at in range(0, len(stored.versions), MAX_CHUNK):
                                versions = stored.versions[at : at + MAX_CHUNK]
                                await context.outbox.put(
                                    tx,
                                    RECORDED.lane(express),
                                    f"{batch_id}/{versions[0].row.row}",
                                    RECORDED.name,
                                    recorded_event(batch_id, versions),
                                )
                    except ConflictError:
                        believed_new = False
                        continue
                    total.add(parsed.counts)
                    parser.keep(parsed)
                    context.metrics.count("recorded", "accepted", parsed.counts.accepted)
                    context.metrics.count("recorded", "rejected", parsed.counts.rejected)
                    if not express:  # an express upload is one transaction: no later row will ask
                        answered.add(version.row.id for version in stored.versions)
                        answered.add(stored.met)
                    break
                if rejected := parsed.counts.rejected:
                    sender = uploader.sender
                    await context.quotas.take(sender.kind("rejected"), sender.who, rejected)
                if parsed.ended_at is not None:
                    report.ended_at = parsed.ended_at
                    _, number = place_of(parsed.ended_at, report.sheets)
                    report.notices.insert(0, not_read_on(number))
                    break
        except ServiceError as error:
            async with begin() as tx:
                await store.close_batch(tx, batch_id, "broken", report)
            error.members.setdefault("batch_id", batch_id)
            raise

        # (8) close the batch, and keep the answer for a caller that asks again
        batch = IngestedBatch(batch_id, total)
        async with begin() as tx:
            status = "complete" if report.ended_at is None else "broken"
            await store.close_batch(tx, batch_id, status, report)
            await store.note_finished(tx, batch_id)
            await on_close(tx, batch)
        return batch


async def _rows_of_transactions(
    head: list[list[InputRow]], rest: AsyncIterator[list[InputRow]]
) -> AsyncIterator[Sequence[InputRow]]:
    """Groups chunks: one transaction takes a few, because each commit waits for the disk.

    Rows before an error of the reader are given out before the error.
    """
    group = head
    try:
        async for chunk in rest:
            if len(group) >= _CHUNKS:
                yield list(chain.from_iterable(group))
                group = []
            group.append(chunk)
    except ServiceError:
        if group:
            yield list(chain.from_iterable(group))
        raise
    if group:
        yield list(chain.from_iterable(group))


async def _store_new(
    context: Context, tx: Transaction, batch_id: BatchId, rows: Sequence[ValidRow]
) -> StoredRows | None:
    """Stores rows that are believed to be new; None, and nothing stored, where one is not."""
    if not rows:
        return StoredRows()
    doses = [(row.input.row, row.dose) for row in rows]
    versions = await insert_first_versions(context.sealer, tx, batch_id, doses)
    return None if versions is None else StoredRows(rows, versions)
