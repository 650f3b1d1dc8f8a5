"""`python -m deploy.containers`: builds the image, runs the stack of compose.yaml once on podman,
and takes it down again.
"""

import sys
import time

from deploy.containers import images
from deploy.containers.engine import EngineError, missing_tools
from deploy.containers.rehearsal import FailedError, Rehearsal

_PACKAGES = "podman buildah runc iptables netavark aardvark-dns debootstrap"


def main() -> None:
    """Ends with 1 where the run does not go as it should; logs are then in
    build/containers/logs.
    """
    if missing := missing_tools():
        sys.exit(
            f"Not on this machine: {', '.join(missing)} (on Debian: apt-get install {_PACKAGES})"
        )
    began = time.monotonic()

    def tell(line: str) -> None:
        print(f"{time.monotonic() - began:4.0f} s  {line}", flush=True)

    build = images.ROOT / "build" / "containers"
    try:
        Rehearsal(build, tell).run()
    except (FailedError, EngineError) as error:
        sys.exit(f"FAILED: {error}\nThe logs are in {build / 'logs'}.")
    tell("the stack runs, and nothing of it is left")


if __name__ == "__main__":
    main()
