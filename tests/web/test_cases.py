"""`/cases` and pages of certain rows: two people by keyboard alone, on a phone and at a desk."""

import os
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Browser, Page, expect

from tests.support.page_checks import DESKTOP, PHONE, WatchedPage, watched
from tests.support.site import Site
from tests.web.single_cases import give_single_cases

SIZES = pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
PNG = b"\x89PNG\r\n\x1a\nnot much of a picture"


@pytest.fixture(scope="module")
async def cases(site: Site) -> Site:
    """The site with cases that no page can confirm."""
    await give_single_cases(site)
    return site


@asynccontextmanager
async def _signed_in(
    site: Site, browser: Browser, account: str, path: str, size: tuple[int, int] = DESKTOP
) -> AsyncIterator[WatchedPage]:
    async with watched(browser, site.origin, size) as seen:
        await site.sign_in(seen.page, account, path)
        await seen.page.wait_for_load_state("networkidle")
        yield seen


async def _look(page: Page, name: str) -> None:
    """A picture for whoever looks at the pages: `LOOK=folder`."""
    if folder := os.environ.get("LOOK"):
        await page.screenshot(path=f"{folder}/{name}.png", full_page=True)


async def _case(page: Page) -> str:
    found = await page.get_attribute("[data-case-stage] [data-case]", "data-case")
    assert found
    return found


async def _decided(page: Page, key: str, words: str) -> None:
    """Presses a key and waits for the answer, and for another case than the one shown."""
    shown = await _case(page)
    await page.keyboard.press(key)
    await expect(page.locator("[data-said]")).to_contain_text(words)
    await expect(page.locator(f"[data-case-stage] [data-case='{shown}']")).to_have_count(0)


@SIZES
async def test_a_case_is_decided_by_one_key_and_the_next_is_there_and_z_takes_it_back(
    cases: Site, browser: Browser, size: tuple[int, int]
) -> None:
    async with _signed_in(cases, browser, "police", "/cases", size) as seen:
        page = seen.page
        first = await _case(page)
        await seen.assert_good()
        await _look(page, f"cases-{size[0]}")
        await _decided(page, "3", "giấy tờ")
        await _decided(page, "2", "Đã quyết định")
        third = await page.locator("[data-case]").first.get_attribute("data-case")
        await page.keyboard.press("z")
        await expect(page.locator("[data-said]")).to_contain_text("Đã hoàn tác")
        assert await _case(page) not in (first, third)
        await seen.assert_good()


async def test_the_second_officer_sees_whom_the_first_one_confirmed(
    cases: Site, browser: Browser
) -> None:
    async with _signed_in(cases, browser, "police", "/cases") as one:
        confirmed = [await _case(one.page)]
        await _decided(one.page, "1", "thứ hai")
        confirmed.append(await _case(one.page))
        await _decided(one.page, "1", "thứ hai")
        # nobody is asked about one and the same case twice
        assert len({*confirmed, await _case(one.page)}) == 3
    async with _signed_in(cases, browser, "police-second", "/cases?second=true") as two:
        assert await _case(two.page) in confirmed
        await expect(two.page.locator(".case")).to_contain_text("Cán bộ thứ nhất đã xác nhận")
        await _look(two.page, "cases-second")
        await two.page.keyboard.press("1")
        await expect(two.page.locator("[data-said]")).to_contain_text("Đã quyết định")
        await two.assert_good()


