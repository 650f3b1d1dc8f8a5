"""An example for every schema of an OpenAPI document.

One that a model gives itself stays. The others are put together from their fields. Of each stands
what it says itself, or what the caller's table of names says, or the first value of its kind.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

Document = dict[str, Any]

MOMENT: Final = "2022-04-05T08:30:00Z"
DAY: Final = "2022-04-05"
_PREFIX: Final = "#/components/schemas/"


class NoExampleError(Exception):
    """Nobody says what stands in this field."""


def add_examples(document: Document, values: Mapping[str, Any]) -> list[str]:
    """Gives an example to each schema that has none; answers the fields of which none is known.

    `values`: by a field's name, or by `Schema.field` where it means something else there.
    """
    known = _Examples(document["components"]["schemas"], values)
    unknown = []
    for name, schema in (*known.schemas.items(), *_inline(document)):
        if "examples" in schema:
            continue
        try:
            schema["examples"] = [known.of(schema, name)]
        except NoExampleError as error:
            unknown.append(str(error))
    return unknown


def _inline(document: Document) -> Iterator[tuple[str, Document]]:
    """Bodies of requests that are written out in their operation."""
    for path in document["paths"].values():
        for operation in path.values():
            for media in operation.get("requestBody", {}).get("content", {}).values():
                schema = media.get("schema", {})
                if schema.get("type") == "object" and "title" in schema:
                    yield schema["title"], schema


class _Examples:
    """Examples of the schemas of one document."""

    def __init__(self, schemas: Document, values: Mapping[str, Any]) -> None:
        self.schemas = schemas
        self._values = values

    def of(self, schema: Document, name: str) -> Any:
        """An example of a named schema; NoExampleError."""
        if "examples" in schema:
            return schema["examples"][0]
        if name in self._values:
            return self._values[name]
        if "properties" in schema:
            return {
                field: self._field(part, f"{name}.{field}")
                for field, part in schema["properties"].items()
            }
        return self._by_kind(schema, name)

    def _field(self, schema: Document, path: str) -> Any:
        field = path.rpartition(".")[2]
        if path in self._values:
            return self._values[path]
        if "examples" in schema:
            return schema["examples"][0]
        if field in self._values and self._may_be(schema, self._values[field]):
            return self._values[field]
        return self._by_kind(schema, path)

    def _may_be(self, schema: Document, value: Any) -> bool:
        """Whether a value that stands for a name can stand here: kind and choice fit."""
        if "$ref" in schema:
            return self._may_be(self._referred(schema), value)
        choices = schema.get("anyOf") or schema.get("oneOf")
        if choices:
            return any(self._may_be(one, value) for one in choices)
        if "enum" in schema or "const" in schema:
            return value in schema.get("enum", [schema.get("const")])
        kinds = schema.get("type", _kind_of(value))
        return _kind_of(value) in ([kinds] if isinstance(kinds, str) else kinds)

    def _by_kind(self, schema: Document, path: str) -> Any:
        if "$ref" in schema:
            return self.of(self._referred(schema), schema["$ref"].removeprefix(_PREFIX))
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return schema["enum"][0]
        if choices := schema.get("anyOf") or schema.get("oneOf"):
            return self._chosen(choices, path)
        match schema.get("type"), schema.get("format"):
            case "null", _:
                return None
            case "boolean", _:
                return False
            case "string", "date-time":
                return MOMENT
            case "string", "date":
                return DAY
            case "array", _:
                return [self._field(schema["items"], path)]
        raise NoExampleError(path)

    def _chosen(self, choices: list[Document], path: str) -> Any:
        """The first choice of which something is known; null is the last."""
        for one in sorted(choices, key=lambda one: one.get("type") == "null"):
            try:
                return self._field(one, path)
            except NoExampleError:
                continue
        raise NoExampleError(path)

    def _referred(self, schema: Document) -> Document:
        found: Document = self.schemas[schema["$ref"].removeprefix(_PREFIX)]
        return found


def _kind_of(value: Any) -> str:
    """The kind of a JSON value."""
    for kind, name in (
        (bool, "boolean"),
        (int, "integer"),
        (float, "number"),
        (str, "string"),
        (list, "array"),
        (dict, "object"),
    ):
        if isinstance(value, kind):
            return name
    return "null"
