"""Sign-in holds with a provider that others have written."""

import html
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx
import pytest
from playwright.async_api import Browser, expect
from pydantic import SecretStr

from contracts.access import Reach, reach_of
from deploy.local.home import Home
from deploy.local.stack import Options, running
from tests.support.keycloak import PASSWORD, Keycloak, keycloak, realm_with
from tests.support.stack import free_port, home
from web.settings import SignInSettings
from web.signing_in.provider import Provider

pytestmark = pytest.mark.timeout(900)  # it is fetched and built before it first answers
USERS = [
    {"username": "congan", "realmRoles": ["police"], "attributes": {"areas": ["79792", "79791"]}},
    {"username": "coso", "realmRoles": ["facility"], "attributes": {"facility": ["79002"]}},
]


@dataclass(frozen=True, slots=True)
class Real:
    """A system whose pages and services believe a real Keycloak."""

    origin: str
    provider: Keycloak


@pytest.fixture(scope="module")
async def real() -> AsyncIterator[Real]:
    port = free_port()
    origin = f"http://127.0.0.1:{port}"
    # tokens live so shortly that each page has to have new ones
    with keycloak(realm_with(USERS, accessTokenLifespan=30), origin) as provider, home() as folder:
        options = Options(
            port=port,
            people=50,
            environment={"AUTH_ISSUER": provider.issuer, "AUTH_JWKS": provider.jwks},
            of_service={
                "web": {
                    "OIDC_ISSUER": provider.issuer,
                    "OIDC_CLIENT_SECRET": provider.secret,
                }
            },
        )
        async with running(Home(folder), options):
            yield Real(origin, provider)


async def test_who_signs_in_at_keycloak_is_known_and_is_signed_out_there_too(
    real: Real, browser: Browser
) -> None:
    context = await browser.new_context()
    page = await context.new_page()
    problems: list[str] = []
    page.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)
    await page.goto(f"{real.origin}/sign-in?next=%2F%3Flang%3Den")
    await page.fill("#username", "congan")
    await page.fill("#password", PASSWORD)
    await page.click("#kc-login")
    await page.wait_for_url(f"{real.origin}/?lang=en")
    for _ in range(2):  # each with tokens of its own
        await page.reload()
        await expect(page.get_by_role("banner")).to_contain_text("Cases")
    await page.get_by_role("button", name="Sign out").click()
    await page.wait_for_url(f"{real.origin}/signed-out")
    await page.goto(f"{real.origin}/sign-in")
    await expect(page.locator("#password")).to_be_visible()
    assert problems == []
    await context.close()


async def test_services_take_its_tokens_and_reach_no_further_than_they_say(real: Real) -> None:
    settings = SignInSettings(
        issuer=real.provider.issuer, client_secret=SecretStr(real.provider.secret)
    )
    provider = Provider(settings, f"{real.origin}/signed-in")
    verifier = "v" * 64
    async with httpx.AsyncClient(timeout=60, trust_env=False) as client:
        form = (await client.get(await provider.authorize_url("s", "n", verifier))).text
        action = re.search(r'id="kc-form-login"[^>]*action="([^"]+)"', form)
        assert action, form
        # browsers send them to this machine without TLS too; this client would not
        for cookie in client.cookies.jar:
            cookie.secure = False
        sent = await client.post(
            html.unescape(action[1]), data={"username": "coso", "password": PASSWORD}
        )
        code = httpx.URL(sent.headers["location"]).params["code"]
        tokens = await provider.exchange(code, verifier, "n")
        assert reach_of(frozenset(tokens.claims["roles"]), tokens.claims) == Reach(
            facilities=("79002",)
        )
        headers = {"Authorization": f"Bearer {tokens.access}"}
        asked = await client.get(f"{real.origin}/records/v1/worklist", headers=headers)
        assert asked.status_code == 200, asked.text
        refused = await client.get(f"{real.origin}/verifier/v1/cases", headers=headers)
        assert refused.status_code == 403, refused.text
