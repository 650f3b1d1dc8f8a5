"""Whatever bytes stand in the head of a request, the answer is never a fault of ours."""

import socket
from collections.abc import Iterator
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.support.stack import System

_PATHS = (
    b"/records/v1/worklist",
    b"/verifier/v1/cases",
    b"/signer/v1/trust-list",
    b"/signer/healthz",
    b"/registry/v1/lookup",
    b"/nowhere",
)
_TARGETS = (b"", b"/", b"//", b"/%", b"/%zz", b"/%00", b"/\x7f", b"/\xc3\xa9", b"/\x80", b"/..",
            b"?", b"?a=\x7f", b"?%ff", b"?a=%00", b"#f", b"/" + b"x" * 3000, b"?q=" + b"%" * 500,
            b"/\\", b"/[", b"/a b", b"/;a", b"/http://[", b"?//@[:", b"/\x01")  # fmt: skip
_NAMES = (b"Authorization", b"Accept", b"Content-Type", b"X-Purpose", b"X-Odd", b"Traceparent",
          b"Idempotency-Key", b"X-Forwarded-For", b"Content-Encoding", b"Connection",
          b"Transfer-Encoding", b"Content-Length", b"Expect", b"Upgrade", b"Cookie")  # fmt: skip
_VALUES = (b"", b" ", b"Bearer ", b"\tx\t", b"a\x00b", b"a\x01b", b"a\x7fb", b"\xff\xfe",
           b"\xed\xa0\x80", b"chunked", b"-1", b"0", b"1e3", b"+5", b"close", b"x, y", b"h2c",
           b"100-continue", b"99999999999999999999999", b"a\x0bb", b"\x80" * 50)  # fmt: skip


def _statuses(system: System, head: bytes) -> Iterator[int]:
    port = int(system.stack.origin.rpartition(":")[2])
    # what waits for a body that never comes is not waited for
    with socket.create_connection(("127.0.0.1", port), timeout=0.5) as connection:
        answer = b""
        with suppress(OSError):
            connection.sendall(head)
            while len(answer) < len(b"HTTP/1.1 200") and (part := connection.recv(65_536)):
                answer += part
    if answer.startswith(b"HTTP/1."):
        yield int(answer.split(b" ", 2)[1])


@pytest.mark.parametrize("odd", _TARGETS, ids=repr)
async def test_no_odd_target_is_a_fault_of_ours(target: System, odd: bytes) -> None:
    for path in _PATHS:
        head = b"GET " + path + odd + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        for status in _statuses(target, head):
            assert status < 500, path


@pytest.mark.parametrize("name", _NAMES, ids=bytes.decode)
async def test_no_odd_header_is_a_fault_of_ours(target: System, name: bytes) -> None:
    for value in _VALUES:
        head = b"GET /verifier/v1/cases HTTP/1.1\r\nHost: x\r\n" + name + b": " + value
        for status in _statuses(target, head + b"\r\n\r\n"):
            assert status < 500, value


@pytest.mark.parametrize("host", [b"", b"[", b"a@b", b"x/y?z#w", b"[::1", b"x:99999999", b"\xff"])
async def test_no_odd_host_leads_elsewhere(target: System, host: bytes) -> None:
    head = b"GET /signer/v1/trust-list HTTP/1.1\r\nHost: " + host + b"\r\n\r\n"
    assert set(_statuses(target, head)) <= {200, 400}


async def test_nor_are_several_together(target: System) -> None:
    @settings(
        max_examples=60, deadline=None, derandomize=True, database=None,
        phases=[Phase.generate], suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(
        path=st.sampled_from(_PATHS),
        method=st.sampled_from([b"GET", b"POST", b"PUT", b"HEAD", b"OPTIONS", b"TRACE", b"get"]),
        headers=st.lists(
            st.tuples(st.sampled_from(_NAMES), st.sampled_from(_VALUES) | st.binary(max_size=20)),
            min_size=1,
            max_size=3,
        ),
    )
    def every(path: bytes, method: bytes, headers: list[tuple[bytes, bytes]]) -> None:
        lines = b"".join(name + b": " + value + b"\r\n" for name, value in headers)
        head = method + b" " + path + b" HTTP/1.1\r\nHost: x\r\n" + lines + b"\r\n"
        for status in _statuses(target, head):
            assert status < 500, head

    every()
