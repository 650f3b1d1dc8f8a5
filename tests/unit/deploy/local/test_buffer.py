"""A body on its way: what goes in comes out, and what it takes of the disk is bounded."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.local.buffer import IN_MEMORY, Buffer, BufferFullError, BufferSpace

ROOM = 1 << 24


async def read(buffer: Buffer) -> bytes:
    return b"".join([part async for part in buffer.parts()])


@given(st.lists(st.integers(0, IN_MEMORY * 2), max_size=12), st.integers(0, 12))
def test_what_goes_in_comes_out_whoever_is_faster(sizes: list[int], head_start: int) -> None:
    space = BufferSpace(ROOM, 4)
    sent = [bytes([number]) * size for number, size in enumerate(sizes)]

    async def passed() -> bytes:
        buffer = Buffer(space)
        for part in sent[:head_start]:
            buffer.write(part)
        reading = asyncio.create_task(read(buffer))
        for number, part in enumerate(sent[head_start:]):
            buffer.write(part)
            if number % 2:
                await asyncio.sleep(0)
        buffer.end()
        try:
            assert buffer.size == sum(sizes)
            return await reading
        finally:
            buffer.close()

    assert asyncio.run(passed()) == b"".join(sent)
    assert (space.bytes_left, space.files_left) == (ROOM, 4)


async def test_a_small_body_touches_no_disk() -> None:
    buffer = Buffer(BufferSpace(0, 0))
    buffer.write(bytes(IN_MEMORY))
    buffer.end()
    assert await read(buffer) == bytes(IN_MEMORY)


@pytest.mark.parametrize("space", [BufferSpace(3 * IN_MEMORY, 9), BufferSpace(ROOM, 1)])
def test_all_bodies_together_have_so_much_room(space: BufferSpace) -> None:
    first, second = Buffer(space), Buffer(space)
    for _ in range(4):
        first.write(bytes(IN_MEMORY))
    second.write(bytes(IN_MEMORY))
    with pytest.raises(BufferFullError):
        second.write(b"x")
    assert second.size == IN_MEMORY
    first.close()
    second.write(b"x")


async def test_a_reader_that_keeps_pace_needs_no_more_room() -> None:
    buffer = Buffer(BufferSpace(IN_MEMORY, 1))
    parts = buffer.parts()
    for _ in range(100):
        buffer.write(bytes(IN_MEMORY))
        buffer.write(b"x")
        assert len(await anext(parts)) == IN_MEMORY
        assert await anext(parts) == b"x"


async def test_an_error_is_met_where_it_happened() -> None:
    buffer = Buffer(BufferSpace(ROOM, 1))
    buffer.write(b"begun")
    buffer.end(ValueError("broken off"))
    parts = buffer.parts()
    assert await anext(parts) == b"begun"
    with pytest.raises(ValueError, match="broken off"):
        await anext(parts)
