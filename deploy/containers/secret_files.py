"""`python -m deploy.containers.secret_files [HOME]`: makes the files that compose.yaml mounts as
secrets, those that are missing only.

They go to `HOME/secrets` (`deploy/secrets` by default), with the key of a token issuer to try the
stack with: `HOCHIEU_HOME=deploy hochieu token …` issues tokens that the services believe. A real
installation puts its own issuer's `jwks.json` there instead, and its own certificate and key of
the edge.
"""

import sys
from pathlib import Path

from deploy.containers import certificate
from deploy.local import event_keys, issuer
from deploy.local.home import Home

SERVICES = ("records", "verifier", "signer")
NAMES = (
    "postgres.admin",
    "grafana.admin",
    "registry.token",
    *(
        f"{name}.{kind}"
        for name in (*SERVICES, "web")
        for kind in ("database", "owner", "seal", "index")
    ),
    "web.client",
)
EDGE = ("edge.crt", "edge.key")
EVENTS = tuple(f"{name}.events" for name in SERVICES)
MOUNTED = (*NAMES, *EVENTS, *EDGE, "jwks.json", "writers.json")
COUNTERS, KEYCLOAK = "counters.password", "keycloak.admin"
"""Mounted by compose.production.yaml alone, and by compose.keycloak.yaml."""


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
    for name in (*NAMES, COUNTERS, KEYCLOAK):
        home.secret(name)
    certificate.provide_pair(*(folder / name for name in EDGE))
    for name in (*MOUNTED, COUNTERS, KEYCLOAK):
        (folder / name).chmod(0o444)
    return folder


if __name__ == "__main__":
    folder = provide(Home(Path(sys.argv[1] if len(sys.argv) > 1 else "deploy").resolve()))
    print(f"Secrets are in {folder}: {', '.join(MOUNTED)}")
