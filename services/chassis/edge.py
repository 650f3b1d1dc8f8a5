"""The outermost layer of a service: an id, a trace, the gate and the headers of each request."""

import time
import uuid
from collections.abc import Awaitable, Callable

import structlog
from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.chassis import replays, trace
from services.chassis.allowances import Allowance, headers, telling
from services.chassis.browser_headers import always, with_headers
from services.chassis.gate import BodyGate, GatedBody
from services.chassis.storable import UNSTORABLE, is_head_storable
from services.chassis.telemetry import Metrics

AnswerError = Callable[[Request, Exception], Awaitable[Response]]
_WENT_AWAY = 499
"""Of a client that left before its request was whole; nobody reads the answer."""
_REFUSALS = frozenset({401, 403, 429})
_log = structlog.get_logger()


class Edge:
    """Gives each request an id and a trace, times it by route, and lets bodies in by the gate.

    What the application did not answer itself, `answer_error` makes a problem document of.
    """

    def __init__(
        self, app: ASGIApp, metrics: Metrics, answer_error: AnswerError, hsts: str = ""
    ) -> None:
        self._app = app
        self._metrics = metrics
        self._answer_error = answer_error
        self._fixed = always(hsts)
        self._gate = BodyGate()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        # one header, or none: several contradict each other
        sent = [
            value.decode("latin-1")
            for name, value in scope["headers"]
            if name == trace.HEADER.encode()
        ]
        with trace.continued({trace.HEADER: sent[0]} if len(sent) == 1 else {}):
            await self._answer(scope, receive, send)
        return None

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        request_id = uuid.uuid4().hex
        scope["request_id"] = request_id
        structlog.contextvars.bind_contextvars(request_id=request_id)
        started, status = time.perf_counter(), 0
        body = GatedBody(self._gate, scope, receive)
        told: list[Allowance] = []
        noticed: list[bool] = []

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status, body.answering = message["status"], True
                own = (b"x-request-id", request_id.encode())
                again = replays.headers(noticed, status)
                with_headers(message, (own, *self._fixed, *headers(told), *again))
            await send(message)

        try:
            if not is_head_storable(scope):
                raise RequestValidationError([{**UNSTORABLE, "loc": ("request",)}])
            with telling() as told, replays.noticing() as noticed:
                await self._app(scope, body, send_with_headers)
        except ClientDisconnect:
            body.went_away = True  # nobody waits for an answer
        except Exception as error:
            response = await self._answer_error(Request(scope), error)
            if status == 0:
                await response(scope, body, send_with_headers)
        finally:
            body.close()
            path = getattr(scope.get("route"), "path", "unmatched")
            if status in _REFUSALS:
                _log.info("refused", method=scope["method"], route=path, status=status)
            self._metrics.requests.labels(
                scope["method"],
                path,
                _WENT_AWAY if body.went_away else status,
            ).observe(time.perf_counter() - started)
            structlog.contextvars.clear_contextvars()
