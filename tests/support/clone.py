"""A copy of this checkout as somebody has it who just cloned it and typed `make`, and what is typed
in it.
"""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.support.paths import ROOT

_START_S, _STOP_S, _COMMAND_S = 240, 60, 240
_STAMPS = ("run", "build", "pages", "clients", "dev")
_BUILT = ("web/clients", "web/static")
# what stands in the shells of people who work on other things too, and means nothing here
OTHER_PROGRAMS = {
    "BUS": "kafka",
    "HTTP": "on",
    "HTTP_PORT": "1",
    "MAIL": "me@example.vn",
    "KEYS": "x",
    "PGPORT": "5999",
    "PGSERVICE": "work",
}


@contextmanager
def clone() -> Iterator[Path]:
    """The folder, with the environment that is installed here; gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="hochieu-clone-"))
    try:
        listed = subprocess.run(
            ["git", "ls-files", "-co", "--exclude-standard"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        for name in listed.stdout.splitlines():
            if (ROOT / name).is_file():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / name, folder / name)
        for name in _BUILT:
            if (ROOT / name).is_dir():
                shutil.copytree(ROOT / name, folder / name)
        (folder / ".venv").mkdir()
        for part in (ROOT / ".venv").iterdir():
            if part.name not in _STAMPS:
                (folder / ".venv" / part.name).symlink_to(part)
        for stamp in _STAMPS:  # after the locks, so that nothing is installed from here
            (folder / ".venv" / stamp).touch()
        # a broker's archives, which other tests use too
        archives = ROOT / "build" / "kafka"
        archives.mkdir(parents=True, exist_ok=True)
        (folder / "build").mkdir()
        (folder / "build" / "kafka").symlink_to(archives)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def surroundings(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """The variables of a shell in which nothing was set for this project, but several for
    others.
    """
    ours = ("MAKE", "MFLAGS", "HOCHIEU_", "PYTEST")
    return (
        {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        | OTHER_PROGRAMS
        | dict(more or {})
    )


def typed(
    folder: Path, command: str, more: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """What became of a command that was typed in `folder`; both outputs in `stdout`."""
    return subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],
        cwd=folder,
        env=surroundings(more),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=_COMMAND_S,
        check=False,
    )


@contextmanager
def until_interrupted(folder: Path, command: str, up: str) -> Iterator[Path]:
    """Keeps a command running for the block, from when it has said `up`, and presses Ctrl-C at the
    end; gives the file of what it says.
    """
    said = folder / "said.txt"
    with said.open("wb") as out:
        process = subprocess.Popen(
            ["bash", "-c", command],
            cwd=folder,
            env=surroundings(),
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
    try:
        deadline = time.monotonic() + _START_S
        while up not in said.read_text():
            assert process.poll() is None and time.monotonic() < deadline, said.read_text()
            time.sleep(0.1)
        yield said
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGINT)
        process.wait(_STOP_S)
