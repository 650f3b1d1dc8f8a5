"""A slow line, a service that is away, a session that ends, a hand that presses twice, a camera,
and a huge file: the desk goes on, and nothing is lost.
"""

import re
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

from contracts.access import Role
from tests.support.browser import chromium
from tests.support.fake_camera import arguments, film
from tests.support.outages import database_away
from tests.support.page_checks import DESKTOP, PHONE, watched
from tests.support.site import Site
from tests.web.test_desk import CHOSEN, choose, desk
from tests.web.test_forms import token_of
from tests.web.test_people import PNG, card_of, resident, vaccinated
from tests.web.test_uploads import rows_of

SLOW = {
    "offline": False,
    "latency": 400,
    "downloadThroughput": 50_000,
    "uploadThroughput": 25_000,
}
"""A bad mobile network: bytes a second, milliseconds."""
BUSY = frozenset({"503"})
HUGE = 100_000
_DROP = """
([head, row, count]) => {
  window.beats = 0;
  window.beat = setInterval(() => { window.beats += 1; }, 20);
  const numbered = (_, at) => row.replaceAll("00000", String(at).padStart(6, "0"));
  const rows = Array.from({ length: count }, numbered);
  const file = new File([head, ...rows], "tinh.csv", { type: "text/csv" });
  const carried = new DataTransfer();
  carried.items.add(file);
  const drop = new DragEvent("drop", { dataTransfer: carried, bubbles: true, cancelable: true });
  document.querySelector("form[data-upload]").dispatchEvent(drop);
  return file.size;
}
"""


async def _slow_down(page: Page) -> None:
    network = await page.context.new_cdp_session(page)
    await network.send("Network.enable")
    await network.send("Network.emulateNetworkConditions", SLOW)


# ---- a slow line


async def test_on_a_slow_line_a_sent_form_shows_that_it_waits(site: Site, browser: Browser) -> None:
    async with watched(browser, site.origin) as seen:
        page = await seen.open("/")
        await _slow_down(page)
        await page.fill("[name=full_name]", "Nguyễn Thị Chờ")
        # whoever drives a browser sees nothing of a page that is about to be left, but it itself
        await page.evaluate(
            """() => addEventListener("pagehide", () => {
              const waits = document.querySelector("main form .button--primary[aria-busy=true]");
              sessionStorage.waited = getComputedStyle(waits, "::after").animationName;
            })"""
        )
        await page.click("main form .button--primary")
        await page.wait_for_selector("[data-error-summary]")
        assert await page.evaluate("sessionStorage.waited") == "turn"
        await expect(page.locator("[name=full_name]")).to_have_value("Nguyễn Thị Chờ")
        await expect(page.locator("[aria-busy=true]")).to_have_count(0)


async def test_on_a_slow_line_an_upload_shows_how_far_it_is(
    site: Site, browser: Browser, tmp_path: Path
) -> None:
    file = tmp_path / "slow.csv"
    # a day that does not exist: every row is given back, and nobody else's list grows by them
    file.write_bytes(rows_of(site, "slow", 300, date_given="31/02/2022"))
    async with watched(browser, site.origin, PHONE) as seen:
        page = seen.page
        await site.sign_in(page, "facility", "/desk/uploads")
        await _slow_down(page)
        await page.set_input_files("#file", file)
        await expect(page.locator("[data-bar-words]")).to_contain_text("Đang đọc tệp")
        await page.click("#take")
        await expect(page.locator("[data-bar-share]")).to_have_text(re.compile(r"^[1-9]\d?%$"))
        await page.wait_for_url(re.compile(r"/desk/uploads/\d+$"), wait_until="commit")


# ---- a service that is away


async def test_a_correction_that_meets_a_503_waits_says_so_and_is_saved_later(
    site: Site, browser: Browser
) -> None:
    async with desk(site, browser) as seen:
        page = seen.page
        row = await choose(page, "")
        await page.keyboard.press("e")
        lot = page.locator("#panel input[name=lot]")
        async with database_away(site.system, "records"):
            await lot.fill("LOT503")
            await lot.press("Enter")
            await expect(page.locator("#said")).to_contain_text("thử lại")
        await expect(row.locator(".outcome")).to_contain_text("✓", timeout=40_000)
        await seen.assert_good(expected=BUSY)
        dose_id = await row.get_attribute("data-id") or ""
    async with site.system.client(Role.SERVICE) as client:
        assert (await client.get(f"/records/v1/doses/{dose_id}")).json()["lot"] == "LOT503"


