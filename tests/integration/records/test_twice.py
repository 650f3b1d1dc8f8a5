"""Two people under one record code, so far apart in a file that different transactions take them:
the second is told, however often.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any

import pytest

from contracts.access import Reach, Role
from services.chassis.db import Transaction
from services.records.domain.dose import Raw
from services.records.uploads import store
from services.records.uploads.formats import FileReport, InputRow
from services.records.uploads.formats.columns import VERSION
from services.records.uploads.ingest import IngestedBatch, ingest_upload
from services.records.uploads.rows import Sender, Uploader
from tests.integration.records.conftest import Records
from tests.support.files import CSV, JSON, csv_file, json_file, read, typed

MAI = typed(source_id="same", full_name="Lê Thị Mai", personal_id="068185100001")
HUNG = MAI._replace(full_name="Trần Văn Hùng", personal_id="079085123456", sex="Nam")
APART = 2_100
ONE_TRANSACTION = 100
Between = Callable[[], Awaitable[None]]


@pytest.mark.parametrize("rows_between", [ONE_TRANSACTION, APART])
@pytest.mark.parametrize(
    ("role", "limits", "media_type"),
    [
        (Role.SERVICE, {}, CSV),
        (Role.SERVICE, {}, JSON),
        (Role.FACILITY, {"facility": "68001"}, CSV),
    ],
)
async def test_the_same_file_sent_again_and_again_gives_nobody_another_persons_dose(
    records: Records, role: Role, limits: dict[str, Any], media_type: str, rows_between: int
) -> None:
    caller = records.caller(role, **limits)
    raws = [MAI, *(typed(n) for n in range(rows_between)), HUNG]
    file = json_file(raws) if media_type == JSON else csv_file(raws)
    sent = [await caller.upload(file, media_type) for _ in range(3)]
    told = [{name: one[name] for name in ("unchanged", "corrected", "rejected")} for one in sent]
    again = {"unchanged": rows_between + 1, "corrected": 0, "rejected": 1}
    assert told == [{**again, "unchanged": 0}, again, again]
    for one in sent:
        [rejected] = (await caller.get(f"/batches/{one['batch_id']}/rows", state="rejected"))[
            "items"
        ]
        # a table's rows are numbered as in a spreadsheet, below the header
        assert rejected["row"] == rows_between + (2 if media_type == JSON else 3)
        assert [error["code"] for error in rejected["errors"]] == ["DUPLICATE_IN_FILE"]
    assert await stands(records) == (1, MAI.full_name)


async def test_a_row_that_is_there_twice_is_told_so_whenever_it_is_sent(records: Records) -> None:
    await records.record([MAI])
    assert await sent_apart(records, MAI, MAI) == [
        ("unchanged", []),
        ("rejected", ["DUPLICATE_IN_FILE"]),
    ]


async def test_a_correction_in_a_file_counts_once(records: Records) -> None:
    await records.record([MAI])
    right, other = MAI._replace(full_name="Lê Thị Mây"), MAI._replace(full_name="Lê Thị Mưa")
    assert (await sent_apart(records, right, other))[1] == ("rejected", ["DUPLICATE_IN_FILE"])
    assert await stands(records) == (2, "Lê Thị Mây")


async def test_what_was_refused_is_answered_for_too(records: Records) -> None:
    await records.record([MAI])
    edited = MAI._replace(full_name="Lê Thị Mây")
    outcomes = await sent_apart(records, edited, HUNG, versions=("7", ""))
    assert outcomes == [("rejected", ["VERSION_CHANGED"]), ("rejected", ["DUPLICATE_IN_FILE"])], (
        VERSION
    )
    assert await stands(records) == (1, MAI.full_name)


async def test_a_dose_that_somebody_corrects_while_its_file_is_taken_in_is_still_the_first_rows(
    records: Records,
) -> None:
    async def correct() -> None:
        dose_id = (await records.ids())["same"]
        answer = await records.caller().ask(
            "PATCH", f"/doses/{dose_id}", json={"reason": "by the card", "lot": "FK0050"}
        )
        assert answer.status_code == 200, answer.text

    outcomes = await sent_apart(records, MAI, HUNG, between=correct)
    assert outcomes[1] == ("rejected", ["DUPLICATE_IN_FILE"])
    assert await stands(records) == (2, MAI.full_name)


async def stands(records: Records) -> tuple[int, str]:
    dose = await records.caller(Role.SERVICE).get(f"/doses/{(await records.ids())['same']}")
    return dose["version"], dose["person"]["full_name"]


async def sent_apart(
    records: Records,
    first: Raw,
    second: Raw,
    versions: Sequence[str] = ("", ""),
    between: Between | None = None,
) -> list[tuple[str, list[str]]]:
    """Outcome and codes of two rows of one upload that two transactions take, and what happens
    between these.
    """
    one, other = [
        row._replace(version=version)
        for row, version in zip(await read(csv_file([first, second])), versions, strict=True)
    ]
    fill = await read(csv_file([typed(n) for n in range(4)]))

    async def chunks() -> AsyncIterator[list[InputRow]]:
        yield [one]
        for n, row in enumerate(fill, 3):
            yield [row._replace(row=n)]
        if between is not None:
            await between()
        yield [other]

    async def closed(_tx: Transaction, _taken: IngestedBatch) -> None:
        pass

    caller = Uploader("a service", Sender("a service"), Reach(everything=True))
    taken = await ingest_upload(records.context, caller, CSV, chunks(), FileReport(), closed)
    async with records.context.db.begin() as tx:
        rows = {row.row: row for row in await store.batch_rows(tx, taken.batch_id)}
    return [
        (rows[n].outcome, [error["code"] for error in rows[n].errors or ()])
        for n in (one.row, other.row)
    ]
