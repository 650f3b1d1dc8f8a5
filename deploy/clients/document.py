"""An OpenAPI document as the client's generator takes it: the same operations and models, with the
kinds of content that it does not know said in those that it knows.
"""

from copy import deepcopy
from typing import Any

Document = dict[str, Any]

BYTES = "application/octet-stream"
_FORM = "multipart/form-data"


def for_the_generator(document: Document) -> Document:
    """A copy, with one body of bytes for all media types of bytes, and parameters that are sent or
    left out.

    The media type of what is sent is that of the `File` which the caller hands in.
    """
    document = deepcopy(document)
    schemas = document["components"]["schemas"]
    for path in document["paths"].values():
        for operation in path.values():
            if body := operation.get("requestBody"):
                body["content"] = _sent(body["content"])
                _name_inline(body["content"], schemas)
            for response in operation["responses"].values():
                response["content"] = _answered(response.get("content", {}))
            for parameter in operation.get("parameters", ()):
                parameter["schema"] = _without_null(parameter["schema"])
    return document


def _is_bytes(media: Document) -> bool:
    schema = media.get("schema", {})
    return bool(schema.get("format") == "binary" or "contentMediaType" in schema)


def _sent(content: Document) -> Document:
    """A form with one file in it adds nothing to the file alone."""
    kept = {name: media for name, media in content.items() if not _is_bytes(media)}
    if len(kept) < len(content):
        kept.pop(_FORM, None)
        kept[BYTES] = {"schema": {"type": "string", "format": "binary"}}
    return kept


def _name_inline(content: Document, schemas: Document) -> None:
    """A model that is written out in its operation is called by its title."""
    for media in content.values():
        title = media["schema"].get("title")
        if title:
            schemas[title] = media["schema"]
            media["schema"] = {"$ref": f"#/components/schemas/{title}"}


def _answered(content: Document) -> Document:
    return {
        name if "json" in name else BYTES: media
        if "json" in name
        else {"schema": {"type": "string", "format": "binary"}}
        for name, media in content.items()
    }


def _without_null(schema: Document) -> Document:
    """No query and no header holds a null: it is left out."""
    choices = [one for one in schema.get("anyOf", ()) if one != {"type": "null"}]
    if not choices:
        return schema
    rest = {key: value for key, value in schema.items() if key not in ("anyOf", "default")}
    return {**choices[0], **rest} if len(choices) == 1 else {**rest, "anyOf": choices}
