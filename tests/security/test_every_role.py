"""Whoever calls, one step after another by what was answered before: no fault of ours, and nothing
for a role that a route does not name.
"""

import csv
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from typing import Any

import pytest
import pytest_asyncio
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Flaky
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from schemathesis import Case
from schemathesis.generation.stateful import run_state_machine_as_test
from schemathesis.generation.stateful.state_machine import APIStateMachine
from schemathesis.schemas import BaseSchema

from contracts.access import Role
from deploy.local import issuer
from deploy.sample import generate
from services.chassis.auth import Allow
from tests.contract.reading import committed
from tests.support.stack import System, home, system
from tests.support.tokens import TestIssuer
from tests.support.walk import SERVICES, app_of, guards, routes

# refused before anybody asks who calls
_UNSTORABLE = b"text_unstorable"
# what is used up of a limit by address is nobody else's
_ADDRESS = "127.0.0.17"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def running(
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[tuple[System, dict[str, str]]]:
    """A system of its own, since much in it is changed at random, and one of the doses on record
    as it was sent.
    """
    folder = tmp_path_factory.mktemp("roles")
    generate(100, 1, folder, 100)
    with (folder / "doses.csv").open(encoding="utf-8-sig") as file:
        dose = next(csv.DictReader(file))
    with home() as place:
        async with system(place, people_file=folder / "people.csv") as started:
            await started.push((folder / "doses.csv").read_bytes())
            yield started, dose


@pytest.fixture(scope="module")
def named(tmp_path_factory: pytest.TempPathFactory) -> dict[str, frozenset[str]]:
    """The roles that each operation names; no entry for those of anybody."""
    made = TestIssuer(tmp_path_factory.mktemp("issuer"))
    return {
        f"{method} {route.path_format}": guard.roles
        for service in SERVICES
        for route in routes(app_of(service, made))
        for guard in guards(route.dependant)
        if isinstance(guard, Allow)
        for method in route.methods
    }


@pytest.fixture(scope="module")
def documents() -> dict[str, BaseSchema]:
    """What each service says of itself; its metrics are not for the public."""
    return {
        service: schemathesis.openapi.from_dict(committed(f"openapi/{service}.json")).exclude(
            path=f"/{service}/metrics"
        )
        for service in SERVICES
    }


@pytest.fixture(scope="module")
def machines(documents: dict[str, BaseSchema]) -> dict[str, type[APIStateMachine]]:
    """By service: what can be asked after what."""
    return {service: document.as_state_machine() for service, document in documents.items()}


@pytest.fixture(scope="module")
def session() -> Iterator[requests.Session]:
    class FromAddress(HTTPAdapter):
        def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
            super().init_poolmanager(*arguments, source_address=(_ADDRESS, 0), **options)

    with requests.Session() as opened:
        opened.mount("http://", FromAddress())
        yield opened


@pytest.mark.parametrize("role", [*Role, None], ids=lambda role: role.value if role else "nobody")
@pytest.mark.parametrize("service", SERVICES)
def test_the_fault_is_never_ours_and_a_role_gets_nothing_of_what_does_not_name_it(
    running: tuple[System, dict[str, str]],
    machines: dict[str, type[APIStateMachine]],
    named: dict[str, frozenset[str]],
    session: requests.Session,
    service: str,
    role: Role | None,
) -> None:
    started, dose = running
    session.auth = _Bearer(_token(started, dose, role))
    asked: list[int] = []
    wrong: list[str] = []

    base: Any = machines[service]

    class Machine(base):  # type: ignore[misc]
        def before_call(self, case: Case[Any]) -> None:
            case.headers.pop("Authorization", None)  # odd tokens are tried elsewhere

        def get_call_kwargs(self, case: Case[Any]) -> dict[str, Any]:
            return {
                "base_url": started.stack.origin,
                "session": session,
                "timeout": 30,
            }

        def validate_response(self, response: Any, case: Case[Any], **_: Any) -> None:
            asked.append(response.status_code)
            wrong.extend(_wrong(case, response, role, named))

    # what is drawn depends on what was answered, and the system changes all the time
    with suppress(Flaky):
        run_state_machine_as_test(Machine, settings=_few(3, steps=8))
    assert not wrong
    assert asked


@pytest.mark.parametrize("role", [*Role, None], ids=lambda role: role.value if role else "nobody")
@pytest.mark.parametrize("service", SERVICES)
def test_so_it_is_with_every_operation_that_a_role_may_call(
    running: tuple[System, dict[str, str]],
    documents: dict[str, BaseSchema],
    named: dict[str, frozenset[str]],
    session: requests.Session,
    service: str,
    role: Role | None,
) -> None:
    started, dose = running
    session.auth = _Bearer(_token(started, dose, role))
    wrong: list[str] = []
    results: Iterator[Any] = documents[service].get_all_operations()
    for operation in (result.ok() for result in results):
        callers = named.get(f"{operation.method.upper()} {operation.path}", {None})
        if role not in callers:
            continue  # who is refused is refused before anything is looked at

        @_few(2)
        @given(case=operation.as_strategy())
        def every(case: Case[Any]) -> None:
            case.headers.pop("Authorization", None)
            answer = case.call(base_url=started.stack.origin, session=session, timeout=30)
            wrong.extend(_wrong(case, answer, role, named))

        every()
    assert not wrong


def _wrong(
    case: Case[Any], answer: Any, role: Role | None, named: dict[str, frozenset[str]]
) -> Iterator[str]:
    operation = f"{case.method.upper()} {case.operation.path}"
    refuses = operation in named and role not in named[operation]
    refused = answer.status_code in (401, 403) or _UNSTORABLE in answer.content
    if answer.status_code >= 500 or (refuses and not refused):
        yield f"{operation}: {answer.status_code} {answer.content[:300]!r}"


def _few(examples: int, steps: int = 1) -> settings:
    """The same few examples each time."""
    return settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )


class _Bearer(AuthBase):
    """Sends the token whatever else a case would send."""

    def __init__(self, token: str | None) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._token is not None:
            request.headers["Authorization"] = f"Bearer {self._token}"
        return request


def _token(started: System, dose: dict[str, str], role: Role | None) -> str | None:
    """A token that reaches what is on record."""
    if role is None:
        return None
    facility, province = dose["Mã cơ sở tiêm"], dose["Mã tỉnh"]
    return issuer.token(
        started.stack.home,
        role,
        facility=facility if role is Role.FACILITY else None,
        areas=[province] if role in (Role.STATION, Role.POLICE, Role.PROVINCE) else (),
        personal_id=dose["Số CMND/CCCD/HC"] if role is Role.CITIZEN else None,
    )
