"""The page of province and ministry: its numbers, map, days, clusters and findings."""

import csv
import io
import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from playwright.async_api import Browser, Page, expect

from contracts.access import Role
from tests.support.page_checks import DESKTOP, FIRST_LOAD, PHONE, watched
from tests.support.site import Site
from tests.web.counted_days import FACILITY, give_days

SIZES = pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])


@pytest.fixture(scope="module")
async def counted(site: Site) -> AsyncIterator[Site]:
    """The system with a facility's habit (telephones in the ID column), counted, with forty days
    behind it.
    """
    await give_days(site)
    yield site


def _number(text: str | None) -> int:
    return int(re.sub(r"\D", "", text or ""))


async def _value(page: Page, step: str) -> int:
    return _number(await page.locator(f"#step-{step} .whole").text_content())


@SIZES
@pytest.mark.parametrize("account", ["ministry", "province"])
async def test_both_roles_see_their_place_on_both_screens(
    counted: Site, browser: Browser, size: tuple[int, int], account: str
) -> None:
    async with watched(browser, counted.origin, size) as seen:
        await counted.sign_in(seen.page, account)
        await seen.page.wait_for_load_state("load")
        page = seen.page
        title = page.get_by_role("heading", level=1)
        await expect(title).to_contain_text("Cả nước" if account == "ministry" else "Tiến độ: ")
        assert await _value(page, "recorded") > 0
        tiles = page.locator("a.tile")
        assert await tiles.count() == (63 if account == "ministry" else 0)
        await expect(page.locator(".outlook-day")).to_be_visible()
        assert await seen.bytes_loaded() < FIRST_LOAD
        await page.locator(".chart").hover()
        await expect(page.locator(".chart canvas")).to_be_visible()
        await seen.assert_good()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["clusters", "runs", "findings"])
@SIZES
async def test_the_other_parts_hold_on_both_screens_in_light_and_dark(
    counted: Site, browser: Browser, size: tuple[int, int], path: str, scheme: Any
) -> None:
    async with watched(browser, counted.origin, size, color_scheme=scheme) as seen:
        await counted.sign_in(seen.page, "ministry", f"/progress/{path}")
        await expect(seen.page.get_by_role("heading", level=1)).to_be_visible()
        await seen.assert_good()


async def test_an_exact_number_shows_where_it_is_focused(counted: Site, browser: Browser) -> None:
    async with watched(browser, counted.origin, DESKTOP) as seen:
        await counted.sign_in(seen.page, "ministry", "/progress")
        step = seen.page.locator("#step-recorded")
        await expect(step.locator(".short")).to_contain_text("nghìn")
        await step.focus()
        await expect(step.locator(".short")).to_be_hidden()
        await expect(step.locator(".whole")).to_have_text(re.compile(r"^\d\.\d{3}$"))


async def test_by_keyboard_alone_one_comes_from_the_map_to_a_facility(
    counted: Site, browser: Browser
) -> None:
    async with watched(browser, counted.origin, DESKTOP) as seen:
        await counted.sign_in(seen.page, "ministry", "/progress")
        page = seen.page
        for _ in range(60):
            await page.keyboard.press("Tab")
            if await page.evaluate("document.activeElement.matches('a.tile[href$=\"=01\"]')"):
                break
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/progress?area=01")
        await expect(page.get_by_role("heading", level=1)).to_contain_text("Hà Nội")
        for digits in (5, 10, None):
            link = page.locator(".units tbody a").first
            await link.focus()
            await page.keyboard.press("Enter")
            await page.wait_for_url(
                re.compile(rf"area=\d{{{digits}}}$" if digits else r"facility=\d{5}$")
            )
        await expect(page.locator(".crumbs li")).to_have_count(2)
        await seen.assert_good()


async def test_a_link_keeps_the_view_with_its_place_and_order(
    counted: Site, browser: Browser
) -> None:
    async with watched(browser, counted.origin, DESKTOP) as seen:
        await counted.sign_in(seen.page, "ministry", "/progress")
        await seen.page.get_by_role("link", name="Tên").click()
        await seen.page.wait_for_url("**/progress?sort=name")
        names = await seen.page.locator(".units tbody th").all_text_contents()
        assert [names.index(name) for name in ("Cần Thơ", "Đà Nẵng", "Hà Nội")] == sorted(
            names.index(name) for name in ("Cần Thơ", "Đà Nẵng", "Hà Nội")
        )
        async with counted.signed_in("ministry") as client:
            page = (await client.get("/progress?area=01&sort=oldest")).text
            assert "Hà Nội" in page and 'aria-sort="ascending"' in page


