"""The desk: wrong rows mended by keyboard alone, on the running system, phone and desktop."""

import asyncio
import csv
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Browser, Locator, Page, Route, expect

from contracts.access import Role
from tests.support.page_checks import DESKTOP, FIRST_LOAD, PHONE, WatchedPage, watched
from tests.support.site import Site

SIZES = pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
CHOSEN = "#rows tr[aria-selected=true]"
REFUSED = frozenset({"422", "403", "409"})
"""A browser writes every refusal to the console."""


@asynccontextmanager
async def desk(
    site: Site, browser: Browser, size: tuple[int, int] = DESKTOP, path: str = "/desk"
) -> AsyncIterator[WatchedPage]:
    """The desk of the province's station."""
    async with watched(browser, site.origin, size) as watching:
        await site.sign_in(watching.page, "station", path)
        yield watching


def card_of(site: Site, name: str, born: str) -> str:
    """The line of the card of who is registered under this name and birth date."""
    day, month, year = born.split("/")
    with (site.province / "people.csv").open(encoding="utf-8") as file:
        [person] = [
            row
            for row in csv.DictReader(file)
            if (row["full_name"], row["date_of_birth"]) == (name, f"{year}-{month}-{day}")
        ]
    sex = {"male": "Nam", "female": "Nữ"}[person["sex"]]
    return f"{person['personal_id']}||{name}|{day}{month}{year}|{sex}|Việt Nam|01012021"


async def choose(page: Page, words: str) -> Locator:
    """Chooses the first row that nobody has worked on with these words, by keyboard alone."""
    rows = page.locator("#rows tr[data-id]")
    for _ in range(await rows.count()):
        chosen = page.locator(CHOSEN)
        if words in await chosen.inner_text() and not await chosen.get_attribute("data-done"):
            return page.locator(f"#rows tr[data-id='{await chosen.get_attribute('data-id')}']")
        await page.keyboard.press("ArrowDown")
    raise AssertionError(f"no row with {words}")


async def state_of(site: Site, dose_id: str) -> str:
    async with site.system.client(Role.SERVICE) as client:
        return str((await client.get(f"/records/v1/doses/{dose_id}")).json()["state"])


@SIZES
async def test_the_desk_is_good_to_all_and_small_at_first(
    site: Site, browser: Browser, size: tuple[int, int]
) -> None:
    async with desk(site, browser, size) as watching:
        page = watching.page
        await expect(page.locator(".numbers strong").first).not_to_be_empty()
        await expect(page.locator(".causes li").first).to_contain_text(re.compile(r"\d"))
        await watching.assert_good()
    async with watched(browser, site.origin, size) as fresh:
        await site.sign_in(fresh.page, "station", "/desk")
        fresh.loaded.clear()
        await fresh.open("/desk")
        assert await fresh.bytes_loaded() < FIRST_LOAD


async def test_by_the_scanned_card_a_row_is_mended_by_keyboard_alone_and_the_passport_issued(
    site: Site, browser: Browser
) -> None:
    async with desk(site, browser) as watching:
        page = watching.page
        row = await choose(page, "Thiếu số CCCD")
        cells = await row.locator("th, td").all_inner_texts()
        card = card_of(site, cells[0].strip(), cells[1].strip())
        await page.keyboard.press("Enter")
        await page.keyboard.type(card)  # as a scanner does
        held = asyncio.Event()

        async def hold(route: Route) -> None:
            await held.wait()
            await route.continue_()

        await page.route("**/accept", hold)
        await page.keyboard.press("Enter")
        # nobody waits for the service: what was done is shown before it has answered
        await expect(row.locator(".outcome")).to_contain_text("đang lưu")
        # the next row stands ready at once
        assert await page.locator(CHOSEN).get_attribute("data-id") != await row.get_attribute(
            "data-id"
        )
        held.set()
        await expect(row.locator(".outcome")).to_contain_text("Đã nhận gợi ý")
        dose_id = await row.get_attribute("data-id") or ""
        async with site.system.client(Role.SERVICE) as client:
            for _ in range(100):
                dose = (await client.get(f"/records/v1/doses/{dose_id}")).json()
                if dose["state"] == "issued":
                    break
                await page.wait_for_timeout(200)
        assert (dose["state"], dose["grade"]) == ("issued", "repaired")
        await watching.assert_good()


