"""The desk's pages about one person: found, checked before the injection, supplemented."""

import csv

import pytest
from playwright.async_api import Browser

from tests.support.page_checks import DESKTOP, PHONE, watched
from tests.support.site import Site
from tests.web.test_forms import token_of

SIZES = [pytest.param(PHONE, id="phone"), pytest.param(DESKTOP, id="desktop")]
PNG = b"\x89PNG\r\n\x1a\n" + b"not much of a slip"


def resident(site: Site, at: int = 0) -> dict[str, str]:
    """Somebody of the station's commune, as the registry has them."""
    with (site.province / "people.csv").open(encoding="utf-8-sig") as file:
        people = list(csv.DictReader(file))
    home = site.places.commune
    own = [
        one
        for one in people
        if one["province_code"] + one["district_code"] + one["commune_code"] == home
        and one["date_of_birth"][4:5] == "-"
        and len(one["date_of_birth"]) == 10
    ]
    return own[at]


def vaccinated(site: Site) -> dict[str, str]:
    """A resident of the station's commune with a dose that was recorded as they are registered."""
    with (site.province / "doses.csv").open(encoding="utf-8-sig") as file:
        typed = "".join(file.readlines())
    at = 0
    while not ((one := resident(site, at))["full_name"] in typed and one["personal_id"] in typed):
        at += 1
    return one


def card_of(person: dict[str, str]) -> str:
    """The line of a person's card."""
    year, month, day = person["date_of_birth"].split("-")
    sex = "Nam" if person["sex"] == "male" else "Nữ"
    parts = (person["personal_id"], "", person["full_name"], day + month + year, sex, "", "")
    return "|".join(parts)


@pytest.mark.parametrize("size", SIZES)
async def test_a_person_is_found_by_name_and_birth_date_with_what_each_dose_waits_for(
    browser: Browser, site: Site, size: tuple[int, int]
) -> None:
    person = vaccinated(site)
    year, month, day = person["date_of_birth"].split("-")
    async with watched(browser, site.origin, size) as seen:
        page = seen.page
        await site.sign_in(page, "station-commune", "/desk/find")
        await page.goto(f"{site.origin}/desk/find")
        await seen.assert_good()
        await page.click("summary")
        await page.fill("#full_name", person["full_name"].upper())
        for part, value in (("day", day), ("month", month), ("year", year)):
            await page.fill(f"#birth-{part}", value)
        await page.press("#birth-year", "Enter")
        await page.wait_for_selector(".person")
        assert person["full_name"] in await page.inner_text(".person .name")
        assert person["personal_id"] not in await page.content()
        assert "?" not in page.url
        await seen.assert_good()
        await page.click("text=Hiện số đầy đủ")
        await page.wait_for_selector(f"text={person['personal_id']}")


async def test_nobody_and_nothing_typed_are_said_and_what_was_typed_stays(
    browser: Browser, site: Site
) -> None:
    async with watched(browser, site.origin) as seen:
        page = seen.page
        await site.sign_in(page, "station-commune", "/desk/find")
        await page.goto(f"{site.origin}/desk/find")
        await page.click("text=Tìm >> visible=true")
        await page.press("#number", "Enter")
        await page.wait_for_selector("[data-error-summary]")
        await page.fill("#number", "12345")
        await page.press("#number", "Enter")
        await page.wait_for_selector("#number-error")
        assert await page.input_value("#number") == "12345"
        await page.fill("#number", "001180000001")
        await page.press("#number", "Enter")
        await page.wait_for_selector(".empty")
        await seen.assert_good(expected=frozenset({"422"}))


@pytest.mark.parametrize("size", SIZES)
async def test_a_scanner_checks_people_in_a_row_and_the_cursor_stays(
    browser: Browser, site: Site, size: tuple[int, int]
) -> None:
    people = [resident(site, at) for at in range(2)]
    wrong = card_of({**resident(site, 2), "full_name": "Hoàng Không Phải"})
    async with watched(browser, site.origin, size) as seen:
        page = seen.page
        await site.sign_in(page, "station-commune", "/desk/check")
        await page.goto(f"{site.origin}/desk/check")
        for at, line in enumerate([*map(card_of, people), wrong], 1):
            # a scanner types where the cursor is, and presses Enter
            assert await page.evaluate("document.activeElement.id") == "line"
            await page.keyboard.type(line)
            await page.keyboard.press("Enter")
            await page.wait_for_function(f"document.querySelectorAll('.verdict').length === {at}")
        words = await page.locator(".verdict-word").all_inner_texts()
        assert [word.split()[0] for word in words] == ["XEM", "ĐÚNG", "ĐÚNG"]
        assert await page.input_value("#line") == ""
        await seen.assert_good()


