"""The border officer's page: a code is judged on the phone, with and without a network."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import cbor2
import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

from contracts.access import Role
from services.signer.documents import qr_code
from services.signer.domain.claim_labels import EXPIRES, HCERT, ISSUED
from services.signer.domain.revocation_hashes import hash_of
from services.signer.hcert import base45, hc1
from services.signer.hcert.cose import Algorithm
from services.signer.keys.files import open_key_folder
from tests.support.browser import chromium
from tests.support.fake_camera import arguments, film
from tests.support.offline_verifier import list_of
from tests.support.page_checks import DESKTOP, FIRST_LOAD, PHONE, WatchedPage, watched
from tests.support.site import Site
from tests.unit.signer.conftest import Issuer

NOW = datetime.now(UTC).replace(microsecond=0)
SIZES = pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])


@dataclass(frozen=True)
class Border:
    """An issuer of our own whose codes and signed lists a test can make as it needs them."""

    issuer: Issuer
    stranger: Issuer

    def signed(self, revoked: bytes = b"") -> dict[str, str]:
        return {"signed": list_of(self.issuer.ring, self.issuer.trust, NOW, revoked=revoked)}

    def claims(self) -> dict[Any, Any]:
        message = hc1.decompress(base45.decode(hc1.strip_prefix(self.issuer.certify())))
        return dict(cbor2.loads(cbor2.loads(message).value[2]))

    def sign(self, claims: dict[Any, Any]) -> str:
        signer, content = self.issuer.ring.active, cbor2.dumps(claims)
        return hc1.render(
            signer.envelope, content, signer.sign(signer.envelope.to_be_signed(content))
        )

    def expired(self) -> str:
        ended = int((NOW - timedelta(minutes=1)).timestamp())
        return self.sign({**self.claims(), ISSUED: ended - 60, EXPIRES: ended})


@pytest.fixture(scope="module")
def border(tmp_path_factory: pytest.TempPathFactory) -> Border:
    def issuer(name: str) -> Issuer:
        folder = tmp_path_factory.mktemp(name)
        return Issuer(open_key_folder(folder, Algorithm.ES256, "VN", "test", NOW))

    return Border(issuer("ours"), issuer("theirs"))


@asynccontextmanager
async def opened(
    browser: Browser,
    site: Site,
    signed: dict[str, str] | None,
    size: tuple[int, int] = PHONE,
    **options: Any,
) -> AsyncIterator[WatchedPage]:
    """The page, judging by a list of our own; None: no list can be had."""
    async with watched(browser, site.origin, size, **options) as seen:

        async def answer(route: Any) -> None:
            await (route.fulfill(json=signed) if signed else route.fulfill(status=503, json={}))

        await seen.page.route("**/verify/data", answer)
        await seen.open("/verify")
        await seen.page.wait_for_selector("#verify[data-ready=true]")
        yield seen


async def paste(page: Page, text: str) -> None:
    """Pastes the text of a code, and waits for the answer."""
    await page.click("[data-part=paste]")
    await page.fill("[data-part=text]", text)
    await page.click("[data-part=form] .button--primary")
    await page.wait_for_selector("[data-part=result]:not([hidden])")


async def outcome(page: Page) -> str | None:
    return await page.get_attribute("[data-part=result]", "data-outcome")


@SIZES
async def test_a_genuine_code_is_valid_and_shows_what_to_compare(
    site: Site, browser: Browser, border: Border, size: tuple[int, int]
) -> None:
    async with opened(browser, site, border.signed(), size) as seen:
        await seen.assert_good()
        await seen.page.clock.set_fixed_time(NOW + timedelta(hours=3, minutes=5))
        await paste(seen.page, border.issuer.certify())
        result = seen.page.locator("[data-part=result]")
        head = seen.page.locator("h1:visible")
        await expect(head).to_contain_text("HỢP LỆ")
        await expect(head).to_contain_text("VALID")
        for shown in ("NGUYEN, THI HOA", "Nguyễn Thị Hòa", "03/05/1980", "Comirnaty", "01/07/2021"):
            await expect(result).to_contain_text(shown)
        await expect(result).to_contain_text("Danh sách tin cậy cập nhật 3 giờ trước")
        await seen.assert_good()
        # the answer fills the screen, and any tap on it begins the next scan
        box = await result.bounding_box()
        assert box and (box["width"], box["height"]) == size
        await seen.page.mouse.click(20, 20)
        await expect(result).to_be_hidden()
        assert seen.strangers == []


async def test_each_outcome_has_its_own_colour_shape_and_words(
    site: Site, browser: Browser, border: Border
) -> None:
    uvci = border.claims()[HCERT][1]["v"][0]["ci"]
    revoked = hash_of("UCI", uvci, b"", "VN")
    codes = {
        "expired": (border.expired(), "HẾT HẠN"),
        "revoked": (border.issuer.certify(), "BỊ THU HỒI"),
        "untrusted": (border.stranger.certify(), "KHÔNG TIN ĐƯỢC"),
    }
    async with opened(browser, site, border.signed(revoked)) as seen:
        colours = set()
        for expected, (code, words) in codes.items():
            await paste(seen.page, code)
            assert await outcome(seen.page) == expected
            heads = seen.page.locator("[data-part=result] h1:visible")
            await expect(heads).to_have_count(1)
            await expect(heads).to_contain_text(words)
            await expect(seen.page.locator("[data-part=reason]")).to_be_visible()
            await seen.assert_good()
            style = "e => getComputedStyle(e).backgroundColor"
            colours.add(await seen.page.locator("[data-part=result]").evaluate(style))
            await seen.page.keyboard.press("Enter")  # by keyboard as by a tap
        assert len(colours) == 2, "expired is amber, the two others are red"


@pytest.mark.parametrize(
    "text", ["", "hello", "HC1:", "HC1:6BF", "x" * 40_000, "HC1:<script>alert(1)</script>", "😀"]
)
async def test_garbage_is_not_trusted_and_breaks_nothing(
    site: Site, browser: Browser, border: Border, text: str
) -> None:
    async with opened(browser, site, border.signed()) as seen:
        await paste(seen.page, text)
        assert await outcome(seen.page) == "untrusted"
        await expect(seen.page.locator("[data-part=person]")).to_be_hidden()
        await seen.assert_good()


async def test_a_name_with_markup_or_signs_that_nobody_sees_stays_text(
    site: Site, browser: Browser, border: Border
) -> None:
    claims = border.claims()
    payload = claims[HCERT][1]
    name = {"fn": "<img src=x onerror=alert(1)>", "gn": "a\u202eb", "fnt": "IMG", "gnt": "AB"}
    code = border.sign({**claims, HCERT: {1: {**payload, "nam": name}}})
    async with opened(browser, site, border.signed()) as seen:
        await paste(seen.page, code)
        await expect(seen.page.locator("[data-part=own]")).to_have_text(
            "<img src=x onerror=alert(1)> a·b"
        )
        await seen.assert_good()


async def test_a_picture_with_a_code_is_read_and_one_without_says_so(
    site: Site, browser: Browser, border: Border
) -> None:
    good = {
        "name": "a.png",
        "mimeType": "image/png",
        "buffer": qr_code.png(border.issuer.certify()),
    }
    none = {"name": "b.png", "mimeType": "image/png", "buffer": b"no picture"}
    async with opened(browser, site, border.signed()) as seen:
        await seen.page.set_input_files("[data-part=picture]", good)  # type: ignore[arg-type]
        await seen.page.wait_for_selector("[data-outcome=valid]")
        await seen.page.keyboard.press("Enter")
        await seen.page.set_input_files("[data-part=picture]", none)  # type: ignore[arg-type]
        await seen.page.wait_for_selector("[data-outcome=unable]")
        await expect(seen.page.locator("[data-part=reason]")).to_contain_text("Không thấy mã QR")
        await seen.assert_good()


@pytest.mark.parametrize(
    ("days", "found", "age"),
    [(2, "valid", "good"), (4, "valid", "amber"), (29, "valid", "amber"), (31, "unable", "refused"),
     (-1, "unable", "clock")],
)  # fmt: skip
async def test_an_old_list_is_told_in_amber_and_a_very_old_one_judges_nothing(
    site: Site, browser: Browser, border: Border, days: int, found: str, age: str
) -> None:
    async with opened(browser, site, border.signed()) as seen:
        await seen.page.clock.set_fixed_time(NOW + timedelta(days=days))
        await paste(seen.page, border.issuer.certify())
        assert await outcome(seen.page) == found
        shown = seen.page.locator("[data-part=age-result]")
        await expect(shown).to_have_attribute("data-age", age)


async def test_without_any_list_nothing_is_judged(
    site: Site, browser: Browser, border: Border
) -> None:
    async with opened(browser, site, None) as seen:
        await paste(seen.page, border.issuer.certify())
        assert await outcome(seen.page) == "unable"
        await expect(seen.page.locator("[data-part=reason]")).to_contain_text("nối mạng một lần")


async def test_a_list_that_somebody_else_signed_is_not_taken_after_the_first_visit(
    site: Site, browser: Browser, border: Border
) -> None:
    theirs = {"signed": list_of(border.stranger.ring, border.stranger.trust, NOW)}
    async with opened(browser, site, border.signed()) as seen:
        await seen.page.unroute("**/verify/data")
        await seen.page.route("**/verify/data", lambda route: route.fulfill(json=theirs))
        await seen.page.reload()
        await seen.page.wait_for_selector("#verify[data-ready=true]")
        await paste(seen.page, border.stranger.certify())
        assert await outcome(seen.page) == "untrusted", "the list that was known still judges"


async def test_the_camera_reads_a_real_code_and_again_without_a_network(
    site: Site, tmp_path: Path
) -> None:
    code = await some_code(site)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium(), args=arguments(film(code, tmp_path / "code.y4m"))
        )
        async with watched(browser, site.origin) as seen:
            page = await seen.open("/verify")
            await page.wait_for_selector("[data-outcome=valid]:not([hidden])")
            await expect(page.locator("[data-part=result]")).to_contain_text("HỢP LỆ")
            await page.wait_for_function("navigator.serviceWorker.controller !== null")
            await page.context.set_offline(True)
            await page.reload()
            await page.wait_for_selector("[data-outcome=valid]:not([hidden])")
            await expect(page.locator("[data-part=age-result]")).to_contain_text(
                "Danh sách tin cậy"
            )
            await page.screenshot()
            assert seen.strangers == []
        await browser.close()


async def some_code(site: Site) -> str:
    """The code of somebody of the made-up province who has a certificate."""
    for line in (site.province / "people.csv").read_text().splitlines()[1:200]:
        async with site.system.client(Role.CITIZEN, personal_id=line.split(",")[0]) as client:
            passport = await client.get("/signer/v1/me/passport")
            if passport.is_success and (certificates := passport.json()["certificates"]):
                return str(certificates[-1]["qr"])
    raise AssertionError("nobody has a certificate")


async def test_without_scripts_the_server_judges_what_is_pasted(
    site: Site, browser: Browser
) -> None:
    async with watched(browser, site.origin, java_script_enabled=False) as seen:
        page = await seen.open("/verify")
        await page.fill("#code", await some_code(site))
        await page.click("button:has-text('Kiểm tra')")
        await expect(page.locator("h1:visible")).to_contain_text("HỢP LỆ")
        await expect(page.locator("[data-part=birth]")).to_have_text(re.compile(r"\d{4}$"))
        await page.click("text=Kiểm tra mã tiếp theo")
        await page.fill("#code", "HC1:NOTHING")
        await page.click("button:has-text('Kiểm tra')")
        await expect(page.locator("h1:visible")).to_contain_text("KHÔNG TIN ĐƯỢC")


async def test_the_page_can_be_installed_and_loads_little_but_the_scanner(
    site: Site, browser: Browser, border: Border
) -> None:
    async with site.visitor() as client:
        app = (await client.get("/verify/app.webmanifest")).json()
        assert (app["start_url"], app["scope"], app["display"]) == (
            "/verify",
            "/verify",
            "standalone",
        )
        for icon in app["icons"]:
            assert (await client.get(icon["src"])).status_code == 200
        page = await client.get("/verify")
        assert "'wasm-unsafe-eval'" in page.headers["content-security-policy"]
        assert "camera=(self)" in page.headers["permissions-policy"]
        other = await client.get("/")
        assert "wasm" not in other.headers["content-security-policy"]
        assert "camera=()" in other.headers["permissions-policy"]
        worker = await client.get("/verify/worker.js")
        assert worker.headers["service-worker-allowed"] == "/verify"
        for file in re.findall(r'"(/assets/[^"]+)"', worker.text):
            assert (await client.get(file)).status_code == 200, file
    async with opened(browser, site, border.signed(), service_workers="block") as seen:
        lists = sum(len(part) for part in border.signed().values())
        assert await seen.bytes_loaded() - lists < FIRST_LOAD
