"""What the desk asks records, as plain JSON; and answers to scripts, which get words, not pages."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse

from services.chassis.errors import ServiceError
from web.asking import answered
from web.clients.records.api.doses import read_dose
from web.clients.records.api.worklist import list_worklist, summarize_worklist
from web.clients.records.models import (
    Doubt,
    ListWorklistSuggestion,
    ListWorklistWaitingFor,
    Reason,
    RefusalCode,
)
from web.clients.records.types import UNSET
from web.sessions.session import Session

PAGE = 50


class ChosenRows:
    """Which rows of the worklist are shown, as the address says it."""

    def __init__(self, cause: str | None, kind: str | None, waiting: str | None) -> None:
        self.cause, self.kind, self.waiting = cause or None, kind or None, waiting or None

    @property
    def filters(self) -> dict[str, Any]:
        """As records' client takes them."""
        return {
            "reason": _reason(self.cause),
            "suggestion": ListWorklistSuggestion(self.kind) if self.kind else UNSET,
            # what was accepted is the police's, and stands on their part of the list alone
            "accepted": UNSET if self.waiting else False,
            "waiting_for": ListWorklistWaitingFor(self.waiting) if self.waiting else UNSET,
        }

    @property
    def query(self) -> dict[str, str]:
        """As an address has them."""
        chosen = {"cause": self.cause, "kind": self.kind, "waiting": self.waiting}
        return {name: value for name, value in chosen.items() if value}


def _reason(code: str | None) -> Any:
    """A cause as the client takes it; one that nobody knows chooses nothing."""
    kinds: tuple[Any, ...] = (Reason, Doubt, RefusalCode)
    known = {member.value: member for kind in kinds for member in kind}
    return known.get(code, UNSET)


async def worklist(session: Session, chosen: ChosenRows, cursor: str | None) -> dict[str, Any]:
    """One page of the worklist."""
    page = answered(
        await list_worklist.asyncio_detailed(
            client=session.client("records"), limit=PAGE, cursor=cursor or UNSET, **chosen.filters
        )
    )
    return dict(page.to_dict())


async def summary(session: Session) -> dict[str, Any]:
    """The counts of the whole worklist, by cause."""
    found = answered(
        await summarize_worklist.asyncio_detailed(client=session.client("records"), limit=40)
    )
    return dict(found.to_dict())


async def dose(session: Session, dose_id: int) -> dict[str, Any]:
    """One dose with its history."""
    found = await read_dose.asyncio_detailed(client=session.client("records"), dose_id=dose_id)
    return dict(answered(found).to_dict())


def errors_of(error: ServiceError | None) -> list[dict[str, str]]:
    """What is wrong at each field."""
    return [_at_field(one) for one in (error.members.get("errors") or () if error else ())]


def wants_json(request: Request) -> bool:
    """Whether the desk's own script asks, which moves on at once and shows what came of it."""
    return request.headers.get("accept", "").startswith("application/json")


def as_json(error: ServiceError) -> JSONResponse:
    """A refusal in both languages, with what is wrong at each field."""
    return JSONResponse(
        {
            "code": error.code,
            "vi": error.vi,
            "en": error.en,
            "errors": errors_of(error),
        },
        error.status,
        headers=error.headers,
    )


def _at_field(one: Mapping[str, Any]) -> dict[str, str]:
    vi = one.get("message_vi") or one.get("message") or ""
    return {
        "field": str(one.get("field", "")).removeprefix("person."),
        "vi": str(vi),
        "en": str(one.get("message_en") or one.get("message") or vi),
    }
