"""Every schema that a caller sends or gets has an example that is one."""

import re
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
from fastapi.routing import APIRoute
from jsonschema import Draft202012Validator
from jsonschema.validators import validator_for

from contracts.example_values import EXAMPLE_VALUES
from deploy.contracts.documents import SERVICES
from services.chassis.openapi_examples import add_examples
from tests.contract.reading import committed, references

_PREFIX = "#/components/schemas/"
_NUMBER = re.compile(r"(?<![0-9a-zA-Z-])0[0-9]{11}(?![0-9a-zA-Z])")
each_document = pytest.mark.parametrize("name", (*SERVICES, "registry"))


def _used(document: Any) -> set[str]:
    """Schemas that requests and answers name, and what these are made of."""
    schemas = document["components"]["schemas"]
    found: set[str] = set()
    new = {one.removeprefix(_PREFIX) for one in references(document["paths"])}
    while new:
        found |= new
        inside = set().union(*(references(schemas[name]) for name in new))
        new = {one.removeprefix(_PREFIX) for one in inside} - found
    return found


def _bodies(document: Any) -> Iterator[tuple[str, Any]]:
    """Media types of requests, each with its operation's name."""
    for path in document["paths"].values():
        for operation in path.values():
            for media in operation.get("requestBody", {}).get("content", {}).values():
                yield operation["operationId"], media


def _wrong(document: Any, schema: Any, example: Any) -> list[str]:
    whole = {**schema, "components": document["components"]}
    kind = validator_for(whole, default=Draft202012Validator)
    checked = kind(whole, format_checker=kind.FORMAT_CHECKER)
    return [f"{error.json_path}: {error.message[:120]}" for error in checked.iter_errors(example)]


@each_document
def test_every_schema_that_is_sent_or_got_has_an_example(name: str) -> None:
    document = committed(f"openapi/{name}.json")
    schemas = document["components"]["schemas"]
    without = [used for used in sorted(_used(document)) if not schemas[used].get("examples")]
    assert without == [], f"say what stands in it: contracts/example_values.py; {_unknown(name)}"


def _unknown(name: str) -> list[str]:
    """Fields of which no example is known."""
    document = committed(f"openapi/{name}.json")
    return add_examples(document, EXAMPLE_VALUES)


@each_document
def test_every_example_is_one_of_its_schema(name: str) -> None:
    document = committed(f"openapi/{name}.json")
    for known, schema in document["components"]["schemas"].items():
        for example in schema.get("examples", ()):
            assert _wrong(document, schema, example) == [], known
        for field, part in schema.get("properties", {}).items():
            for example in part.get("examples", ()):
                assert _wrong(document, part, example) == [], f"{known}.{field}"


@each_document
def test_every_body_that_is_json_has_an_example_of_its_schema(name: str) -> None:
    document = committed(f"openapi/{name}.json")
    schemas = document["components"]["schemas"]
    for operation, media in _bodies(document):
        schema = media["schema"]
        if schema.get("format") == "binary" or "file" in schema.get("properties", {}):
            continue
        given = [one["value"] for one in media.get("examples", {}).values()]
        referred = schemas.get(schema.get("$ref", "").removeprefix(_PREFIX), {})
        given += [*schema.get("examples", ()), *referred.get("examples", ())]
        assert given, operation
        assert [_wrong(document, schema, example) for example in given] == [[]] * len(given)


@pytest.mark.parametrize("service", SERVICES)
def test_every_example_of_a_body_passes_the_model_that_reads_it(service: str) -> None:
    """With the rules that no schema can say, such as that two fields go together."""
    document = committed(f"openapi/{service}.json")
    read = 0
    for router in import_module(f"services.{service}.api").ROUTERS:
        for route in router.routes:
            if not isinstance(route, APIRoute) or route.body_field is None:
                continue
            field = route.body_field
            model = field.field_info.annotation
            schema = document["components"]["schemas"].get(getattr(model, "__name__", ""))
            for example in (schema or {}).get("examples", ()):
                _, errors = field.validate(example, loc=("body",))
                assert not errors, f"{route.name}: {errors}"
                read += 1
    assert read > 1


def test_an_example_names_nobody_but_the_made_up() -> None:
    """What looks like a person's number is that of the one person of all examples."""
    for name in (*SERVICES, "registry"):
        for known, schema in committed(f"openapi/{name}.json")["components"]["schemas"].items():
            numbers = _NUMBER.findall(str(schema.get("examples", "")))
            assert set(numbers) <= {EXAMPLE_VALUES["personal_id"]}, known


def test_every_value_for_examples_stands_in_one() -> None:
    """A field that was renamed leaves nothing behind."""
    fields, paths = set(), set()
    for name in (*SERVICES, "registry"):
        document = committed(f"openapi/{name}.json")
        schemas = {
            **document["components"]["schemas"],
            **{media["schema"]["title"]: media["schema"] for _, media in _bodies(document)
               if "title" in media["schema"]},
        }  # fmt: skip
        for known, schema in schemas.items():
            fields |= set(schema.get("properties", {}))
            paths |= {f"{known}.{field}" for field in schema.get("properties", {})}
    assert set(EXAMPLE_VALUES) - fields - paths == set()
