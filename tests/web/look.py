"""`python -m tests.web.look [WORD …]`: takes every page there is, in `build/screenshots/`.

Each at four sizes, light and dark, and with letters of twice their size; with words only pages
whose name has one of them. What the last run took is kept in `build/screenshots/last/`; what
differs from it, and what is wider than its screen, is told. `README` in capitals takes the
pictures of README alone, into `docs/pictures/`.
"""

import asyncio
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Final, Literal

from PIL import Image
from playwright.async_api import Browser, Page, async_playwright
from playwright.async_api import Error as PlaywrightError

from deploy.sample import generate
from tests.support.browser import chromium
from tests.support.paths import ROOT
from tests.support.picture_difference import marked, share_that_differs
from tests.support.site import Site
from tests.support.stack import home, system
from tests.web.pages_to_look_at import IN_README, PAGES, PageToLookAt

FOLDER: Final = ROOT / "build" / "screenshots"
PICTURES: Final = ROOT / "docs" / "pictures"
_SEEN: Final = 0.0005
"""Of a picture: below this share nobody sees a difference."""
_TALLEST: Final = 6_000
_MOST_COLOURS: Final = 128
"""Of a picture in README, which is small so."""


@dataclass(frozen=True, slots=True)
class Sight:
    """A way to look at a page; `text`: the size of letters, in percent."""

    width: int
    height: int
    theme: Literal["light", "dark"]
    text: int = 100

    @property
    def name(self) -> str:
        """As in a file's name."""
        return f"{self.width}-{self.theme}" + (f"-text{self.text}" if self.text != 100 else "")


SIGHTS: Final = (
    *(
        Sight(width, height, theme)
        for theme in ("light", "dark")
        for width, height in ((390, 844), (768, 1024), (1366, 768), (1920, 1080))
    ),
    Sight(390, 844, "light", 200),
    Sight(1366, 768, "light", 200),
)


async def look(pages: Sequence[PageToLookAt]) -> list[str]:
    """Takes the pages, and gives one line for each picture that is new, differs or is too wide."""
    (FOLDER / "last").mkdir(parents=True, exist_ok=True)
    async with _opened() as (browser, site):
        return [line for page in pages for line in await _take(browser, site, page)]


async def look_for_readme() -> list[str]:
    """Takes the few pictures that stand in README."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    told = []
    async with _opened() as (browser, site):
        for name, sight in IN_README.items():
            [page] = [one for one in PAGES if one.name == name]
            async with _tab(browser, site, page) as tab:
                await _see(tab, Sight(*sight))
                picture = Image.open(BytesIO(await tab.screenshot()))
            file = PICTURES / f"{name}.png"
            picture.convert("RGB").quantize(_MOST_COLOURS).save(file, optimize=True)
            told.append(f"{file.stat().st_size:7,} B  {file.relative_to(ROOT)}")
    return told


@asynccontextmanager
async def _opened() -> AsyncIterator[tuple[Browser, Site]]:
    with tempfile.TemporaryDirectory() as province_name, home() as folder:
        province = Path(province_name)
        generate(2_000, 7, province, 4_000)
        often = {"web": {"SESSION_PER_ADDRESS": "1000 per minute"}}
        async with (
            system(folder, people_file=province / "people.csv", of_service=often) as running,
            async_playwright() as playwright,
        ):
            await running.push((province / "doses.csv").read_bytes())
            browser = await playwright.chromium.launch(
                executable_path=chromium(), args=["--no-sandbox", "--hide-scrollbars"]
            )
            yield browser, Site(running, province)
            await browser.close()


@asynccontextmanager
async def _tab(browser: Browser, site: Site, page: PageToLookAt) -> AsyncIterator[Page]:
    """A page, loaded once; the looks at it are changes of its window."""
    context = await browser.new_context(reduced_motion="reduce", service_workers="block")
    tab = await context.new_page()
    if page.account:
        await site.sign_in(tab, page.account)
    path = await page.before(site, tab) if page.before else page.path
    await tab.goto(f"{site.origin}{path}", wait_until="networkidle")
    if page.steps:
        await page.steps(site, tab)
    try:
        yield tab
    finally:
        await context.close()


async def _see(tab: Page, sight: Sight) -> None:
    await tab.set_viewport_size({"width": sight.width, "height": sight.height})
    await tab.emulate_media(color_scheme=sight.theme, reduced_motion="reduce")
    await tab.evaluate(
        """text => {
          document.documentElement.style.fontSize = text;
          return new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
        }""",
        f"{sight.text}%",
    )


async def _take(browser: Browser, site: Site, page: PageToLookAt) -> list[str]:
    try:
        async with _tab(browser, site, page) as tab:
            return await _seen(tab, page)
    except PlaywrightError as error:
        return [f"not seen {page.name}: {str(error).splitlines()[0]}"]


async def _seen(tab: Page, page: PageToLookAt) -> list[str]:
    told = []
    for sight in SIGHTS:
        await _see(tab, sight)
        name = f"{page.name}-{sight.name}.png"
        over = await tab.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        if over > 0:
            told.append(f"too wide {name} by {over}")
        tall = await tab.evaluate("document.documentElement.scrollHeight")
        picture = await tab.screenshot(full_page=tall <= _TALLEST)
        told += _compared(name, picture)
    return told


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
    if "README" in words:
        print("\n".join(asyncio.run(look_for_readme())))
        return
    pages = [page for page in PAGES if not words or any(word in page.name for word in words)]
    if not pages:
        sys.exit(f"no page is called so; there are {', '.join(page.name for page in PAGES)}")
    told = asyncio.run(look(pages))
    print(f"{len(pages) * len(SIGHTS)} pictures are in {FOLDER}")
    print("\n".join(told) if told else "none of them differs from the last")


if __name__ == "__main__":
    main(sys.argv[1:])
