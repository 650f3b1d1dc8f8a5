"""What changes something is taken from our own pages alone, and never lost because it came late."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts

from contracts.access import Role
from services.chassis.auth import Public
from tests.support.site import Site
from tests.support.walk import filled, guards
from web.csrf import SAFE
from web.guards import OpenPage, SignedIn
from web.pages import ROUTERS

ACCOUNTS = {
    Role.FACILITY: "facility",
    Role.STATION: "station",
    Role.POLICE: "police",
    Role.PROVINCE: "province",
    Role.MINISTRY: "ministry",
    Role.CITIZEN: "citizen-1",
}


def routes() -> Iterator[APIRoute]:
    """Every page."""
    app = FastAPI()
    for router in ROUTERS:
        app.include_router(router)
    for context in iter_route_contexts(app.routes):
        if isinstance(context.original_route, APIRoute) and not str(context.path).startswith(
            ("/openapi", "/docs", "/redoc")
        ):
            yield context  # type: ignore[misc]


CHANGING = [
    (method, route.path, next(guards(route.dependant)))
    for route in routes()
    for method in sorted((route.methods or set()) - SAFE)
]


def token_of(html: str) -> str:
    """The token in a page's form."""
    match = re.search(r'name="csrf" value="([^"]+)"', html)
    assert match, html
    return match[1]


def test_every_page_says_who_may_open_it_and_takes_forms_of_ours_alone() -> None:
    for route in routes():
        [guard] = guards(route.dependant)
        # what changes nothing may know nobody at all, as what a device keeps for later
        known = (SignedIn, OpenPage, *(() if set(route.methods or ()) - SAFE else (Public,)))
        assert isinstance(guard, known), route.path
        assert not isinstance(guard, Public) or len(guard.why) > 10, route.path


@pytest.mark.parametrize(
    ("method", "path", "guard"), CHANGING, ids=[path for _, path, _ in CHANGING]
)
async def test_no_form_is_taken_without_its_token_or_from_another_site(
    site: Site, method: str, path: str, guard: SignedIn | OpenPage
) -> None:
    role = next((Role(role) for role in sorted(getattr(guard, "roles", ()))), Role.MINISTRY)
    async with site.signed_in(ACCOUNTS[role]) as client:
        token = token_of((await client.get("/")).text)
        asked: dict[str, Any] = {"method": method, "url": filled(path)}
        without = await client.request(**asked, data={"a": "b"})
        assert (without.status_code, "đã mở quá lâu" in without.text) == (403, True)
        async with site.signed_in("ministry") as other:
            theirs = token_of((await other.get("/")).text)
        assert (await client.request(**asked, data={"csrf": theirs})).status_code == 403
        for headers in (
            {"Origin": "https://evil.example"},
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site"},
            {"Origin": "null"},
        ):
            foreign = await client.request(**asked, data={"csrf": token}, headers=headers)
            assert (foreign.status_code, "từ một trang khác" in foreign.text) == (403, True)


async def test_a_form_that_comes_after_the_end_of_its_session_waits_for_the_same_person(
    site: Site,
) -> None:
    async with site.signed_in("station") as client:
        token = token_of((await client.get("/")).text)
        await end_sessions(site)
        late = await client.post("/typed/discard", data={"csrf": token, "name": "Nguyễn Thị Ái"})
        assert late.headers["location"].startswith("/sign-in?")
        again = await site.choose(client, "station", late.headers["location"])
        assert again.headers["location"] == "/typed"
        shown = (await client.get("/typed")).text
        assert "Nguyễn Thị Ái" in shown and 'action="/typed/discard"' in shown
        sent = await client.post("/typed/discard", data={"csrf": token_of(shown)})
        assert sent.status_code == 303
        assert (await client.get("/typed")).status_code == 303


async def test_what_one_person_typed_is_never_shown_to_the_next_one(site: Site) -> None:
    async with site.signed_in("station") as client:
        token = token_of((await client.get("/")).text)
        await end_sessions(site)
        late = await client.post("/typed/discard", data={"csrf": token, "name": "Nguyễn Thị Ái"})
        other = await site.choose(client, "police", late.headers["location"])
        assert other.headers["location"] == "/cases"
        assert (await client.get("/typed")).headers["location"] == "/cases"


async def end_sessions(site: Site) -> None:
    """As if everybody had been away for longer than a session lasts."""
    await site.run_sql("UPDATE session SET seen_at = seen_at - interval '31 minutes'")
