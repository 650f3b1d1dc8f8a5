"""What must have happened before a page is looked at, and what is done on it then."""

import re
from itertools import islice

from playwright.async_api import FilePayload, Page

from tests.support.files import csv_file, typed
from tests.support.site import Site
from tests.web.counted_days import give_days
from tests.web.letters import LAST, askers, fill, give_dose, letter_to, link_in
from tests.web.single_cases import decide_next, give_single_cases, say_in_thread
from tests.web.test_people import card_of, resident, vaccinated
from tests.web.test_verify import paste, some_code

# ---- what must have happened


async def open_the_link(site: Site, page: Page) -> str:
    """Asks for a passport by mail, and opens the letter's link."""
    [who] = islice(askers(site), 30, 31)
    await give_dose(site, who)
    await page.goto(f"{site.origin}/")
    await fill(
        page,
        full_name=who.name,
        birth=who.born,
        sex=who.sex,
        number=who.number,
        last=LAST,
        email="look@example.vn",
    )
    await page.click("main form .button--primary")
    await page.goto(f"{site.origin}{link_in(await letter_to(site, 'look@example.vn'))}")
    await page.click("main form .button--primary")
    await page.wait_for_url("**/passport")
    return "/passport"


async def send_a_file(site: Site, page: Page) -> str:
    """Sends a file of which some rows are wrong, and waits until it is worked off."""
    await page.goto(f"{site.origin}/desk/uploads")
    await page.set_input_files("#file", _day(site))
    await page.click("#take")
    await page.wait_for_url(re.compile(r"/desk/uploads/\d+$"))
    await page.wait_for_selector("#job .outcomes ~ .notice")
    return page.url.removeprefix(site.origin)


async def complain(site: Site, page: Page) -> str:
    """Somebody complains of the clinic."""
    async with site.visitor() as anybody:
        taken = await anybody.post(
            "/records/v1/complaints",
            json={
                "kind": "missing_dose",
                "text": "Tôi tiêm mũi 2 ngày 12/10/2021 nhưng hộ chiếu chỉ có mũi 1.",
                "facility_code": site.places.facility,
                "province_code": site.places.province,
            },
        )
    assert taken.is_success, taken.text
    return "/desk/complaints"


async def complain_once_more(site: Site, page: Page) -> str:
    """The page on which the clinic answers one complaint."""
    await page.goto(f"{site.origin}{await complain(site, page)}")
    link = await page.get_attribute("main a[href^='/desk/complaints/']", "href")
    assert link
    return link


async def begin_a_run(site: Site, page: Page) -> str:
    """Begins with pages of certain rows: its random sample."""
    await page.goto(f"{site.origin}/desk/bulk")
    await page.get_by_role("button", name="Bắt đầu").first.click()
    await page.wait_for_url("**/desk/bulk/runs/*")
    return page.url.removeprefix(site.origin)


async def end_the_sample(site: Site, page: Page) -> str:
    """Confirms the sample, so that the whole page of rows comes."""
    path = await begin_a_run(site, page)
    while await page.locator("form[data-stage=sample]").count():
        shown = await page.get_attribute("form.bulk", "data-page")
        await page.click("#confirm-page")
        await page.wait_for_selector(f"form[data-page='{shown}']", state="detached")
    return path


async def give_cases(site: Site, page: Page) -> str:
    """Cases that the police decide one by one."""
    await give_single_cases(site)
    return "/cases"


async def confirm_first(site: Site, page: Page) -> str:
    """The first officer has confirmed one."""
    await give_single_cases(site, "second")
    await decide_next(site, "police", "confirm")
    return "/cases?second=true"


async def ask_for_papers(site: Site, page: Page) -> str:
    """A case of which the police have asked for papers."""
    await give_single_cases(site, "papers")
    case = await decide_next(site, "police", "papers")
    path = f"/cases/{case}/thread"
    await say_in_thread(site, "police", path, "note", "Xin cho xem giấy khai sinh bản chính.")
    return path


async def asked_papers(site: Site, page: Page) -> str:
    """The same thread, as the station sees it."""
    return (await ask_for_papers(site, page)).replace("/cases/", "/desk/doses/")


async def count_days(site: Site, page: Page) -> str:
    """Forty days behind today, and clusters searched for."""
    await give_days(site)
    return "/progress"


async def search(site: Site, page: Page) -> str:
    """The same, with the page of clusters."""
    await give_days(site)
    return "/progress/clusters"


async def open_a_cluster(site: Site, page: Page) -> str:
    """The preview of what the rule would do."""
    await page.goto(f"{site.origin}{await search(site, page)}")
    link = await page.get_attribute(".cluster a[href*='?rule=']", "href")
    assert link
    return link


# ---- what is done on the page


async def wait_for_the_scanner(site: Site, page: Page) -> None:
    """The page is ready to scan."""
    await page.wait_for_selector("#verify[data-ready=true]")


async def paste_nonsense(site: Site, page: Page) -> None:
    """A code that nobody signed."""
    await wait_for_the_scanner(site, page)
    await paste(page, "HC1:NOTHING")


async def paste_a_code(site: Site, page: Page) -> None:
    """A code that the running system signed."""
    await wait_for_the_scanner(site, page)
    await paste(page, await some_code(site))


async def choose_a_certain_row(site: Site, page: Page) -> None:
    """A row with a suggestion that is certain, beside the list."""
    await page.wait_for_selector(".causes li")
    await page.click("#rows tr:has-text('chắc chắn')")


async def correct_a_row(site: Site, page: Page) -> None:
    """The same row with its fields to be typed."""
    await choose_a_certain_row(site, page)
    await page.keyboard.press("e")
    await page.wait_for_selector("#panel input[name=lot]:visible")


async def send_nothing(site: Site, page: Page) -> None:
    """A form that is sent empty."""
    await page.click("main form .button--primary")
    await page.wait_for_selector("[data-error-summary]")


async def choose_a_file(site: Site, page: Page) -> None:
    """What was understood of a file before it is taken."""
    await page.set_input_files("#file", _day(site))
    await page.wait_for_selector(".preview")


async def find_a_person(site: Site, page: Page) -> None:
    """A resident with a dose, found by their number."""
    await page.fill("#number", vaccinated(site)["personal_id"])
    await page.press("#number", "Enter")
    await page.wait_for_selector(".person")


async def scan_two(site: Site, page: Page) -> None:
    """Two cards checked in a row: one right, one of somebody who was typed wrongly."""
    right, other = resident(site), resident(site, 1)
    for person in (right, {**other, "full_name": f"{other['full_name']} Em"}):
        shown = await page.locator(".verdict").count()
        await page.fill("#line", card_of(person))
        await page.press("#line", "Enter")
        await page.wait_for_selector(f".verdict:nth-of-type({shown + 1})")


def _day(site: Site) -> FilePayload:
    """A clinic's file of one day, with one date that does not exist and one number too short."""
    changes: tuple[dict[str, str], ...] = (
        {},
        {"date_given": "31/02/2022"},
        {"personal_id": "0681800"},
        {},
    )
    rows = [
        typed(
            number,
            source_id=f"DAY-{number}",
            facility_code=site.places.facility,
            **{"personal_id": f"0681800{number:05}", **changed},
        )
        for number, changed in enumerate(changes)
    ]
    content = csv_file(rows).replace("Số điện thoại".encode(), "Số ĐT".encode(), 1)
    return {"name": "ngay-12-10.csv", "mimeType": "text/csv", "buffer": content}
