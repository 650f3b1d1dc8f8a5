"""The mail sink: an SMTP server that keeps what was sent, and a page that shows it. For trying and
for tests; it never delivers.
"""

import argparse
import asyncio
import email
import time
from base64 import b64encode
from email.message import EmailMessage
from email.policy import default
from html import escape
from pathlib import Path

import uvicorn
from aiosmtpd.controller import UnixSocketController
from aiosmtpd.smtp import SMTP, Envelope, Session
from starlette.applications import Starlette
from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from deploy.local.home import make_private, write_private
from deploy.stubs.own_pages import is_foreign
from services.chassis.connection import BoundedConfig
from services.chassis.connection_limits import ConnectionLimits

_PAGE = """<!doctype html><html lang="vi"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Thư đã gửi</title><style>body{{font:16px/1.5 system-ui,sans-serif;max-width:48rem;margin:2rem auto;padding:0 1rem}}
article{{border:1px solid #ccc;border-radius:8px;padding:0 1rem;margin:1rem 0}}
pre{{white-space:pre-wrap;overflow-wrap:anywhere;font:inherit}}
img{{width:20rem;max-width:100%;image-rendering:pixelated}}h2{{font-size:1.1rem;margin:.8rem 0 .2rem}}small{{color:#555}}</style>
<h1>Thư đã gửi · Sent mail</h1><p>{count} thư · messages.
Hộp thư thử: không thư nào rời máy này. · A test box: nothing leaves this machine.</p>{items}</html>"""


_PAGE_HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": (
        "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none';"
        " form-action 'none'; frame-ancestors 'none'"
    ),
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}


class MailBox:
    """Messages as files in one folder, oldest first."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        make_private(folder)

    async def handle_DATA(self, _: SMTP, __: Session, envelope: Envelope) -> str:  # noqa: N802
        """Takes in one message."""
        content = (
            envelope.content
            if isinstance(envelope.content, bytes)
            else str(envelope.content).encode()
        )
        path = self._folder / f"{time.time_ns()}.eml"
        await asyncio.to_thread(write_private, path, content)
        return "250 kept"

    def messages(self) -> list[EmailMessage]:
        """What was sent."""
        parsed = [
            email.message_from_bytes(path.read_bytes(), policy=default)
            for path in sorted(self._folder.glob("*.eml"))
        ]
        return [message for message in parsed if isinstance(message, EmailMessage)]

    def page(self, _: Request) -> Response:
        """The messages as a page, newest first."""
        items = [
            f"<article><h2>{escape(str(message['subject']))}</h2>"
            f"<small>{escape(str(message['to']))} · {escape(str(message['date']))}</small>"
            f"<pre>{escape(_text(message))}</pre>{_pictures(message)}</article>"
            for message in reversed(self.messages())
        ]
        return HTMLResponse(_PAGE.format(count=len(items), items="".join(items)))

    def listing(self, _: Request) -> Response:
        """The messages as JSON, oldest first."""
        return JSONResponse(
            [
                {
                    "to": str(message["to"]),
                    "subject": str(message["subject"]),
                    "text": _text(message),
                    "attachments": _attachments(message),
                }
                for message in self.messages()
            ]
        )


def page_app(box: MailBox) -> Starlette:
    """The page of what was sent and its list, shown to nobody else's pages."""
    app = Starlette(routes=[Route("/mail", box.page), Route("/mail/messages", box.listing)])
    app.router.redirect_slashes = False  # it would send on to whatever name stands in Host
    app.add_middleware(BaseHTTPMiddleware, dispatch=_to_own_pages)
    return app


async def _to_own_pages(request: Request, call_next: RequestResponseEndpoint) -> Response:
    if is_foreign(request.headers):
        return Response(status_code=403, headers=_PAGE_HEADERS)
    response = await call_next(request)
    response.headers.update(_PAGE_HEADERS)
    return response


def _text(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    return str(body.get_content()) if body else ""


def _pictures(message: EmailMessage) -> str:
    """The attached pictures, shown."""
    shown = []
    for part in message.iter_attachments():
        content = part.get_content()
        if part.get_content_type() == "image/png" and isinstance(content, bytes):
            name = escape(part.get_filename() or "QR")
            source = "data:image/png;base64," + b64encode(content).decode()
            shown.append(
                f'<figure><img alt="{name}" src="{source}"><figcaption>{name}</figcaption></figure>'
            )
    return "".join(shown)


def _attachments(message: EmailMessage) -> list[str]:
    return [part.get_filename() or part.get_content_type() for part in message.iter_attachments()]


def main() -> None:
    """`python -m deploy.stubs.mail --smtp SOCKET --http SOCKET --folder DIR`."""
    arguments = argparse.ArgumentParser(description=main.__doc__)
    arguments.add_argument("--smtp", required=True, help="Unix socket to take mail on")
    arguments.add_argument("--http", required=True, help="Unix socket to show it on")
    arguments.add_argument("--folder", type=Path, required=True)
    given = arguments.parse_args()
    box = MailBox(given.folder)
    controller = UnixSocketController(box, unix_socket=given.smtp)
    controller.start()
    config = BoundedConfig(page_app(box), ConnectionLimits(), uds=given.http, log_level="warning")
    try:
        uvicorn.Server(config).run()
    finally:
        controller.stop()


if __name__ == "__main__":
    main()
