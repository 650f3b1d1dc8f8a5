"""`/progress/findings`: doses that contradict each other, and how they are settled."""

import secrets
from typing import Annotated

from fastapi import APIRouter, Form, Path, Request
from starlette.responses import Response

from web.asking import answered
from web.clients.records.api.findings import close_finding, list_findings
from web.clients.records.models import Closing, ClosingOutcome, FindingKind
from web.clients.records.types import UNSET
from web.progress.routes import Cursor, Steering
from web.rendering import go_to, page

router = APIRouter()
FindingNumber = Annotated[int, Path(ge=1, lt=1 << 63)]


@router.get("/progress/findings")
async def show_findings(
    request: Request,
    session: Steering,
    kind: str | None = None,
    closed: bool = False,
    cursor: Cursor = None,
) -> Response:
    """Histories that cannot be, as many as a page holds."""
    kinds = [each.value for each in FindingKind]
    chosen = kind if kind in kinds else None
    told = answered(
        await list_findings.asyncio_detailed(
            client=session.client("records"),
            kind=FindingKind(chosen) if chosen else UNSET,
            closed=closed,
            cursor=cursor or UNSET,
            limit=50,
        )
    )
    return page(
        request,
        "progress/findings.html",
        findings=told.items,
        next_cursor=told.next_ or None,
        kinds=kinds,
        kind=chosen,
        closed=closed,
        once=secrets.token_hex(16),
    )


@router.post("/progress/findings/{finding}/close")
async def settle_finding(
    session: Steering,
    finding: FindingNumber,
    outcome: Annotated[str, Form(pattern=r"^(correct|accepted|withdraw-[1-9][0-9]{0,18})$")],
    once: Annotated[str, Form(max_length=64)] = "",
) -> Response:
    """Settles a finding; `outcome` names the dose that is withdrawn, as `withdraw-12`."""
    name, _, dose = outcome.partition("-")
    body = (
        Closing(outcome=ClosingOutcome.DUPLICATE_WITHDRAWN, dose_id=int(dose))
        if dose
        else Closing(outcome=ClosingOutcome(name))
    )
    key = f"{once}-{finding}" if once else UNSET
    answered(
        await close_finding.asyncio_detailed(
            finding, client=session.client("records"), body=body, idempotency_key=key
        )
    )
    session.say("done", "Đã khép lại mâu thuẫn.", "The contradiction is settled.")
    return go_to("/progress/findings")
