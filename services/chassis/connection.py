"""The server's connections within their limits: what comes or is read too slowly, or is too long,
ends with its own connection.

The rest is uvicorn's; of these limits it has only the idle time.
"""

import asyncio
import json
import math
from collections import Counter
from enum import Enum, auto
from http import HTTPStatus
from typing import Any, Final

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.utils import get_remote_addr

from services.chassis.browser_headers import ALWAYS, UNLESS_SAID
from services.chassis.connection_limits import ConnectionLimits

OWN_ANSWER_HEADERS: Final = tuple(
    (name.decode(), value.decode()) for name, value in (*ALWAYS, *UNLESS_SAID)
)
"""Of an answer that is nothing but a problem document."""
_LINGER_S = 2.0
"""How long a refused client may still send: closed at once, it would not see why."""


def _refusal(status: int, code: str, en: str, vi: str, *more: tuple[str, str]) -> bytes:
    document = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": en,
        "detail_vi": vi,
    }
    body = json.dumps(document, ensure_ascii=False).encode()
    headers = (
        ("content-type", "application/problem+json"),
        ("content-length", str(len(body))),
        ("connection", "close"),
        *OWN_ANSWER_HEADERS,
        *more,
    )
    head = "".join(f"{name}: {value}\r\n" for name, value in headers)
    return f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\n{head}\r\n".encode() + body


_MALFORMED = _refusal(
    400, "HTTP_MALFORMED", "This is not a request in HTTP/1.1.", "Yêu cầu không đúng HTTP/1.1."
)
_HEADER_LATE = _refusal(
    408, "HEADER_TOO_SLOW", "The header came too slowly.", "Phần đầu của yêu cầu đến quá chậm."
)
_BODY_LATE = _refusal(
    408,
    "BODY_TOO_SLOW",
    "The body came too slowly; try again.",
    "Dữ liệu đến quá chậm, hãy gửi lại.",
)
_HEADER_TOO_LARGE = _refusal(
    431, "HEADER_TOO_LARGE", "The header is too large.", "Phần đầu của yêu cầu quá lớn."
)
_FULL = _refusal(
    503,
    "TOO_MANY_CONNECTIONS",
    "Too many connections; try again.",
    "Có quá nhiều kết nối, hãy thử lại.",
    ("retry-after", "5"),
)


class BoundedConfig(uvicorn.Config):
    """uvicorn's settings with our limits beside them; `options` are uvicorn's own."""

    def __init__(self, app: Any, limits: ConnectionLimits, **options: Any) -> None:
        super().__init__(
            app,
            http=BoundedProtocol,
            ws="none",
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=limits.idle_s,
            **options,
        )
        self.limits = limits
        self.by_address: Counter[str] = Counter()


class _Stage(Enum):
    BETWEEN = auto()
    HEADER = auto()
    BODY = auto()


class _TooLargeError(Exception):
    pass


