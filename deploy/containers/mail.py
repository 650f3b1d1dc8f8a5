"""`python -m deploy.containers.mail FOLDER`: the mail sink on two ports, SMTP on 2525 and the page
of what was sent on 8080.
"""

import sys
from pathlib import Path

import uvicorn
from aiosmtpd.controller import Controller

from deploy.stubs.mail import MailBox, page_app
from services.chassis.connection import BoundedConfig
from services.chassis.connection_limits import ConnectionLimits

SMTP_PORT, HTTP_PORT = 2525, 8080


def main() -> None:
    """Takes mail until a signal."""
    box = MailBox(Path(sys.argv[1]))
    controller = Controller(box, hostname="0.0.0.0", port=SMTP_PORT)  # noqa: S104
    controller.start()
    config = BoundedConfig(
        page_app(box),
        ConnectionLimits(),
        host="0.0.0.0",  # noqa: S104
        port=HTTP_PORT,
        log_level="warning",
    )
    try:
        uvicorn.Server(config).run()
    finally:
        controller.stop()


if __name__ == "__main__":
    main()
