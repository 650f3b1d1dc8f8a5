"""`python -m deploy.supply sbom [IMAGE] | advisories`: writes `build/sbom.json` (and
`build/sbom-image.json` of an image that is on this machine), or looks for known faults in both.

Advisories end with 0 where nothing is known, with 1 where something is, and with 3 where nobody
could be asked: that is not the same as nothing.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from deploy.supply import advisories, packages, sbom

BUILD = packages.ROOT / "build"
NOT_CHECKED = 3
_LOCK, _IMAGE = "sbom.json", "sbom-image.json"
_STATUS, _RELEASE = "/var/lib/dpkg/status", "/usr/lib/os-release"


def write_lists(folder: Path, image: str | None) -> list[Path]:
    """Writes the lists and gives their files; SystemExit where the image cannot be read."""
    folder.mkdir(parents=True, exist_ok=True)
    written = [folder / _LOCK]
    written[0].write_text(sbom.text(sbom.of_lock(packages.locked(), packages.locked_for_pages())))
    if image:
        status, release = _read(image, _STATUS, _RELEASE)
        number = next(
            line.partition("=")[2].strip('"')
            for line in release.splitlines()
            if line.startswith("VERSION_ID=")
        )
        found = packages.installed_in(status)
        written.append(folder / _IMAGE)
        written[1].write_text(sbom.text(sbom.of_image(image, found, number)))
    return written


def check(folder: Path, server: str) -> int:
    """Tells what is known of the lists in `folder`, and gives the status to end with."""
    files = [folder / name for name in (_LOCK, _IMAGE) if (folder / name).exists()]
    try:
        found = advisories.known_faults([file.read_text() for file in files], server)
    except advisories.UnreachableError as error:
        print(f"NOT CHECKED for known faults: no advisories could be reached ({error})")
        return NOT_CHECKED
    names = " and ".join(file.name for file in files)
    for package, numbers in found.items():
        print(f"{package}: {', '.join(numbers)}")
    print(f"Checked {names}: {len(found)} packages with known faults")
    return 1 if found else 0


def _read(image: str, *paths: str) -> list[str]:
    """Files of an image, from a container that is made of it and never started."""
    engine, name = _made_of(image)
    try:
        with tempfile.TemporaryDirectory() as folder:
            copies = []
            for number, path in enumerate(paths):
                copy = Path(folder) / str(number)
                subprocess.run([engine, "cp", f"{name}:{path}", copy], check=True)
                copies.append(copy.read_text())
            return copies
    finally:
        subprocess.run([engine, "rm", name], capture_output=True, check=False)


def _made_of(image: str) -> tuple[str, str]:
    """The first engine that has the image, and the container that it made of it."""
    failures = ["neither docker nor podman is here"]
    for engine in filter(None, map(shutil.which, ("docker", "podman"))):
        made = subprocess.run(
            [engine, "create", image], capture_output=True, text=True, check=False
        )
        if made.returncode == 0:
            return engine, made.stdout.strip().splitlines()[-1]
        failures.append(made.stderr.strip()[-300:])
    sys.exit(f"{image}: {failures[-1]}")


def main(arguments: Sequence[str]) -> int:
    """Runs one command, and gives the status to end with."""
    match list(arguments):
        case ["sbom", *image] if len(image) < 2:
            for file in write_lists(BUILD, image[0] if image else None):
                print(f"Written: {file}")
            return 0
        case ["advisories"]:
            write_lists(BUILD, None)
            return check(BUILD, os.environ.get("HOCHIEU_OSV", advisories.OSV))
        case _:
            print(__doc__)
            return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