async def test_a_form_that_meets_a_503_keeps_what_was_typed_and_sends_it_again(
    site: Site, browser: Browser
) -> None:
    person = vaccinated(site)
    async with watched(browser, site.origin, PHONE) as seen:
        page = seen.page
        await site.sign_in(page, "station", "/desk/find")
        await page.fill("#number", person["personal_id"])
        async with database_away(site.system, "records"):
            await page.press("#number", "Enter")
            await expect(page.get_by_role("heading", level=1)).to_contain_text("đang bận")
            await seen.assert_good(expected=BUSY)
        await page.get_by_role("button", name="Gửi lại").click()
        await expect(page.locator(".person .name").first).to_have_text(person["full_name"])


async def test_a_check_that_meets_a_503_says_so_and_keeps_the_card(
    site: Site, browser: Browser
) -> None:
    person = resident(site, 3)
    async with watched(browser, site.origin, DESKTOP) as seen:
        page = seen.page
        await site.sign_in(page, "station", "/desk/check")
        async with database_away(site.system, "verifier"):
            await page.fill("#line", card_of(person))
            await page.press("#line", "Enter")
            await expect(page.locator("#page-failed")).to_be_visible()
        await expect(page.locator("#line")).to_have_value(card_of(person))
        await page.press("#line", "Enter")
        await expect(page.locator("#results .verdict-name").first).to_contain_text(
            person["full_name"]
        )
        await expect(page.locator("#page-failed")).to_be_hidden()
        await seen.assert_good(expected=BUSY)


# ---- a session that ends


async def test_a_correction_typed_when_the_session_ends_is_there_after_the_sign_in(
    site: Site, browser: Browser
) -> None:
    async with desk(site, browser) as seen:
        page = seen.page
        row = await choose(page, "")
        dose_id = await row.get_attribute("data-id")
        await page.keyboard.press("e")
        await page.locator("#panel input[name=lot]").fill("LOTENDS")
        await site.run_sql("UPDATE session SET seen_at = seen_at - interval '31 minutes'")
        await page.keyboard.press("Enter")
        await page.click("button[name=account][value=station]")
        await page.wait_for_url(f"{site.origin}/**")
        await page.goto(f"{site.origin}/desk")
        while await page.locator(CHOSEN).get_attribute("data-id") != dose_id:
            await page.keyboard.press("ArrowDown")
        await expect(page.locator("#panel input[name=lot]")).to_have_value("LOTENDS")


# ---- a hand that presses twice


async def test_a_complaint_that_is_pressed_twice_is_one(site: Site, browser: Browser) -> None:
    before = await _complaints(site)
    async with watched(browser, site.origin) as seen:
        page = await seen.open("/complaint")
        await page.check("input[name=kind][value=missing_dose]")
        await page.fill("[name=text]", "Pressed twice in a browser")
        await page.select_option("[name=province]", site.places.province)
        await page.locator("main form .button--primary").dblclick()
        await page.wait_for_url("**/complaint/sent")
        pressed = _number(await page.content())
    assert await _complaints(site) - before == {pressed}
    async with site.visitor() as plain:
        text = (await plain.get("/complaint")).text
        form = {
            "csrf": token_of(text),
            "once": _value(text, "once"),
            "kind": "missing_dose",
            "text": "Pressed twice without scripts",
            "province": site.places.province,
        }
        numbers = []
        for _ in "12":
            sent = await plain.post("/complaint", data=form)
            assert sent.status_code == 303, sent.text
            numbers.append(_number((await plain.get("/complaint/sent")).text))
    assert numbers[0] == numbers[1]
    assert await _complaints(site) - before == {pressed, numbers[0]}


