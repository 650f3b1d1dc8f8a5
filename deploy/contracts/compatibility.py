"""What v1 allows: optional additions alone. Two JSON Schemas, or two OpenAPI documents, and every
change that breaks somebody.

Who *takes* data (a request's receiver, the reader of events written before the change) breaks when
less is accepted than before; who is *sent* data (an answer's receiver, an event's older reader)
breaks when something is missing or of a new kind. Events are both.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Schema = Mapping[str, Any]

_LOWER = ("minimum", "exclusiveMinimum", "minLength", "minItems")
_UPPER = ("maximum", "exclusiveMaximum", "maxLength", "maxItems")
_UNORDERED = ("pattern", "format", "contentMediaType")
_METHODS = ("get", "put", "post", "delete", "patch", "head", "options")


_WORDS = re.compile(r"\(([A-Za-z_]+(?:\|[A-Za-z_]+)+)\)")
"""A part of a pattern that is one of several words."""


def _has_more_words(before: str, after: str) -> bool:
    """Whether a pattern takes all that it took, and more words where it takes one of several."""
    return _WORDS.sub("()", before) == _WORDS.sub("()", after) and all(
        set(old.split("|")) <= set(new.split("|"))
        for old, new in zip(_WORDS.findall(before), _WORDS.findall(after), strict=True)
    )


@dataclass(frozen=True, slots=True)
class _Pair:
    """Two documents, for their references, and who must not be broken."""

    old: Schema
    new: Schema
    taken: bool
    sent: bool

    def compare(
        self, old: Any, new: Any, at: str, seen: frozenset[tuple[str, str]] = frozenset()
    ) -> Iterator[str]:
        """Every breaking change between two schemas."""
        refs = (str(old.get("$ref", "")), str(new.get("$ref", "")))
        if any(refs):
            if refs in seen:
                return
            seen |= {refs}
        old, new = _resolved(self.old, old), _resolved(self.new, new)
        yield from self._values(old, new, at)
        yield from self._choices(old, new, at, seen)
        yield from self._fields(old, new, at, seen)
        for key in ("items", "additionalProperties", "propertyNames"):
            before, after = old.get(key, True), new.get(key, True)
            if isinstance(before, dict) and isinstance(after, dict):
                yield from self.compare(before, after, f"{at}/{key}", seen)
            elif before != after:
                yield from self._changed(
                    f"{at}: {key}",
                    narrowed=before is True or after is False,
                    widened=after is True or before is False,
                )

    def _changed(self, what: str, *, narrowed: bool, widened: bool) -> Iterator[str]:
        if narrowed and self.taken:
            yield f"{what} narrowed"
        if widened and self.sent:
            yield f"{what} widened"

    def _values(self, old: Schema, new: Schema, at: str) -> Iterator[str]:
        for name, before, after in (
            ("type", _types(old), _types(new)),
            ("enum", _enum(old), _enum(new)),
        ):
            # None: anything goes
            yield from self._changed(
                f"{at}: {name}",
                narrowed=after is not None and (before is None or not before <= after),
                widened=before is not None and (after is None or not after <= before),
            )
        for key in (*_LOWER, *_UPPER):
            low, high = old.get(key), new.get(key)
            if low != high:
                stricter = low is None or (high is not None and (high > low) == (key in _LOWER))
                yield from self._changed(f"{at}: {key}", narrowed=stricter, widened=not stricter)
        for key in _UNORDERED:
            if old.get(key) != new.get(key):
                more = key == "pattern" and _has_more_words(old.get(key, ""), new.get(key, ""))
                yield from self._changed(
                    f"{at}: {key}", narrowed=key in new and not more, widened=key in old
                )
        if "default" in old and "default" in new and old["default"] != new["default"]:
            yield f"{at}: default changed"

    def _choices(
        self, old: Schema, new: Schema, at: str, seen: frozenset[tuple[str, str]]
    ) -> Iterator[str]:
        before, after = _branches(old), _branches(new)
        if before == [old] and after == [new]:
            return
        fits = [[not list(self.compare(one, other, at, seen)) for other in after] for one in before]
        yield from self._changed(
            f"{at}: choice",
            narrowed=not all(any(row) for row in fits),
            widened=not all(any(column) for column in zip(*fits, strict=True)),
        )

    def _fields(
        self, old: Schema, new: Schema, at: str, seen: frozenset[tuple[str, str]]
    ) -> Iterator[str]:
        before, after = old.get("properties", {}), new.get("properties", {})
        must, must_now = set(old.get("required", ())), set(new.get("required", ()))
        for name in before:
            field = f"{at}/{name}"
            if name not in after:
                yield f"{field} removed"
                continue
            yield from self._changed(
                f"{field}: presence",
                narrowed=name in must_now - must,
                widened=name in must - must_now,
            )
            yield from self.compare(before[name], after[name], field, seen)
        if self.taken:
            yield from (
                f"{at}/{name} added and required"
                for name in after
                if name not in before and name in must_now
            )


def _resolved(document: Schema, schema: Schema) -> Schema:
    while "$ref" in schema:
        found: Any = document
        for step in schema["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        schema = {**found, **{key: value for key, value in schema.items() if key != "$ref"}}
    return schema


def _types(schema: Schema) -> set[str] | None:
    kind = schema.get("type")
    types = {kind} if isinstance(kind, str) else set(kind) if kind else None
    # every integer is a number
    return types | {"integer"} if types and "number" in types else types


def _enum(schema: Schema) -> set[str] | None:
    values = [schema["const"]] if "const" in schema else schema.get("enum")
    return None if values is None else set(map(repr, values))


def _branches(schema: Schema) -> list[Any]:
    return list(schema.get("anyOf") or schema.get("oneOf") or [schema])


def event_violations(old: Schema, new: Schema) -> list[str]:
    """What a new version of an event's JSON Schema breaks; empty: it is v1 still."""
    return list(_Pair(old, new, taken=True, sent=True).compare(old, new, ""))


