"""What a page loads at first, as it comes over the wire: little, on every page."""

from collections import defaultdict
from io import BytesIO
from typing import Final

from PIL import Image
from playwright.async_api import Browser, Page, Request

from tests.support.page_checks import FIRST_LOAD
from tests.support.site import Site
from tests.web.pages_to_look_at import PAGES

_LISTS: Final = "/verify/data"
"""The keys of a whole world; the page shows before they have come."""


async def test_every_page_is_small_at_the_first_load(site: Site, browser: Browser) -> None:
    paths: dict[str | None, set[str]] = defaultdict(set)
    for page in PAGES:
        if page.path:
            paths[page.account].add(page.path)
    large, seen = {}, 0
    for account, own in paths.items():
        context = await browser.new_context(service_workers="block")
        tab = await context.new_page()
        if account:
            await site.sign_in(tab, account)
        network = await context.new_cdp_session(tab)
        await network.send("Network.enable")
        await network.send("Network.setCacheDisabled", {"cacheDisabled": True})
        for path in sorted(own):
            size = await _bytes_of(tab, f"{site.origin}{path}")
            seen += 1
            if size >= FIRST_LOAD:
                large[path] = size
        await context.close()
    assert seen > 20
    assert large == {}


async def test_the_lists_by_which_codes_are_judged_are_packed(site: Site) -> None:
    async with site.visitor() as client:
        packed = await client.get(_LISTS, headers={"Accept-Encoding": "gzip"})
        assert packed.headers["content-encoding"] == "gzip"
        assert int(packed.headers["content-length"]) < 0.7 * len(packed.content)


async def test_a_phone_finds_an_icon_for_its_home_screen(site: Site) -> None:
    async with site.visitor() as client:
        page = (await client.get("/passport")).text
        path = page.split('rel="apple-touch-icon" href="')[1].split('"')[0]
        picture = Image.open(BytesIO((await client.get(path)).content))
        assert (picture.format, picture.size) == ("PNG", (180, 180))
        assert picture.convert("RGB").getpixel((0, 0)) == (165, 28, 36), "a phone rounds it itself"
        for app in ("verify", "passport"):
            icons = (await client.get(f"/{app}/app.webmanifest")).json()["icons"]
            assert {one["sizes"] for one in icons} >= {"any", "192x192", "512x512"}
            for icon in icons:
                assert (await client.get(icon["src"])).status_code == 200


async def _bytes_of(tab: Page, address: str) -> int:
    """Of everything that one page loads, the page itself with it."""
    loaded: list[Request] = []

    def note(request: Request) -> None:
        loaded.append(request)

    tab.on("requestfinished", note)
    await tab.goto(address, wait_until="networkidle")
    tab.remove_listener("requestfinished", note)
    sizes = [(await one.sizes())["responseBodySize"] for one in loaded if _LISTS not in one.url]
    return sum(sizes)
