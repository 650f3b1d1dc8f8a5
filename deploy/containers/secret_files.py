"""`python -m deploy.containers.secret_files [HOME]`: makes the files that compose.yaml mounts as
secrets, those that are missing only.

They go to `HOME/secrets` (`deploy/secrets` by default), with the key of a token issuer to try the
stack with: `HOCHIEU_HOME=deploy hochieu token …` issues tokens that the services believe. A real
installation puts its own issuer's `jwks.json` there instead.
"""

import sys
from pathlib import Path

from deploy.local import event_keys, issuer
from deploy.local.home import Home

SERVICES = ("records", "verifier", "signer")
NAMES = (
    "postgres.admin",
    "grafana.admin",
    "registry.token",
    *(f"{name}.{kind}" for name in SERVICES for kind in ("database", "seal", "index")),
)
MOUNTED = (*NAMES, *(f"{name}.events" for name in SERVICES), "jwks.json", "writers.json")


def provide(home: Home) -> Path:
    """Makes what is missing and gives the folder.

    Only the owner of the folder reaches the files; inside a container they are mounted one by one
    and read by a user without rights, which is why the files themselves can be read by anybody who
    gets that far.
    """
    folder = home.jwks.parent
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    (folder / ".gitignore").write_text("*\n")
    issuer.prepare(home)
    event_keys.prepare(home)
    for name in NAMES:
        home.secret(name)
    for name in MOUNTED:
        (folder / name).chmod(0o444)
    return folder


if __name__ == "__main__":
    folder = provide(Home(Path(sys.argv[1] if len(sys.argv) > 1 else "deploy").resolve()))
    print(f"Secrets are in {folder}: {', '.join(MOUNTED)}")
