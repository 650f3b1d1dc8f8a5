"""`/desk`: the wrong rows of a clinic or station, and what is done with each."""

from collections.abc import Awaitable
from typing import Annotated, Any, Final
from urllib.parse import urlencode
from uuid import uuid4

from fastapi import APIRouter, Depends, Form, Path, Query, Request
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.responses import JSONResponse, Response

from contracts.access import Role
from services.chassis.errors import ServiceError
from web.asking import answered
from web.clients.records.api.doses import correct_dose
from web.clients.records.api.suggestions import (
    accept_suggestion,
    dismiss_suggestion,
    restore_suggestion,
    undo_acceptance,
)
from web.clients.records.models import Acceptance, Correction, Dismissal, PersonPatch, Proof
from web.desk import asked
from web.desk.asked import ChosenRows
from web.desk.row_views import NEXT_WORDS, cause_counts, cause_words, row_view, typed_fields
from web.desk.words import CORRECTED_HERE, EDITED, FIELDS, OF_PERSON
from web.errors import SignInNeededError
from web.guards import SignedIn, signed_in
from web.rendering import go_to, page
from web.sessions.session import Session

router = APIRouter()
CLEANERS: Final = signed_in(Role.FACILITY, Role.STATION)
Cleaner = Annotated[Session, Depends(CLEANERS)]
DoseId = Annotated[int, Path(ge=1, lt=1 << 63)]
Version = Annotated[int, Form(ge=1, le=32767)]
SentKey = Annotated[str, Form(pattern="^[A-Za-z0-9-]{8,64}$")]
Code = Annotated[str | None, Query(pattern="^[A-Z_]{2,40}$")]
Kind = Annotated[str | None, Query(pattern="^(certain|likely|none)$")]
Waiting = Annotated[str | None, Query(pattern="^(police|station)$")]
_WORDS: Final[dict[str, Any]] = {"field_words": FIELDS, "next_words": NEXT_WORDS, "edited": EDITED}


def chosen_rows(cause: Code = None, kind: Kind = None, waiting: Waiting = None) -> ChosenRows:
    """The rows of the worklist that an address chooses."""
    return ChosenRows(cause, kind, waiting)


@router.get("/desk")
async def show_desk(
    request: Request,
    session: Cleaner,
    chosen: Annotated[ChosenRows, Depends(chosen_rows)],
    cursor: Annotated[str | None, Query(max_length=500)] = None,
    part: Annotated[str | None, Query(pattern="^rows$")] = None,
) -> Response:
    """The table to mend by keyboard; `part=rows`: the next page of it alone."""
    found = await asked.worklist(session, chosen, cursor)
    after = found.get("next")
    return page(
        request,
        "desk/rows.html" if part else "desk/index.html",
        rows=[row_view(item) for item in found["items"]],
        chosen=chosen,
        cause_title=cause_words(chosen.cause) if chosen.cause else None,
        next_page=f"/desk?{urlencode({**chosen.query, 'cursor': after})}" if after else None,
        begun=cursor is None,
        counts_path="/desk/counts",
        others=_others(request, session),
        new_key=lambda: str(uuid4()),
        **_WORDS,
    )


@router.get("/desk/counts")
async def show_counts(
    request: Request, session: Cleaner, chosen: Annotated[ChosenRows, Depends(chosen_rows)]
) -> Response:
    """The numbers of today and the causes, the largest first."""
    summary = await asked.summary(session)
    return page(
        request,
        "desk/counts.html",
        summary=summary,
        causes=cause_counts(summary),
        chosen=chosen,
        others=_others(request, session),
    )


@router.get("/desk/doses/{dose_id}")
async def show_dose(request: Request, session: Cleaner, dose_id: DoseId) -> Response:
    """One dose on a page of its own: where no script runs, and by a link."""
    return await _dose_page(request, session, dose_id)


@router.get("/desk/doses/{dose_id}/history")
async def show_history(request: Request, session: Cleaner, dose_id: DoseId) -> Response:
    """What a dose was before, and who changed it."""
    return page(request, "desk/history.html", dose=await asked.dose(session, dose_id))


@router.post("/desk/doses/{dose_id}/accept")
async def accept(
    request: Request,
    session: Cleaner,
    dose_id: DoseId,
    version: Version,
    key: SentKey,
    place: Annotated[int, Form(ge=1, le=3)] = 1,
    proof: Annotated[str, Form(pattern="^(card|guardian|sight)$")] = "card",
    card: Annotated[str, Form(max_length=500)] = "",
) -> Response:
    """Accepts the suggested person, by a card or by sight."""
    body = Acceptance(version=version, place=place, proof=Proof(proof))
    if proof != "sight":
        body.card = card.strip()
    sent = accept_suggestion.asyncio_detailed(
        client=session.client("records"), dose_id=dose_id, body=body, idempotency_key=key
    )
    return await _done(request, session, dose_id, sent, card=card)


