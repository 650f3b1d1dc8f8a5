"""`python -m deploy.containers.operator audit|audit-log|dlq …`: the operator's commands with the
passwords of the mounted secrets. `watch PORT` is the audit that runs by itself.
"""

import os
import sys
from pathlib import Path

from sqlalchemy.engine import make_url

from deploy.audit import watch
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
    if sys.argv[1:2] == ["watch"]:
        watch.run(int(sys.argv[2]))
    else:
        app()


if __name__ == "__main__":
    main()