async def test_a_card_of_somebody_else_is_told_beside_the_field_and_nothing_is_lost(
    site: Site, browser: Browser
) -> None:
    async with desk(site, browser) as watching:
        page = watching.page
        row = await choose(page, "chắc chắn")
        await page.keyboard.press("Enter")
        await page.keyboard.type("079199012345")
        await page.keyboard.press("Enter")
        error = page.locator("#panel .field--error .error")
        await expect(error.first).to_contain_text("không phải của người được gợi ý")
        assert await row.get_attribute("aria-selected") == "true"
        assert await row.get_attribute("data-done") is None
        await expect(page.locator("#panel input[name=card]").first).to_be_focused()
        await watching.assert_good(expected=REFUSED)


async def test_by_sight_it_waits_for_the_police_and_z_takes_it_back(
    site: Site, browser: Browser
) -> None:
    async with desk(site, browser, path="/desk?kind=certain&cause=ID_MISSING") as watching:
        page = watching.page
        row = await choose(page, "chắc chắn")
        await page.keyboard.press("Enter")
        await page.keyboard.press("Enter")
        await expect(row.locator(".outcome")).to_contain_text("chờ công an")
        await page.keyboard.press("Escape")
        await page.keyboard.press("z")
        await expect(row.locator(".outcome")).to_contain_text("chắc chắn")
        dose_id = await row.get_attribute("data-id") or ""
        assert await state_of(site, dose_id) == "needs_correction"
        await watching.assert_good()


async def test_a_wrong_suggestion_is_passed_over_by_b_and_taken_up_by_z(
    site: Site, browser: Browser
) -> None:
    async with desk(site, browser) as watching:
        page = watching.page
        row = await choose(page, "chắc chắn")
        await page.keyboard.press("b")
        await expect(row.locator(".outcome")).to_contain_text("đã bỏ qua")
        await page.keyboard.press("z")
        await expect(row.locator(".outcome")).to_contain_text("chắc chắn")


async def test_an_error_of_a_correction_stands_by_its_field_and_what_was_typed_outlives_a_reload(
    site: Site, browser: Browser
) -> None:
    async with desk(site, browser) as watching:
        page = watching.page
        await choose(page, "")
        await page.keyboard.press("e")
        lot = page.locator("#panel input[name=lot]")
        given = page.locator("#panel input[name=date_given]")
        await lot.fill("LOT-TYPED")
        await given.fill("31/02/2021")
        await given.press("Enter")
        error = page.locator("#panel .field", has=page.locator("input[name=date_given]")).locator(
            ".error"
        )
        await expect(error).to_be_visible()
        await expect(given).to_have_value("31/02/2021")
        chosen = await page.locator(CHOSEN).get_attribute("data-id")
        await page.reload()
        while await page.locator(CHOSEN).get_attribute("data-id") != chosen:
            await page.keyboard.press("ArrowDown")
        await expect(page.locator("#panel input[name=lot]")).to_have_value("LOT-TYPED")
        await watching.assert_good(expected=REFUSED)


async def test_the_keys_are_shown_and_can_be_turned_off(site: Site, browser: Browser) -> None:
    async with desk(site, browser) as watching:
        page = watching.page
        await page.locator(CHOSEN).focus()
        await page.keyboard.press("?")
        await expect(page.locator("#keys")).to_be_visible()
        await watching.assert_good()
        await page.get_by_label("Dùng phím tắt một chữ").uncheck()
        await page.keyboard.press("Escape")
        await page.locator(CHOSEN).focus()
        await page.keyboard.press("e")
        assert await page.evaluate("document.activeElement.tagName") == "TR"


async def test_without_scripts_one_row_is_corrected_and_an_error_keeps_what_was_typed(
    site: Site, browser: Browser
) -> None:
    async with watched(browser, site.origin, DESKTOP, java_script_enabled=False) as watching:
        page = watching.page
        await site.sign_in(page, "station", "/desk")
        await page.locator("#rows th a").first.click()
        await page.fill("input[name=date_given]", "31/02/2021")
        await page.get_by_role("button", name="Lưu và xác thực lại").click()
        await expect(page.locator(".notice--wrong").first).to_contain_text("Bản sửa chưa đúng")
        await expect(page.locator("input[name=date_given]")).to_have_value("31/02/2021")


async def test_only_clinics_and_stations_have_a_desk(site: Site) -> None:
    async with site.signed_in("police") as client:
        answer = await client.get("/desk")
        assert answer.status_code == 403
        assert "/cases" in answer.text
    async with site.visitor() as client:
        assert (await client.get("/desk")).headers["location"].startswith("/sign-in?next=%2Fdesk")