@router.post("/desk/doses/{dose_id}/dismiss")
async def dismiss(
    request: Request, session: Cleaner, dose_id: DoseId, version: Version
) -> Response:
    """Says that the dose is not the suggested person's."""
    sent = dismiss_suggestion.asyncio_detailed(
        client=session.client("records"), dose_id=dose_id, body=Dismissal(version=version)
    )
    return await _done(request, session, dose_id, sent)


@router.post("/desk/doses/{dose_id}/undo")
async def undo(
    request: Request,
    session: Cleaner,
    dose_id: DoseId,
    act: Annotated[str, Form(pattern="^(accept|dismiss)$")],
) -> Response:
    """Takes the last acceptance, or passing over, of a dose back."""
    client = session.client("records")
    call = undo_acceptance if act == "accept" else restore_suggestion
    return await _done(
        request, session, dose_id, call.asyncio_detailed(client=client, dose_id=dose_id)
    )


@router.post("/desk/doses/{dose_id}/correct")
async def correct(
    request: Request, session: Cleaner, dose_id: DoseId, version: Version, key: SentKey
) -> Response:
    """Corrects fields that were typed; those that stayed as they were are not sent."""
    form = await request.form()
    typed = {name: str(form[name]).strip() for name in EDITED if name in form}
    changed = {
        name: value for name, value in typed.items() if value != str(form.get(f"old-{name}", ""))
    }
    correction = Correction(reason=CORRECTED_HERE, version=version)
    person = {name: value for name, value in changed.items() if name in OF_PERSON}
    if person:
        correction.person = PersonPatch(**person)
    for name in changed.keys() - OF_PERSON:
        setattr(correction, name, changed[name])
    sent = correct_dose.asyncio_detailed(
        client=session.client("records"), dose_id=dose_id, body=correction, idempotency_key=key
    )
    return await _done(request, session, dose_id, sent, typed=typed)


async def _done(
    request: Request,
    session: Session,
    dose_id: int,
    sent: Awaitable[Any],
    **typed: Any,
) -> Response:
    """What came of an act: words for the script, or the page again with the error beside the
    field.
    """
    try:
        answer = answered(await sent).to_dict()
    except SignInNeededError:
        raise
    except ServiceError as error:
        if asked.wants_json(request):
            return asked.as_json(error)
        if error.status not in (403, 409, 422):
            raise
        return await _dose_page(request, session, dose_id, error, **typed)
    vi = answer.get("message") or "Đã lưu; mũi tiêm được xác thực lại ngay."
    en = answer.get("message_en") or "Saved; the dose is verified again at once."
    if asked.wants_json(request):
        said = {"vi": vi, "en": en, "version": answer["version"], "next": answer.get("next_step")}
        return JSONResponse(said)
    session.say("done", vi, en)
    return go_to("/desk")


async def _dose_page(
    request: Request,
    session: Session,
    dose_id: int,
    error: ServiceError | None = None,
    card: str = "",
    typed: dict[str, str] | None = None,
) -> Response:
    dose = await asked.dose(session, dose_id)
    beside = {name: dose.get(name) for name in ("suggestions", "case", "unheld")}
    row = row_view({"dose": dose, **beside})
    errors = {
        one["field"]: (one["vi"], one["en"])
        for one in asked.errors_of(error)
        if one["field"] in EDITED
    }
    return page(
        request,
        "desk/dose.html",
        status=error.status if error else 200,
        dose=dose,
        row=row,
        error=error,
        errors=errors,
        card=card,
        form={**typed_fields(dose), **(typed or {})},
        others=_others(request, session),
        new_key=lambda: str(uuid4()),
        **_WORDS,
    )


def _others(request: Request, session: Session) -> frozenset[str]:
    """Which other pages of the desk this person may open: nothing else is linked."""
    return frozenset(
        str(found.path).replace("{case_id}", "{dose_id}")
        for found in iter_route_contexts(request.app.routes)
        if str(found.path).startswith("/desk") and _is_open_to(session, found.original_route)
    )


def _is_open_to(session: Session, route: object) -> bool:
    return isinstance(route, APIRoute) and any(
        isinstance(one.call, SignedIn) and bool(one.call.roles & session.roles)
        for one in route.dependant.dependencies
    )