def api_violations(old: Schema, new: Schema) -> list[str]:
    """What a new version of an OpenAPI document breaks; empty: it is v1 still."""
    taken, sent = _Pair(old, new, taken=True, sent=False), _Pair(old, new, taken=False, sent=True)
    found: list[str] = []
    for path, operations in old["paths"].items():
        for method in _METHODS:
            if before := operations.get(method):
                at = f"{method.upper()} {path}"
                after = new["paths"].get(path, {}).get(method)
                found += _operation(taken, sent, before, after, at) if after else [f"{at} removed"]
    return found


def _operation(taken: _Pair, sent: _Pair, old: Schema, new: Schema, at: str) -> Iterator[str]:
    if old.get("operationId") != new.get("operationId"):
        yield f"{at}: operationId changed, and with it every generated client"
    if new.get("security") and not old.get("security"):
        yield f"{at}: a token is asked for"
    yield from _parameters(taken, old, new, at)
    before, after = old.get("requestBody"), new.get("requestBody")
    if after and after.get("required") and not (before and before.get("required")):
        yield f"{at}: a body is required"
    if before:
        yield from _content(taken, before, after or {}, f"{at} body")
    for status, response in old.get("responses", {}).items():
        if status in new.get("responses", {}):
            yield from _content(sent, response, new["responses"][status], f"{at} {status}")
        else:
            yield f"{at} {status} removed"
    yield from (
        f"{at} {status} added"
        for status in new.get("responses", {})
        if status not in old["responses"] and status[0] in "23"
    )


def _parameters(taken: _Pair, old: Schema, new: Schema, at: str) -> Iterator[str]:
    before, after = (
        {(one["in"], one["name"]): one for one in each.get("parameters", ())} for each in (old, new)
    )
    for key, parameter in before.items():
        if key not in after:
            yield f"{at} {key[1]} removed"
            continue
        if after[key].get("required") and not parameter.get("required"):
            yield f"{at} {key[1]} required"
        yield from taken.compare(parameter["schema"], after[key]["schema"], f"{at} {key[1]}")
    yield from (
        f"{at} {key[1]} added and required"
        for key, one in after.items()
        if key not in before and one.get("required")
    )


def _was_described_since(pair: _Pair, media: str, old: Schema) -> bool:
    """Whether a body of JSON was called bytes: what is said of it now was taken before, unsaid."""
    return pair.taken and "json" in media and old.get("format") == "binary"


def _content(pair: _Pair, old: Schema, new: Schema, at: str) -> Iterator[str]:
    after = new.get("content", {})
    for media, body in old.get("content", {}).items():
        if media not in after:
            yield f"{at} {media} removed"
        elif "schema" in body and not _was_described_since(pair, media, body["schema"]):
            yield from pair.compare(body["schema"], after[media].get("schema", {}), at)