async def test_the_check_works_without_a_script_and_says_what_is_no_card(site: Site) -> None:
    async with site.signed_in("station-commune", "/desk/check") as client:
        shown = await client.get("/desk/check")
        form = {"csrf": token_of(shown.text)}
        answer = await client.post("/desk/check", data={**form, "line": card_of(resident(site))})
        assert "verdict--right" in answer.text
        hostile = await client.post(
            "/desk/check", data={**form, "line": "<script>alert(1)</script>"}
        )
        assert hostile.status_code == 422
        assert "<script>alert" not in hostile.text


@pytest.mark.parametrize("size", SIZES)
async def test_a_missing_dose_is_looked_over_sent_and_confirmed_by_the_facility(
    browser: Browser, site: Site, size: tuple[int, int]
) -> None:
    person = resident(site, 20 + (size == PHONE))
    facility = site.places.facility
    year, month, day = person["date_of_birth"].split("-")
    async with watched(browser, site.origin, size) as seen:
        page = seen.page
        await site.sign_in(page, "station-commune", "/desk/supplement")
        await page.goto(f"{site.origin}/desk/supplement")
        await seen.assert_good()
        await page.fill("#full_name", person["full_name"])
        for name, parts in (("birth", (day, month, year)), ("given", ("3", "9", "2021"))):
            for part, value in zip(("day", "month", "year"), parts, strict=True):
                await page.fill(f"#{name}-{part}", value)
        await page.check(f"input[name=sex][value={person['sex']}]")
        await page.fill("#personal_id", person["personal_id"])
        await page.fill("#facility_code", facility)
        await page.select_option("#product", "comirnaty")
        await page.fill("#lot", "FK0051")
        await page.fill("#dose_number", "1")
        await page.check("input[name=dose_kind][value=primary]")
        await page.press("#lot", "Enter")
        await page.wait_for_selector("#picture")
        assert person["full_name"] in await page.inner_text("dl.facts")
        await seen.assert_good()
        await page.set_input_files(
            "#picture", {"name": "slip.png", "mimeType": "image/png", "buffer": PNG}
        )
        await page.click("text=Gửi mũi bổ sung")
        await page.wait_for_url("**/desk/supplements")
        assert person["full_name"] in await page.inner_text("main")
        await seen.assert_good()
    async with watched(browser, site.origin, size) as seen:
        page = seen.page
        await site.sign_in(page, "facility", "/desk/supplements")
        await page.goto(f"{site.origin}/desk/supplements")
        await seen.assert_good()
        card = page.locator(".person", has_text=person["full_name"])
        await card.locator("text=Đúng, cơ sở đã tiêm").click()
        await page.wait_for_selector(".notice--right")
        assert await page.locator(".person", has_text=person["full_name"]).count() == 0


async def test_an_incomplete_supplement_comes_back_with_what_was_typed(site: Site) -> None:
    async with site.signed_in("station-commune", "/desk/supplement") as client:
        shown = await client.get("/desk/supplement")
        back = await client.post(
            "/desk/supplement",
            data={"csrf": token_of(shown.text), "full_name": "<b>Đỗ Thị Mỹ</b>", "lot": "AB-12"},
        )
        assert back.status_code == 422
        assert "&lt;b&gt;Đỗ Thị Mỹ" in back.text
        assert 'value="AB-12"' in back.text
        assert 'id="facility_code-error"' in back.text


@pytest.mark.parametrize("size", SIZES)
async def test_a_complaint_is_read_answered_and_leaves_the_list(
    browser: Browser, site: Site, size: tuple[int, int]
) -> None:
    words = f"Thiếu mũi 2 <script>alert({size[0]})</script>"
    async with site.visitor() as anybody:
        taken = await anybody.post(
            "/records/v1/complaints",
            json={
                "kind": "missing_dose",
                "text": words,
                "facility_code": site.places.facility,
                "province_code": site.places.province,
            },
        )
    number = taken.json()["complaint_id"]
    async with watched(browser, site.origin, size) as seen:
        page = seen.page
        await site.sign_in(page, "facility", "/desk/complaints")
        await page.goto(f"{site.origin}/desk/complaints")
        await seen.assert_good()
        await page.click(f"a[href='/desk/complaints/{number}']")
        assert words in await page.inner_text(".said")
        await seen.assert_good()
        await page.fill("#text", "Đã bổ sung mũi 2.")
        await page.click("text=Gửi câu trả lời")
        await page.wait_for_url("**/desk/complaints")
        assert await page.locator(f"a[href='/desk/complaints/{number}']").count() == 0
