"""The one list of what `make screenshots` takes: whoever builds a page adds it here."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, Literal

from playwright.async_api import Page

from tests.support.site import Site
from tests.web import moments

Steps = Callable[[Site, Page], Awaitable[None]]
Before = Callable[[Site, Page], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class PageToLookAt:
    """A page, or a moment of it.

    `name`: of its files. `account`: of the local provider, whose page it is; None: nobody signs in.
    `before`: what must have happened in the system, which gives the page's address in place of
    `path`; `steps`: what is done on the page before the picture is taken.
    """

    name: str
    path: str
    account: str | None = None
    steps: Steps | None = None
    before: Before | None = None


PAGES: Final = (
    PageToLookAt("home", "/"),
    PageToLookAt("home-english", "/?lang=en"),
    PageToLookAt("nowhere", "/nowhere"),
    PageToLookAt("look-up-errors", "/", steps=moments.send_nothing),
    PageToLookAt("check-mail", "/check-mail"),
    PageToLookAt("link-used", "/passport"),
    PageToLookAt("passport", "/passport", before=moments.open_the_link),
    PageToLookAt("why", "/why"),
    PageToLookAt("foreigners", "/foreigners"),
    PageToLookAt("complaint", "/complaint"),
    PageToLookAt("me", "/me", "citizen-1"),
    PageToLookAt("me-passport", "/me/passport", "citizen-1"),
    PageToLookAt("design", "/design"),
    PageToLookAt("verify", "/verify", steps=moments.wait_for_the_scanner),
    PageToLookAt("verify-untrusted", "/verify", steps=moments.paste_nonsense),
    PageToLookAt("verify-valid", "/verify", steps=moments.paste_a_code),
    PageToLookAt("sign-in", "/sign-in"),
    PageToLookAt("desk", "/desk", "station", moments.choose_a_certain_row),
    PageToLookAt("desk-correct", "/desk", "station", moments.correct_a_row),
    PageToLookAt("desk-uploads", "/desk/uploads", "facility"),
    PageToLookAt("desk-preview", "/desk/uploads", "facility", moments.choose_a_file),
    PageToLookAt("desk-job", "", "facility", before=moments.send_a_file),
    PageToLookAt("find", "/desk/find", "station"),
    PageToLookAt("found", "/desk/find", "station", moments.find_a_person),
    PageToLookAt("check", "/desk/check", "station"),
    PageToLookAt("checked", "/desk/check", "station", moments.scan_two),
    PageToLookAt("supplement", "/desk/supplement", "station"),
    PageToLookAt("supplements", "/desk/supplements", "facility"),
    PageToLookAt("complaints", "/desk/complaints", "facility", before=moments.complain),
    PageToLookAt("complaint-answer", "", "facility", before=moments.complain_once_more),
    PageToLookAt("bulk", "/desk/bulk", "station"),
    PageToLookAt("bulk-sample", "", "station", before=moments.begin_a_run),
    PageToLookAt("bulk-page", "", "station", before=moments.end_the_sample),
    PageToLookAt("bulk-police", "/cases/bulk", "police"),
    PageToLookAt("cases", "/cases", "police", before=moments.give_cases),
    PageToLookAt("cases-second", "", "police-second", before=moments.confirm_first),
    PageToLookAt("thread-police", "", "police", before=moments.ask_for_papers),
    PageToLookAt("thread-station", "", "station", before=moments.asked_papers),
    PageToLookAt("progress", "/progress", "ministry", before=moments.count_days),
    PageToLookAt("progress-place", "/progress", "province"),
    PageToLookAt("progress-clusters", "/progress/clusters", "ministry", before=moments.search),
    PageToLookAt("progress-cluster", "", "ministry", before=moments.open_a_cluster),
    PageToLookAt("progress-runs", "/progress/runs", "ministry"),
    PageToLookAt("progress-findings", "/progress/findings", "ministry"),
)

IN_README: Final[dict[str, tuple[int, int, Literal["light", "dark"]]]] = {
    "desk": (1366, 768, "light"),
    "cases": (1366, 768, "light"),
    "progress": (1366, 768, "light"),
    "passport": (390, 844, "light"),
    "verify-valid": (390, 844, "light"),
    "home": (390, 844, "dark"),
}
"""Of the pages above those in README: width, height, theme."""