@SIZES
async def test_a_clerk_and_an_officer_confirm_a_page_by_keyboard_alone(
    site: Site, browser: Browser, size: tuple[int, int]
) -> None:
    async with _signed_in(site, browser, "station", "/desk/bulk", size) as clerk:
        page = clerk.page
        await clerk.assert_good()
        await _look(page, f"bulk-kinds-{size[0]}")
        await page.get_by_role("button", name="Bắt đầu").first.focus()
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/desk/bulk/runs/*")
        await expect(page.locator(".bulk-row")).not_to_have_count(0)
        await _look(page, f"bulk-sample-{size[0]}")
        while await page.locator("form[data-stage=sample]").count():
            shown = await page.get_attribute("form.bulk", "data-page")
            await page.keyboard.press("Enter")
            await expect(page.locator(f"form[data-page='{shown}']")).to_have_count(0)
        rows = await page.locator(".bulk-row").count()
        if rows > 1:
            await clerk.assert_good()
            await _look(page, f"bulk-page-{size[0]}")
            await page.keyboard.press("ArrowDown")
            await page.keyboard.press("x")
            shown = await page.get_attribute("form.bulk", "data-page")
            await page.keyboard.press("Enter")
            await page.keyboard.press("Enter")
            await expect(page.locator("[data-toast]")).to_contain_text("1 để xem riêng")
            await expect(page.locator(f"form[data-page='{shown}']")).to_have_count(0)
        await clerk.assert_good()
    async with _signed_in(site, browser, "police-second", "/cases/bulk", size) as officer:
        page = officer.page
        await page.get_by_role("link", name=re.compile("Xác nhận lần hai")).click()
        await expect(page.locator("form.bulk")).to_contain_text("Người thứ nhất")
        await officer.assert_good()
        await _look(page, f"bulk-second-{size[0]}")
        while await page.locator("form.bulk").count():
            shown = await page.get_attribute("form.bulk", "data-page")
            await page.keyboard.press("Enter")
            await expect(page.locator(f"form[data-page='{shown}']")).to_have_count(0)
        await expect(page.locator("[data-toast]")).to_contain_text("xác nhận xong")
        await officer.assert_good()


async def test_without_a_script_a_case_is_decided_by_its_buttons(
    cases: Site, browser: Browser
) -> None:
    async with cases.signed_in("police") as officer:
        page = (await officer.get("/cases")).text
        case = re.search(r'action="(/cases/\d+/decide)"', page)
        fields = dict(re.findall(r'name="(csrf|version|key)" value="([^"]*)"', page))
        assert case is not None
        sent = await officer.post(case[1], data={**fields, "decision": "papers"})
        assert (sent.status_code, sent.headers["location"]) == (303, "/cases")
        assert "Đã báo trạm y tế cần giấy tờ." in (await officer.get("/cases")).text


async def test_a_session_that_ends_in_the_middle_leads_to_the_sign_in(
    cases: Site, browser: Browser
) -> None:
    async with _signed_in(cases, browser, "police", "/cases") as seen:
        await cases.run_sql("UPDATE session SET seen_at = now() - interval '1 hour'")
        await seen.page.keyboard.press("3")
        await expect(seen.page.locator("[name=account]").first).to_be_visible()


async def test_the_station_and_the_police_talk_in_one_thread(cases: Site, browser: Browser) -> None:
    async with _signed_in(cases, browser, "police", "/cases") as officer:
        case = await _case(officer.page)
        await officer.page.locator(".case-thread summary").click()
        await officer.page.fill(f"#text-{case}", "Cho xem giấy khai sinh")
        await officer.page.get_by_role("button", name="Yêu cầu giấy tờ").click()
        await expect(officer.page.locator(".thread")).to_contain_text("Chờ trạm y tế")
        await officer.assert_good()
    async with _signed_in(cases, browser, "station", "/desk?waiting=station", PHONE) as clerk:
        page = clerk.page
        # the desk knows who waits for it, and the row leads to what was said
        await expect(page.locator("#counts")).to_contain_text("công an chờ trạm")
        row = page.locator(f"#rows tr[data-id='{case}']")
        await row.get_by_role("link", name="Công an cần xem giấy tờ").click()
        await expect(page.locator(".thread")).to_contain_text("Cho xem giấy khai sinh")
        await page.set_input_files(
            f"#picture-{case}", {"name": "giay.png", "mimeType": "image/png", "buffer": PNG}
        )
        await page.get_by_role("button", name="Trả lời công an").click()
        await expect(page.locator(".thread")).to_contain_text("Chờ công an")
        await expect(page.get_by_role("link", name="Ảnh giấy tờ")).to_be_visible()
        await _look(page, "thread-390")
        await clerk.assert_good()
