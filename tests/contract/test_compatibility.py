"""Within v1 only optional things are added: the committed contracts against the frozen ones, and
proof that the checker works.
"""

import json
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from deploy.contracts.__main__ import FOLDER
from deploy.contracts.compatibility import api_violations, event_violations

BASELINE = FOLDER / "baseline"
Document = dict[str, Any]
Change = Callable[[Document], object]


def _read(path: Path) -> Document:
    document: Document = json.loads(path.read_text(encoding="utf-8"))
    return document


@pytest.mark.parametrize(
    "frozen", sorted((BASELINE / "schemas").glob("*.json")), ids=lambda path: path.stem
)
def test_an_event_breaks_no_promise_of_v1(frozen: Path) -> None:
    assert event_violations(_read(frozen), _read(FOLDER / "schemas" / frozen.name)) == []


@pytest.mark.parametrize(
    "frozen", sorted((BASELINE / "openapi").glob("*.json")), ids=lambda path: path.stem
)
def test_a_service_breaks_no_promise_of_v1(frozen: Path) -> None:
    assert api_violations(_read(frozen), _read(FOLDER / "openapi" / frozen.name)) == []


@pytest.mark.parametrize("kind", ["schemas", "openapi"])
def test_every_contract_has_its_frozen_copy(kind: str) -> None:
    frozen, committed = (
        {path.name for path in (folder / kind).glob("*.json")} for folder in (BASELINE, FOLDER)
    )
    assert frozen == committed != set()


_EVENT: Document = {
    "type": "object",
    "required": ["doses"],
    "properties": {
        "doses": {"type": "array", "maxItems": 500, "items": {"$ref": "#/$defs/Dose"}},
        "kid": {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None},
    },
    "$defs": {
        "Dose": {
            "type": "object",
            "required": ["id", "sex"],
            "properties": {
                "id": {"type": "integer", "minimum": 1},
                "sex": {"enum": ["male", "female"], "type": "string"},
                "lot": {"type": "string", "pattern": "^[A-Z0-9-]*$", "default": ""},
                "earlier": {"type": "array", "items": {"$ref": "#/$defs/Dose"}},
            },
        }
    },
}


def _dose(event: Document) -> Document:
    dose: Document = event["$defs"]["Dose"]
    return dose


def _set(path: str, value: Any) -> Change:
    """A change that sets, at a path of keys, one value; `None` takes it away."""
    *steps, last = path.split(" ")

    def change(document: Document) -> None:
        node = document
        for step in steps:
            node = node[step]
        if value is None:
            del node[last]
        else:
            node[last] = value

    return change


def _changed(document: Document, change: Change) -> Document:
    new = deepcopy(document)
    change(new)
    return new


_IN_DOSE = "$defs Dose properties"
_EVENT_BREAKS = {
    "a field is removed": _set(f"{_IN_DOSE} lot", None),
    "a required field is added": lambda event: (
        _set(f"{_IN_DOSE} site", {"type": "string"})(event),
        _dose(event)["required"].append("site"),
    ),
    "an optional field becomes required": lambda event: _dose(event)["required"].append("lot"),
    "a required field becomes optional": lambda event: _dose(event)["required"].remove("sex"),
    "a type changes": _set(f"{_IN_DOSE} id type", "string"),
    "a value is taken from an enumeration": _set(f"{_IN_DOSE} sex enum", ["male"]),
    "a value is added to an enumeration": _set(f"{_IN_DOSE} sex enum", ["male", "female", "other"]),
    "an enumeration is put on free text": _set(f"{_IN_DOSE} lot enum", ["A"]),
    "an enumeration is lifted": _set(f"{_IN_DOSE} sex enum", None),
    "a minimum rises": _set(f"{_IN_DOSE} id minimum", 2),
    "a minimum falls": _set(f"{_IN_DOSE} id minimum", 0),
    "a maximum is set": _set(f"{_IN_DOSE} id maximum", 10),
    "chunks become larger": _set("properties doses maxItems", 1000),
    "chunks become smaller": _set("properties doses maxItems", 100),
    "a pattern changes": _set(f"{_IN_DOSE} lot pattern", "^[A-Z]*$"),
    "a default changes": _set(f"{_IN_DOSE} lot default", "?"),
    "null is no longer allowed": _set("properties kid", {"type": "string"}),
    "null becomes allowed": _set("properties doses", {"anyOf": [_EVENT["properties"]["doses"],
    {"type": "null"}]}),
    "unknown fields are refused": _set("$defs Dose additionalProperties", False),
    "items of a list change": _set(f"{_IN_DOSE} earlier items", {"type": "integer"}),
}  # fmt: skip
_EVENT_ALLOWED = {
    "nothing changes": lambda event: None,
    "an optional field is added": _set(f"{_IN_DOSE} site", {"type": "string", "default": ""}),
    "an optional object with required fields is added": _set(
        "properties place", {"type": "object", "required": ["code"],
        "properties": {"code": {"type": "string"}}}
    ),
    "a description changes": _set(f"{_IN_DOSE} lot description", "the lot's number"),
    "a definition is renamed": lambda event: (
        event["$defs"].update(Injection=_dose(event)),
        _set("properties doses items $ref", "#/$defs/Injection")(event),
    ),
}  # fmt: skip


