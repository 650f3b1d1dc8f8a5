"""The committed OpenAPI documents are sound in themselves."""

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


@each_document
def test_every_path_has_the_services_prefix_and_every_operation_a_name(
    name: str,
) -> None:
    operations = [
        (path, operation)
        for path, methods in committed(f"openapi/{name}.json")["paths"].items()
        for key, operation in methods.items()
        if key in _OPERATIONS
    ]
    assert all(path.startswith(f"/{name}/") for path, _ in operations)
    names = [operation["operationId"] for _, operation in operations]
    assert len(set(names)) == len(names)
    assert all(operation.get("summary") for _, operation in operations)
