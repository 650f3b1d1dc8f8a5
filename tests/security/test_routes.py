"""Every route says who may call it, and holds to it."""

from typing import Any

import httpx
import pytest

from contracts.access import Role
from deploy.stubs.registry import app as registry
from deploy.stubs.registry.behaviour import Behaviour, Conduct
from services.chassis.auth import Allow, Public
from services.chassis.parameters import query_names
from tests.support.tokens import TestIssuer
from tests.support.walk import SERVICES, app_of, filled, guards, routes

ROLES = frozenset(Role)


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> TestIssuer:
    return TestIssuer(tmp_path_factory.mktemp("issuer"))


@pytest.mark.parametrize("service", SERVICES)
def test_every_route_names_its_callers_or_says_why_it_is_public(
    service: str, issuer: TestIssuer
) -> None:
    found = routes(app_of(service, issuer))
    assert found
    for route in found:
        held = list(guards(route.dependant))
        assert len(held) == 1, f"{route.path}: {held}"
        if isinstance(held[0], Allow):
            assert held[0].roles and held[0].roles <= ROLES, route.path
        else:
            assert len(held[0].why) > 10, route.path


@pytest.mark.parametrize("service", SERVICES)
async def test_no_guarded_route_answers_without_a_token_or_to_a_role_it_does_not_name(
    service: str, issuer: TestIssuer
) -> None:
    app = app_of(service, issuer)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://test"
    ) as client:
        for route in routes(app):
            [guard] = guards(route.dependant)
            if isinstance(guard, Public):
                continue
            for method in route.methods:
                asked: dict[str, Any] = {"method": method, "url": filled(route.path)}
                assert (await client.request(**asked)).status_code == 401, route.path
                assert (
                    await client.request(**asked, headers={"Authorization": "Bearer x.y.z"})
                ).status_code == 401, route.path
                for role in ROLES - guard.roles:
                    refused = await client.request(**asked, headers=issuer.headers(role))
                    assert refused.status_code == 403, f"{route.path} as {role}"
                    assert refused.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("service", SERVICES)
async def test_every_route_refuses_a_parameter_that_it_does_not_know_once_the_caller_is_known(
    service: str, issuer: TestIssuer
) -> None:
    app = app_of(service, issuer)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://test"
    ) as client:
        for route in routes(app):
            [guard] = guards(route.dependant)
            own = set(query_names(route.dependant))
            for method in route.methods:
                url = f"{filled(route.path)}?comune=24784&079085123456=x"
                if isinstance(guard, Allow):
                    assert (await client.request(method, url)).status_code == 401, route.path
                headers = (
                    issuer.headers(Role(next(iter(guard.roles))))
                    if isinstance(guard, Allow)
                    else {}
                )
                answer = await client.request(method, url, headers=headers)
                assert (answer.status_code, answer.json()["code"]) == (422, "REQUEST_INVALID"), (
                    route.path
                )
                strange = [
                    error
                    for error in answer.json()["errors"]
                    if error["code"] == "parameter_unknown"
                ]
                assert [error["field"] for error in strange] == ["comune", "?"], route.path
                for name in own:
                    assert name in strange[0]["message"] and name in strange[0]["message_vi"], (
                        route.path
                    )
                assert "079085123456" not in answer.text and "24784" not in answer.text


@pytest.mark.parametrize("service", SERVICES)
def test_the_parameters_that_a_route_knows_are_those_of_its_contract(
    service: str, issuer: TestIssuer
) -> None:
    app = app_of(service, issuer)
    paths = app.openapi()["paths"]
    for route in routes(app):
        for method in route.methods:
            told = paths[route.path_format][method.lower()].get("parameters", [])
            assert set(query_names(route.dependant)) == {
                one["name"] for one in told if one["in"] == "query"
            }, route.path


async def test_the_registry_stub_refuses_them_too() -> None:
    app = registry.create_app(registry.Desk(Conduct(Behaviour(), lambda: 0.0)))
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://test"
    ) as client:
        answer = await client.get("/registry/v1/changes?sinse=5")
    assert answer.status_code == 422
    [error] = answer.json()["errors"]
    assert error["field"] == "sinse"
    assert "since" in error["message"] and error["message_vi"]
