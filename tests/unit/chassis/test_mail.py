"""Letters: one plain address each, whatever was typed; and which no of a server is the last
word.
"""

from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from aiosmtpd.controller import Controller, UnixSocketController

from services.chassis.errors import TransientError
from services.chassis.mail import (
    Mailer,
    MailRefusedError,
    MailSettings,
    begin_letter,
    canonical_mailbox,
)
from tests.support.stack import free_port

NOW = datetime(2022, 4, 1, 9, tzinfo=UTC)
SENDER = "Hộ chiếu <khong-tra-loi@example.vn>"


@pytest.mark.parametrize(
    "odd",
    [
        "=?utf-8?b?YUB4LnZuLCBiQHgudm4=?=@x.vn",
        "=?utf-8?q?a=40x.vn?=@x.vn",
        "=?utf-8?q?a=0D=0ABcc=3A_b=40x.vn?=@x.vn",
        "a@x.vn, b@x.vn",
    ],
)
def test_an_address_that_opens_into_something_else_gets_no_letter_and_is_not_repeated(
    odd: str,
) -> None:
    with pytest.raises(MailRefusedError) as refused:
        begin_letter(SENDER, odd, "subject", NOW)
    assert "x.vn" not in str(refused.value)


def test_a_named_letter_is_known_by_its_name_and_others_by_chance() -> None:
    named = [
        begin_letter(SENDER, "o'hoa+1@example.vn", "subject", NOW, name="letter-7")
        for _ in range(2)
    ]
    assert {one["Message-ID"] for one in named} == {"<letter-7@example.vn>"}
    assert named[0]["To"] == "o'hoa+1@example.vn"
    assert (
        len({begin_letter(SENDER, "a@x.vn", "subject", NOW)["Message-ID"] for _ in range(2)}) == 2
    )


@pytest.mark.parametrize(
    ("step", "no", "told"),
    [
        ("RCPT", "550 no such mailbox a@x.vn", MailRefusedError),
        ("RCPT", "450 later, a@x.vn", TransientError),
        ("DATA", "554 not to a@x.vn", MailRefusedError),
        ("DATA", "451 later", TransientError),
        ("MAIL", "550 you may not send", TransientError),
        ("MAIL", "535 wrong password", TransientError),
    ],
)
async def test_only_a_no_to_the_message_or_its_recipient_is_for_good(
    tmp_path: Path, step: str, no: str, told: type[Exception]
) -> None:
    async def refuse(*_: object) -> str:
        return no

    controller = UnixSocketController(
        SimpleNamespace(**{f"handle_{step}": refuse}), unix_socket=str(tmp_path / "smtp.sock")
    )
    controller.start()
    try:
        mailer = Mailer(MailSettings(url=f"smtp+unix://{tmp_path}/smtp.sock", sender=SENDER))
        with pytest.raises(told) as error:
            await mailer.hand_over(begin_letter(SENDER, "a@x.vn", "subject", NOW))
    finally:
        controller.stop()
    assert "x.vn" not in str(error.value)


@pytest.mark.parametrize(
    ("address", "mailbox"),
    [
        ("an@example.vn", "an@example.vn"),
        ("An+anything+else@Example.VN", "an@example.vn"),
        ("+an@example.vn", "+an@example.vn"),
        ("a.n@example.vn", "a.n@example.vn"),
        ("a.n+1@gmail.com", "an@gmail.com"),
        ("A.N@googlemail.com", "an@gmail.com"),
    ],
)
def test_all_addresses_of_a_mailbox_come_to_one(address: str, mailbox: str) -> None:
    assert canonical_mailbox(address) == mailbox
    assert canonical_mailbox(mailbox) == mailbox


async def test_a_server_without_tls_gets_nothing_where_tls_is_demanded() -> None:
    class Sink:
        letters = 0

        async def handle_DATA(self, *_: object) -> str:  # noqa: N802
            self.letters += 1
            return "250 taken"

    sink = Sink()
    port = free_port()
    server = Controller(sink, hostname="127.0.0.1", port=port)
    server.start()
    try:
        letter = begin_letter(SENDER, "a@example.vn", "subject", NOW)
        plain = Mailer(MailSettings(sender=SENDER, url=f"smtp://127.0.0.1:{port}"))
        await plain.hand_over(letter)
        demanding = Mailer(MailSettings(sender=SENDER, url=f"smtp+starttls://127.0.0.1:{port}"))
        with pytest.raises((MailRefusedError, TransientError)):
            await demanding.hand_over(letter)
    finally:
        server.stop()
    assert sink.letters == 1
