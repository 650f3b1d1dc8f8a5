"""Pictures are read in two processes apart, which a picture may end without harm to the service;
none costs more than its budget.
"""

import asyncio
import io
import resource
import zlib
from contextlib import suppress

import pytest
from PIL import Image

from services.chassis.errors import ServiceError
from services.signer.documents import qr_code
from services.signer.pictures.kinds import UnknownKindError
from services.signer.pictures.picture_process import (
    CostlyPictureError,
    PictureBudget,
    PictureProcess,
)
from services.signer.pictures.picture_reader import MAX_PICTURE, PATIENT, QUICK, PictureReader
from services.signer.settings import VerifySettings
from tests.support.pictures import finder_patterns, forms_within_forms, many_scans, saved

_TEXT = "HC1:" + "6BFOXN%TSMAHN-H9Q" * 20


@pytest.fixture
def reader() -> PictureReader:
    return PictureReader(VerifySettings(pictures_per_address="3 per minute"), "async+memory://")


async def _read(reader: PictureReader, picture: bytes, who: str = "somebody") -> list[str]:
    with reader.arrivals.receive(who) as arriving:
        reader.take(arriving, picture)
        return await reader.read(arriving)


def _used() -> float:
    """Seconds of CPU of all children that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


async def test_codes_are_read_by_another_process_and_refusals_come_back_as_they_are(
    reader: PictureReader,
) -> None:
    assert await _read(reader, qr_code.png(_TEXT)) == [_TEXT]
    quick, patient = reader.children
    process = quick.process
    assert process
    for picture, error in (
        (b"", ValueError),
        (b"not a picture", ValueError),
        (b"\0\0\0\x18ftypheic", UnknownKindError),
    ):
        with pytest.raises(error):
            await _read(reader, picture)
    assert quick.process is process
    assert patient.process is None


async def test_a_process_that_was_ended_is_followed_by_another(reader: PictureReader) -> None:
    await _read(reader, qr_code.png(_TEXT))
    process = reader.children[0].process
    assert process
    process.kill()
    process.wait()
    assert await _read(reader, qr_code.png(_TEXT)) == [_TEXT]


def test_a_picture_that_takes_too_long_by_the_clock_is_refused_and_the_next_one_is_read() -> None:
    child = PictureProcess(QUICK._replace(deadline_s=0.001))
    with pytest.raises(CostlyPictureError):
        child.read(qr_code.png(_TEXT))
    child.budget = QUICK._replace(deadline_s=60)
    assert child.read(qr_code.png(_TEXT)) == [_TEXT]


async def test_the_process_has_no_environment_of_ours_and_a_bound_for_its_memory(
    reader: PictureReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEAL_KEYS", "secret")
    await _read(reader, qr_code.png(_TEXT))
    process = reader.children[0].process
    assert process
    of = f"/proc/{process.pid}"
    with open(f"{of}/environ") as environment, open(f"{of}/limits") as limits:  # noqa: PTH123
        assert "secret" not in environment.read()
        (data,) = [line.split() for line in limits if line.startswith("Max data size")]
    assert data[3:5] == [str(QUICK.memory)] * 2


HOSTILE = {
    "finder patterns": lambda: finder_patterns(4_000, 8, 1),
    "coarse finder patterns": lambda: finder_patterns(4_000, 36, 4),
    "forms within forms": forms_within_forms,
    "scans": many_scans,
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_no_picture_costs_more_than_its_budget(kind: str) -> None:
    picture = HOSTILE[kind]()
    assert len(picture) < 400_000
    for budget in (QUICK, PATIENT):
        child, before = PictureProcess(budget), _used()
        with suppress(ValueError):
            child.read(picture)
        child.close()
        # a new process is loaded by it
        assert _used() - before < budget.cpu_s + 1.0, kind


def test_what_was_found_before_the_budget_was_spent_is_answered() -> None:
    # patterns so fine that the first look, at a small picture, does not see them
    page = Image.open(io.BytesIO(finder_patterns(4_000, 8, 1))).convert("L")
    code = Image.open(io.BytesIO(qr_code.png(_TEXT, 12))).convert("L")
    page.paste(255, (0, 0, code.width + 80, code.height + 80))
    page.paste(code, (40, 40))
    picture = saved(page, "PNG")
    child = PictureProcess(QUICK)
    with pytest.raises(CostlyPictureError):
        child.read(picture, partly=False)
    assert child.read(picture, partly=True) == [_TEXT]
    child.close()


async def test_a_costly_picture_keeps_no_other_waiting(reader: PictureReader) -> None:
    hostile = asyncio.gather(
        *(_read(reader, finder_patterns(4_000, 8, 1), "attacker") for _ in range(2)),
        return_exceptions=True,
    )
    await asyncio.sleep(0.1)
    began = asyncio.get_running_loop().time()
    assert await _read(reader, qr_code.png(_TEXT)) == [_TEXT]
    waited = asyncio.get_running_loop().time() - began
    assert not hostile.done()
    refused = await hostile
    assert all(isinstance(error, ValueError) for error in refused)
    assert waited < (asyncio.get_running_loop().time() - began) / 2


async def test_one_address_may_send_so_many_pictures(reader: PictureReader) -> None:
    for _ in range(3):
        await reader.admit("one")
    with pytest.raises(ServiceError) as refused:
        await reader.admit("one")
    assert (refused.value.status, refused.value.code) == (429, "TOO_MANY_PICTURES")
    await reader.admit("another")


async def test_pictures_are_read_while_the_counters_do_not_answer() -> None:
    away = PictureReader(VerifySettings(), "async+redis+unix:///nowhere/redis.sock")
    await away.admit("somebody")
    assert await _read(away, qr_code.png(_TEXT)) == [_TEXT]


def test_a_picture_that_is_too_large_is_refused_as_it_arrives(reader: PictureReader) -> None:
    with reader.arrivals.receive("somebody") as arriving:
        reader.take(arriving, bytes(MAX_PICTURE))
        with pytest.raises(ServiceError) as refused:
            reader.take(arriving, b"x")
        assert refused.value.status == 413


async def test_a_large_picture_passes_whole_between_the_processes(reader: PictureReader) -> None:
    noise = saved(Image.effect_noise((2_000, 2_000), 90), "PNG")
    assert len(noise) > 2_000_000
    assert await _read(reader, noise) == []


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
    child = PictureProcess(PATIENT)
    with pytest.raises(ValueError, match=r"costs too much|can be read"):
        child.read(bomb)
    assert child.read(qr_code.png(_TEXT)) == [_TEXT]


def test_memory_that_is_not_there_is_told_as_too_costly() -> None:
    child = PictureProcess(PictureBudget(cpu_s=10, memory=160_000_000, deadline_s=60))
    large = saved(Image.new("RGBA", (7_000, 7_000)), "PNG")
    with pytest.raises(CostlyPictureError):
        child.read(large)
    assert PictureProcess(PATIENT).read(large) == []
