"""Pictures are read one at a time in a process apart, which a picture may end without harm to the
service.
"""

import asyncio
import io
import threading
import zlib

import pytest
from PIL import Image

from services.chassis.errors import ServiceError
from services.signer.documents import qr_code
from services.signer.pictures.child import MEMORY
from services.signer.pictures.kinds import UnknownKindError
from services.signer.pictures.picture_reader import PictureProcess, PictureReader

_TEXT = "HC1:" + "6BFOXN%TSMAHN-H9Q" * 20


@pytest.fixture
def reader() -> PictureReader:
    return PictureReader()


async def test_codes_are_read_by_another_process_and_refusals_come_back_as_they_are(
    reader: PictureReader,
) -> None:
    assert await reader.read(qr_code.png(_TEXT)) == [_TEXT]
    process = reader.child.process
    assert process
    for picture, error in (
        (b"", ValueError),
        (b"not a picture", ValueError),
        (b"\0\0\0\x18ftypheic", UnknownKindError),
    ):
        with pytest.raises(error):
            await reader.read(picture)
    assert reader.child.process is process


async def test_a_process_that_was_ended_is_followed_by_another(reader: PictureReader) -> None:
    await reader.read(qr_code.png(_TEXT))
    process = reader.child.process
    assert process
    process.kill()
    process.wait()
    assert await reader.read(qr_code.png(_TEXT)) == [_TEXT]


def test_a_picture_that_takes_too_long_is_refused_and_the_next_one_is_read() -> None:
    child = PictureProcess(deadline_s=0.001)
    with pytest.raises(ValueError, match="costs too much"):
        child.read(qr_code.png(_TEXT))
    child.deadline_s = 60
    assert child.read(qr_code.png(_TEXT)) == [_TEXT]


async def test_the_process_has_no_environment_of_ours_and_a_bound_for_its_memory(
    reader: PictureReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEAL_KEYS", "secret")
    await reader.read(qr_code.png(_TEXT))
    assert reader.child.process
    of = f"/proc/{reader.child.process.pid}"
    with open(f"{of}/environ") as environment, open(f"{of}/limits") as limits:  # noqa: PTH123
        assert "secret" not in environment.read()
        (data,) = [line.split() for line in limits if line.startswith("Max data size")]
    assert data[3:5] == [str(MEMORY), str(MEMORY)]


async def test_one_picture_is_read_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    reading, most = threading.Semaphore(1), []

    def read(_: PictureProcess, picture: bytes) -> list[str]:
        alone = reading.acquire(blocking=False)
        most.append(alone)
        threading.Event().wait(0.02)
        if alone:
            reading.release()
        return [picture.decode()]

    monkeypatch.setattr(PictureProcess, "read", read)
    reader = PictureReader()
    texts = await asyncio.gather(*(reader.read(b"%d" % at) for at in range(5)))
    assert texts == [[str(at)] for at in range(5)]
    assert most == [True] * 5


def test_who_finds_no_place_is_asked_to_come_again(reader: PictureReader) -> None:
    places = [reader.place() for _ in range(9)]
    for place in places[:8]:
        place.__enter__()
    with pytest.raises(ServiceError) as refused, places[8]:
        pass
    assert (refused.value.status, refused.value.code) == (503, "TRY_AGAIN")
    assert int(refused.value.headers["Retry-After"]) > 0
    places[0].__exit__(None, None, None)
    with reader.place():
        pass


def test_all_that_wait_hold_only_so_many_bytes_together(reader: PictureReader) -> None:
    with reader.place() as first, reader.place() as second:
        first.hold(60_000_000)
        second.hold(30_000_000)
        with pytest.raises(ServiceError) as refused:
            second.hold(30_000_000)
        assert refused.value.status == 503
    with reader.place() as third:
        third.hold(90_000_000)


async def test_a_large_picture_passes_whole_between_the_processes(reader: PictureReader) -> None:
    out = io.BytesIO()
    Image.effect_noise((2_000, 2_000), 90).save(out, "PNG")
    assert len(out.getvalue()) > 2_000_000
    assert await reader.read(out.getvalue()) == []


def test_a_document_that_unpacks_to_a_thousand_million_bytes_ends_its_reader_alone() -> None:
    packer = zlib.compressobj(9)
    content = (
        b"".join(packer.compress(b"0 0 m 9 9 l S\n" * 75_000) for _ in range(1_000))
        + packer.flush()
    )
    bomb = (
        b"%%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0"
        b" R]/Count 1>>endobj\n3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0"
        b" R>>endobj\n4 0 obj<</Length %d/Filter/FlateDecode>>stream\n%b\nendstream"
        b" endobj\ntrailer<</Root 1 0 R>>" % (len(content), content)
    )
    child = PictureProcess(deadline_s=60)
    with pytest.raises(ValueError, match=r"costs too much|can be read"):
        child.read(bomb)
    assert child.read(qr_code.png(_TEXT)) == [_TEXT]
