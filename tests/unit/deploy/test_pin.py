"""Images get the digests that their registries have, and what has none is named."""

from pathlib import Path

import pytest

from deploy.containers import pin

DIGEST = "sha256:" + "ab" * 32
NEWER = "sha256:" + "cd" * 32


def test_every_tag_gets_its_digest_and_an_older_digest_is_replaced() -> None:
    text = (
        "ARG BASE=docker.io/library/python:3.11.13-slim-bookworm\n"
        f"    image: docker.io/a/b:v1.2.3@{DIGEST}\n"
        "    image: ${HOCHIEU_IMAGE:-localhost/hochieu:latest}\n"
        "          image: hochieu:0.1.0\n"
    )
    asked: list[str] = []

    def newest(image: str) -> str:
        asked.append(image)
        return NEWER

    written = pin.pinned(text, newest)
    assert written == (
        f"ARG BASE=docker.io/library/python:3.11.13-slim-bookworm@{NEWER}\n"
        f"    image: docker.io/a/b:v1.2.3@{NEWER}\n"
        "    image: ${HOCHIEU_IMAGE:-localhost/hochieu:latest}\n"
        "          image: hochieu:0.1.0\n"
    )
    assert asked == ["docker.io/library/python:3.11.13-slim-bookworm", "docker.io/a/b:v1.2.3"]
    assert pin.unpinned(written) == ["hochieu:0.1.0"]


def test_every_image_of_the_files_is_seen() -> None:
    seen = {image for file in pin.FILES for image in pin.unpinned(pin.pinned(file.read_text(), _a))}
    assert seen == {"hochieu:0.1.0", "hochieu-signer:0.1.0"}
    for file in pin.FILES:
        text = file.read_text()
        named = [line for line in text.splitlines() if "docker.io/" in line and "#" not in line]
        assert text.count("@sha256:") + len(pin.unpinned(text)) >= len(named), file


def _a(_: str) -> str:
    return DIGEST


def _skopeo(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    program = folder / "skopeo"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")


def test_a_registry_is_asked_for_the_digest_of_a_tag(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _skopeo(tmp_path, monkeypatch, f'test "$4" = docker://docker.io/a/b:1 && echo {DIGEST}')
    assert pin.resolve("docker.io/a/b:1") == DIGEST
    with pytest.raises(pin.UnresolvedError):
        pin.resolve("docker.io/a/b:2")


def test_where_a_registry_does_not_tell_nothing_is_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _skopeo(tmp_path, monkeypatch, "echo no route to host >&2; exit 1")
    before = [file.read_text() for file in pin.FILES]
    with pytest.raises(SystemExit, match=r"Nothing was changed\. .*no route to host"):
        pin.main([])
    assert [file.read_text() for file in pin.FILES] == before


def test_what_is_named_by_a_tag_alone_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "compose.yaml"
    monkeypatch.setattr(pin, "FILES", (file,))
    file.write_text("    image: docker.io/a/b:1\n")
    with pytest.raises(SystemExit, match=r"docker\.io/a/b:1"):
        pin.main(["--check"])
    file.write_text(f"    image: docker.io/a/b:1@{DIGEST}\n")
    pin.main(["--check"])
    assert "by its digest" in capsys.readouterr().out
