"""What stands before the body of a request: who calls, then how large the body may be.

The framework reads a body before it runs dependencies. Here nothing is taken from the connection
until the route's guard has let the caller in.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final

from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.types import Message, Receive, Scope

from services.chassis.auth import Allow, Public
from services.chassis.errors import ServiceError
from services.chassis.storable import json_error


class BodySize(IntEnum):
    """How many bytes the body of a route may have."""

    FORM = 64 << 10
    """Where a route says nothing else."""
    LIST = 2 << 20
    """Hundreds of people."""
    ATTACHMENT = 4 << 20
    """A form, with a picture of 2 MB in it."""
    PICTURE = 60_000_000
    """A picture or PDF alone, which the route reads by itself, and limits further."""
    FILE = 1 << 40
    """Spooled to disk by the route, which limits it by its settings."""


MOST_HELD: Final = 128 << 20
"""Bytes that a process holds at once of bodies larger than a form that the framework reads."""


class MaxBody:
    """Marks a route that takes a larger body than a form."""

    def __init__(self, size: BodySize) -> None:
        self.size = size

    async def __call__(self) -> None:
        return None


class UnreadBodyError(HTTPException):
    """A body that is not read; `__cause__` says why.

    The framework lets errors of this kind alone pass from where it reads a body.
    """

    def __init__(self) -> None:
        super().__init__(400)


@dataclass(frozen=True, slots=True)
class BodyRule:
    """Who may send a body to a route, and how large a one."""

    guard: Allow | Public | None
    size: BodySize


def rule_of(dependant: Dependant | None) -> BodyRule:
    """The rule of a route, from what it depends on."""
    calls = list(_calls(dependant)) if dependant else []
    guards = [call for call in calls if isinstance(call, Allow | Public)]
    sizes = [call.size for call in calls if isinstance(call, MaxBody)]
    return BodyRule(guards[0] if guards else None, sizes[0] if sizes else BodySize.FORM)


def _calls(dependant: Dependant) -> Iterator[Any]:
    yield dependant.call
    for inner in dependant.dependencies:
        yield from _calls(inner)


class BodyGate:
    """The gate of one process: knows every route's rule, and how much is held in memory."""

    def __init__(self) -> None:
        # a route stands beside its rule, so that its id stays its own
        self._rules: dict[int, tuple[Any, BodyRule]] = {}
        self._held = 0

    def rule(self, route: Any) -> BodyRule:
        """The rule of the route that a request came to."""
        if (known := self._rules.get(id(route))) is None:
            known = route, rule_of(getattr(route, "dependant", None))
            self._rules[id(route)] = known
        return known[1]

    def hold(self, size: int) -> None:
        """Takes room for so many bytes; ServiceError 503 where there is none."""
        if self._held + size > MOST_HELD:
            raise ServiceError(
                503,
                "BUSY",
                "Hệ thống đang nhận nhiều dữ liệu, hãy thử lại.",
                "Too much is being received just now; try again.",
                headers={"Retry-After": "5"},
            )
        self._held += size

    def release(self, size: int) -> None:
        """Gives room back."""
        self._held -= size


class GatedBody:
    """Reads the body of one request for the application, as far as the gate lets it in.

    `went_away`: the client left before its body was whole.
    """

    def __init__(self, gate: BodyGate, scope: Scope, receive: Receive) -> None:
        self._gate = gate
        self._scope = scope
        self._receive = receive
        self._rule: BodyRule | None = None
        self._size = 0
        self._held = 0
        self._parts: list[bytes] | None = None
        self._is_whole = False
        self.answering = False
        self.went_away = False

    async def __call__(self) -> Message:
        if self.answering:  # what comes now is only waited for, and nobody keeps it
            return await self._receive()
        try:
            if self._rule is None:
                self._rule = await self._admit()
            message = await self._receive()
            if message["type"] == "http.disconnect":
                self.went_away = not self._is_whole
            else:
                self._take(message, self._rule.size)
        except Exception as error:
            raise UnreadBodyError from error
        return message

    async def _admit(self) -> BodyRule:
        rule = self._gate.rule(self._scope.get("route"))
        if rule.guard is not None:
            await rule.guard.admit(Request(self._scope))
        headers = dict(self._scope["headers"])
        declared = headers.get(b"content-length", b"")
        if declared.isdigit() and int(declared) > rule.size:
            raise _too_large(rule.size)
        if b"json" in headers.get(b"content-type", b"").lower() and rule.size < BodySize.FILE:
            self._parts = []
        return rule

    def _take(self, message: Message, most: BodySize) -> None:
        part = message.get("body", b"")
        self._size += len(part)
        if self._size > most:
            raise _too_large(most)
        if self._size > BodySize.FORM and most <= BodySize.ATTACHMENT:
            self._gate.hold(len(part))
            self._held += len(part)
        if self._parts is not None:
            self._parts.append(part)
        if not message.get("more_body", False):
            self._is_whole = True
            if self._parts is not None:
                wrong = json_error(b"".join(self._parts))
                self._parts = None
                if wrong is not None:
                    raise RequestValidationError([wrong])

    def close(self) -> None:
        """Gives back what was held, once the request is answered."""
        self._gate.release(self._held)
        self._held = 0
        self._parts = None


def _too_large(most: BodySize) -> ServiceError:
    return ServiceError(
        413,
        "BODY_TOO_LARGE",
        f"Yêu cầu quá lớn: nhiều nhất {most} byte.",
        f"The body is too large for this request: at most {most} bytes.",
    )
