"""The lists below `/progress` as files: clusters, runs of rules and findings, whole."""

import csv
import io
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from starlette.responses import Response, StreamingResponse

from web.asking import answered
from web.clients.records.api.clusters import list_clusters, list_rule_runs
from web.clients.records.api.findings import list_findings
from web.clients.records.models import FindingKind
from web.clients.records.types import UNSET
from web.languages import Language, chosen, language_of
from web.progress.routes import Steering

router = APIRouter()
_PAGE: Final = 100
_MARK: Final = "\ufeff"
"""By this a spreadsheet knows the letters."""
Column = tuple[str, str, Callable[[Any], Any]]
"""Its head in Vietnamese and English, and its cell of a line."""

_CLUSTERS: Final[tuple[Column, ...]] = (
    ("Mã cụm", "Cluster", lambda one: one.cluster_id),
    ("Cơ sở", "Facility", lambda one: one.facility_code),
    ("Lô", "Batch", lambda one: one.batch_id),
    ("Mã lý do", "Reason", lambda one: one.reason),
    ("Lý do", "In words", lambda one: one.message),
    ("Số mũi", "Doses", lambda one: one.doses),
    ("Đang chờ", "Waiting", lambda one: one.waiting),
    ("Trong tổng số", "Of", lambda one: one.total),
    ("Tỷ lệ", "Share", lambda one: one.share),
    ("Tỷ lệ nơi khác", "Share elsewhere", lambda one: one.share_elsewhere),
    ("Quy tắc", "Rule", lambda one: one.rule.code if one.rule else None),
    ("Đếm lúc", "Counted at", lambda one: one.found_at.isoformat()),
)
_RUNS: Final[tuple[Column, ...]] = (
    ("Lần sửa", "Run", lambda one: one.run_id),
    ("Mã cụm", "Cluster", lambda one: one.cluster_id),
    ("Quy tắc", "Rule", lambda one: one.rule),
    ("Sửa lúc", "Applied at", lambda one: one.applied_at.isoformat()),
    ("Người sửa", "Applied by", lambda one: one.applied_by),
    ("Đã sửa", "Mended", lambda one: one.changed),
    ("Hoàn tác lúc", "Undone at", lambda one: one.undone_at and one.undone_at.isoformat()),
    ("Người hoàn tác", "Undone by", lambda one: one.undone_by),
    ("Trở lại", "Restored", lambda one: one.restored),
)
_DOSE: Final = (
    ("Mã mũi", "Dose", "dose_id"),
    ("Mũi số", "Number", "dose_number"),
    ("Vắc xin", "Product", "product"),
    ("Ngày tiêm", "Given on", "date_given"),
    ("Cơ sở", "Facility", "facility_code"),
    ("Số lô", "Lot", "lot"),
    ("Trạng thái", "State", "state"),
)


def _dose_columns(which: str, number: int) -> Iterator[Column]:
    """What is told of one of a finding's two doses, where it is within reach."""

    def column(name: str) -> Callable[[Any], Any]:
        def cell(one: Any) -> Any:
            dose = getattr(one, which)
            return getattr(dose, name) if dose.within_reach else None

        return cell

    for vi, en, name in _DOSE:
        yield f"{vi} ({number})", f"{en} ({number})", column(name)


_FINDINGS: Final[tuple[Column, ...]] = (
    ("Mâu thuẫn", "Contradiction", lambda one: one.finding_id),
    ("Loại", "Kind", lambda one: one.kind.value),
    ("Mã", "Code", lambda one: one.code or None),
    ("Bằng lời", "In words", lambda one: one.message),
    ("Từ", "Since", lambda one: one.since.isoformat()),
    ("Kết luận", "Outcome", lambda one: one.outcome),
    *_dose_columns("dose", 1),
    *_dose_columns("other", 2),
)


@router.get("/progress/clusters.csv")
async def take_clusters(request: Request, session: Steering) -> Response:
    """Every cluster, the largest first."""
    records = session.client("records")

    def ask(cursor: Any) -> Awaitable[Any]:
        return list_clusters.asyncio_detailed(client=records, cursor=cursor, limit=_PAGE)

    return await _file("clusters", _CLUSTERS, ask, language_of(request))


@router.get("/progress/runs.csv")
async def take_runs(request: Request, session: Steering) -> Response:
    """Every run of a rule, newest first."""
    records = session.client("records")

    def ask(cursor: Any) -> Awaitable[Any]:
        return list_rule_runs.asyncio_detailed(client=records, cursor=cursor, limit=_PAGE)

    return await _file("runs", _RUNS, ask, language_of(request))


@router.get("/progress/findings.csv")
async def take_findings(
    request: Request,
    session: Steering,
    kind: Annotated[FindingKind | None, Query()] = None,
    closed: bool = False,
) -> Response:
    """Every finding that the page would show."""
    records = session.client("records")

    def ask(cursor: Any) -> Awaitable[Any]:
        return list_findings.asyncio_detailed(
            client=records, kind=kind or UNSET, closed=closed, cursor=cursor, limit=_PAGE
        )

    return await _file("findings", _FINDINGS, ask, language_of(request))


async def _file(
    name: str,
    columns: tuple[Column, ...],
    ask: Callable[[Any], Awaitable[Any]],
    language: Language,
) -> Response:
    """The file on its way; its first lines are asked before, so that a refusal is a page."""
    first = answered(await ask(UNSET))
    return StreamingResponse(
        _lines(columns, first, ask, language),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )


async def _lines(
    columns: tuple[Column, ...],
    told: Any,
    ask: Callable[[Any], Awaitable[Any]],
    language: Language,
) -> AsyncIterator[str]:
    yield _MARK + _written([[chosen(language, vi, en) for vi, en, _ in columns]])
    while True:
        yield _written([[cell(one) for *_, cell in columns] for one in told.items])
        if not told.next_:
            return
        told = answered(await ask(told.next_))


def _written(rows: list[list[Any]]) -> str:
    lines = io.StringIO(newline="")
    csv.writer(lines).writerows([[_cell(cell) for cell in row] for row in rows])
    return lines.getvalue()


def _cell(value: Any) -> Any:
    """A spreadsheet would run a text that begins as a formula."""
    text = getattr(value, "value", value)
    return f"'{text}" if isinstance(text, str) and text[:1] in "=+-@\t\r" and text else text