async def test_a_supplement_that_is_pressed_twice_is_one_dose(site: Site) -> None:
    person = resident(site, 5)
    year, month, day = person["date_of_birth"].split("-")
    typed = {
        "full_name": person["full_name"],
        "birth_day": day,
        "birth_month": month,
        "birth_year": year,
        "sex": person["sex"],
        "personal_id": person["personal_id"],
        "facility_code": site.places.facility,
        **{name: person[name] for name in ("province_code", "district_code", "commune_code")},
        "product": "comirnaty",
        "lot": "TWICE1",
        "dose_number": "1",
        "dose_kind": "primary",
        "given_day": "12",
        "given_month": "10",
        "given_year": "2021",
    }
    async with site.signed_in("station") as client:
        token = token_of((await client.get("/desk/supplement")).text)
        shown = (await client.post("/desk/supplement", data={"csrf": token, **typed})).text
        form = dict(re.findall(r'<input type="hidden" name="(csrf|key)" value="([^"]*)"', shown))
        assert "key" in form, shown
        file = {"picture": ("slip.png", PNG, "image/png")}
        sent = [
            await client.post("/desk/supplement/send", data={**typed, **form}, files=file)
            for _ in "12"
        ]
        assert [one.status_code for one in sent] == [303, 303], sent[0].text
        listed = (await client.get("/desk/supplements")).text
        assert listed.count(person["full_name"]) == 1


# ---- a camera


async def test_the_camera_of_the_desk_reads_a_card_and_the_check_follows(
    site: Site, tmp_path: Path
) -> None:
    person = resident(site, 4)
    pictures = film(card_of(person), tmp_path / "card.y4m")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium(), args=arguments(pictures)
        )
        async with watched(browser, site.origin) as seen:
            page = seen.page
            await site.sign_in(page, "station", "/desk/check")
            await page.click("#camera-open")
            await expect(page.locator("#results .verdict-name").first).to_contain_text(
                person["full_name"]
            )
            await expect(page.locator("#results .verdict")).to_have_count(1)
            await seen.assert_good()
        await browser.close()


# ---- a huge file


@pytest.mark.slow
async def test_a_file_of_100_000_rows_is_dropped_and_the_page_stays_usable(
    site: Site, browser: Browser
) -> None:
    content = rows_of(site, "00000", 1, date_given="31/02/2022").decode("utf-8-sig")
    head, row = content.splitlines(keepends=True)[:2]
    async with watched(browser, site.origin, DESKTOP) as seen:
        page = seen.page
        await site.sign_in(page, "facility", "/desk/uploads")
        assert await page.evaluate(_DROP, [head, row, HUGE]) > 10_000_000
        await expect(page.locator(".preview")).to_contain_text("bị trả lại", timeout=60_000)
        await page.click("#take")
        await page.wait_for_function("document.querySelector('[data-bar-words]').textContent")
        beats = await page.evaluate("window.beats")
        await page.wait_for_function("beats => window.beats > beats + 5", arg=beats)
        await page.wait_for_url(re.compile(r"/desk/uploads/\d+$"), timeout=120_000)
        await expect(page.locator("#job .outcomes")).to_contain_text("100.000", timeout=60_000)
        await seen.assert_good()
        job = page.url.rpartition("/")[2]
    async with site.system.client(Role.SERVICE) as client:
        took: dict[str, float] = {}
        for batch in ("1", job) * 5:
            asked = await client.get(f"/records/v1/batches/{batch}/rows", params={"limit": 100})
            assert len(asked.json()["items"]) == 100
            took[batch] = min(asked.elapsed.total_seconds(), took.get(batch, 60))
        # others work on this machine too: as quick as the list of a file of 4,000 rows
        assert took[job] < 2 * took["1"] + 0.1, took
    async with site.signed_in("facility") as clerk:
        back = await clerk.get(f"/desk/uploads/{job}/rows.csv", timeout=httpx.Timeout(120))
        assert back.text.count("\n") > HUGE


def _value(html: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]+)"', html)
    assert found, html
    return found[1]


def _number(html: str) -> int:
    """The number of a complaint, on the page after it."""
    found = re.search(r"Số phản ánh</dt><dd>(\d+)", html)
    assert found, html
    return int(found[1])


async def _complaints(site: Site) -> set[int]:
    """The numbers of those that stand at the top of the province's list."""
    async with site.system.client(Role.PROVINCE, areas=[site.places.province]) as client:
        listed = (await client.get("/records/v1/complaints", params={"limit": 500})).json()
    return {one["complaint_id"] for one in listed["items"]}
