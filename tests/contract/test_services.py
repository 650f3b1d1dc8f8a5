"""The committed OpenAPI documents are sound in themselves."""

import re
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from deploy.contracts.documents import SERVICES
from tests.contract.reading import committed, references

_OPERATIONS = {"get", "put", "post", "delete", "patch"}
each_document = pytest.mark.parametrize("name", (*SERVICES, "registry"))


@each_document
def test_every_reference_leads_to_a_schema_of_the_same_document(name: str) -> None:
    document = committed(f"openapi/{name}.json")
    known = {f"#/components/schemas/{schema}" for schema in document["components"]["schemas"]}
    assert references(document["paths"]) | references(document["components"]) <= known


@each_document
def test_every_schema_is_a_json_schema(name: str) -> None:
    schemas = committed(f"openapi/{name}.json")["components"]["schemas"]
    assert schemas
    for schema in schemas.values():
        Draft202012Validator.check_schema(schema)


@each_document
def test_every_refusal_is_a_problem_document(name: str) -> None:
    for path, operations in committed(f"openapi/{name}.json")["paths"].items():
        for method in _OPERATIONS & set(operations):
            refusals = {
                status: answer
                for status, answer in operations[method]["responses"].items()
                if status[0] in "45"
            }
            for status, answer in refusals.items():
                assert set(answer["content"]) == {"application/problem+json"}, (
                    f"{method} {path} {status}"
                )


def _operations(document: Any) -> list[tuple[str, Any]]:
    return [
        (path, operation)
        for path, methods in document["paths"].items()
        for key, operation in methods.items()
        if key in _OPERATIONS
    ]


@each_document
def test_every_path_has_the_services_prefix_and_every_operation_a_summary(name: str) -> None:
    operations = _operations(committed(f"openapi/{name}.json"))
    assert all(path.startswith(f"/{name}/") for path, _ in operations)
    assert all(operation.get("summary") for _, operation in operations)


@each_document
def test_every_operation_is_called_by_a_verb_and_a_noun_as_no_other_of_its_service(
    name: str,
) -> None:
    names = [
        operation["operationId"] for _, operation in _operations(committed(f"openapi/{name}.json"))
    ]
    assert len(set(names)) == len(names)
    assert [one for one in names if not re.fullmatch(r"[a-z]+(_[a-z0-9]+)+", one)] == []


@each_document
def test_every_operation_stands_under_one_tag_that_is_described(name: str) -> None:
    document = committed(f"openapi/{name}.json")
    described = {tag["name"] for tag in document["tags"] if tag["description"]}
    used = [operation["tags"] for _, operation in _operations(document)]
    assert all(len(tags) == 1 for tags in used)
    assert {tag for tags in used for tag in tags} == described


@each_document
def test_every_document_says_where_its_server_is_and_what_token_each_operation_takes(
    name: str,
) -> None:
    document = committed(f"openapi/{name}.json")
    assert [server["url"] for server in document["servers"]] == ["/"]
    assert document["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"
    said = [operation["security"] for _, operation in _operations(document)]
    assert all(one in ([], [{"bearer": []}]) for one in said)