class BoundedProtocol(HttpToolsProtocol):
    """One connection of a server with a `BoundedConfig`."""

    config: BoundedConfig

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._limits = self.config.limits
        self._stage = _Stage.BETWEEN
        self._address: str | None = None
        self._is_refused = False
        self._clock: asyncio.TimerHandle | None = None
        # of which stage the clock runs
        self._timed: _Stage | None = None
        # of the header: its bytes; of anything: the bytes that the parser has kept to itself
        self._header_bytes = self._unread_bytes = 0
        # of the body, since its clock began
        self._body_bytes = 0
        # of who reads the answer
        self._reader_clock: asyncio.TimerHandle | None = None
        self._unsent_bytes: float = 0

    # the connection

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        peer = get_remote_addr(transport)
        address, per_address = peer[0] if peer else "", self._limits.max_per_address
        if len(self.connections) >= self._limits.max_connections or (
            per_address is not None and self.config.by_address[address] >= per_address
        ):
            self._is_refused = True
            self.transport = transport
            transport.write(_FULL)
            transport.close()
            return
        super().connection_made(transport)
        self._address = address
        self.config.by_address[address] += 1
        self._time(_Stage.HEADER, self._limits.header_s)

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_clock()
        if self._reader_clock is not None:
            self._reader_clock.cancel()
            self._reader_clock = None
        if self._address is not None:
            self.config.by_address[self._address] -= 1
            if not self.config.by_address[self._address]:
                del self.config.by_address[self._address]
            self._address = None
        super().connection_lost(exc)

    # what is sent to us

    def data_received(self, data: bytes) -> None:
        if self._is_refused:
            return
        self._unread_bytes += len(data)
        super().data_received(data)
        if self._is_refused or self.parser is None:
            return
        if self._unread_bytes > self._limits.max_header_bytes:
            self._refuse(_HEADER_TOO_LARGE)
        elif self._stage is _Stage.BETWEEN:
            if self.cycle is not None and not self.cycle.response_complete:
                self._stop_clock()
            elif self._timed is None:
                # empty lines alone: they have stopped uvicorn's clock of idle connections
                self._time(_Stage.HEADER, self._limits.header_s)
        elif self._stage is not self._timed:
            is_body = self._stage is _Stage.BODY
            self._time(self._stage, self._limits.body_s if is_body else self._limits.header_s)

    def on_message_begin(self) -> None:
        self._stage, self._timed = _Stage.HEADER, None
        self._header_bytes = 0
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        self._count_header(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._count_header(len(name) + len(value) + 4)
        # what stands behind a body is no header, and who reads headers has read them
        if self._stage is _Stage.HEADER:
            super().on_header(name, value)

    def _count_header(self, size: int) -> None:
        self._header_bytes += size
        if self._header_bytes > self._limits.max_header_bytes:
            raise _TooLargeError

    def on_headers_complete(self) -> None:
        self._stage = _Stage.BODY
        self._unread_bytes = self._body_bytes = 0
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._unread_bytes = 0
        self._body_bytes += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._stage = _Stage.BETWEEN
        self._unread_bytes = 0
        super().on_message_complete()

    def _unsupported_upgrade_warning(self) -> None:
        """Says nothing: anybody could fill the log."""

    # refusals

    def send_400_response(self, msg: str) -> None:
        is_large = self._header_bytes > self._limits.max_header_bytes
        self._refuse(_HEADER_TOO_LARGE if is_large else _MALFORMED)

    def _refuse(self, refusal: bytes) -> None:
        self._is_refused = True
        self._stop_clock()
        cycle = self.cycle
        is_answering = cycle is not None and not cycle.response_complete
        is_this = self._stage is _Stage.BODY and not self.pipeline
        if (is_answering and (cycle.response_started or not is_this)) or (
            self._stage is _Stage.BODY and not is_answering
        ):
            # another answer is on its way, or this request was answered before it was whole
            self.transport.abort()
            return
        if is_answering:
            cycle.disconnected = True
            cycle.message_event.set()
        self._unset_keepalive_if_required()
        self.transport.write(refusal)
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self.flow.resume_reading()
        self._clock = self.loop.call_later(_LINGER_S, self.transport.abort)

    # the clock of who sends

    def _time(self, stage: _Stage, seconds: float) -> None:
        self._stop_clock()
        self._timed = stage
        self._clock = self.loop.call_later(seconds, self._late)

    def _stop_clock(self) -> None:
        self._timed = None
        if self._clock is not None:
            self._clock.cancel()
            self._clock = None

    def _late(self) -> None:
        if self._stage is _Stage.BETWEEN:
            self.transport.abort()
        elif self._stage is _Stage.HEADER:
            self._refuse(_HEADER_LATE)
        elif self.flow.read_paused or self._body_bytes >= self._limits.least_bytes:
            # where reading is paused, it is us who do not read
            self._body_bytes = 0
            self._time(_Stage.BODY, self._limits.body_s)
        else:
            self._refuse(_BODY_LATE)

    # the clock of who reads

    def pause_writing(self) -> None:
        super().pause_writing()
        self._watch_reader()

    def resume_writing(self) -> None:
        super().resume_writing()
        self._unsent_bytes = math.inf

    def on_response_complete(self) -> None:
        super().on_response_complete()
        # closed, the connection would wait for its reader for ever
        if self.transport.get_write_buffer_size():
            self._watch_reader()

    def _watch_reader(self) -> None:
        if self._reader_clock is None:
            self._unsent_bytes = self.transport.get_write_buffer_size()
            self._reader_clock = self.loop.call_later(self._limits.body_s, self._check_reader)

    def _check_reader(self) -> None:
        self._reader_clock = None
        unsent = self.transport.get_write_buffer_size()
        is_waited_for = self.flow.write_paused or self.cycle is None or self.cycle.response_complete
        if not unsent or not is_waited_for:
            return
        if self._unsent_bytes - unsent < self._limits.least_bytes:
            self.transport.abort()
        else:
            self._watch_reader()
