"""The committed contracts are those of the code."""

import pytest
import yaml

from deploy.contracts.__main__ import FOLDER
from deploy.contracts.asyncapi import asyncapi
from deploy.contracts.documents import SERVICES, as_json, openapi, schemas
from deploy.contracts.samples import samples
from deploy.stubs.registry.app import contract_document

_AGAIN = "run `make contracts` and look at what it changes"


def _committed(path: str) -> str:
    return (FOLDER / path).read_text(encoding="utf-8")


@pytest.mark.parametrize("path", schemas())
def test_an_events_committed_schema_is_that_of_its_model(path: str) -> None:
    assert _committed(path) == as_json(schemas()[path]), _AGAIN


@pytest.mark.parametrize("service", SERVICES)
def test_a_services_committed_openapi_is_that_of_its_routes(service: str) -> None:
    assert _committed(f"openapi/{service}.json") == as_json(openapi(service)), _AGAIN


def test_the_registrys_committed_openapi_is_that_of_the_stub() -> None:
    assert _committed("openapi/registry.json") == as_json(contract_document()), _AGAIN


def test_the_committed_asyncapi_is_that_of_the_topics() -> None:
    assert yaml.safe_load(_committed("asyncapi.yaml")) == asyncapi(), _AGAIN


@pytest.mark.parametrize("name", samples())
def test_a_committed_sample_is_the_generated_one(name: str) -> None:
    assert _committed(f"samples/{name}.json") == as_json(samples()[name].model_dump(mode="json")), (
        _AGAIN
    )


def test_no_generated_file_is_left_over() -> None:
    known = {
        "schemas": {path.removeprefix("schemas/") for path in schemas()},
        "samples": {f"{name}.json" for name in samples()},
        "openapi": {f"{name}.json" for name in (*SERVICES, "registry")},
    }
    assert {
        folder: {file.name for file in (FOLDER / folder).iterdir()} for folder in known
    } == known
