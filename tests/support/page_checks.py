"""What every page must hold: nothing said to the console, nobody else asked, readable by all, no
wider than the screen, small at the first load.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from typing import Any, Final
from urllib.parse import urlsplit

from playwright.async_api import Browser, BrowserContext, Page, Request

from tests.support.paths import ROOT

PHONE: Final = (390, 844)
DESKTOP: Final = (1366, 768)
FIRST_LOAD: Final = 100_000
"""Bytes on the wire of everything that a page loads at first."""
_SERIOUS: Final = frozenset({"serious", "critical"})
_AXE: Final = ROOT / "web" / "assets" / "node_modules" / "axe-core" / "axe.min.js"


class WatchedPage:
    """A page, and what it said and asked for since it was opened."""

    def __init__(self, page: Page, origin: str) -> None:
        self.page = page
        self.said: list[str] = []
        self.strangers: list[str] = []
        self.loaded: list[Request] = []
        self._origin = origin
        page.on("console", lambda message: self._note(message.type, message.text))
        page.on("pageerror", lambda error: self.said.append(f"error: {error}"))
        page.on("request", self._asked)
        page.on("requestfinished", lambda request: self.loaded.append(request))

    async def open(self, path: str) -> Page:
        """Goes to a page of ours, and waits until it has loaded."""
        await self.page.goto(f"{self._origin}{path}", wait_until="load")
        return self.page

    async def assert_good(self, *, expected: frozenset[str] = frozenset()) -> None:
        """That the page holds all this now; `expected`: parts of what may be said of failures."""
        said = [line for line in self.said if not any(part in line for part in expected)]
        assert said == [], "nothing is said to the console"
        assert self.strangers == [], "nobody else is asked"
        await assert_fits(self.page)
        assert await findings(self.page) == []

    async def bytes_loaded(self) -> int:
        """Bytes on the wire since the page was opened, heads left out."""
        sizes = [await request.sizes() for request in self.loaded]
        return sum(size["responseBodySize"] for size in sizes)

    def _note(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self.said.append(f"{kind}: {text}")

    def _asked(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme in ("data", "blob"):
            return
        if f"{address.scheme}://{address.netloc}" != self._origin:
            self.strangers.append(request.url)


async def assert_fits(page: Page) -> None:
    """That nobody has to scroll sideways."""
    wide = await page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert wide <= 0, f"{wide} dots wider than the screen"


async def findings(page: Page) -> list[str]:
    """What axe-core finds of WCAG 2.2 AA that is serious or critical, and where."""
    await page.evaluate(_axe())
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    result: dict[str, Any] = await page.evaluate("tags => axe.run({runOnly: tags})", tags)
    return [
        f"{found['id']}: {found['help']}: {[node['target'] for node in found['nodes']][:5]}"
        for found in result["violations"]
        if found["impact"] in _SERIOUS
    ]


@cache
def _axe() -> str:
    """The script from disk: evaluated by the test, which the page's own policy does not concern."""
    assert _AXE.exists(), "run `make .venv/pages` first"
    return _AXE.read_text()


@asynccontextmanager
async def watched(
    browser: Browser, origin: str, size: tuple[int, int] = PHONE, **options: Any
) -> AsyncIterator[WatchedPage]:
    """A new page in a context of its own; `options`: as of a browser's context."""
    width, height = size
    context: BrowserContext = await browser.new_context(
        viewport={"width": width, "height": height}, **options
    )
    try:
        yield WatchedPage(await context.new_page(), origin)
    finally:
        await context.close()
