"""Hands mail over to an SMTP server: tried a few times, and a failure is logged without saying whose mail it was."""

import asyncio
from collections.abc import Sequence
from email.message import EmailMessage
from typing import Any
from urllib.parse import urlsplit

import aiosmtplib
import structlog

from services.signer.settings import MailSettings

_log = structlog.get_logger()
_PORTS = {"smtp": 25, "smtps": 465}
_TIMEOUT_S = 20.0


class Mailer:
    """One SMTP server. `backoff_s`: the pauses between tries, so one try more than pauses."""

    def __init__(self, cfg: MailSettings, backoff_s: Sequence[float] = (1, 5, 25)) -> None:
        self.sender = cfg.sender
        self._to = _options(cfg)
        self._backoff_s = backoff_s

    async def send(self, message: EmailMessage) -> bool:
        """Whether the server took the message; never raises."""
        for pause in (*self._backoff_s, None):
            try:
                await aiosmtplib.send(message, **self._to)
            except (aiosmtplib.SMTPException, OSError) as error:
                if pause is None or _is_final(error):
                    _log.error("mail_failed", error=type(error).__name__)
                    return False
                _log.warning("mail_retried", error=type(error).__name__, pause_s=pause)
                await asyncio.sleep(pause)
            else:
                return True
        raise AssertionError("unreachable: the last try has no pause")


def _is_final(error: Exception) -> bool:
    """Whether the server said no for good (5xx), so that asking again would only annoy it."""
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        return all(_is_final(refused) for refused in error.recipients)
    return isinstance(error, aiosmtplib.SMTPResponseException) and error.code >= 500


def _options(cfg: MailSettings) -> dict[str, Any]:
    """What aiosmtplib is told of a server; ValueError where the address is none of the three kinds."""
    url = urlsplit(cfg.url)
    if url.scheme == "smtp+unix" and url.path:
        return {"socket_path": url.path, "start_tls": False, "timeout": _TIMEOUT_S}
    if url.scheme not in _PORTS or not url.hostname:
        raise ValueError("MAIL_URL is smtp://host:port, smtps://host:port or smtp+unix:///path")
    password = cfg.password_file.read_text().strip() if cfg.password_file else None
    return {
        "hostname": url.hostname,
        "port": url.port or _PORTS[url.scheme],
        "use_tls": url.scheme == "smtps",
        "username": cfg.user,
        "password": password,
        "timeout": _TIMEOUT_S,
    }
