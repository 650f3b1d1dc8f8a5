"""What a process of the pages holds."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request

from services.chassis.context import held_context
from services.chassis.encryption import Sealer
from services.chassis.limits import RateLimits, client_address
from services.chassis.telemetry import Metrics
from web.asking import Services
from web.cookies import Jar
from web.sessions.keeper import SessionKeeper
from web.settings import Settings
from web.signing_in.provider import Provider
from web.templating import Templates


@dataclass(frozen=True, slots=True)
class Context:
    """Everything that is opened once; `clock` gives the time in UTC."""

    cfg: Settings
    sessions: SessionKeeper
    provider: Provider
    services: Services
    sealer: Sealer
    jar: Jar
    templates: Templates
    sign_ins: RateLimits
    metrics: Metrics
    clock: Callable[[], datetime]

    def address(self, request: Request) -> str:
        """The address of the browser that asks."""
        return client_address(request, self.cfg.session.address_header)


Ctx = Annotated[Context, Depends(held_context)]


def context_of(request: Request) -> Context:
    """The context, where no dependency can bring it."""
    context: Context = request.app.state.context
    return context
