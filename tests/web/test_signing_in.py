"""Who signs in comes to their page, and leaves no trace when they sign out."""

from urllib.parse import quote

import httpx
import pytest
from playwright.async_api import Browser, expect

from tests.support.site import Site


async def test_who_signs_in_on_the_providers_page_is_known_and_signs_out_everywhere(
    site: Site, browser: Browser
) -> None:
    context = await browser.new_context()
    page = await context.new_page()
    problems: list[str] = []
    page.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)
    await site.sign_in(page, "ministry", "/sign-in?next=%2F%3Flang%3Den")
    assert page.url == f"{site.origin}/?lang=en"
    [cookie] = [one for one in await context.cookies() if one["name"] == "session"]
    assert cookie["httpOnly"] and cookie["sameSite"] == "Lax"
    await expect(page.get_by_role("navigation", name="Pages")).to_contain_text("Progress")
    await page.get_by_role("button", name="Sign out").click()
    await page.wait_for_url(f"{site.origin}/signed-out")
    assert "session" not in {one["name"] for one in await context.cookies()}
    assert problems == []
    await context.close()


async def test_a_cookie_of_a_session_that_was_signed_out_opens_nothing(site: Site) -> None:
    async with site.signed_in("ministry") as client:
        cookie = client.cookies["session"]
        page = (await client.get("/")).text
        token = page.split('name="csrf" value="')[1].split('"')[0]
        left = await client.post("/sign-out", data={"csrf": token})
        assert left.headers["location"].startswith("/issuer/end-session?")
        client.cookies.set("session", cookie)
        assert (await client.get("/typed")).headers["location"].startswith("/sign-in")


async def test_a_code_is_good_once_and_for_the_browser_that_asked_for_it(site: Site) -> None:
    async with site.visitor() as one, site.visitor() as other:
        asked = dict(httpx.URL((await one.get("/sign-in")).headers["location"]).params)
        chosen = await one.post("/issuer/authorize", data={**asked, "account": "ministry"})
        back = chosen.headers["location"]
        stolen = await other.get(back)
        assert (stolen.status_code, "session" in other.cookies) == (400, False)
        assert "Hãy bấm Đăng nhập một lần nữa" in stolen.text
        assert (await one.get(back)).status_code == 303
        assert (await one.get(back)).status_code == 400


@pytest.mark.parametrize(
    "asked", ["https://evil.example/", "//evil.example/", "/\\evil.example/", "/a\n//evil.example"]
)
async def test_nobody_is_sent_on_to_another_site(site: Site, asked: str) -> None:
    address = f"/sign-in?next={quote(asked, safe='')}"
    async with site.signed_in("ministry", address) as client:
        assert (await client.get(address)).headers["location"] == "/progress"
