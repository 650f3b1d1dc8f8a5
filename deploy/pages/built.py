"""Runs npm and the build of the pages, and knows whether they are needed."""

import fcntl
import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
SOURCES: Final = ROOT / "web" / "assets"
STATIC: Final = ROOT / "web" / "static"
_INSTALLED: Final = "node_modules"
_MARK: Final = ".built-from"
_INSTALL_S: Final = 600
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
        _run([_program("node"), "build.mjs", str(static)], sources, _BUILD_S, "could not be built")
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
    wanted = (sources / "package-lock.json").read_text()
    mark = sources / _INSTALLED / ".installed-from"
    if mark.exists() and mark.read_text() == wanted:
        return
    command = [_program("npm"), "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    _run(
        [*command, "--loglevel=error"],
        sources,
        _INSTALL_S,
        "need packages of npm that could not be fetched; is its registry reached from here?"
        " Try `npm ping`",
    )
    mark.write_text(wanted)


def _program(name: str) -> str:
    program = Path(sys.executable).parent / name
    if not program.exists():
        raise CannotBuildError(f"{program} is missing: run `make .venv/build` first.")
    return str(program)


def _run(command: list[str], folder: Path, limit_s: int, failure: str) -> None:
    """One program with this environment's Node first; its words are shown where it fails."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    try:
        subprocess.run(
            command,
            cwd=folder,
            env={**os.environ, "PATH": path},
            capture_output=True,
            text=True,
            check=True,
            timeout=limit_s,
        )
    except subprocess.TimeoutExpired as error:
        raise CannotBuildError(f"The pages' styles and scripts {failure}. (No end.)") from error
    except subprocess.CalledProcessError as error:
        last = (error.stderr.strip().splitlines() or ["no word"])[-1][:200]
        print(error.stderr.strip()[-2000:], file=sys.stderr)
        raise CannotBuildError(f"The pages' styles and scripts {failure}. ({last})") from error
