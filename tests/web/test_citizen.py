"""The citizen's way: the look-up, the letter, the page behind its link; and who misuses it."""

from collections.abc import AsyncIterator
from io import BytesIO
from itertools import islice

import pytest
from PIL import Image
from playwright.async_api import Browser, Page

from tests.support.page_checks import DESKTOP, PHONE, WatchedPage, watched
from tests.support.pages import read_page, read_qr_codes
from tests.support.site import Site
from tests.web.letters import LAST, Asker, askers, fill, give_dose, letter_to, link_in
from tests.web.test_forms import token_of

EVIL = "<script>document.title='taken'</script>\"'><img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
async def people(site: Site) -> AsyncIterator[list[Asker]]:
    """Four whose last dose is issued, and one whose last dose was mistyped: nobody may ask for one
    person as often as all tests do.
    """
    *right, wrong = islice(askers(site), 20, 25)
    for who in right:
        await give_dose(site, who)
    day, month, year = wrong.born.split("/")
    await give_dose(site, wrong, date_of_birth=f"{day}/{month}/{int(year) - 4}")
    yield [*right, wrong]


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
async def test_from_the_look_up_to_the_opened_passport(
    site: Site, browser: Browser, people: list[Asker], size: tuple[int, int]
) -> None:
    who = people[0]
    address = f"way-{size[0]}@example.vn"
    async with watched(browser, site.origin, size) as watch:
        page = await watch.open("/")
        await watch.assert_good()
        assert await watch.bytes_loaded() < 100_000
        # as people have it: the old card, no accents, the year alone
        await fill(
            page,
            full_name=who.name.upper(),
            birth=who.born,
            sex=who.sex,
            number=who.card,
            last=LAST,
            email=address,
        )
        await page.click("main form .button--primary")
        await page.wait_for_url("**/check-mail")
        assert address in await page.inner_text("main")
        await watch.assert_good()
        letter = await letter_to(site, address)
        assert who.number not in letter
        await watch.open(link_in(letter))
        await watch.assert_good()
        await page.click("main form .button--primary")
        await page.wait_for_url("**/passport")
        assert await page.inner_text("main h1") == who.name
        await page.wait_for_selector("#keep:not([hidden])")
        await watch.assert_good()
        # the newest dose first, and its code scans from what the screen shows
        code = page.locator(".dose-card .code").first
        await code.scroll_into_view_if_needed()
        shown = Image.open(BytesIO(await code.screenshot()))
        scanned = read_qr_codes(shown)[0].text
        async with site.visitor() as visitor:
            verdict = (await visitor.post("/signer/v1/verify", json={"qr": scanned})).json()
        assert verdict["valid"], verdict
        assert verdict["certificate"]["entry"]["dt"] == "2022-04-20"
        async with page.expect_download() as saving:
            await page.click("a[href$='.pdf']")
        pdf = (await (await saving.value).path()).read_bytes()
        assert read_page(pdf).code()[0] == scanned
        async with page.expect_download() as saving:
            await page.locator(".dose-card a[download]").first.click()
        picture = Image.open(BytesIO((await (await saving.value).path()).read_bytes()))
        assert read_qr_codes(picture)[0].text == scanned


async def test_a_code_is_dark_on_white_in_the_dark_too(
    site: Site, browser: Browser, people: list[Asker]
) -> None:
    async with watched(browser, site.origin, color_scheme="dark") as watch:
        page = await _opened(site, watch, people[1], "dark@example.vn")
        ground = "getComputedStyle(document.querySelector('.dose-card .code')).backgroundColor"
        assert await page.evaluate(ground) == "rgb(255, 255, 255)"
        await watch.assert_good()
        wide = await page.evaluate(
            "document.querySelector('.dose-card .code svg').getBoundingClientRect().width"
        )
        assert wide >= PHONE[0] - 2


