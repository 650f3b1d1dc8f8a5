"""An SMTP server of one's own, that keeps what it takes."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest
from aiosmtpd.controller import UnixSocketController
from aiosmtpd.smtp import SMTP, Envelope, Session

from services.chassis.mail import Mailer, MailSettings


@dataclass
class Sink:
    """An SMTP server that keeps what it takes; `answers` are given first, one a message."""

    socket: Path
    taken: list[EmailMessage] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    asked: int = 0

    async def handle_DATA(self, _: SMTP, __: Session, envelope: Envelope) -> str:  # noqa: N802
        self.asked += 1
        if self.answers:
            return self.answers.pop(0)
        assert isinstance(envelope.content, bytes)
        message = message_from_bytes(envelope.content, policy=default)
        assert isinstance(message, EmailMessage)
        self.taken.append(message)
        return "250 kept"

    def mailer(self) -> Mailer:
        """What hands mail over to it, impatiently."""
        settings = MailSettings(
            url=f"smtp+unix://{self.socket}", sender="Hộ chiếu vắc xin <khong-tra-loi@example.vn>"
        )
        return Mailer(settings, backoff_s=(0, 0, 0))

    @contextmanager
    def up(self) -> Iterator[None]:
        """Takes mail for the block; before and after it there is no server."""
        controller = UnixSocketController(self, unix_socket=str(self.socket))
        controller.start()
        try:
            yield
        finally:
            controller.stop()


@pytest.fixture
def sink(tmp_path: Path) -> Iterator[Sink]:
    """A server that is up."""
    sink = Sink(tmp_path / "smtp.sock")
    with sink.up():
        yield sink
