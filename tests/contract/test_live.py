"""The running system keeps to its committed OpenAPI documents, whatever is sent: no 5xx, no status,
type or body that is not written.
"""

import socket
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
import pytest_asyncio
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.schemas import BaseSchema
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from contracts.access import Role
from deploy.contracts.__main__ import FOLDER
from deploy.local import issuer
from deploy.local.home import Home
from deploy.local.stack import Options, Stack, running
from deploy.sample import generate
from tests.contract.reading import committed

_METHODS = {"get", "put", "post", "delete", "patch"}
_CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
_AS_DOCUMENTED, _OTHERWISE = GenerationMode.POSITIVE, GenerationMode.NEGATIVE


def _trials() -> Iterator[tuple[str, str, str, GenerationMode]]:
    """Every operation of every service, and how it is tried: what takes nothing cannot be sent
    anything wrong.
    """
    for file in sorted((FOLDER / "openapi").glob("*.json")):
        for path, operations in committed(f"openapi/{file.name}")["paths"].items():
            if path == _metrics(file.stem):
                continue  # not through the gateway: tried below
            for method in sorted(_METHODS & set(operations)):
                yield file.stem, method, path, _AS_DOCUMENTED
                if operations[method].get("parameters") or operations[method].get("requestBody"):
                    yield file.stem, method, path, _OTHERWISE


def _metrics(service: str) -> str:
    return f"/{service}/metrics"


_TRIALS = list(_trials())


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def stack(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    """Everything on an empty home, with a few doses on record."""
    folder = tmp_path_factory.mktemp("live")
    generate(100, 1, folder, 100)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    home = Home(folder / "home")
    async with running(home, Options(port=port, people_file=folder / "people.csv")) as started:
        async with httpx.AsyncClient(
            base_url=started.origin, headers=_ministry(home), timeout=30
        ) as client:
            headers = {"Content-Type": "text/csv"}
            answer = await client.post(
                "/records/v1/batches", content=(folder / "doses.csv").read_bytes(), headers=headers
            )
            assert answer.status_code == 202, answer.text
        yield started


def _ministry(home: Home) -> dict[str, str]:
    return {"Authorization": f"Bearer {issuer.token(home, Role.MINISTRY)}"}


@pytest.fixture(scope="module")
def documents() -> dict[str, BaseSchema]:
    return {
        name: schemathesis.openapi.from_dict(committed(f"openapi/{name}.json"))
        for name in {name for name, *_ in _TRIALS}
    }


@pytest.mark.parametrize(
    ("service", "method", "path", "mode"),
    _TRIALS,
    ids=[f"{method} {path} {mode.value}" for _, method, path, mode in _TRIALS],
)
def test_what_is_answered_is_documented(
    stack: Stack,
    documents: dict[str, BaseSchema],
    service: str,
    method: str,
    path: str,
    mode: GenerationMode,
) -> None:
    operation: Any = documents[service][path][method.upper()]
    headers = _ministry(stack.home)

    @settings(
        max_examples=25,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def every(case: Case[Any]) -> None:
        case.validate_response(case.call(base_url=stack.origin, headers=headers), checks=_CHECKS)

    try:
        every()
    except Unsatisfiable:
        assert mode is _OTHERWISE
        pytest.skip("every text is as documented here")


@pytest.mark.parametrize("service", ["records", "verifier", "signer"])
def test_metrics_are_as_documented_on_the_service_and_not_there_for_the_public(
    stack: Stack, service: str
) -> None:
    path = _metrics(service)
    with stack.direct(service) as direct, httpx.Client(base_url=stack.origin) as public:
        answer = direct.get(path)
        [documented] = committed(f"openapi/{service}.json")["paths"][path]["get"]["responses"][
            "200"
        ]["content"]
        assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (
            200,
            documented,
        )
        assert public.get(path).status_code == 404
