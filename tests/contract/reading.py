"""The committed contracts as tests read them."""

import json
from typing import Any

from deploy.contracts.__main__ import FOLDER


def committed(path: str) -> Any:
    """A JSON document below `contracts/`."""
    return json.loads((FOLDER / path).read_text(encoding="utf-8"))


def references(node: Any) -> set[str]:
    """Every `$ref` in a document."""
    if isinstance(node, dict):
        own = {node["$ref"]} if isinstance(node.get("$ref"), str) else set()
        return own.union(*map(references, node.values()))
    return set().union(*map(references, node)) if isinstance(node, list) else set()
