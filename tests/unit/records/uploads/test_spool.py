"""Bodies as browsers and programs send them: forms, packed ones, wrong types, and those that are
meant to harm.
"""

import gzip
import time
import zlib
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from services.chassis.errors import ServiceError
from services.records.uploads.formats.detect import CSV, XLSX
from services.records.uploads.spool import spooled
from tests.support.files import csv_file, typed
from tests.support.workbooks import Page, lines_of, packed, xlsx_book

LIMIT = 1_000_000
FILE = csv_file([typed(1), typed(2)])
BOOK = xlsx_book(Page("A", lines_of([typed()])))


def app() -> FastAPI:
    door = FastAPI()

    @door.post("/")
    async def push(request: Request) -> JSONResponse:
        try:
            async with spooled(request, LIMIT) as body:
                content = b"".join([part async for part in body.parts()])
                return JSONResponse(
                    {
                        "type": body.media_type,
                        "content": content.hex(),
                        "digest": body.fingerprint.hex(),
                    }
                )
        except ServiceError as error:
            return JSONResponse({"code": error.code}, error.status, error.headers)

    return door


@pytest.fixture
async def door() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app()), base_url="http://records"
    ) as client:
        yield client


async def posted(
    door: httpx.AsyncClient, content: bytes, media_type: str = "text/csv", **headers: str
) -> tuple[str, bytes]:
    answer = await door.post("/", content=content, headers={"Content-Type": media_type, **headers})
    assert answer.status_code == 200, answer.text
    return answer.json()["type"], bytes.fromhex(answer.json()["content"])


async def refused(
    door: httpx.AsyncClient, content: bytes, media_type: str = "text/csv", **headers: str
) -> tuple[int, str]:
    answer = await door.post("/", content=content, headers={"Content-Type": media_type, **headers})
    return answer.status_code, answer.json()["code"]


@pytest.mark.parametrize(
    "packing", [gzip.compress, zlib.compress, lambda data: zlib.compress(data)[2:-4]]
)
@pytest.mark.parametrize("coding", ["gzip", "x-gzip", "Deflate"])
async def test_a_packed_body_is_unpacked(
    door: httpx.AsyncClient, packing: object, coding: str
) -> None:
    assert callable(packing)
    assert await posted(door, packing(FILE), **{"Content-Encoding": coding}) == (CSV, FILE)


async def test_a_body_packed_in_several_pieces_is_whole(door: httpx.AsyncClient) -> None:
    pieces = gzip.compress(FILE[:100]) + gzip.compress(FILE[100:]) + bytes(8)
    assert await posted(door, pieces, **{"Content-Encoding": "gzip"}) == (CSV, FILE)


@pytest.mark.parametrize(
    "body",
    [
        gzip.compress(FILE)[:-9],
        b"not packed",
        gzip.compress(FILE) + b"rest",
        gzip.compress(FILE)[:40] + bytes(90),
    ],
)
async def test_a_damaged_body_is_a_clear_422(door: httpx.AsyncClient, body: bytes) -> None:
    assert await refused(door, body, **{"Content-Encoding": "gzip"}) == (
        422,
        "CONTENT_ENCODING_BROKEN",
    )


@pytest.mark.parametrize(
    "body", [gzip.compress(bytes(30_000_000)), gzip.compress(bytes(900_000)) * 40]
)
async def test_a_bomb_is_stopped_where_a_plain_body_would_be(
    door: httpx.AsyncClient, body: bytes
) -> None:
    begun = time.process_time()
    assert len(body) < LIMIT
    assert await refused(door, body, **{"Content-Encoding": "gzip"}) == (413, "BODY_TOO_LARGE")
    assert await refused(door, body, "application/gzip") == (413, "BODY_TOO_LARGE")
    assert await refused(door, packed({"a.csv": bytes(30_000_000)}), "application/zip") == (
        413,
        "BODY_TOO_LARGE",
    )
    assert time.process_time() - begun < 10


@pytest.mark.parametrize("coding", ["br", "zstd", "gzip, gzip", "compress"])
async def test_a_coding_that_is_none_of_ours_is_told_which_are(
    door: httpx.AsyncClient, coding: str
) -> None:
    answer = await door.post(
        "/", content=FILE, headers={"Content-Type": CSV, "Content-Encoding": coding}
    )
    assert (answer.status_code, answer.json()["code"]) == (415, "CONTENT_ENCODING_UNSUPPORTED")
    assert answer.headers["accept-encoding"] == "gzip, deflate"


async def test_a_packed_file_is_read_as_what_is_in_it(door: httpx.AsyncClient) -> None:
    assert await posted(door, gzip.compress(FILE), "application/octet-stream") == (CSV, FILE)
    assert await posted(door, packed({"__MACOSX/a": b"", "a.csv": FILE}), "application/zip") == (
        CSV,
        FILE,
    )
    assert await posted(door, packed({"a.xlsx": BOOK}), "application/zip") == (XLSX, BOOK)
    assert await refused(door, packed({"a.csv": FILE, "b.csv": FILE}), "application/zip") == (
        422,
        "ZIP_OF_FILES",
    )
    assert await refused(door, packed({}), "application/zip") == (422, "ZIP_OF_FILES")


