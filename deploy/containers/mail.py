"""`python -m deploy.containers.mail FOLDER`: the mail sink on two ports, SMTP on 2525 and the page
of what was sent on 8080.
"""

import sys
from pathlib import Path

import uvicorn
from aiosmtpd.controller import Controller
from starlette.applications import Starlette
from starlette.routing import Route

from deploy.stubs.mail import MailBox

SMTP_PORT, HTTP_PORT = 2525, 8080


def main() -> None:
    """Takes mail until a signal."""
    box = MailBox(Path(sys.argv[1]))
    controller = Controller(box, hostname="0.0.0.0", port=SMTP_PORT)  # noqa: S104
    controller.start()
    app = Starlette(routes=[Route("/mail", box.page), Route("/mail/messages", box.listing)])
    try:
        uvicorn.run(app, host="0.0.0.0", port=HTTP_PORT, log_level="warning", access_log=False)  # noqa: S104
    finally:
        controller.stop()


if __name__ == "__main__":
    main()
