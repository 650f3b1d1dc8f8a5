"""What people see in a browser: whole at every width, and drawn without the internet."""

from email.message import EmailMessage

import pytest
from playwright.async_api import Browser

from services.signer.documents import qr_code
from services.signer.pictures.scanned_codes import read_codes
from tests.support.browser import browser  # noqa: F401
from tests.support.stack import System

WIDTHS = pytest.mark.parametrize("width", [390, 1280], ids=["phone", "desktop"])


@WIDTHS
@pytest.mark.parametrize("service", ["records", "verifier", "signer", "registry"])
async def test_the_page_of_a_service_shows_its_routes(
    with_made_up_people: System,
    browser: Browser,
    service: str,
    width: int,
) -> None:
    page = await browser.new_page(viewport={"width": width, "height": 900})
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await page.goto(f"{with_made_up_people.stack.origin}/{service}/docs")
    await page.wait_for_selector(".opblock")
    assert await page.locator(".opblock").count() >= 5
    assert await page.locator(".btn.authorize").is_visible(), "a token can be given on the page"
    assert [
        url for url in asked if not url.startswith((with_made_up_people.stack.origin, "data:"))
    ] == []
    await page.close()


@WIDTHS
async def test_a_letter_is_shown_whole_with_its_code(
    with_made_up_people: System,
    browser: Browser,
    width: int,
) -> None:
    letter = EmailMessage()
    letter["To"], letter["From"], letter["Subject"] = (
        "hoa@example.vn",
        "hochieu@example.vn",
        "Hộ chiếu vắc xin <script>alert(1)</script>",
    )
    letter.set_content("URN:UVCI:01:VN:" + "A" * 60)
    letter.add_attachment(
        qr_code.png("HC1:" + "A1" * 280), maintype="image", subtype="png", filename="qr-1.png"
    )
    (with_made_up_people.stack.home.mail / "9999999999999999999.eml").write_bytes(letter.as_bytes())
    page = await browser.new_page(viewport={"width": width, "height": 900})
    await page.goto(f"{with_made_up_people.stack.origin}/mail")
    assert await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    shown = await page.locator("img").first.screenshot()
    assert read_codes(shown) == ["HC1:" + "A1" * 280]
    await page.close()
