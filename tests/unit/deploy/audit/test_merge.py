from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.audit.merge import side_by_side

Rows = list[tuple[int, int]]
IDS = st.lists(st.tuples(st.integers(0, 20), st.integers(0, 3)), max_size=30).map(sorted)


async def stream(rows: Sequence[Any]) -> AsyncIterator[Any]:
    """The rows, one by one."""
    for row in rows:
        yield row


@given(IDS, IDS, IDS)
async def test_every_row_of_every_stream_comes_once_beside_those_of_its_id(
    first: Rows, second: Rows, third: Rows
) -> None:
    got = [
        (one, groups)
        async for one, groups in side_by_side(stream(first), stream(second), stream(third))
    ]
    ids = sorted({row[0] for row in first + second + third})
    assert got == [
        (one, [[row for row in rows if row[0] == one] for rows in (first, second, third)])
        for one in ids
    ]


async def test_a_stream_out_of_order_is_an_error_and_no_wrong_answer() -> None:
    with pytest.raises(ValueError, match="1 comes after 2"):
        _ = [one async for one in side_by_side(stream([(2, 0), (1, 0)]), stream([]))]
