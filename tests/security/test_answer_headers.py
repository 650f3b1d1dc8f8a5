"""No answer is kept, framed or run by a browser, and none names the host that a caller made up."""

import re

import pytest

from tests.support.tokens import TestIssuer
from tests.support.walk import SERVICES, app_of, calls, client_of, filled

_ALWAYS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
_NOT_SAID = ("access-control-allow-origin", "server", "strict-transport-security")


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> TestIssuer:
    return TestIssuer(tmp_path_factory.mktemp("issuer"))


@pytest.mark.parametrize("service", SERVICES)
async def test_every_answer_tells_browsers_to_keep_nothing_and_to_run_nothing(
    service: str, issuer: TestIssuer
) -> None:
    app = app_of(service, issuer)
    async with client_of(app) as client:
        asked: list[tuple[str, str, dict[str, str]]] = [
            (call.method, filled(call.path), call.headers) for call in calls(app, issuer)
        ]
        asked += [(method, path, {}) for method, path, _ in asked]
        asked += [("GET", path, {}) for path in (f"/{service}/v1/nowhere", "/%00")]
        for method, path, headers in asked:
            answer = await client.request(
                method, path, headers={**headers, "Origin": "https://evil.example"}
            )
            assert answer.headers.get_list("cache-control") == ["no-store"], path
            [policy] = answer.headers.get_list("content-security-policy")
            assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
            for name, value in _ALWAYS.items():
                assert answer.headers.get_list(name) == [value], (path, name)
            assert not [name for name in _NOT_SAID if name in answer.headers], path


@pytest.mark.parametrize("service", SERVICES)
async def test_the_page_of_the_documents_runs_its_own_scripts_alone(
    service: str, issuer: TestIssuer
) -> None:
    async with client_of(app_of(service, issuer)) as client:
        page = await client.get(f"/{service}/docs")
        policy = page.headers["content-security-policy"]
        assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
        [scripts] = re.findall(r"script-src ([^;]+)", policy)
        assert re.fullmatch(r"'self' 'sha256-[A-Za-z0-9+/=]{44}'", scripts)
        asset = await client.get(f"/{service}/docs/assets/swagger-ui.css")
        assert (asset.status_code, asset.headers["cache-control"]) == (200, "no-cache")
        assert asset.headers["x-frame-options"] == "DENY"


@pytest.mark.parametrize("host", ["evil.example", "[", "a@b", "x/y?z#w", ""])
@pytest.mark.parametrize("service", SERVICES)
async def test_no_answer_takes_the_callers_host(
    service: str, host: str, issuer: TestIssuer
) -> None:
    app = app_of(service, issuer)
    async with client_of(app) as client:
        for call in calls(app, issuer):
            for path in (filled(call.path), filled(call.path) + "/", f"/{filled(call.path)}"):
                headers = [*call.headers.items(), ("Host", host)]
                answer = await client.request(call.method, path, headers=headers)
                assert answer.status_code < 500, (path, answer.text)
                assert answer.status_code // 100 != 3 and "location" not in answer.headers
                assert "evil.example" not in f"{answer.headers} {answer.text}", path
