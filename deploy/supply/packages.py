"""The packages of a release: Python's and npm's from their locks, Debian's from an image."""

import base64
import json
import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
LOCK = ROOT / "requirements.lock"
PAGES_LOCK = ROOT / "web" / "assets" / "package-lock.json"
_FIELD = re.compile(r"^([A-Z][\w-]*): (.*)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class LockedPackage:
    """One line of the lock.

    `digests`: SHA-256 of each file that may be installed. `applies`: whether it is installed on
    this machine's system and Python.
    """

    name: str
    version: str
    digests: tuple[str, ...]
    applies: bool


@dataclass(frozen=True, slots=True)
class DebianPackage:
    """One package of an image; advisories are written for its `source`."""

    name: str
    version: str
    architecture: str
    source: str


def locked(lock: Path = LOCK) -> list[LockedPackage]:
    """The packages of a lock, in its order."""
    return list(_locked(lock.read_text().replace("\\\n", " ")))


def _locked(text: str) -> Iterator[LockedPackage]:
    for line in text.splitlines():
        if not line or line.startswith("#"):
            continue
        words, *digests = re.split(r"\s+--hash=sha256:", line.strip())
        required = Requirement(words)
        (version,) = required.specifier
        applies = required.marker is None or required.marker.evaluate()
        name = canonicalize_name(required.name)
        yield LockedPackage(name, version.version, tuple(digests), applies)


@dataclass(frozen=True, slots=True)
class PagePackage:
    """A package of npm, of which something is in the pages' styles or scripts.

    `digest`: SHA-512 of its archive. `needs`: names of the packages that it asks for.
    """

    name: str
    version: str
    digest: str
    licence: str
    needs: tuple[str, ...]


def locked_for_pages(lock: Path = PAGES_LOCK) -> list[PagePackage]:
    """The packages of the pages' lock that ship; what only builds and tests is left out."""
    return [
        PagePackage(
            path.rpartition("node_modules/")[2],
            entry["version"],
            base64.b64decode(entry["integrity"].removeprefix("sha512-")).hex(),
            entry["license"],
            tuple(entry.get("dependencies", ())),
        )
        for path, entry in json.loads(lock.read_text())["packages"].items()
        if path and not entry.get("dev")
    ]


def direct() -> set[str]:
    """The names of the packages that the project itself asks for."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return {canonicalize_name(Requirement(text).name) for text in project["dependencies"]}


def required_by(name: str) -> set[str]:
    """The names of the packages that an installed one needs here, without its extras."""
    found = (Requirement(text) for text in metadata.requires(name) or ())
    return {
        canonicalize_name(one.name)
        for one in found
        if one.marker is None or one.marker.evaluate({"extra": ""})
    }


def installed_in(status: str) -> Sequence[DebianPackage]:
    """The packages of an image by its `/var/lib/dpkg/status`."""
    found = []
    for paragraph in status.split("\n\n"):
        fields: dict[str, str] = dict(_FIELD.findall(paragraph))
        if fields.get("Status", "").endswith(" installed"):
            source = fields.get("Source", fields["Package"]).partition(" ")[0]
            found.append(
                DebianPackage(fields["Package"], fields["Version"], fields["Architecture"], source)
            )
    return sorted(found, key=lambda one: one.name)