@pytest.mark.parametrize("change", _EVENT_BREAKS.values(), ids=_EVENT_BREAKS)
def test_an_event_may_not_change_so_that(change: Change) -> None:
    assert event_violations(_EVENT, _changed(_EVENT, change))


@pytest.mark.parametrize("change", _EVENT_ALLOWED.values(), ids=_EVENT_ALLOWED)
def test_an_event_may_change_so_that(change: Change) -> None:
    assert event_violations(_EVENT, _changed(_EVENT, change)) == []


_API: Document = {
    "paths": {
        "/doses": {
            "get": {
                "operationId": "list_doses",
                "parameters": [
                    {"in": "query", "name": "limit", "schema": {"type": "integer", "maximum": 1000}}
                ],
                "responses": {
                    "200": {
                        "content": {
                            "application/json": {"schema": {"$ref": "#/components/schemas/Dose"}}
                        }
                    },
                    "404": {},
                },
            },
            "post": {
                "operationId": "push_doses",
                "requestBody": {
                    "content": {
                        "application/json": {"schema": {"$ref": "#/components/schemas/Dose"}}
                    }
                },
                "responses": {"202": {}},
            },
        }
    },
    "components": {
        "schemas": {
            "Dose": {
                "type": "object",
                "required": ["id"],
                "properties": {
                    "id": {"type": "integer"},
                    "kind": {"type": "string", "enum": ["primary", "booster"]},
                },
            }
        }
    },
}
_GET, _POST, _SCHEMA = "paths /doses get", "paths /doses post", "components schemas Dose"


def _parameters(api: Document) -> list[Document]:
    parameters: list[Document] = api["paths"]["/doses"]["get"]["parameters"]
    return parameters


_API_BREAKS = {
    "a path is removed": _set("paths /doses", None),
    "a method is removed": _set(_POST, None),
    "an operation is called otherwise": _set(f"{_GET} operationId", "find_doses"),
    "a parameter is removed": lambda api: _parameters(api).clear(),
    "a parameter becomes required": lambda api: _parameters(api)[0].update(required=True),
    "a parameter's range shrinks": lambda api: _parameters(api)[0]["schema"].update(maximum=100),
    "a required parameter is added": lambda api: _parameters(api).append(
        {"in": "query", "name": "by", "required": True, "schema": {"type": "string"}}
    ),
    "a body becomes required": _set(f"{_POST} requestBody required", True),
    "a body's kind is removed": _set(f"{_POST} requestBody content application/json", None),
    "an answer is removed": _set(f"{_GET} responses 200", None),
    "a documented refusal is removed": _set(f"{_GET} responses 404", None),
    "another success is answered": _set(f"{_GET} responses 204", {}),
    "an answer's kind is removed": _set(f"{_GET} responses 200 content application/json", None),
    "a token is asked for": _set(f"{_GET} security", [{"bearer": []}]),
    "a field is removed from what is answered": _set(f"{_SCHEMA} properties kind", None),
    "an answered field is no longer certain": _set(f"{_SCHEMA} required", []),
    "a request's field becomes required": _set(f"{_SCHEMA} required", ["id", "kind"]),
    "a value is taken from what a request may hold": _set(f"{_SCHEMA} properties kind enum",
    ["primary"]),
    "a value is added to what an answer may hold": _set(f"{_SCHEMA} properties kind enum",
    ["primary", "booster", "other"]),
}  # fmt: skip
_API_ALLOWED = {
    "nothing changes": lambda api: None,
    "a path is added": _set("paths /people", {"get": {"responses": {"200": {}}}}),
    "an optional parameter is added": lambda api: _parameters(api).append({"in": "query",
    "name": "by", "schema": {"type": "string"}}),
    "a parameter's range grows": lambda api: _parameters(api)[0]["schema"].update(maximum=2000),
    "a body may have one more kind": _set(f"{_POST} requestBody content text/csv",
    {"schema": {"type": "string"}}),
    "a refusal is documented": _set(f"{_GET} responses 429", {}),
    "an optional field is added": _set(f"{_SCHEMA} properties lot", {"type": "string"}),
}  # fmt: skip


