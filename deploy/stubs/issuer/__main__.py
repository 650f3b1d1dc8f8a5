"""`python -m deploy.stubs.issuer`: the local OpenID provider; production refuses it."""

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

import uvicorn

from deploy.local import issuer
from deploy.local.home import Home
from deploy.stubs.issuer.accounts import accounts, places_of
from deploy.stubs.issuer.app import Client, LocalProvider, create_app
from deploy.stubs.issuer.grants import Grants
from services.chassis.connection import BoundedConfig
from services.chassis.connection_limits import ConnectionLimits


def arguments() -> argparse.ArgumentParser:
    """What the program takes."""
    parser = argparse.ArgumentParser(prog="python -m deploy.stubs.issuer", description=__doc__)
    parser.add_argument("--uds", required=True, help="Unix socket to listen on")
    parser.add_argument("--home", type=Path, required=True, help="the folder with the signing key")
    parser.add_argument("--origin", required=True, help="as browsers know it: http://host:port")
    parser.add_argument("--client-id", default="hochieu-web")
    parser.add_argument("--client-secret-file", type=Path, required=True)
    parser.add_argument("--people", type=Path, help="CSV file of the registry's people")
    return parser


def main(argv: Sequence[str] | None = None) -> None:
    """Serves until a signal; SystemExit where this is production."""
    if os.environ.get("ENVIRONMENT") == "production":
        raise SystemExit(
            "deploy.stubs.issuer: whoever comes may be anybody here; production names a real"
            " provider in OIDC_ISSUER. / Bản chính thức phải dùng nhà cung cấp thật."
        )
    given = arguments().parse_args(argv)
    home = Home(given.home)
    issuer.prepare(home)
    client = Client(given.client_id, given.client_secret_file.read_text().strip(), given.origin)
    provider = LocalProvider(
        home, issuer.url(home), client, accounts(places_of(given.people)), Grants()
    )
    config = BoundedConfig(
        create_app(provider), ConnectionLimits(), uds=given.uds, log_level="warning"
    )
    uvicorn.Server(config).run()


if __name__ == "__main__":
    main()
