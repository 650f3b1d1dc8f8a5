"""A file looked at, taken, watched to its end and given back, at the desk."""

import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.async_api import Browser, Route, expect

from tests.support.files import csv_file, typed
from tests.support.page_checks import DESKTOP, PHONE, watched
from tests.support.site import Site
from tests.web.test_forms import token_of

SIZES = pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
HOSTILE = "Nguyễn <script>alert(1)</script> Thị"


def rows_of(site: Site, stem: str, count: int = 3, **fields: Any) -> bytes:
    """A clinic's file: new doses of its own facility."""
    facility = site.places.facility
    made = [
        typed(
            number,
            source_id=f"{stem}-{number}",
            facility_code=facility,
            personal_id=f"0681800{number:05}",
            **fields,
        )
        for number in range(count)
    ]
    return csv_file(made)


@SIZES
async def test_a_file_is_understood_before_it_is_taken_and_watched_to_its_end(
    site: Site, browser: Browser, tmp_path: Path, size: tuple[int, int]
) -> None:
    file = tmp_path / "day.csv"
    content = rows_of(site, f"upload-{size[0]}")
    file.write_bytes(content.replace("Số điện thoại".encode(), "Số ĐT".encode(), 1))
    async with watched(browser, site.origin, size) as watching:
        page = watching.page
        await site.sign_in(page, "facility", "/desk/uploads")
        await watching.assert_good()
        await page.set_input_files("#file", file)
        preview = page.locator(".preview")
        await expect(preview).to_contain_text("“Số ĐT” được đọc là Số điện thoại")
        await expect(preview).to_contain_text("3 dòng đầu đọc được hết")
        await watching.assert_good()
        await page.click("#take")
        await page.wait_for_url(re.compile(r"/desk/uploads/\d+$"))
        await expect(page.locator("#job")).to_contain_text("Việc của bạn", timeout=20_000)
        await expect(page.locator(".outcomes")).to_contain_text("Cần sửa")
        await watching.assert_good()
        job = page.url.rpartition("/")[2]
        await watching.open("/desk/uploads")
        await expect(page.get_by_role("link", name=job, exact=True)).to_be_visible()


async def test_what_cannot_be_read_is_told_in_words_and_nothing_is_taken(
    site: Site, browser: Browser, tmp_path: Path
) -> None:
    file = tmp_path / "photo.csv"
    file.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40)
    async with watched(browser, site.origin, DESKTOP) as watching:
        page = watching.page
        await site.sign_in(page, "facility", "/desk/uploads")
        await page.set_input_files("#file", file)
        await expect(page.locator("#preview .notice--wrong")).to_contain_text("Chưa đọc được")
        await expect(page.locator("#take")).to_have_count(0)


async def test_a_script_in_a_name_is_shown_as_a_name(
    site: Site, browser: Browser, tmp_path: Path
) -> None:
    file = tmp_path / "hostile.csv"
    file.write_bytes(rows_of(site, "hostile", 1, full_name=HOSTILE))
    async with watched(browser, site.origin, DESKTOP) as watching:
        page = watching.page
        dialogs: list[str] = []
        page.on("dialog", lambda dialog: dialogs.append(dialog.message))
        await site.sign_in(page, "facility", "/desk/uploads")
        await page.set_input_files("#file", file)
        await expect(page.locator(".preview")).to_contain_text("<script>alert(1)</script>")
        await watching.assert_good()
        assert dialogs == []


async def _form(client: httpx.AsyncClient) -> dict[str, str]:
    text = (await client.get("/desk/uploads")).text
    key = re.search(r'name="key" value="([^"]+)"', text)
    assert key
    return {"csrf": token_of(text), "key": key[1]}


async def test_a_form_that_is_sent_twice_is_one_file(site: Site) -> None:
    file = {"file": ("day.csv", rows_of(site, "twice"), "text/csv")}
    async with site.signed_in("facility") as client:
        form = await _form(client)
        first, second = [await client.post("/desk/uploads", data=form, files=file) for _ in "12"]
        assert first.status_code == second.status_code == 303
        assert first.headers["location"] == second.headers["location"]


async def test_without_scripts_a_file_is_looked_at_and_sent(site: Site) -> None:
    file = {"file": ("day.csv", rows_of(site, "plain"), "text/csv")}
    async with site.signed_in("facility") as client:
        form = await _form(client)
        looked = await client.post("/desk/uploads/preview", data=form, files=file)
        assert "3 dòng đầu đọc được hết" in looked.text
        assert "Các tệp đã gửi" in looked.text
        sent = await client.post("/desk/uploads", data=form, files=file)
        page = await client.get(sent.headers["location"])
        assert "Xác thực dân cư" in page.text
        back = await client.get(f"{sent.headers['location']}/rows.csv")
        assert "plain-0" in back.text


async def _sent(site: Site, stem: str) -> str:
    """The page of a file that is worked off."""
    file = {"file": ("day.csv", rows_of(site, stem), "text/csv")}
    async with site.signed_in("facility") as client:
        sent = await client.post("/desk/uploads", data=await _form(client), files=file)
        path = sent.headers["location"]
    await site.system.settled(int(path.rpartition("/")[2]))
    return path


async def test_the_stream_tells_that_a_file_has_moved_but_nothing_of_what_is_in_it(
    site: Site,
) -> None:
    path = await _sent(site, "told")
    async with site.signed_in("facility") as client:
        told = await client.get(f"{path}/events")
        assert told.headers["content-type"].startswith("text/event-stream")
        lines = told.text.splitlines()
        assert "event: settled" in lines
        assert {line for line in lines if line.startswith("data:")} == {"data: moved"}
        [seen] = [line.removeprefix("id: ") for line in lines if line.startswith("id:")]
        again = await client.get(f"{path}/events", headers={"Last-Event-ID": seen})
        assert again.status_code == 204
        assert (await client.get("/desk/uploads/999999999/events")).status_code == 404
    async with site.visitor() as nobody:
        assert (await nobody.get(f"{path}/events")).status_code == 303


@pytest.mark.parametrize("streams", [True, False], ids=["streams", "no-streams"])
async def test_the_page_of_a_file_moves_by_the_stream_and_without_it_by_asking(
    site: Site, browser: Browser, streams: bool
) -> None:
    path = await _sent(site, f"moves-{streams}")
    asked: list[str] = []
    async with watched(browser, site.origin, DESKTOP) as watching:
        page = watching.page
        await site.sign_in(page, "facility", "/desk/uploads")

        async def as_it_was(route: Route) -> None:
            """The page as of a moment before, when the file was not yet worked off."""
            answer = await route.fetch()
            text = (await answer.text()).replace(" data-over", "").replace("Việc của bạn", "…")
            await route.fulfill(response=answer, body=text)

        await page.route(f"**{path}", as_it_was)
        if not streams:
            await page.route("**/events", lambda route: route.abort())
        page.on("request", lambda request: asked.append(request.url.removeprefix(site.origin)))
        await page.goto(f"{site.origin}{path}")
        await expect(page.locator("#job")).to_contain_text("Việc của bạn")
        await expect(page.locator("#job[data-over]")).to_have_count(1)
        await watching.assert_good(expected=frozenset({"ERR_FAILED"}))
    assert asked.count(f"{path}/events") == 1
    assert asked.count(f"{path}?part=job") == 1
