"""No page of somebody else, open in the same browser, reaches a part that asks for no token."""

import httpx
import pytest

from tests.support.stack import System

EVIL = "https://evil.example"
CONTROL = "/registry/v1/control"
ORDER = {"behaviour": {"outage": True}}


def as_page_of(site: str, **more: str) -> dict[str, str]:
    """What a browser adds to a request of a page of another site."""
    return {"Origin": site, "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors", **more}


def as_embedded(mode: str, dest: str) -> dict[str, str]:
    """What it adds where another site's page embeds ours, or links to it."""
    return {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": mode, "Sec-Fetch-Dest": dest}


@pytest.mark.parametrize(
    "path",
    [CONTROL, f"{CONTROL}/", "/registry/v1/%63ontrol", "/registry/v1/./control",
     "/registry/x/../v1/control", "/registry%2Fv1%2Fcontrol"],
)  # fmt: skip
async def test_the_registry_takes_no_orders_through_the_gateway(path: str, target: System) -> None:
    async with target.client(None) as client:
        for method in ("GET", "POST", "OPTIONS"):
            answer = await client.request(method, path, json=ORDER)
            assert answer.status_code == 404, method
    with target.stack.direct("registry") as direct:
        assert direct.get(CONTROL).json()["behaviour"]["outage"] is False


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content-Type": "text/plain"}, 415),
        ({"Content-Type": "application/x-www-form-urlencoded"}, 415),
        ({"Content-Type": "application/json", **as_page_of(EVIL)}, 403),
        ({"Content-Type": "application/json", "Origin": "null"}, 403),
        ({"Content-Type": "application/json", "Host": "evil.example"}, 403),
        ({"Content-Type": "application/json", "Sec-Fetch-Site": "same-site"}, 403),
    ],
    ids=["text", "form", "page", "sandboxed-page", "rebound-name", "another-port"],
)
async def test_the_registry_itself_takes_no_orders_of_a_page(
    headers: dict[str, str], status: int, target: System
) -> None:
    with target.stack.direct("registry") as direct:
        content = httpx.Request("POST", "http://a", json=ORDER).content
        answer = direct.post(CONTROL, content=content, headers=headers)
        assert answer.status_code == status
        assert direct.get(CONTROL).json()["behaviour"]["outage"] is False
        # who may give orders still can
        assert direct.post(CONTROL, json={"behaviour": {}}).status_code == 200


@pytest.mark.parametrize("path", ["/mail", "/mail/messages", "/registry/v1/changes"])
async def test_letters_and_people_are_shown_to_no_other_page(path: str, target: System) -> None:
    async with target.client(None) as client:
        assert (await client.get(path)).status_code == 200
        port = client.base_url.port
        for host in (f"localhost:{port}", f"[::1]:{port}"):
            assert (await client.get(path, headers={"Host": host})).status_code == 200
        for host in ("evil.example", f"evil.example:{port}", "127.0.0.1.evil.example", "a]b"):
            rebound = await client.get(path, headers={"Host": host})
            assert (rebound.status_code, rebound.json()["code"]) == (421, "HOST_UNKNOWN")
        for headers in (
            as_page_of(EVIL),
            {"Origin": f"http://127.0.0.1:{(port or 1) + 1}"},
            as_embedded("no-cors", "script"),
            as_embedded("navigate", "iframe"),
        ):
            refused = await client.get(path, headers=headers)
            assert (refused.status_code, refused.json()["code"]) == (403, "FOREIGN_PAGE")
        followed = as_embedded("navigate", "document")
        assert (await client.get(path, headers=followed)).status_code == 200


async def test_the_page_of_letters_may_load_nothing_and_stand_in_no_frame(target: System) -> None:
    async with target.client(None) as client:
        headers = (await client.get("/mail")).headers
    assert headers["cache-control"] == "no-store"
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
    assert headers["cross-origin-resource-policy"] == "same-origin"


@pytest.mark.parametrize("path", ["/mail/", "/mail/messages/", "/registry/healthz/"])
async def test_no_part_sends_on_to_a_name_that_the_caller_chose(path: str, target: System) -> None:
    async with target.client(None) as client:
        for host in ("evil.example", "evil"):
            answer = await client.get(path, headers={"Host": host})
            assert "evil" not in answer.headers.get("location", "")
            assert "evil" not in answer.text