async def test_without_scripts_all_of_it_is_there(counted: Site, browser: Browser) -> None:
    async with watched(browser, counted.origin, PHONE, java_script_enabled=False) as seen:
        page = seen.page
        await page.goto(f"{counted.origin}/sign-in")
        await page.click("button[name=account][value=ministry]")
        await page.goto(f"{counted.origin}/progress")
        await expect(page.locator("svg.drawn")).to_be_visible()
        await expect(page.locator(".chart .line--waiting").first).to_be_attached()
        await expect(page.locator("polygon.band")).to_be_attached()
        await page.locator("summary").first.click()
        await expect(page.locator("#days-table")).to_be_visible()
        assert await page.locator("#days-table tbody tr").count() == 41
        await page.get_by_role("link", name="Cụm lỗi").first.click()
        await expect(page.get_by_role("heading", level=1)).to_contain_text("Cụm lỗi")


async def test_the_number_moves_after_a_dose_is_fixed_without_a_reload(
    counted: Site, browser: Browser
) -> None:
    async with watched(browser, counted.origin, DESKTOP) as seen:
        await counted.sign_in(seen.page, "ministry", "/progress")
        page = seen.page
        before = await _value(page, "waiting")
        await page.evaluate("window.stillHere = true")
        await _withdraw_one_that_waits(counted)
        moved = page.locator("#step-waiting .whole", has_text=re.compile(_written(before - 1)))
        await expect(moved).to_be_attached(timeout=60_000)
        assert await page.evaluate("window.stillHere")
        assert seen.said == []


def _written(number: int) -> str:
    return f"^{number:,}$".replace(",", r"\.")


async def _withdraw_one_that_waits(site: Site) -> None:
    async with site.system.client() as client:
        [item] = (await client.get("/records/v1/worklist?limit=1")).json()["items"]
        ended = await client.delete(f"/records/v1/doses/{item['dose']['dose_id']}")
        assert ended.status_code == 200, ended.text


async def test_a_cluster_is_previewed_letter_by_letter_applied_once_and_undone(
    counted: Site, browser: Browser
) -> None:
    async with watched(browser, counted.origin, DESKTOP) as seen:
        await counted.sign_in(seen.page, "province", "/progress/clusters")
        await seen.page.context.clear_cookies()
        await counted.sign_in(seen.page, "ministry", "/progress/clusters")
        page = seen.page
        card = page.locator(".cluster", has_text=FACILITY)
        await card.get_by_role("link", name="Xem trước").click()
        await expect(page.locator(".samples .differs").first).to_be_visible()
        shown = await page.locator(".samples").inner_text()
        assert "0912345600" not in shown, "telephones are masked"
        await seen.assert_good()
        await page.get_by_role("button", name="Sửa 15 mũi").click()
        await page.wait_for_url("**/progress/runs")
        await expect(page.get_by_role("status").first).to_contain_text("Đã sửa 15 mũi tiêm")
        row = page.locator("tr[id^=run-]").first
        await row.get_by_text("Hoàn tác …").click()
        await seen.assert_good()
        await row.get_by_role("button", name="Hoàn tác 15 mũi").click()
        await expect(page.get_by_role("status").first).to_contain_text("15 mũi tiêm trở lại")
        await expect(page.locator("tr[id^=run-]").first).to_contain_text("đã hoàn tác")


async def test_a_preview_that_is_no_longer_true_is_shown_anew_and_nothing_is_mended(
    counted: Site,
) -> None:
    async with counted.signed_in("ministry") as client:
        rule = "PHONE_TO_ITS_FIELD"
        cluster = f"facility-{FACILITY}-ID_IS_PHONE_NUMBER"
        await _until_it_waits(client, f"/progress/clusters/{cluster}?rule={rule}")
        page = (await client.get(f"/progress/clusters/{cluster}?rule={rule}")).text
        token = page.split('name="csrf" value="')[1].split('"')[0]
        answer = await client.post(
            f"/progress/clusters/{cluster}/apply",
            data={"csrf": token, "rule": rule, "preview_token": "0" * 16},
        )
        assert answer.status_code == 409
        assert "chưa có gì được sửa" in answer.text


