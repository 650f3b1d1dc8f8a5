"""`python -m deploy.containers.pin [--check]`: writes behind each image's tag the digest that its
registry has for it today, or says which images have none yet.

A tag can be given to another image; a digest cannot. It asks with `skopeo`, and changes
`deploy/Dockerfile`, the compose files and the manifests: look at the difference, and commit it.
Ours (`hochieu`, `hochieu-signer`) have a digest once they are pushed to a registry of yours.
"""

import re
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

DEPLOY = Path(__file__).resolve().parents[1]
FILES = (
    DEPLOY / "Dockerfile",
    DEPLOY / "compose.yaml",
    DEPLOY / "compose.production.yaml",
    DEPLOY / "kubernetes/hochieu.yaml",
)
_IMAGE = re.compile(
    r"(?P<before>^ARG BASE=|\bimage: )(?P<name>[a-z][\w./-]*):(?P<tag>[\w.-]+)"
    r"(?P<digest>@sha256:[0-9a-f]{64})?$",
    re.MULTILINE,
)
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_TIMEOUT_S = 60.0
Resolve = Callable[[str], str]
"""The digest of `name:tag`; UnresolvedError where no registry tells it."""


class UnresolvedError(Exception):
    """No registry told an image's digest; its own words."""


def resolve(image: str) -> str:
    """The digest that the image's registry has for `name:tag`: of all platforms together."""
    command = ["skopeo", "inspect", "--no-tags", "--format={{.Digest}}", f"docker://{image}"]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=_TIMEOUT_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UnresolvedError(f"{image}: {type(error).__name__}: {error}") from error
    digest = done.stdout.strip()
    if done.returncode or not _DIGEST.fullmatch(digest):
        raise UnresolvedError(f"{image}: {done.stderr.strip()[-200:] or digest}")
    return digest


def pinned(text: str, digest_of: Resolve) -> str:
    """A file with the digest of today behind every tag."""

    def with_digest(match: re.Match[str]) -> str:
        if "/" not in match["name"]:  # ours, of no registry yet
            return match[0]
        image = f"{match['name']}:{match['tag']}"
        return f"{match['before']}{image}@{digest_of(image)}"

    return _IMAGE.sub(with_digest, text)


def unpinned(text: str) -> list[str]:
    """The images of a file that a tag alone names."""
    return [f"{one['name']}:{one['tag']}" for one in _IMAGE.finditer(text) if not one["digest"]]


def main(arguments: Iterable[str]) -> None:
    """Ends with 1 where `--check` finds an image without a digest, or a registry does not tell."""
    if "--check" in arguments:
        missing = sorted({image for file in FILES for image in unpinned(file.read_text())})
        if missing:
            sys.exit(f"Named by a tag alone: {', '.join(missing)}")
        print("Every image is named by its digest.")
        return
    try:
        texts = {file: pinned(file.read_text(), resolve) for file in FILES}
    except UnresolvedError as error:
        sys.exit(f"Nothing was changed. {error}")
    for file, text in texts.items():
        file.write_text(text)
    print("Pinned; look at the difference, and commit it.")


if __name__ == "__main__":
    main(sys.argv[1:])
