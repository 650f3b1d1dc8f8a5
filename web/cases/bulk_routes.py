"""`/cases/bulk` and `/desk/bulk`: certain suggestions by the page; one implementation for both."""

from typing import Annotated, Any, Final
from uuid import uuid4

from fastapi import APIRouter, Depends, Form, Path, Query, Request
from starlette.responses import JSONResponse, Response

from contracts.access import Role
from services.chassis.errors import ServiceError
from web.cases import case_answers
from web.cases.case_views import row_view
from web.clients.verifier.api.bulk import (
    confirm_bulk_page,
    list_bulk_kinds,
    read_bulk_run,
    start_bulk_run,
    take_bulk_page,
    take_second_page,
    undo_bulk_page,
)
from web.clients.verifier.models import NewBulkRun, PageVerdict, SeenRow, WantedPage
from web.errors import SignInNeededError
from web.guards import signed_in
from web.rendering import go_to, is_part, page
from web.sessions.session import Session

OFFICE: Final = signed_in(Role.POLICE, Role.STATION)
Person = Annotated[Session, Depends(OFFICE)]
Id = Annotated[int, Path(ge=1, lt=1 << 63)]
Kind = Annotated[str, Form(pattern="^[A-Z_]{1,40}$")]
SentKey = Annotated[str, Form(pattern="^[A-Za-z0-9-]{8,64}$")]
Beside = Annotated[int, Query(ge=0, lt=1 << 63)]


async def show_kinds(request: Request, person: Person) -> Response:
    """What can be confirmed by the page, the largest first."""
    client = person.client("verifier")
    kinds = await case_answers.got(list_bulk_kinds.asyncio_detailed(client=client))
    items = kinds["items"]
    return page(
        request,
        "cases/bulk.html",
        kinds=items,
        seconds=sum(kind["waiting_second"] for kind in items),
        base=_base(request),
        police=Role.POLICE in person.roles,
    )


async def start(request: Request, person: Person, kind: Kind) -> Response:
    """Begins a run over one kind, or goes on with it."""
    sent = start_bulk_run.asyncio_detailed(
        client=person.client("verifier"), body=NewBulkRun(kind=kind)
    )
    try:
        run = await case_answers.got(sent)
    except SignInNeededError:
        raise
    except ServiceError as error:
        if error.status not in (403, 409):
            raise
        person.say("warning", error.vi, error.en)
        return go_to(_base(request))
    return go_to(f"{_base(request)}/runs/{run['id']}")


async def show_page(request: Request, person: Person, run_id: Id, beside: Beside = 0) -> Response:
    """The next page of a run; for a script the rows alone, of another page than `beside`."""
    client = person.client("verifier")
    taken = await case_answers.got(
        take_bulk_page.asyncio_detailed(client=client, run_id=run_id, body=_wanted(beside))
    )
    run = await case_answers.got(read_bulk_run.asyncio_detailed(client=client, run_id=run_id))
    return _page(request, taken["page"], run, f"{_base(request)}/runs/{run_id}")


async def show_second_page(request: Request, person: Person, beside: Beside = 0) -> Response:
    """The next page that somebody else confirmed first."""
    sent = take_second_page.asyncio_detailed(client=person.client("verifier"), body=_wanted(beside))
    taken = await case_answers.got(sent)
    return _page(request, taken["page"], None, f"{_base(request)}/second")


