"""`/progress/clusters`: errors with one cause, what one rule would do to them, and its runs."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Path, Query, Request
from starlette.responses import Response

from web.asking import answered
from web.clients.records.api.clusters import (
    apply_cluster,
    list_clusters,
    list_rule_runs,
    preview_cluster,
    search_clusters,
    undo_rule_run,
)
from web.clients.records.models import RuleApplied, RuleChosen
from web.clients.records.types import UNSET
from web.design.difference import compare_letters
from web.errors import RefusedBehindError
from web.progress.routes import Cursor, Steering
from web.rendering import go_to, page
from web.sessions.session import Session

router = APIRouter()
ClusterName = Annotated[str, Path(max_length=80, pattern=r"^[A-Za-z0-9_-]+$")]
RuleCode = Annotated[str, Query(min_length=1, max_length=40, pattern=r"^[A-Z_]+$")]
RunNumber = Annotated[int, Path(ge=1, lt=1 << 63)]


@router.get("/progress/clusters")
async def show_clusters(request: Request, session: Steering, cursor: Cursor = None) -> Response:
    """Errors that seem to have one cause, the largest first."""
    told = answered(
        await list_clusters.asyncio_detailed(
            client=session.client("records"), cursor=cursor or UNSET
        )
    )
    return page(
        request, "progress/clusters.html", clusters=told.items, next_cursor=told.next_ or None
    )


@router.post("/progress/clusters/search")
async def search_again(session: Steering) -> Response:
    """Searches for clusters now."""
    answered(await search_clusters.asyncio_detailed(client=session.client("records")))
    session.say("done", "Đã tìm lại các cụm lỗi.", "Clusters were searched for again.")
    return go_to("/progress/clusters")


@router.get("/progress/clusters/{cluster}")
async def show_preview(
    request: Request, session: Steering, cluster: ClusterName, rule: RuleCode
) -> Response:
    """What the rule would do: some rows before and after, and the question."""
    return await _preview(request, session, cluster, rule)


async def _preview(
    request: Request, session: Session, cluster: str, rule: str, *, stale: bool = False
) -> Response:
    told = answered(
        await preview_cluster.asyncio_detailed(
            cluster, client=session.client("records"), body=RuleChosen(rule=rule)
        )
    )
    rows = [(example, _letter_by_letter(example.changes)) for example in told.examples]
    return page(
        request,
        "progress/cluster.html",
        status=409 if stale else 200,
        cluster=cluster,
        preview=told,
        rows=rows,
        stale=stale,
    )


def _letter_by_letter(changes: Any) -> list[tuple[str, Any]]:
    return [(change.field, compare_letters(change.before, change.after)) for change in changes]


@router.post("/progress/clusters/{cluster}/apply")
async def apply_rule(
    request: Request,
    session: Steering,
    cluster: ClusterName,
    rule: Annotated[str, Form(max_length=40, pattern=r"^[A-Z_]+$")],
    preview_token: Annotated[str, Form(max_length=16, pattern=r"^[0-9a-f]{16}$")],
) -> Response:
    """Mends what was previewed; shows it anew where the doses changed meanwhile."""
    body = RuleApplied(rule=rule, preview_token=preview_token)
    try:
        run = answered(
            await apply_cluster.asyncio_detailed(
                cluster, client=session.client("records"), body=body
            )
        )
    except RefusedBehindError as refusal:
        if refusal.code != "PREVIEW_STALE":
            raise
        return await _preview(request, session, cluster, rule, stale=True)
    session.say(
        "done",
        f"Đã sửa {run.changed} mũi tiêm; chúng đang được xác thực lại. Có thể hoàn tác ở đây.",
        f"{run.changed} doses were mended and are being verified again. You can undo it here.",
    )
    return go_to("/progress/runs")


@router.get("/progress/runs")
async def show_runs(request: Request, session: Steering, cursor: Cursor = None) -> Response:
    """Rules that were applied, newest first."""
    told = answered(
        await list_rule_runs.asyncio_detailed(
            client=session.client("records"), cursor=cursor or UNSET
        )
    )
    return page(request, "progress/runs.html", runs=told.items, next_cursor=told.next_ or None)


@router.post("/progress/runs/{run}/undo")
async def undo_run(session: Steering, run: RunNumber) -> Response:
    """Puts back what a run changed and nobody touched since."""
    told = answered(await undo_rule_run.asyncio_detailed(run, client=session.client("records")))
    session.say(
        "done",
        f"Đã hoàn tác: {told.restored} mũi tiêm trở lại như trước.",
        f"Undone: {told.restored} doses are as they were before.",
    )
    return go_to("/progress/runs")
