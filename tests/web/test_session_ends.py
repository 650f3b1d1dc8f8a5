"""A session ends: by time, everywhere, and without losing what somebody was about to send."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import Browser

from tests.support.site import Site
from tests.web.test_forms import token_of


@pytest.mark.parametrize(
    ("moved", "is_there"),
    [
        ("seen_at = seen_at - interval '29 minutes'", True),
        ("seen_at = seen_at - interval '31 minutes'", False),
        ("signed_in_at = signed_in_at - interval '11 hours'", True),
        ("signed_in_at = signed_in_at - interval '13 hours'", False),
    ],
)
async def test_a_session_ends_by_time_and_its_tokens_are_forgotten(
    site: Site, moved: str, is_there: bool
) -> None:
    await site.run_sql("DELETE FROM session")
    async with site.signed_in("ministry") as client:
        await site.run_sql(f"UPDATE session SET {moved}")
        answer = await client.get("/typed")
        assert (answer.headers["location"] == "/progress") is is_there
        assert answer.headers["location"].startswith("/sign-in") is not is_there


async def test_who_works_on_is_not_signed_out(site: Site) -> None:
    async with site.signed_in("ministry") as client:
        await site.run_sql("UPDATE session SET seen_at = seen_at - interval '20 minutes'")
        await client.get("/typed")
        since = datetime.now(UTC) - timedelta(minutes=5)
        assert await site.count(f"seen_at > '{since.isoformat()}'") >= 1


async def test_leaving_everywhere_ends_the_sessions_of_all_browsers_of_this_person_alone(
    site: Site,
) -> None:
    async with (
        site.signed_in("ministry") as here,
        site.signed_in("ministry") as there,
        site.signed_in("province") as another,
    ):
        token = token_of((await here.get("/")).text)
        await here.post("/sign-out", data={"csrf": token, "everywhere": "1"})
        assert (await there.get("/typed")).headers["location"].startswith("/sign-in")
        assert (await another.get("/typed")).headers["location"] == "/progress"


async def test_a_person_finds_what_they_typed_after_their_session_ended_in_a_browser(
    site: Site, browser: Browser
) -> None:
    context = await browser.new_context()
    page = await context.new_page()
    await site.sign_in(page, "station", "/sign-in?next=%2F%3Flang%3Dvi")
    await page.evaluate(
        """() => {
            const token = document.querySelector("input[name=csrf]").value;
            const form = document.createElement("form");
            form.method = "post";
            form.action = "/typed/discard";
            for (const [name, value] of [["csrf", token], ["full_name", "Đặng Thị Ngọc Ánh"]]) {
                const field = document.createElement("input");
                field.name = name;
                field.value = value;
                form.append(field);
            }
            document.body.append(form);
            form.id = "late";
        }"""
    )
    await site.run_sql("UPDATE session SET seen_at = seen_at - interval '31 minutes'")
    await page.evaluate("document.getElementById('late').submit()")
    await page.click("button[name=account][value=station]")
    await page.wait_for_url(f"{site.origin}/typed")
    kept = page.locator("input[name=full_name]")
    assert await kept.input_value() == "Đặng Thị Ngọc Ánh"
    await page.get_by_role("button", name="Bỏ đi").click()
    await page.wait_for_url(f"{site.origin}/desk")
    await context.close()