async def confirm(request: Request, person: Person, page_id: Id, key: SentKey) -> Response:
    """Confirms the rows that are ticked; the others are taken out, or wrong."""
    form = await request.form()
    rows: list[SeenRow] = []
    taken_out: list[int] = []
    wrong: list[int] = []
    for name, value in form.multi_items():
        if not name.startswith("row-") or not isinstance(value, str):
            continue
        dose_id, (version, seen) = int(name.removeprefix("row-")), value.split(":", 1)
        verdict = str(form.get(f"verdict-{dose_id}", "out"))
        if verdict == "right":
            rows.append(SeenRow(id=dose_id, version=int(version), seen=seen))
        else:
            (wrong if verdict == "wrong" else taken_out).append(dose_id)
    said = PageVerdict(rows=rows, taken_out=taken_out, wrong=wrong)
    back = str(form.get("back", ""))
    sent = confirm_bulk_page.asyncio_detailed(
        client=person.client("verifier"), page_id=page_id, body=said, idempotency_key=key
    )
    try:
        outcome = await case_answers.got(sent)
    except SignInNeededError:
        raise
    except ServiceError as error:
        if is_part(request):
            return case_answers.refused(error)
        raise
    vi, en = _outcome_words(outcome)
    if is_part(request):
        stopped = outcome["run"]["state"] == "stopped"
        return JSONResponse({"vi": vi, "en": en, "page": page_id, "stopped": stopped})
    person.say("done", vi, en)
    safe = back if back.startswith(f"{_base(request)}/") else _base(request)
    return go_to(safe if outcome["run"]["state"] != "stopped" else _base(request))


async def undo(request: Request, person: Person, page_id: Id) -> Response:
    """Takes a page back; its rows are decided singly from then on."""
    client = person.client("verifier")
    try:
        undone = await case_answers.got(
            undo_bulk_page.asyncio_detailed(client=client, page_id=page_id)
        )
    except SignInNeededError:
        raise
    except ServiceError as error:
        if is_part(request):
            return case_answers.refused(error)
        raise
    vi = f"Đã hoàn tác {undone['undone']} dòng; các dòng này sẽ được xem từng dòng."
    en = f"{undone['undone']} rows were taken back; they are decided singly now."
    if is_part(request):
        return JSONResponse({"vi": vi, "en": en})
    person.say("done", vi, en)
    return go_to(_base(request))


def _wanted(beside: int) -> WantedPage:
    return WantedPage(beside=beside) if beside else WantedPage()


def _base(request: Request) -> str:
    """Where these pages stand for who looks: at the desk or at the police."""
    return "/desk/bulk" if request.url.path.startswith("/desk") else "/cases/bulk"


def _page(
    request: Request, taken: dict[str, Any] | None, run: dict[str, Any] | None, path: str
) -> Response:
    return page(
        request,
        "cases/bulk_page.html" if is_part(request) else "cases/bulk_run.html",
        bulk=taken,
        rows=[row_view(row) for row in taken["rows"]] if taken else [],
        run=run,
        here=path,
        base=_base(request),
        new_key=lambda: str(uuid4()),
    )


def _outcome_words(outcome: dict[str, Any]) -> tuple[str, str]:
    counts: dict[str, int] = {}
    for item in outcome["items"]:
        counts[item["outcome"]] = counts.get(item["outcome"], 0) + 1
    words = (
        ("first_confirmed", "xác nhận lần một", "confirmed first"),
        ("confirmed", "xác nhận xong", "confirmed"),
        ("taken_out", "để xem riêng", "taken out"),
        ("wrong", "không phải", "wrong"),
        ("changed", "vừa thay đổi, sẽ hiện lại", "changed, will be shown again"),
        ("gone", "đã được xử lý nơi khác", "done elsewhere"),
    )
    named = [(counts[name], vi, en) for name, vi, en in words if counts.get(name)]
    return (
        ", ".join(f"{count} {vi}" for count, vi, _ in named) + ".",
        ", ".join(f"{count} {en}" for count, _, en in named) + ".",
    )


def _router(base: str) -> APIRouter:
    made = APIRouter(prefix=base)
    made.add_api_route("", show_kinds, methods=["GET"])
    made.add_api_route("/runs", start, methods=["POST"])
    made.add_api_route("/runs/{run_id}", show_page, methods=["GET"])
    made.add_api_route("/second", show_second_page, methods=["GET"])
    made.add_api_route("/pages/{page_id}/confirm", confirm, methods=["POST"])
    made.add_api_route("/pages/{page_id}/undo", undo, methods=["POST"])
    return made


police_router, desk_router = _router("/cases/bulk"), _router("/desk/bulk")
