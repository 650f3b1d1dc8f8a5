"""What `hochieu run` says when the system does not start."""

import errno
import socket
from pathlib import Path

import pytest

from deploy.cli.run import why


def test_a_taken_port_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
        with socket.socket() as second, pytest.raises(OSError) as raised:
            second.bind(("127.0.0.1", port))
    assert why(raised.value, port).startswith(
        f"Port {port} cannot be used (Address already in use)"
    )


def test_a_port_that_one_may_not_open_is_named() -> None:
    assert "Port 80 cannot be used" in why(PermissionError(errno.EACCES, "Permission denied"), 80)


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        PermissionError(errno.EACCES, "Permission denied", "/srv/home"),
        TimeoutError("records did not answer"),
    ],
)
def test_what_has_nothing_to_do_with_the_port_is_told_by_its_own_text(error: OSError) -> None:
    assert why(error, 8000) == f"The system did not start / Hệ thống không khởi động được: {error}"


def test_a_missing_file_is_told_with_its_name(tmp_path: Path) -> None:
    with pytest.raises(OSError) as raised:
        (tmp_path / "people.csv").read_bytes()
    assert "people.csv" in why(raised.value, 8000)
