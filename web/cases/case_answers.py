"""What pages of cases ask the verifier, and answers to scripts, which get words, not pages."""

from collections.abc import Awaitable, Sequence
from typing import Any

from starlette.responses import JSONResponse

from services.chassis.errors import ServiceError
from web.asking import answered
from web.clients.verifier.api.cases import read_case, take_next_case
from web.clients.verifier.models import WantedCase
from web.sessions.session import Session


async def got(sent: Awaitable[Any]) -> dict[str, Any]:
    """The body of a success as plain JSON; ServiceError where the service refused."""
    return dict(answered(await sent).to_dict())


async def next_case(session: Session, *, second: bool, beside: Sequence[int]) -> dict[str, Any]:
    """Takes the next case in hand; what it is about comes as `case`, None where none waits."""
    wanted = WantedCase(second=second, beside=list(beside))
    client = session.client("verifier")
    taken = await got(take_next_case.asyncio_detailed(client=client, body=wanted))
    case = await one_case(session, taken["case_id"]) if taken["case_id"] else None
    return {**taken, "case": case}


async def one_case(session: Session, case_id: int) -> dict[str, Any]:
    """What is disputed."""
    client = session.client("verifier")
    return await got(read_case.asyncio_detailed(client=client, case_id=case_id))


def refused(error: ServiceError) -> JSONResponse:
    """A refusal for a script: the service's own words."""
    said = {"vi": error.vi, "en": error.en, "code": error.code}
    return JSONResponse(said, error.status, headers=error.headers)
