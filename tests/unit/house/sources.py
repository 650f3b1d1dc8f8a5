"""The sources of services and pages, as the rules of the house look at them."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.support.paths import ROOT

SERVICES, WEB = ROOT / "services", ROOT / "web"
_GENERATED = WEB / "clients"


@cache
def parsed(path: Path) -> ast.Module:
    """One file."""
    return ast.parse(path.read_text())


def files(*folders: Path) -> list[Path]:
    """The sources of these folders, of services and pages where none is named; no migrations, and
    nothing that is generated.
    """
    rooms = folders or (SERVICES, WEB)
    found = [path for folder in rooms for path in sorted(folder.rglob("*.py"))]
    return [
        path
        for path in found
        if "migrations" not in path.parts
        and "node_modules" not in path.parts
        and not path.is_relative_to(_GENERATED)
    ]


def name_of(path: Path) -> str:
    """A file's place in the project."""
    return str(path.relative_to(ROOT))


def docstrings(path: Path) -> Iterator[tuple[int, str]]:
    """The docstrings of a file, those of constants too, with their lines."""
    for node in ast.walk(parsed(path)):
        body = getattr(node, "body", None)
        if not isinstance(body, list):
            continue
        for statement in body:
            value = statement.value if isinstance(statement, ast.Expr) else None
            if isinstance(value, ast.Constant) and isinstance(value.value, str):
                yield statement.lineno, value.value
