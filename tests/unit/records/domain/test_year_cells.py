"""A year typed into a date cell: the day of 1905 that it became is no birth date that passes by
itself.
"""

from datetime import date, timedelta

import pytest

from contracts.access import Reach
from contracts.ids import BatchId
from contracts.words import Doubt
from services.chassis.encryption import Sealer
from services.records.domain.year_cells import DAYS_OF_YEARS, meant_year
from services.records.uploads.formats import InputRow
from services.records.uploads.rows import RowParser, Sender, TransactionRows, Uploader
from tests.support.files import CSV, XLSX, csv_file, json_file, read, typed
from tests.support.workbooks import Page, lines_of, xlsx_book

CALLER = Uploader("s", Sender("s"), Reach(everything=True))


async def uploaded(rows: list[InputRow]) -> TransactionRows:
    sealer, facilities = Sealer([b"k" * 32], b"i" * 32), frozenset({"68001"})
    parser = RowParser(
        sealer, CALLER, BatchId(0), date(2022, 6, 1), facilities, states_doubts=False
    )
    return await parser.parse(rows)


def test_the_days_that_years_become_are_known_by_their_year() -> None:
    assert (meant_year("1905-05-23"), meant_year("1909-05-24"), meant_year("1980-05-23")) == (
        1970,
        1970,
        None,
    )
    for zero in (date(1899, 12, 30), date(1904, 1, 1)):
        days = [(zero + timedelta(days=year)).isoformat() for year in range(1900, 2027)]
        assert [meant_year(day) for day in days] == list(range(1900, 2027))
        assert all(day.startswith(DAYS_OF_YEARS) for day in days)


HEADER, LINE = lines_of([typed()])
CELLS = [date(1905, 5, 23) if cell == "03/05/1980" else cell for cell in LINE]


@pytest.mark.parametrize(
    ("body", "media_type"),
    [
        (xlsx_book(Page("A", [HEADER, CELLS])), XLSX),
        (csv_file([typed(date_of_birth="23/05/1905")]), CSV),
        (csv_file([typed(date_of_birth="1905-05-23")]), CSV),
        (json_file([typed(date_of_birth="1905-05-23")]), "application/json"),
    ],
)  # fmt: skip
async def test_such_a_birth_date_waits_for_people_in_whatever_form_the_file_comes(
    body: bytes, media_type: str
) -> None:
    chunk = await uploaded(await read(body, media_type))
    (taken,) = chunk.valid.values()
    assert taken.dose.doubts == (Doubt.YEAR_IN_DATE_CELL,)
    assert [warning.code for warning in taken.warnings] == ["YEAR_IN_DATE_CELL"]
    assert "1970" in taken.warnings[0].message_en
    plain = (await uploaded([InputRow(2, typed(date_of_birth="1905-05-23"))])).valid
    assert [read.dose.content for read in plain.values()] == [taken.dose.content]


async def test_an_elder_born_on_another_day_of_that_year_is_not_doubted() -> None:
    chunk = await uploaded([InputRow(2, typed(date_of_birth="01/01/1905")), InputRow(3, typed(2))])
    assert [(read.dose.doubts, list(read.warnings)) for read in chunk.valid.values()] == [
        ((), [])
    ] * 2


async def test_such_a_day_of_vaccination_is_rejected_with_that_hint() -> None:
    chunk = await uploaded([InputRow(2, typed(date_given="13/07/1905"))])
    assert (chunk.counts.rejected, len(chunk.valid)) == (1, 0)
    assert "YEAR_IN_DATE_CELL" in chunk.answers[0].errors
    assert "2021" in chunk.answers[0].errors


async def test_a_row_with_a_broken_cell_is_told_all_its_errors_and_kept_to_be_given_back() -> None:
    line = [
        "#N/A" if cell == "0912000000" else "32/13/2021" if cell == "12/10/2021" else cell
        for cell in LINE
    ]
    chunk = await uploaded(await read(xlsx_book(Page("A", [HEADER, line])), XLSX))
    assert chunk.counts.rejected == 1
    assert chunk.answers[0].codes == "phone=CELL_ERROR date_given=DATE_GIVEN_IMPOSSIBLE"
    assert chunk.answers[0].raw is not None
