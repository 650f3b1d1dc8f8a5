"""What the embedded mode keeps is its owner's alone, whatever the shell lets others read."""

import stat
from email.message import EmailMessage
from pathlib import Path

from aiosmtpd.smtp import Envelope
from sqlalchemy.engine import make_url

from deploy.stubs.mail import MailBox
from tests.support.stack import System


def others_may(path: Path) -> int:
    """The rights of others; none to a file that the database has just taken away."""
    try:
        return stat.S_IMODE(path.lstat().st_mode) & 0o077
    except FileNotFoundError:
        return 0


async def test_no_file_of_the_home_is_open_to_others(target: System) -> None:
    root = target.stack.home.root
    # the database's own user passes through, where root has started it; it may not look around
    assert others_may(root) & 0o066 == 0
    folders = [path for path in root.iterdir() if path.is_dir()]
    assert {"logs", "mail", "postgres", "registry", "secrets", "keys"} <= {
        path.name for path in folders
    }
    assert [path for path in folders if others_may(path)] == []
    kept = [path for path in root.rglob("*") if path.is_file() or path.is_socket()]
    assert any("logs" in path.parts for path in kept)
    assert [(path, oct(others_may(path))) for path in kept if others_may(path)] == []


async def test_the_database_lets_nobody_else_connect(target: System) -> None:
    folder = Path(str(make_url(target.stack.databases["bus"]).query["host"]))
    [socket] = [path for path in folder.glob(".s.PGSQL.*") if path.is_socket()]
    assert others_may(socket) == 0


async def test_mail_is_kept_for_its_owner_alone(target: System) -> None:
    message = EmailMessage()
    message["to"] = "lan@example.vn"
    envelope = Envelope()
    envelope.content = message.as_bytes()
    folder = target.stack.home.mail
    await MailBox(folder).handle_DATA(None, None, envelope)  # type: ignore[arg-type]
    letters = list(folder.glob("*.eml"))
    assert letters
    assert [path for path in letters if others_may(path)] == []
