"""The whole way of one dose by what the pages say: a wrong row at a desk, a case of two officers,
the passport in a letter, its code at a border without a network, and the province's number.
"""

import csv
from io import BytesIO

from PIL import Image
from playwright.async_api import Browser, Page, expect

from tests.support.page_checks import DESKTOP, PHONE, watched
from tests.support.pages import read_qr_codes
from tests.support.site import Site
from tests.web.counted_days import until_counted
from tests.web.letters import Asker, fill, give_dose, letter_to, link_in
from tests.web.test_cases import _case, _decided, cases  # noqa: F401
from tests.web.test_desk import card_of, choose
from tests.web.test_progress_page import _value

ADDRESS = "whole-way@example.vn"
NEWEST = "20/12/2022"  # after all that the sample has


async def test_from_a_wrong_row_to_a_code_that_is_valid_at_the_border(
    site: Site,
    browser: Browser,
    cases: Site,
) -> None:
    before = await _issued(site, browser)
    who = await _mended_at_the_desk(site, browser)
    await _decided_by_two(site, browser)
    # somebody asks for it at home: the newest dose tells that it is them
    await give_dose(site, who, date_given=NEWEST)
    async with watched(browser, site.origin, PHONE) as phone:
        page = await phone.open("/")
        answers = {"full_name": who.name, "birth": who.born, "sex": who.sex, "number": who.number}
        await fill(page, **answers, last=NEWEST, email=ADDRESS)
        await page.click("main form .button--primary")
        await page.wait_for_url("**/check-mail")
        await phone.open(link_in(await letter_to(site, ADDRESS)))
        await page.click("main form .button--primary")
        await page.wait_for_url("**/passport")
        assert await page.inner_text("main h1") == who.name
        code = await _shown_code(page)
    async with watched(browser, site.origin, PHONE) as border:
        page = await border.open("/verify")
        await page.wait_for_selector("#verify[data-ready=true]")
        await page.context.set_offline(True)
        await page.click("[data-part=paste]")
        await page.fill("[data-part=text]", code)
        await page.click("[data-part=form] .button--primary")
        await expect(page.locator("h1:visible")).to_contain_text("HỢP LỆ")
    # the mended row, the case, and the new dose
    await until_counted(site, lambda funnel: funnel["issued"] >= before + 3)
    assert await _issued(site, browser) >= before + 3


async def _issued(site: Site, browser: Browser) -> int:
    """What the province's page says is issued."""
    async with watched(browser, site.origin, DESKTOP) as seen:
        await site.sign_in(seen.page, "province", "/progress")
        return await _value(seen.page, "issued")


async def _mended_at_the_desk(site: Site, browser: Browser) -> Asker:
    """A row without a number gets it by the card; whose row it was."""
    async with watched(browser, site.origin, DESKTOP) as seen:
        await site.sign_in(seen.page, "station", "/desk")
        born = ""
        while born.count("/") < 2:  # by the card a whole birth date is known
            await seen.page.keyboard.press("ArrowDown")
            row = await choose(seen.page, "Thiếu số CCCD")
            cells = await row.locator("th, td").all_inner_texts()
            name, born = cells[0].strip(), cells[1].strip()
        card = card_of(site, name, born)
        await seen.page.keyboard.press("Enter")
        await seen.page.keyboard.type(card)
        await seen.page.keyboard.press("Enter")
        await expect(row.locator(".outcome")).to_contain_text("Đã nhận gợi ý")
    with (site.province / "people.csv").open(encoding="utf-8") as file:
        [person] = [
            one for one in csv.DictReader(file) if one["personal_id"] == card.partition("|")[0]
        ]
    place = (person["province_code"], person["district_code"], person["commune_code"])
    return Asker(name, born, person["sex"], person["personal_id"], "", place)


async def _decided_by_two(site: Site, browser: Browser) -> None:
    async with watched(browser, site.origin, DESKTOP) as first:
        await site.sign_in(first.page, "police", "/cases")
        case = await _case(first.page)
        await _decided(first.page, "1", "thứ hai")
    async with watched(browser, site.origin, DESKTOP) as second:
        await site.sign_in(second.page, "police-second", "/cases?second=true")
        assert await _case(second.page) == case
        await _decided(second.page, "1", "Đã quyết định")


async def _shown_code(page: Page) -> str:
    """The newest dose's code, scanned from what the screen shows."""
    code = page.locator(".dose-card .code").first
    await code.scroll_into_view_if_needed()
    return read_qr_codes(Image.open(BytesIO(await code.screenshot())))[0].text
