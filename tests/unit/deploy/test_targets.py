"""What is installed for a target is enough for it: `.venv/run` has the packages of
requirements.lock, and no others.
"""

import ast
import re
import shlex
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from tests.support.commands import recipe, targets
from tests.support.paths import DEPLOY, ROOT, RUNBOOK

_OWN = ("contracts", "services", "web", "deploy", "vietnamese")
_MODULE = re.compile(r"-m[\"', ]+((?:deploy|services)[\w.]*)")


def _installed_with(lock: str) -> set[str]:
    """The distributions that a lock file pins."""
    return {
        _plain(name)
        for name in re.findall(r"^([A-Za-z0-9._-]+)==", (ROOT / lock).read_text(), re.MULTILINE)
    }


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@cache
def _providers() -> Mapping[str, set[str]]:
    """Which distributions bring a module of that name."""
    return {
        module: {_plain(name) for name in names}
        for module, names in packages_distributions().items()
    }


def _file(module: str) -> Path | None:
    path = ROOT / module.replace(".", "/")
    return next(
        (file for file in (path.with_suffix(".py"), path / "__init__.py") if file.exists()), None
    )


def _imports(file: Path) -> Iterator[str]:
    """Everything that a file imports when it runs, wherever it stands, from-imports with their
    names.
    """
    tree = ast.parse(file.read_text())
    for_types = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if id(node) in for_types:
            continue
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (
                f"{node.module}.{name.name}"
                for name in node.names
                if node.module.split(".")[0] in _OWN
            )


def _reached(entries: set[str]) -> dict[str, set[str]]:
    """The packages of others that a program beginning in `entries` imports, and which of our
    modules do.
    """
    seen: set[str] = set()
    waiting = set(entries)
    outside: dict[str, set[str]] = {}
    while waiting:
        module = waiting.pop()
        if module in seen or (file := _file(module)) is None:
            continue
        seen.add(module)
        parents = module.split(".")
        waiting |= {".".join(parents[:end]) for end in range(1, len(parents))}
        for name in _imports(file):
            top = name.split(".")[0]
            if top in _OWN:
                waiting.add(name)
            elif top not in sys.stdlib_module_names:
                outside.setdefault(top, set()).add(module)
    return outside


def _missing(entries: set[str]) -> dict[str, set[str]]:
    installed = _installed_with("requirements.lock")
    return {
        name: modules
        for name, modules in _reached(entries).items()
        if not _providers().get(name, set()) & installed
    }


def _modules_in(text: str) -> set[str]:
    found = set(_MODULE.findall(text))
    return {
        f"{module}.__main__" if _file(f"{module}.__main__") else module for module in found
    } | found


def _command_line() -> set[str]:
    return {f"deploy.cli.{file.stem}" for file in (DEPLOY / "cli").glob("*.py")}


def _entries(target: str) -> set[str]:
    _, lines = recipe(target)
    programs = {
        word for line in lines for word in shlex.split(line.lstrip("@").rstrip("\\"), posix=False)
    }
    return _modules_in(" ".join(lines)) | (
        _command_line() if "$(BIN)/hochieu" in programs else set()
    )


@pytest.mark.parametrize(
    "target", [target for target in targets() if ".venv/run" in recipe(target)[0]]
)
def test_a_target_of_the_light_environment_needs_no_package_for_tests(target: str) -> None:
    assert _entries(target), "no program of ours is recognised in the recipe"
    assert _missing(_entries(target)) == {}


def test_a_target_that_needs_a_package_for_tests_says_so() -> None:
    assert "yaml" in _missing(_entries("containers-test"))
    assert ".venv/dev" in recipe("containers-test")[0]


def test_what_the_image_runs_needs_no_package_for_tests() -> None:
    said = "".join(
        file.read_text()
        for file in (
            *DEPLOY.glob("*.y*ml"),
            *DEPLOY.glob("kubernetes/*.yaml"),
            DEPLOY / "Dockerfile",
            *RUNBOOK.glob("*.md"),
        )
    )
    listed = set(re.findall(r"\b((?:services|deploy)\.[a-z_]+(?:\.[a-z_]+)*)\b", said))
    entries = {
        name for module in listed for name in (module, f"{module}.__main__") if _file(name)
    } | _command_line()
    services = {
        ".".join(file.relative_to(ROOT).with_suffix("").parts)
        for file in (ROOT / "services").rglob("*.py")
    }
    assert {
        "services.records.__main__",
        "deploy.containers.operator",
        "deploy.stubs.registry.__main__",
    } <= entries
    # `deploy.containers` alone is what `make containers-test` runs, outside of the image
    assert _missing((entries | services) - {"deploy.containers.__main__"}) == {}