async def test_who_asks_for_it_keeps_the_passport_where_there_is_no_network(
    site: Site, browser: Browser, people: list[Asker]
) -> None:
    async with watched(browser, site.origin) as watch:
        page = await _opened(site, watch, people[1], "offline@example.vn")
        assert await page.evaluate("caches.keys()") == [], "nothing is kept unasked"
        await page.click("#keep-it")
        await page.wait_for_selector("[data-when=kept]:not([hidden])")
        await page.context.set_offline(True)
        await page.goto(f"{site.origin}/passport")
        assert await page.inner_text("main h1") == people[1].name
        code = page.locator(".dose-card .code").first
        assert read_qr_codes(Image.open(BytesIO(await code.screenshot())))
        await page.context.set_offline(False)
        await page.goto(f"{site.origin}/passport")
        await page.click("#forget-it")
        await page.wait_for_selector("#keep-it:not([hidden])")
        assert "passport-kept" not in await page.evaluate("caches.keys()")


async def test_a_link_opens_once_and_a_look_at_it_uses_nothing_up(
    site: Site, browser: Browser, people: list[Asker]
) -> None:
    who, address = people[2], "once@example.vn"
    await _ask(site, who, address)
    path = link_in(await letter_to(site, address))
    async with site.visitor() as scanner:
        for method in ("GET", "HEAD", "GET"):
            looked = await scanner.request(method, path)
            assert looked.status_code in (200, 405)
            assert who.name not in looked.text
    async with site.visitor() as phone:
        form = {"csrf": token_of((await phone.get(path)).text)}
        opened = await phone.post(path, data=form)
        assert (opened.status_code, opened.headers["location"]) == (303, "/passport")
        shown = await phone.get("/passport")
        assert who.name in shown.text
        assert shown.headers["cache-control"] == "no-store"
    async with site.visitor() as thief:
        form = {"csrf": token_of((await thief.get(path)).text)}
        again = await thief.post(path, data=form)
        assert again.status_code == 404
        assert (await thief.get("/passport")).status_code == 404
        assert (await thief.get("/passport/ho-chieu-vac-xin.pdf")).status_code == 404


@pytest.mark.parametrize("guess", ["x" * 43, "..%2F..%2Fetc", "a" * 300, "%3Cscript%3E"])
async def test_a_guessed_link_opens_nothing(site: Site, guess: str) -> None:
    async with site.visitor() as visitor:
        looked = await visitor.get(f"/p/{guess}")
        if looked.status_code == 200:
            form = {"csrf": token_of(looked.text)}
            assert (await visitor.post(f"/p/{guess}", data=form)).status_code == 404
        assert "<script>" not in looked.text.replace("<script type", "")


async def test_who_is_not_ready_is_told_where_the_dose_stands(
    site: Site, people: list[Asker]
) -> None:
    who, address = people[-1], "waiting@example.vn"
    # the year as it was mistyped is not theirs; the card's is
    day, month, year = who.born.split("/")
    await _ask(site, who, address, birth=f"{day}/{month}/{int(year) - 4}")
    letter = await letter_to(site, address)
    assert "Nơi đang giữ" in letter
    assert who.number not in letter and who.name not in letter


async def test_errors_stand_by_the_field_and_at_the_top_and_nothing_typed_is_lost(
    site: Site, browser: Browser
) -> None:
    async with watched(browser, site.origin) as watch:
        page = await watch.open("/")
        await fill(page, full_name=EVIL, birth="31/02/1985", number="0011850123", last="1/1/2020")
        await fill(page, email="a@b.vn\r\nBcc: all@example.vn")
        await page.click("main form .button--primary")
        await page.wait_for_selector("[data-error-summary]")
        await watch.assert_good(expected=frozenset({"422"}))
        summary = await page.inner_text("[data-error-summary]")
        assert "Không có ngày này" in summary and "giới tính" in summary
        assert "quý vị đã nhập 10 số" in await page.inner_text("#number-error")
        assert await page.input_value("[name=full_name]") == EVIL
        assert await page.input_value("[name=birth_day]") == "31"
        assert await page.title() != "taken"
        await page.click("[data-error-summary] a[href='#number']")
        assert await page.evaluate("document.activeElement.id") == "number"