async def _until_it_waits(client: httpx.AsyncClient, path: str) -> None:
    """An undone run's doses are verified again before they wait."""
    for _ in range(300):
        if (await client.get(path)).status_code == 200:
            return
    raise AssertionError("nothing waits")


async def test_a_finding_is_settled_on_its_page(counted: Site, browser: Browser) -> None:
    async with watched(browser, counted.origin, PHONE) as seen:
        await counted.sign_in(seen.page, "ministry", "/progress/findings")
        page = seen.page
        first = page.locator(".finding").first
        number = await first.get_attribute("id")
        await first.get_by_text("Khép lại …").click()
        await first.get_by_label("Cả hai đều đúng").check()
        await seen.assert_good()
        await first.get_by_role("button", name="Khép lại").click()
        await expect(page.get_by_role("status").first).to_contain_text("Đã khép lại")
        assert await page.locator(f"#{number}").count() == 0
        await page.get_by_role("link", name="Đã khép").click()
        await expect(page.locator(f"#{number}")).to_contain_text("Cả hai đều đúng")


async def test_every_table_is_taken_as_a_file_in_the_readers_language(counted: Site) -> None:
    async with counted.system.client(Role.MINISTRY) as asking:
        provinces = len((await asking.get("/records/v1/progress/units")).json()["items"])
    async with counted.signed_in("ministry") as client:
        for path, head, lines in (
            ("units.csv?level=province", "Mã", provinces),
            ("days.csv?area=01", "Ngày", 41),
            ("reasons.csv?facility=01999", "Mã lý do", 1),
        ):
            answer = await client.get(f"/progress/files/{path}")
            assert answer.status_code == 200, answer.text
            assert answer.headers["content-disposition"].startswith("attachment")
            rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
            assert (rows[0][0], len(rows) - 1) == (head, lines), path
        english = await client.get("/progress/files/units.csv?lang=en")
        assert english.content.decode("utf-8-sig").startswith("Code,Name")


async def test_the_lists_of_clusters_runs_and_findings_are_files_too(counted: Site) -> None:
    async with counted.system.client(Role.MINISTRY) as asking:
        listed = await asking.get("/records/v1/findings", params={"limit": 1000})
        findings = {str(one["finding_id"]) for one in listed.json()["items"]}
    assert len(findings) > 1
    async with counted.signed_in("ministry") as client:
        told = {}
        for name in ("clusters", "runs", "findings"):
            answer = await client.get(f"/progress/{name}.csv")
            assert answer.status_code == 200, answer.text
            assert answer.headers["content-disposition"] == f'attachment; filename="{name}.csv"'
            told[name] = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
            if told[name]:
                assert f"/progress/{name}.csv" in (await client.get(f"/progress/{name}")).text
        english = await client.get("/progress/runs.csv?lang=en")
    assert {row["Mâu thuẫn"] for row in told["findings"]} == findings
    [cluster] = [row for row in told["clusters"] if row["Cơ sở"] == FACILITY]
    assert (cluster["Đang chờ"], cluster["Quy tắc"]) == ("15", "PHONE_TO_ITS_FIELD")
    assert english.content.decode("utf-8-sig").startswith("Run,Cluster,")


async def test_a_province_is_kept_to_its_own_and_told_so(counted: Site) -> None:
    own = counted.places.province
    other = "01" if own != "01" else "79"
    async with counted.signed_in("province") as client:
        refused = await client.get(f"/progress?area={other}")
        assert refused.status_code == 403
        assert "ngoài phạm vi của bạn" in refused.text
        assert (await client.get(f"/progress?area={own}")).status_code == 200
        assert (await client.get("/progress?area=1")).status_code == 422
    async with counted.signed_in("station") as client:
        assert (await client.get("/progress")).status_code == 403


async def test_the_live_line_is_empty_where_nothing_was_counted_since(counted: Site) -> None:
    async with counted.signed_in("ministry") as client:
        page = (await client.get("/progress")).text
        live = re.search(r'data-live="([^"]+)"', page)
        assert live
        path = live[1].replace("&amp;", "&")
        assert (await client.get(path, headers={"HX-Request": "true"})).status_code == 204
        again = await client.get("/progress/live?seen=x", headers={"HX-Request": "true"})
        assert again.status_code == 200
        assert again.text.count("<li") == 7 and "<html" not in again.text