@pytest.mark.parametrize(
    "media_type",
    [
        "text/plain",
        "application/octet-stream",
        "application/vnd.ms-excel",
        "text/tab-separated-values",
    ],
)
@pytest.mark.parametrize(("content", "kind"), [(FILE, CSV), (BOOK, XLSX)])
async def test_a_body_is_what_its_bytes_are(
    door: httpx.AsyncClient, media_type: str, content: bytes, kind: str
) -> None:
    assert await posted(door, content, media_type) == (kind, content)


async def test_a_body_over_the_limit_is_refused_whether_it_says_so_or_not(
    door: httpx.AsyncClient,
) -> None:
    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield FILE

    assert await refused(door, bytes(LIMIT + 1)) == (413, "BODY_TOO_LARGE")
    answer = await door.post("/", content=endless(), headers={"Content-Type": CSV})
    assert (answer.status_code, answer.json()["code"]) == (413, "BODY_TOO_LARGE")


async def form(door: httpx.AsyncClient, **parts: Any) -> httpx.Response:
    return await door.post("/", files=parts)


@pytest.mark.parametrize(
    "guess",
    ["text/csv", "application/vnd.ms-excel", "application/wps-office.xlsx", "image/png", ""],
)
@pytest.mark.parametrize(("content", "kind"), [(FILE, CSV), (BOOK, XLSX)])
async def test_the_file_of_a_form_is_read_whatever_the_browser_takes_it_for(
    door: httpx.AsyncClient, guess: str, content: bytes, kind: str
) -> None:
    answer = await form(
        door, note=(None, "ghi chú"), upload=("Danh sách.csv", content, guess), csrf=(None, "x")
    )
    assert answer.status_code == 200, answer.text
    assert (answer.json()["type"], bytes.fromhex(answer.json()["content"])) == (kind, content)


async def test_the_same_file_sent_again_is_known_whatever_the_boundary_or_packing(
    door: httpx.AsyncClient,
) -> None:
    forms = [
        (await form(door, file=("a.csv", FILE, "text/csv"))).json()["digest"] for _ in range(2)
    ]
    plain = (await door.post("/", content=FILE, headers={"Content-Type": CSV})).json()["digest"]
    packings = [gzip.compress(FILE, level, mtime=level) for level in (1, 9)]
    coded = [
        (
            await door.post(
                "/", content=body, headers={"Content-Type": CSV, "Content-Encoding": "gzip"}
            )
        ).json()["digest"]
        for body in packings
    ]
    other = (await form(door, file=("a.csv", FILE + b"x", "text/csv"))).json()["digest"]
    assert forms[0] == forms[1] != other
    assert set(coded) == {plain}


async def test_a_form_without_a_file_or_with_several_is_told_so(door: httpx.AsyncClient) -> None:
    answer = await form(door, note=(None, "x"))
    assert (answer.status_code, answer.json()["code"]) == (422, "FORM_WITHOUT_FILE")
    answer = await form(door, a=("a.csv", FILE), b=("b.csv", FILE))
    assert (answer.status_code, answer.json()["code"]) == (422, "FORM_OF_FILES")
    # a field in which nobody chose a file
    body = b'--b\r\nContent-Disposition: form-data; name="other"; filename=""\r\n\r\n\r\n'
    body += b'--b\r\nContent-Disposition: form-data; name="file"\r\n\r\n' + FILE + b"\r\n--b--\r\n"
    assert await posted(door, body, "multipart/form-data; boundary=b") == (CSV, FILE)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"", "multipart/form-data; boundary=b"),
        (FILE, "multipart/form-data; boundary=b"),
        (FILE, "multipart/form-data"),
        (
            b'--b\r\nContent-Disposition: form-data; name="f"; filename="a"\r\n\r\n' + FILE,
            "multipart/form-data; boundary=b",
        ),
        (b"--b\r\n" + b"A: " + b"x" * 100_000, "multipart/form-data; boundary=b"),
        (b"--b\r\n" + b"A: x\r\n" * 10_000, "multipart/form-data; boundary=b"),
        (b"x", "multipart/form-data; boundary=" + "b" * 5_000),
    ],
    ids=range(7),
)
async def test_a_broken_form_is_a_clear_422(
    door: httpx.AsyncClient, body: bytes, content_type: str
) -> None:
    assert await refused(door, body, content_type) == (422, "FORM_BROKEN")


@pytest.mark.parametrize("piece", [b"\r\n--", b"\r", b"\r\n--bb", b"\n"])
async def test_a_form_full_of_what_is_nearly_a_boundary_is_read_in_linear_time(
    door: httpx.AsyncClient, piece: bytes
) -> None:
    body = b'--bbb\r\nContent-Disposition: form-data; name="f"; filename="a"\r\n\r\n'
    body += piece * (900_000 // len(piece)) + b"\r\n--bbb--\r\n"
    begun = time.process_time()
    answer = await door.post(
        "/", content=body, headers={"Content-Type": "multipart/form-data; boundary=bbb"}
    )
    assert answer.status_code == 200
    assert time.process_time() - begun < 5
