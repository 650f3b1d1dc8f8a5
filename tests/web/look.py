"""`python -m tests.web.look [WORD …]`: takes every page there is, in `build/screenshots/`.

Each at four sizes, light and dark; with words only pages whose name has one of them. What the last
run took is kept in `build/screenshots/last/`, and what differs from it is told and marked.
"""

import asyncio
import shutil
import sys
import tempfile
from collections.abc import Sequence
from itertools import product
from pathlib import Path
from typing import Final, Literal

from playwright.async_api import Browser, StorageState, async_playwright

from deploy.sample import generate
from tests.support.browser import chromium
from tests.support.paths import ROOT
from tests.support.picture_difference import marked, share_that_differs
from tests.support.site import Site
from tests.support.stack import home, system
from tests.web.pages_to_look_at import PAGES, PageToLookAt

FOLDER: Final = ROOT / "build" / "screenshots"
SIZES: Final = ((390, 844), (768, 1024), (1366, 768), (1920, 1080))
THEMES: Final[tuple[Literal["light", "dark"], ...]] = ("light", "dark")
_SEEN: Final = 0.0005
"""Of a picture: below this share nobody sees a difference."""
_TALLEST: Final = 6_000


async def look(pages: Sequence[PageToLookAt]) -> list[str]:
    """Takes the pages, and gives one line for each picture that is new or differs."""
    last = FOLDER / "last"
    last.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as province_name, home() as folder:
        province = Path(province_name)
        generate(2_000, 7, province, 4_000)
        async with (
            system(folder, people_file=province / "people.csv") as running,
            async_playwright() as playwright,
        ):
            await running.push((province / "doses.csv").read_bytes())
            browser = await playwright.chromium.launch(
                executable_path=chromium(), args=["--no-sandbox", "--hide-scrollbars"]
            )
            site = Site(running, province)
            told = [line for page in pages for line in await _take(browser, site, page)]
            await browser.close()
    return told


async def _take(browser: Browser, site: Site, page: PageToLookAt) -> list[str]:
    state = await _signed_in(browser, site, page.account) if page.account else None
    told = []
    for (width, height), theme in product(SIZES, THEMES):
        context = await browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme=theme,
            reduced_motion="reduce",
            storage_state=state,
            service_workers="block",
        )
        tab = await context.new_page()
        await tab.goto(f"{site.origin}{page.path}", wait_until="networkidle")
        if page.steps:
            await page.steps(tab)
        tall = await tab.evaluate("document.documentElement.scrollHeight")
        picture = await tab.screenshot(full_page=tall <= _TALLEST)
        told += _compared(f"{page.name}-{width}-{theme}.png", picture)
        await context.close()
    return told


async def _signed_in(browser: Browser, site: Site, account: str) -> StorageState:
    context = await browser.new_context()
    await site.sign_in(await context.new_page(), account)
    state = await context.storage_state()
    await context.close()
    return state


def _compared(name: str, picture: bytes) -> list[str]:
    """Puts a picture where it belongs; a line where it is new, or differs from the last."""
    file, before, marks = FOLDER / name, FOLDER / "last" / name, FOLDER / "changed" / name
    marks.unlink(missing_ok=True)
    if file.exists():
        shutil.move(file, before)
    file.write_bytes(picture)
    if not before.exists():
        return [f"new      {name}"]
    share = share_that_differs(before, file)
    if share < _SEEN:
        return []
    marks.parent.mkdir(exist_ok=True)
    marked(before, file).save(marks)
    return [f"{share:7.2%}  {name}"]


def main(words: Sequence[str]) -> None:
    """Takes what was asked for, and prints what has changed."""
    pages = [page for page in PAGES if not words or any(word in page.name for word in words)]
    if not pages:
        sys.exit(f"no page is called so; there are {', '.join(page.name for page in PAGES)}")
    told = asyncio.run(look(pages))
    print(f"{len(pages) * len(SIZES) * len(THEMES)} pictures are in {FOLDER}")
    print("\n".join(told) if told else "none of them differs from the last")


if __name__ == "__main__":
    main(sys.argv[1:])
