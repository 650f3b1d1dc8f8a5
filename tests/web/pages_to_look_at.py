"""The one list of what `make screenshots` takes: whoever builds a page adds it here."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from playwright.async_api import Page

Steps = Callable[[Page], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class PageToLookAt:
    """A page, or a moment of it.

    `name`: of its files. `account`: of the local provider, whose page it is; None: nobody signs in.
    `steps`: what is done before the picture is taken.
    """

    name: str
    path: str
    account: str | None = None
    steps: Steps | None = None


async def _type_nonsense(page: Page) -> None:
    await page.wait_for_selector("#verify[data-ready=true]")
    await page.click("[data-part=paste]")
    await page.fill("[data-part=text]", "HC1:NOTHING")
    await page.click("[data-part=form] .button--primary")
    await page.wait_for_selector("[data-part=result]:not([hidden])")


async def _wait_for_the_scanner(page: Page) -> None:
    await page.wait_for_selector("#verify[data-ready=true]")


async def _choose_a_certain_row(page: Page) -> None:
    await page.wait_for_selector(".causes li")
    await page.click("#rows tr:has-text('chắc chắn')")


async def _send_nothing(page: Page) -> None:
    await page.click("main form .button--primary")
    await page.wait_for_selector("[data-error-summary]")


PAGES: Final = (
    PageToLookAt("home", "/"),
    PageToLookAt("home-english", "/?lang=en"),
    PageToLookAt("nowhere", "/nowhere"),
    PageToLookAt("look-up-errors", "/", steps=_send_nothing),
    PageToLookAt("check-mail", "/check-mail"),
    PageToLookAt("link-used", "/passport"),
    PageToLookAt("why", "/why"),
    PageToLookAt("foreigners", "/foreigners"),
    PageToLookAt("complaint", "/complaint"),
    PageToLookAt("me", "/me", "citizen-1"),
    PageToLookAt("me-passport", "/me/passport", "citizen-1"),
    PageToLookAt("design", "/design"),
    PageToLookAt("verify", "/verify", steps=_wait_for_the_scanner),
    PageToLookAt("verify-untrusted", "/verify", steps=_type_nonsense),
    PageToLookAt("sign-in", "/sign-in"),
    PageToLookAt("desk", "/desk", "station", _choose_a_certain_row),
    PageToLookAt("desk-uploads", "/desk/uploads", "facility"),
    PageToLookAt("progress", "/progress", "ministry"),
    PageToLookAt("progress-place", "/progress", "province"),
    PageToLookAt("progress-clusters", "/progress/clusters", "ministry"),
    PageToLookAt("progress-findings", "/progress/findings", "ministry"),
)
