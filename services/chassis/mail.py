"""Hands mail over to an SMTP server; a failure is told and logged without saying whose mail it
was.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid, parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiosmtplib
import structlog
from pydantic import BaseModel

from services.chassis.errors import TransientError

_log = structlog.get_logger()
_PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
_START_TLS = {"smtp": None, "smtp+starttls": True, "smtps": False}
"""Whether a connection turns to TLS; None: if the server offers it."""
_TIMEOUT_S = 20.0


_ONE_DOMAIN = {"googlemail.com": "gmail.com"}
_DOTS_DO_NOT_COUNT = frozenset({"gmail.com"})


def canonical_mailbox(address: str) -> str:
    """The one form of all addresses of a mailbox, for counting letters; never to send them to.

    What follows a plus is a label of the same mailbox with nearly every provider; where it is not,
    two mailboxes share a limit. Case makes no difference; with Gmail dots make none.
    """
    local, _, domain = address.strip().lower().rpartition("@")
    domain = _ONE_DOMAIN.get(domain, domain)
    local = local.partition("+")[0] or local
    if domain in _DOTS_DO_NOT_COUNT:
        local = local.replace(".", "")
    return f"{local}@{domain}"


class MailSettings(BaseModel):
    """Where mail is handed over, and who it is from.

    `url`: `smtps://host:port`; `smtp+starttls://host:port`, which nothing is sent to in plain text;
    `smtp://host:port`, encrypted if the server can; or `smtp+unix:///path`.
    """

    sender: str
    url: str = "smtp://127.0.0.1:25"
    user: str | None = None
    password_file: Path | None = None


class MailRefusedError(Exception):
    """No server will take this message, now or later."""


class Mailer:
    """One SMTP server. `backoff_s`: the pauses between the tries of `send`, so one try more than
    pauses.
    """

    def __init__(self, cfg: MailSettings, backoff_s: Sequence[float] = (1, 5, 25)) -> None:
        self.sender = cfg.sender
        self._to = _options(cfg)
        self._backoff_s = backoff_s

    async def hand_over(self, message: EmailMessage) -> None:
        """Tries once; MailRefusedError where the server said no for good, TransientError where it
        may take the message later.
        """
        try:
            await aiosmtplib.send(message, **self._to)
        except (aiosmtplib.SMTPException, OSError) as error:
            # raised anew, without its text: that quotes the address
            if _is_final(error):
                raise MailRefusedError(type(error).__name__) from None
            raise TransientError(type(error).__name__) from None

    async def send(self, message: EmailMessage) -> bool:
        """Tries a few times; whether the server took the message. Never raises."""
        for pause in (*self._backoff_s, None):
            try:
                await self.hand_over(message)
            except (MailRefusedError, TransientError) as error:
                if pause is None or isinstance(error, MailRefusedError):
                    _log.error("mail_failed", error=str(error))
                    return False
                _log.warning("mail_retried", error=str(error), pause_s=pause)
                await asyncio.sleep(pause)
            else:
                return True
        raise AssertionError("unreachable: the last try has no pause")


def begin_letter(
    sender: str, to: str, subject: str, at: datetime, name: str | None = None
) -> EmailMessage:
    """A letter without its text; MailRefusedError where `to` is not one plain address.

    `name`: what tells it from all others, so that one that is handed over twice can be shown once.
    """
    domain = parseaddr(sender)[1].rpartition("@")[2]
    letter = EmailMessage()
    letter["From"], letter["Subject"] = sender, subject
    # an encoded word (RFC 2047) has the characters of an address, and a header opens it: whoever
    # typed it chose what else stands there
    try:
        letter["To"] = to
        opened = [one.addr_spec for one in letter["To"].addresses]
    except ValueError:
        opened = []
    if opened != [to]:
        raise MailRefusedError("AddressOdd")
    letter["Date"] = format_datetime(at)
    letter["Message-ID"] = f"<{name}@{domain}>" if name else make_msgid(domain=domain)
    letter["Auto-Submitted"] = "auto-generated"
    return letter


def _is_final(error: Exception) -> bool:
    """Whether the server said no (5xx) to this message or its recipient, for good.

    No to who we are (password, sender, address of this host) is mended by us, and meanwhile no
    message should be lost for it.
    """
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        return all(_is_final(refused) for refused in error.recipients)
    return (
        isinstance(error, aiosmtplib.SMTPRecipientRefused | aiosmtplib.SMTPDataError)
        and error.code >= 500
    )


def _options(cfg: MailSettings) -> dict[str, Any]:
    """What aiosmtplib is told of a server; ValueError where the address is of no
    known kind.
    """
    url = urlsplit(cfg.url)
    if url.scheme == "smtp+unix" and url.path:
        return {"socket_path": url.path, "start_tls": False, "timeout": _TIMEOUT_S}
    if url.scheme not in _PORTS or not url.hostname:
        raise ValueError(
            "MAIL_URL is smtps://host:port, smtp+starttls://host:port, smtp://host:port or"
            " smtp+unix:///path"
        )
    password = cfg.password_file.read_text().strip() if cfg.password_file else None
    return {
        "hostname": url.hostname,
        "port": url.port or _PORTS[url.scheme],
        "use_tls": url.scheme == "smtps",
        "start_tls": _START_TLS[url.scheme],
        "username": cfg.user,
        "password": password,
        "timeout": _TIMEOUT_S,
    }
