"""Every route has a limit for its body, and nobody is read before it is known who calls."""

from collections.abc import AsyncIterator

import pytest

from services.chassis.auth import Allow
from services.chassis.gate import BodySize, rule_of
from tests.support.tokens import TestIssuer
from tests.support.walk import SERVICES, app_of, calls, client_of, filled

LARGER = {
    "POST /records/v1/batches": BodySize.FILE,
    "POST /records/v1/batches/preview": BodySize.FILE,
    "POST /records/v1/complaints": BodySize.ATTACHMENT,
    "POST /records/v1/supplements": BodySize.ATTACHMENT,
    "POST /signer/v1/verify": BodySize.PICTURE,
    "POST /verifier/v1/checks": BodySize.LIST,
    "POST /verifier/v1/cases/{case_id}/thread": BodySize.ATTACHMENT,
}
"""Every route that takes more than a form."""
_KINDS = ("application/json", "image/png", "text/csv", "")
_PART = 1 << 20


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> TestIssuer:
    return TestIssuer(tmp_path_factory.mktemp("issuer"))


class Endless:
    """A body of so many bytes, which is made while it is read."""

    def __init__(self, size: int) -> None:
        self._size = size
        self.read = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while self.read < self._size:
            part = min(_PART, self._size - self.read)
            self.read += part
            yield b" " * part


@pytest.mark.parametrize("service", SERVICES)
def test_every_route_takes_a_form_and_no_more_but_where_a_named_size_says_so(
    service: str, issuer: TestIssuer
) -> None:
    for call in calls(app_of(service, issuer), issuer):
        expected = LARGER.get(call.name, BodySize.FORM)
        assert rule_of(call.route.dependant).size is expected, call.name
        assert call.route.max_body_size is None, "the framework's own limit answers in plain text"


@pytest.mark.parametrize("declared", [True, False], ids=["declared", "chunked"])
@pytest.mark.parametrize("service", SERVICES)
async def test_a_larger_body_is_413_as_a_problem_in_both_languages(
    service: str, declared: bool, issuer: TestIssuer
) -> None:
    app = app_of(service, issuer)
    async with client_of(app) as client:
        for call in calls(app, issuer):
            size = rule_of(call.route.dependant).size
            if not call.takes_body or size is BodySize.FILE:
                continue  # its own limit is tried below
            for kind in _KINDS[: 1 if size is BodySize.PICTURE else None]:
                body = Endless(size + 1)
                headers = {**call.headers, "Content-Type": kind}
                if declared:
                    headers["Content-Length"] = str(size + 1)
                answer = await client.request(
                    call.method, filled(call.path), content=aiter(body), headers=headers
                )
                problem = answer.json()
                assert (answer.status_code, problem["code"]) == (413, "BODY_TOO_LARGE"), call.name
                assert answer.headers["content-type"] == "application/problem+json"
                assert problem["detail"] and problem["detail_vi"], call.name
                assert body.read <= size + _PART


@pytest.mark.parametrize("name", [name for name, size in LARGER.items() if size is BodySize.FILE])
async def test_a_file_is_limited_by_the_settings(name: str, issuer: TestIssuer) -> None:
    app = app_of("records", issuer)
    [call] = [call for call in calls(app, issuer) if call.name == name]
    body = Endless(64 << 20)
    async with client_of(app) as client:
        answer = await client.request(
            call.method,
            call.path,
            content=aiter(body),
            headers={**call.headers, "Content-Type": "text/csv"},
        )
    assert answer.status_code == 413
    assert body.read <= app.state.context.cfg.max_upload_bytes + 2 * _PART


@pytest.mark.parametrize("service", SERVICES)
async def test_without_a_token_nothing_of_a_body_is_read(service: str, issuer: TestIssuer) -> None:
    app = app_of(service, issuer)
    async with client_of(app) as client:
        for call in calls(app, issuer):
            if not isinstance(rule_of(call.route.dependant).guard, Allow):
                continue
            for kind in _KINDS:
                body = Endless(15 << 20)
                answer = await client.request(
                    call.method,
                    filled(call.path),
                    content=aiter(body),
                    headers={"Content-Type": kind},
                )
                assert (answer.status_code, body.read) == (401, 0), call.name