async def test_the_look_up_works_without_a_script(site: Site, people: list[Asker]) -> None:
    await _ask(site, people[2], "plain@example.vn")
    assert link_in(await letter_to(site, "plain@example.vn"))


async def test_what_matches_nobody_is_answered_alike(site: Site, people: list[Asker]) -> None:
    told = [
        await _ask(site, people[3], "same@example.vn", full_name=name)
        for name in (people[3].name, "Nguyễn Văn Không Ai")
    ]
    assert told[0] == told[1]


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
@pytest.mark.parametrize("path", ["/why", "/foreigners", "/complaint"])
async def test_the_pages_that_help_are_good(
    site: Site, browser: Browser, path: str, size: tuple[int, int]
) -> None:
    async with watched(browser, site.origin, size) as watch:
        await watch.open(path)
        await watch.assert_good()


async def test_a_complaint_gets_its_number_and_its_clock(site: Site, browser: Browser) -> None:
    async with watched(browser, site.origin) as watch:
        page = await watch.open("/complaint")
        await page.check("input[name=kind][value=missing_dose]")
        await page.fill("[name=text]", EVIL)
        await page.select_option("[name=province]", "79")
        await page.fill("[name=email]", "clock@example.vn")
        await page.click("main form .button--primary")
        await page.wait_for_url("**/complaint/sent")
        told = await page.inner_text("main")
        assert "còn 47 giờ 59 phút" in told
        await watch.assert_good()
    assert "Số phản ánh" in await letter_to(site, "clock@example.vn")
    # the number opens nothing for others
    async with site.visitor() as visitor:
        assert (await visitor.get("/complaint/sent")).headers["location"] == "/complaint"


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
async def test_a_citizen_sees_passport_doses_and_complaints_and_complains_of_one_dose(
    site: Site, browser: Browser, size: tuple[int, int]
) -> None:
    async with watched(browser, site.origin, size) as watch:
        page = watch.page
        await site.sign_in(page, "citizen-1", "/me")
        await page.wait_for_selector(".own-dose")
        await watch.assert_good()
        assert await page.locator(".own-passport .code svg").count() == 1
        await page.locator(".own-dose a[href^='/me/complaint/']").first.click()
        await page.check("input[name=kind][value=wrong_data]")
        await page.fill("[name=text]", EVIL)
        await page.select_option("[name=province]", "79")
        await watch.assert_good()
        await page.click("main form .button--primary")
        await page.wait_for_url("**/me")
        assert EVIL in await page.inner_text(".own-complaint .said")
        await watch.assert_good()
        await page.click(".own-passport .button--primary")
        await page.wait_for_url("**/me/passport")
        await watch.assert_good()
        code = page.locator(".dose-card .code").first
        await code.scroll_into_view_if_needed()
        assert read_qr_codes(Image.open(BytesIO(await code.screenshot())))


async def _ask(site: Site, who: Asker, address: str, **changes: str) -> str:
    """Asks as a browser without scripts does; gives the page that answers."""
    asked = {"full_name": who.name, "birth": who.born, **changes}
    day, month, year = asked["birth"].split("/")
    last_day, last_month, last_year = LAST.split("/")
    async with site.visitor() as visitor:
        form = {
            "csrf": token_of((await visitor.get("/")).text),
            "full_name": asked["full_name"],
            "birth_day": day,
            "birth_month": month,
            "birth_year": year,
            "sex": who.sex,
            "number": who.number,
            "last_day": last_day,
            "last_month": last_month,
            "last_year": last_year,
            "email": address,
        }
        sent = await visitor.post("/", data=form)
        assert (sent.status_code, sent.headers.get("location")) == (303, "/check-mail"), sent.text
        page = (await visitor.get("/check-mail")).text
    start = page.index("<main")
    return page[start : page.index("</main>")]


async def _opened(site: Site, watch: WatchedPage, who: Asker, address: str) -> Page:
    await _ask(site, who, address)
    page = await watch.open(link_in(await letter_to(site, address)))
    await page.click("main form .button--primary")
    await page.wait_for_url("**/passport")
    await page.wait_for_selector("#keep:not([hidden])")
    return page
