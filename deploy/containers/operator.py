"""`python -m deploy.containers.operator audit|audit-log|dlq …`: the operator's commands with the
passwords of the mounted secrets.
"""

import os
from pathlib import Path

from sqlalchemy.engine import make_url

from deploy.cli.main import app

_SECRETS = Path("/run/secrets")


def main() -> None:
    """Completes `<SERVICE>_DATABASE_URL` for each service, and runs the command."""
    for service in ("records", "verifier", "signer"):
        name = f"{service.upper()}_DATABASE_URL"
        password = (_SECRETS / f"{service}.database").read_text().strip()
        os.environ[name] = (
            make_url(os.environ[name]).set(password=password).render_as_string(hide_password=False)
        )
    app()


if __name__ == "__main__":
    main()
