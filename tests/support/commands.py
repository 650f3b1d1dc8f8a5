"""The commands that people are told to type: the targets of `make help`, and the fenced blocks of a
page, one command at a time.
"""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tests.support.paths import ROOT

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_TARGET = re.compile(r"^([a-z][a-z-]*):(?:.*?) ## ", re.MULTILINE)


def targets() -> list[str]:
    """What `make help` lists."""
    return _TARGET.findall((ROOT / "Makefile").read_text())


def recipe(target: str) -> tuple[set[str], list[str]]:
    """What a target stands on, and the lines of its recipe, as the Makefile has them."""
    lines = (ROOT / "Makefile").read_text().splitlines()
    at = next(n for n, line in enumerate(lines) if line.startswith(f"{target}:") and "##" in line)
    own: list[str] = []
    for line in lines[at + 1 :]:
        if not line.startswith("\t"):
            break
        own.append(line.strip())
    return set(lines[at].split("##")[0].split(":", 1)[1].split()), own


def papers() -> list[Path]:
    """Every page that people are given to read, the README first."""
    found = [path for path in ROOT.glob("*.md") if path.name != "README.md"]
    found += [*ROOT.glob("[!.]*/README.md"), *ROOT.glob("docs/**/*.md")]
    return [ROOT / "README.md", *sorted(set(found))]


def fences(page: Path) -> list[tuple[str, str]]:
    """The fenced blocks of a page with their languages. A block of no language is of commands."""
    return _FENCE.findall(page.read_text())


def commands(block: str) -> Iterator[str]:
    """A block's commands; one may go over several lines."""
    held = ""
    for line in block.splitlines():
        held += line + "\n"
        if held.strip() and not held.rstrip("\n").endswith("\\") and _is_whole(held):
            yield held.strip()
            held = ""
    if held.strip():
        raise ValueError(f"no whole command: {held}")


def _is_whole(text: str) -> bool:
    return (
        subprocess.run(["bash", "-n", "-c", text], capture_output=True, check=False).returncode == 0
    )
