"""A broker's archives: Maven is given a whole path, because a relative one is to it beside the
pom.
"""

import subprocess
from pathlib import Path
from typing import Any

import pytest

from deploy.kafka.jars import jars


def _maven(folders: list[Path], archive: str | None) -> Any:
    """Stands in for Maven; takes down where it is told to copy to, and puts an archive there."""

    def run(command: list[str], **_: Any) -> "subprocess.CompletedProcess[str]":
        folder = Path(
            next(word for word in command if word.startswith("-DoutputDirectory=")).split("=", 1)[1]
        )
        folders.append(folder)
        if archive and folder.is_absolute():
            (folder / archive).touch()
        return subprocess.CompletedProcess(command, 0, "nothing was copied", "")

    return run


def test_archives_are_copied_once_and_to_where_they_are_looked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders: list[Path] = []
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(subprocess, "run", _maven(folders, "kafka.jar"))
    folder = jars(Path("build/kafka"))
    assert [file.name for file in folder.iterdir()] == ["kafka.jar"]
    assert folder.is_relative_to(tmp_path / "build" / "kafka") and folders[0].is_absolute()
    assert jars(Path("build/kafka")) == folder
    assert len(folders) == 1


def test_an_empty_folder_is_an_error_and_no_folder_of_archives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subprocess, "run", _maven([], None))
    for _ in range(2):
        with pytest.raises(RuntimeError, match="Maven could not copy"):
            jars(tmp_path)
    assert list(tmp_path.iterdir()) == []
