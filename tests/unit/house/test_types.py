"""Types do not stop at the database's door: what a store returns has names, not numbers."""

import ast
import re
from typing import TypeGuard

from tests.unit.house.sources import files, name_of, parsed

_UNTYPED = re.compile(r"\brows?: (?:Sequence\[)?Any\b|-> (?:list\[|Sequence\[)?Row\[")
_RAW = re.compile(r"\bRow\[")
_ROW = re.compile(r"(?:^|_)(?:row|record)$")


def test_no_row_is_of_any_type() -> None:
    found = []
    for path in files():
        for number, line in enumerate(path.read_text().splitlines(), 1):
            in_store = path.stem == "store" or "store" in path.parts
            if _UNTYPED.search(line) or (_RAW.search(line) and not in_store):
                found.append(f"{name_of(path)}:{number}: {line.strip()}")
    assert found == []


def test_no_row_is_reached_by_number() -> None:
    places = [(path, node) for path in files() for node in ast.walk(parsed(path))]
    found = [f"{name_of(path)}:{node.lineno}" for path, node in places if _is_by_number(node)]
    assert found == []


def _is_by_number(node: ast.AST) -> TypeGuard[ast.Subscript]:
    if not (isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name)):
        return False
    if not _ROW.search(node.value.id):
        return False
    by_name = isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str)
    return isinstance(node.slice, ast.Constant | ast.UnaryOp) and not by_name
