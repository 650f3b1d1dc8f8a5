"""A page runs what is ours alone, is kept nowhere, and an error is a page too."""

import pytest

from tests.support.site import Site


@pytest.mark.parametrize("path", ["/", "/signed-out", "/nowhere", "/assets/nowhere.js"])
async def test_a_page_runs_nothing_but_what_is_ours_and_is_kept_nowhere(
    site: Site, path: str
) -> None:
    async with site.visitor() as client:
        answer = await client.get(path)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'self'" in policy and "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy and "*" not in policy
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert "server" not in answer.headers


async def test_an_error_is_a_page_in_the_readers_language_that_says_what_to_do(site: Site) -> None:
    async with site.visitor() as client:
        lost = await client.get("/nowhere")
        assert (lost.status_code, lost.headers["content-type"]) == (404, "text/html; charset=utf-8")
        assert "Hãy quay lại trang đầu" in lost.text
        await client.get("/?lang=en")
        assert "Go back to the front page" in (await client.get("/nowhere")).text


async def test_who_is_not_signed_in_is_sent_to_the_provider_and_back_to_the_page(
    site: Site,
) -> None:
    async with site.visitor() as client:
        sent = await client.get("/typed?a=1")
        assert sent.headers["location"] == "/sign-in?next=%2Ftyped%3Fa%3D1"
        part = await client.get(
            "/typed", headers={"HX-Request": "true", "HX-Current-URL": f"{site.origin}/desk?b=2"}
        )
        assert (part.status_code, part.headers["hx-redirect"]) == (
            401,
            "/sign-in?next=%2Fdesk%3Fb%3D2",
        )


async def test_what_operations_watch_is_not_shown_outside(site: Site) -> None:
    async with site.visitor() as client:
        assert (await client.get("/web/healthz")).json() == {"status": "ok"}
        assert (await client.get("/web/readyz")).json() == {"status": "ready"}
        assert (await client.get("/web/metrics")).status_code == 404
    with site.system.stack.direct("web") as inside:
        assert "http_request_seconds" in inside.get("/web/metrics").text
