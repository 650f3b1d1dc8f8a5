"""Builds the pages, and knows whether that is needed."""

import fcntl
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from deploy import npm

ROOT: Final = Path(__file__).resolve().parents[2]
SOURCES: Final = ROOT / "web" / "assets"
STATIC: Final = ROOT / "web" / "static"
_INSTALLED: Final = "node_modules"
_MARK: Final = ".built-from"
_BUILD_S: Final = 120


class CannotBuildError(Exception):
    """Why the pages' styles and scripts are not ready, and what to do."""


def build(sources: Path = SOURCES, static: Path = STATIC) -> str:
    """Builds where something has changed since the last time; gives one sentence.

    CannotBuildError where Node or a registry of npm's packages is missing.
    """
    sources.mkdir(parents=True, exist_ok=True)
    with (sources / ".lock").open("a") as lock:  # two commands may come here at once
        fcntl.flock(lock, fcntl.LOCK_EX)
        wanted = digest(sources)
        mark = static / _MARK
        if mark.exists() and mark.read_text() == wanted:
            return "The pages' styles and scripts are ready."
        _install(sources)
        _bundle(sources, static)
        mark.write_text(wanted)
    return "The pages' styles and scripts were built."


def digest(sources: Path) -> str:
    """The hash of everything that the build reads."""
    known = hashlib.sha256()
    for file in _files(sources):
        content = file.read_bytes()
        known.update(f"{file.relative_to(sources)} {len(content)}\n".encode() + content)
    return known.hexdigest()


def _files(sources: Path) -> Iterator[Path]:
    for file in sorted(sources.rglob("*")):
        inside = file.relative_to(sources).parts
        if file.is_file() and _INSTALLED not in inside and inside != (".lock",):
            yield file


def _install(sources: Path) -> None:
    try:
        npm.install(sources)
    except npm.NodeError as error:
        raise CannotBuildError(
            "The pages' styles and scripts need packages of npm that could not be fetched; is its"
            f" registry reached from here? Try `npm ping`. ({error})"
        ) from error


def _bundle(sources: Path, static: Path) -> None:
    try:
        npm.run([npm.program("node"), "build.mjs", str(static)], sources, _BUILD_S)
    except npm.NodeError as error:
        raise CannotBuildError(
            f"The pages' styles and scripts could not be built. ({error})"
        ) from error
