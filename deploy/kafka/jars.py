"""The broker's Java archives, copied by Maven once for each state of the pom."""

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

_POM = Path(__file__).with_name("pom.xml")


def missing_tools() -> list[str]:
    """Which of the programs that a broker needs are not on this machine."""
    return [tool for tool in ("java", "mvn") if shutil.which(tool) is None]


def jars(build: Path) -> Path:
    """The folder under `build` with everything a broker runs on; RuntimeError with Maven's last
    words if it cannot be had.
    """
    # Maven takes a relative folder for one beside the pom
    build = build.resolve()
    folder = build / f"lib-{hashlib.sha256(_POM.read_bytes()).hexdigest()[:12]}"
    if any(folder.glob("*.jar")):
        return folder
    copy = build / f"{folder.name}.{os.getpid()}"
    copy.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        [
            "mvn",
            "-q",
            "-B",
            "-f",
            str(_POM),
            "dependency:copy-dependencies",
            f"-DoutputDirectory={copy}",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode or not any(copy.glob("*.jar")):
        shutil.rmtree(copy, ignore_errors=True)
        raise RuntimeError(f"Maven could not copy the broker's archives: {done.stdout[-500:]}")
    try:
        copy.rename(folder)  # at once, so that nobody sees half of it
    except OSError:
        shutil.rmtree(copy, ignore_errors=True)  # another process was faster
    return folder
