"""The images of a rehearsal: ours, built; the others, pulled, or stood in for from Debian's
packages where no registry can be reached.
"""

import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from deploy.containers.engine import Engine
from deploy.kafka.jars import jars

ROOT = Path(__file__).resolve().parents[2]
STAND_INS = Path(__file__).with_name("standins")
_DEBIAN = "python3,python3-venv,python3-pip,ca-certificates"
_AUTHORITIES = Path("/etc/ssl/certs/ca-certificates.crt")


def base_image() -> str:
    """The tag that the Dockerfile builds on."""
    first = next(
        line
        for line in (ROOT / "deploy" / "Dockerfile").read_text().splitlines()
        if line.startswith("ARG BASE=")
    )
    return first.removeprefix("ARG BASE=")


def provide(
    engine: Engine, compose: Mapping[str, Any], build: Path, ours: str, tell: Callable[[str], None]
) -> set[str]:
    """Brings every image of `compose` here and builds `ours`; answers the services that have to be
    left out.
    """
    left_out: set[str] = set()
    if not engine.have(base_image()):
        tell(f"{base_image()}: no registry, stood in for by Debian")
        _bootstrap(engine, build)
    tell("building the image")
    engine.build(ours, ROOT / "deploy" / "Dockerfile", ROOT)
    for name, service in compose["services"].items():
        image = str(service["image"])
        if image.startswith("$") or engine.have(image):
            continue
        if not (STAND_INS / name).is_dir():
            tell(
                f"{image}: no registry and no package of Debian's, so {name} is left out of"
                " this run"
            )
            left_out.add(name)
            continue
        tell(f"{image}: no registry, stood in for by Debian's package")
        with tempfile.TemporaryDirectory(prefix="hochieu-image-") as folder:
            context = Path(shutil.copytree(STAND_INS / name, folder, dirs_exist_ok=True))
            if name == "kafka":
                shutil.copytree(jars(ROOT / "build" / "kafka"), context / "lib")
            engine.build(image, context / "Containerfile", context, BASE=base_image())
    return left_out


def _bootstrap(engine: Engine, build: Path) -> None:
    """A Debian with Python, under the tag of the base image."""
    with tempfile.TemporaryDirectory(prefix="base-", dir=build) as folder:
        root = Path(folder) / "root"
        engine.command(
            "debootstrap", "--variant=minbase", f"--include={_DEBIAN}", "bookworm", str(root)
        )
        # what this machine trusts, the image trusts: a proxy in between may have an authority of
        # its own
        shutil.copyfile(_AUTHORITIES, root / _AUTHORITIES.relative_to("/"))
        archive = Path(folder) / "root.tar"
        engine.command("tar", "-C", str(root), "-cf", str(archive), ".")
        engine.podman("import", "-c", f"ENV PIP_CERT={_AUTHORITIES}", str(archive), base_image())