@pytest.mark.parametrize("change", _API_BREAKS.values(), ids=_API_BREAKS)
def test_a_service_may_not_change_so_that(change: Change) -> None:
    assert api_violations(_API, _changed(_API, change))


@pytest.mark.parametrize("change", _API_ALLOWED.values(), ids=_API_ALLOWED)
def test_a_service_may_change_so_that(change: Change) -> None:
    assert api_violations(_API, _changed(_API, change)) == []


def test_who_answers_may_add_a_field_and_promise_it() -> None:
    new = deepcopy(_API)
    del new["paths"]["/doses"]["post"]
    old = deepcopy(new)
    _set(f"{_SCHEMA} properties lot", {"type": "string"})(new)
    _set(f"{_SCHEMA} required", ["id", "lot"])(new)
    assert api_violations(old, new) == []


def _objects(schema: Document) -> list[str]:
    """Where in an event's schema the objects are."""
    return [
        "",
        *(
            f"$defs {name} "
            for name, part in schema.get("$defs", {}).items()
            if "properties" in part
        ),
    ]


@pytest.mark.parametrize(
    "path", sorted((FOLDER / "schemas").glob("*.json")), ids=lambda path: path.stem
)
def test_no_field_of_a_real_event_can_go_or_change_its_type_unnoticed(path: Path) -> None:
    schema = _read(path)
    for where in _objects(schema):
        node = schema
        for step in where.split():
            node = node[step]
        for field in node["properties"]:
            assert event_violations(
                schema, _changed(schema, _set(f"{where}properties {field}", None))
            ), field
            assert event_violations(
                schema, _changed(schema, _set(f"{where}properties {field}", {"type": "boolean"}))
            ), field


@pytest.mark.parametrize(
    ("before", "after", "kept"),
    [
        ("^f-(A|B)$", "^f-(A|B|C)$", True),
        ("^f-(A|B)$", "^f-(B|C)$", False),
        ("^f-(A|B)$", "^g-(A|B|C)$", False),
        ("^[A-Z]*$", "^[A-Z0-9]*$", False),
    ],
)
def test_a_pattern_of_words_may_take_more_of_them(before: str, after: str, kept: bool) -> None:
    place = {"name": "c", "in": "path", "required": True}
    old, new = (
        {"paths": {"/x/{c}": {"post": {
            "parameters": [place | {"schema": {"type": "string", "pattern": pattern}}],
            "responses": {},
        }}}}
        for pattern in (before, after)
    )  # fmt: skip
    assert (api_violations(old, new) == []) is kept


@pytest.mark.parametrize(("media", "kept"), [("application/json", True), ("text/csv", False)])
def test_a_body_of_json_that_was_called_bytes_may_be_described(media: str, kept: bool) -> None:
    bytes_ = {"type": "string", "format": "binary"}
    described = {"type": "object", "required": ["doses"], "properties": {"doses": {}}}
    old, new = (
        _changed(_API, _set(f"{_POST} requestBody content", {media: {"schema": schema}}))
        for schema in (bytes_, described)
    )
    assert (api_violations(old, new) == []) is kept
