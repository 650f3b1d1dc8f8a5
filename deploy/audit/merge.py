"""Puts streams that are sorted by their first field side by side, holding no more than one id's
rows of each; pure.
"""

from collections.abc import AsyncIterator, Sequence
from typing import Any

Row = Sequence[Any]


async def side_by_side(*streams: AsyncIterator[Row]) -> AsyncIterator[tuple[int, list[list[Any]]]]:
    """(id, for each stream its rows of that id), by rising id; ValueError where a stream is out of
    order.
    """
    heads = [await anext(stream, None) for stream in streams]
    last: int | None = None
    while waiting := [head[0] for head in heads if head is not None]:
        one: int = min(waiting)
        if last is not None and one <= last:
            raise ValueError(f"{one} comes after {last}")
        groups: list[list[Any]] = []
        for place, stream in enumerate(streams):
            group, head = [], heads[place]
            while head is not None and head[0] == one:
                group.append(head)
                head = await anext(stream, None)
            heads[place] = head
            groups.append(group)
        yield one, groups
        last = one
