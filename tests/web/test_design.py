"""The ten components, alive on `/design`: by eye, by ear, by keyboard, and without a script."""

import pytest
from playwright.async_api import Browser, Page, expect

from tests.support.page_checks import DESKTOP, FIRST_LOAD, PHONE, assert_fits, watched
from tests.support.site import Site
from web.design.routes import LONG_NAME


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
async def test_every_component_can_be_read_by_all(
    site: Site, browser: Browser, language: str, theme: str, size: tuple[int, int]
) -> None:
    async with watched(browser, site.origin, size) as seen:
        page = await seen.open(f"/design?lang={language}&theme={theme}")
        assert await page.get_attribute("html", "data-theme") == theme
        assert await page.get_attribute("html", "lang") == language
        await expect(page.locator("tbody th", has_text=LONG_NAME)).to_be_visible()
        await seen.assert_good()


async def test_nothing_needs_a_wider_screen_at_twice_the_size_of_letters(
    site: Site, browser: Browser
) -> None:
    async with watched(browser, site.origin, (320, 640)) as seen:
        page = await seen.open("/design")
        await assert_fits(page)
        await page.evaluate("document.documentElement.style.fontSize = '200%'")
        await page.set_viewport_size({"width": 683, "height": 384})
        await assert_fits(page)


async def test_the_theme_changes_at_once_and_is_remembered(site: Site, browser: Browser) -> None:
    async with watched(browser, site.origin, color_scheme="light") as seen:
        page = await seen.open("/design")
        ground = "getComputedStyle(document.body).backgroundColor"
        light = await page.evaluate(ground)
        async with page.expect_response("**/?theme=dark"):
            await page.click("[data-theme-choice=dark]")
        dark = await page.evaluate(ground)
        assert dark != light
        await page.goto(f"{site.origin}/")
        assert await page.get_attribute("html", "data-theme") == "dark"
        assert await page.evaluate(ground) == dark


async def names(page: Page) -> list[str]:
    return [
        name.split()[0] for name in await page.locator("#people tbody th").all_inner_texts() if name
    ]


async def test_a_table_sorts_in_vietnamese_order_and_is_walked_by_arrows(
    site: Site, browser: Browser
) -> None:
    async with watched(browser, site.origin, DESKTOP) as seen:
        page = await seen.open("/design")
        await page.click("#people .sort >> nth=0")
        assert await names(page) == ["Ánh", "Âu", "Công", "Đặng", "Nguyễn"]
        first = page.locator("#people th").first
        await expect(first).to_have_attribute("aria-sort", "ascending")
        await page.click("#people .sort >> nth=0")
        assert await names(page) == ["Nguyễn", "Đặng", "Công", "Âu", "Ánh"]
        await page.click("#people .sort >> nth=1")
        assert (await names(page))[0] == "Công", "born 1948, sorted by the day and not its letters"
        await page.locator("#people tbody tr").first.focus()
        await page.keyboard.press("ArrowDown")
        await page.keyboard.press("ArrowDown")
        await page.keyboard.press("ArrowUp")
        second = "document.activeElement === document.querySelectorAll('#people tbody tr')[1]"
        assert await page.evaluate(second)
        before = await page.locator("#people").bounding_box()
        await page.check("[data-density=people]")
        after = await page.locator("#people").bounding_box()
        assert before and after and after["height"] < before["height"] * 0.8


async def test_a_whole_date_is_pasted_and_typed_on_through_the_three_fields(
    site: Site, browser: Browser
) -> None:
    async with watched(browser, site.origin) as seen:
        page = await seen.open("/design")
        await page.locator("#birth-day").press_sequentially("05041985")
        typed = [await page.input_value(f"#birth-{part}") for part in ("day", "month", "year")]
        assert typed == ["05", "04", "1985"]
        await page.check("[name=birth_year_only]")
        await expect(page.locator("#birth-day")).to_be_hidden()
        await expect(page.locator("#birth-year")).to_be_visible()
        await page.uncheck("[name=birth_year_only]")
        paste = """at => at.dispatchEvent(new ClipboardEvent("paste", {bubbles: true,
            cancelable: true, clipboardData: (() => { const data = new DataTransfer();
            data.setData("text", "17/11/1990"); return data; })()}))"""
        await page.locator("#birth-day").evaluate(paste)
        pasted = [await page.input_value(f"#birth-{part}") for part in ("day", "month", "year")]
        assert pasted == ["17", "11", "1990"]


async def test_errors_come_first_and_lead_to_their_fields(site: Site, browser: Browser) -> None:
    async with watched(browser, site.origin) as seen:
        page = await seen.open("/design")
        summary = page.locator("[data-error-summary]")
        await expect(summary).to_be_focused()
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await expect(page.locator("#idno")).to_be_focused()
        await page.click("[data-error-summary] a >> nth=1")
        await expect(page.locator("#birth-bad-day")).to_be_focused()
        described = await page.get_attribute("#idno", "aria-describedby")
        assert described == "idno-hint idno-error"


async def test_without_a_script_all_is_there_and_language_and_theme_can_be_chosen(
    site: Site, browser: Browser
) -> None:
    async with watched(browser, site.origin, java_script_enabled=False) as seen:
        page = await seen.open("/design")
        await page.click("[aria-label='EN: English']")
        await expect(page.locator("h1")).to_have_text("Ten components")
        await page.click("[data-theme-choice=dark]")
        assert await page.get_attribute("html", "data-theme") == "dark"
        await page.check("[name=birth_year_only]")
        await expect(page.locator("#birth-day")).to_be_hidden()


@pytest.mark.parametrize("path", ["/", "/design", "/nowhere"])
async def test_the_first_load_of_a_page_is_small(site: Site, browser: Browser, path: str) -> None:
    expected = frozenset({"404"} if path == "/nowhere" else ())
    async with watched(browser, site.origin) as seen:
        await seen.open(path)
        assert await seen.bytes_loaded() < FIRST_LOAD
        await seen.assert_good(expected=expected)


async def test_what_was_built_is_sent_small_to_browsers_that_take_it(site: Site) -> None:
    async with site.visitor() as client:
        page = await client.get("/")
        (style,) = [part for part in page.text.split('"') if part.startswith("/assets/css/main")]
        for accepted, encoding in {
            "br, gzip": "br",
            "gzip": "gzip",
            "br;q=0, gzip": "gzip",
            "identity": None,
        }.items():
            answer = await client.get(style, headers={"Accept-Encoding": accepted})
            assert answer.status_code == 200
            assert answer.headers.get("content-encoding") == encoding
            assert answer.headers["content-type"].startswith("text/css")
            assert answer.headers["vary"] == "accept-encoding"
            assert "immutable" in answer.headers["cache-control"]
            if encoding != "br":  # which our client does not unpack
                assert "--action" in answer.text
        assert (await client.get("/assets/../pages.py")).status_code == 404
