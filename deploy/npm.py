"""Runs the Node of this environment, and installs what a lock file of npm names."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

_INSTALL_S: Final = 600


class NodeError(Exception):
    """Why a program of Node's did not do its work, in one line."""


def install(folder: Path) -> None:
    """Installs the packages of `folder`'s lock file where they are not there already; NodeError."""
    wanted = (folder / "package-lock.json").read_text()
    mark = folder / "node_modules" / ".installed-from"
    if mark.exists() and mark.read_text() == wanted:
        return
    command = [program("npm"), "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    run([*command, "--loglevel=error"], folder, _INSTALL_S)
    mark.write_text(wanted)


def program(name: str) -> str:
    """The path of `node` or `npm` in this environment; NodeError where it is missing."""
    path = Path(sys.executable).parent / name
    if not path.exists():
        raise NodeError(f"{path} is missing: run `make .venv/build` first")
    return str(path)


def run(command: list[str], folder: Path, limit_s: int) -> str:
    """What one program printed, with this environment's Node first; its errors are shown where it
    fails: NodeError with the last line of them.
    """
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    try:
        return subprocess.run(
            command,
            cwd=folder,
            env={**os.environ, "PATH": path},
            capture_output=True,
            text=True,
            check=True,
            timeout=limit_s,
        ).stdout
    except subprocess.TimeoutExpired as error:
        raise NodeError("no end") from error
    except subprocess.CalledProcessError as error:
        # a compiler tells on its standard output what it finds
        said = f"{error.stdout}\n{error.stderr}".strip()
        print(said[-2000:], file=sys.stderr)
        raise NodeError((said.splitlines() or ["no word"])[-1][:200]) from error
