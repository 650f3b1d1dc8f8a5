"""`/findings`: impossible histories, and how they were settled."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from contracts.access import STAFF, Role, reach_of
from services.chassis.auth import Allow, Principal
from services.chassis.db import Transaction
from services.chassis.errors import ServiceError
from services.chassis.http import problems
from services.chassis.idempotency import Key
from services.chassis.paging import Cursor, Limit, Page, link_next, make_cursor, read_cursor
from services.records.context import Context
from services.records.doses import corrections
from services.records.doses import store as doses
from services.records.doses.corrections import WithdrawalReason
from services.records.histories import models, store
from services.records.histories.rules import MEANINGS, Code, FindingKind
from services.records.pipeline.store import duplicates, status

router = APIRouter(tags=["findings"])
staff = Allow(*STAFF)
correctors = Allow(Role.FACILITY, Role.STATION, Role.PROVINCE, Role.MINISTRY, Role.SERVICE)
FindingId = Annotated[int, Path(ge=1, lt=1 << 63)]


@router.get(
    "/findings", summary="Doses that contradict each other", responses=problems(401, 403, 422, 503)
)
async def findings(
    request: Request,
    response: Response,
    caller: Annotated[Principal, Depends(staff)],
    kind: FindingKind | None = None,
    code: Annotated[Code | None, Query(description="finer than the kind")] = None,
    facility: Annotated[str | None, Query(pattern=r"^[0-9]{5}$")] = None,
    province: Annotated[
        str | None, Query(pattern=r"^[0-9]{2}$", description="of residence")
    ] = None,
    closed: Annotated[bool, Query(description="the closed ones instead of the open ones")] = False,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> Page[models.Finding]:
    """Where at least one of the two doses is within the caller's reach."""
    context: Context = request.app.state.context
    after = read_cursor(cursor, int)
    reach = reach_of(caller.roles, caller.claims)
    async with context.db.begin() as tx:
        rows = await store.findings(
            tx,
            reach,
            codes=_codes(kind, code),
            facility=facility,
            province=province,
            closed=closed,
            after=after[0] if after else 0,
            limit=limit,
        )
    following = make_cursor(rows[-1].id) if len(rows) == limit else None
    link_next(request, response, following)
    return Page(items=[shown(row) for row in rows], next=following)


@router.post(
    "/findings/{finding_id}/close",
    summary="Settle a finding",
    responses=problems(401, 403, 404, 409, 422, 503),
)
async def close(
    request: Request,
    finding_id: FindingId,
    closing: models.Closing,
    caller: Annotated[Principal, Depends(correctors)],
    idempotency_key: Key = None,
) -> models.Finding:
    """A dose is withdrawn only where it is within the caller's own reach; its certificate is
    revoked.

    Where another record of the same injection waited for that, it gets the certificate by itself.
    With another outcome such a record is kept as it is, without a certificate, and nobody has to
    look at it.
    """
    context: Context = request.app.state.context
    reach, body = reach_of(caller.roles, caller.claims), closing.model_dump_json().encode()
    async with (
        context.idempotency.claim(
            caller.subject, f"POST /findings/{finding_id}/close", idempotency_key
        ) as claim,
        context.db.begin() as tx,
    ):
        if claim is not None and claim.answer is not None:
            return models.Finding.model_validate(claim.replay(body))
        row = await store.one(tx, finding_id, reach, lock=True)
        if row is None:
            raise ServiceError(
                404,
                "FINDING_NOT_FOUND",
                "Không có phát hiện này trong phạm vi của bạn.",
                "No such finding within your reach.",
            )
        if row.outcome is not None:
            raise ServiceError(
                409,
                "FINDING_CLOSED",
                "Phát hiện này đã được xử lý.",
                "This finding was settled before.",
            )
        if (closing.outcome == "duplicate_withdrawn") != (
            closing.dose_id in (row.dose_id, row.other_dose_id)
        ):
            raise ServiceError(
                422, "DOSE_NOT_CHOSEN",
                "Hãy chọn một trong hai mũi tiêm để rút; các kết quả khác không rút mũi nào.",
                "Choose one of the two doses to withdraw; with another outcome none is withdrawn.",
            )  # fmt: skip
        if closing.dose_id is not None:
            await _withdraw(context, tx, caller, closing.dose_id)
        elif row.kind == Code.DUPLICATE_DOSE:
            await duplicates.keep(tx, [row.dose_id, row.other_dose_id])
        await store.close(tx, finding_id, closing.outcome, caller.subject)
        closed = shown(await store.one(tx, finding_id, reach))
        if claim is not None:
            await claim.store(tx, body, closed.model_dump(mode="json"))
    return closed


async def _withdraw(context: Context, tx: Transaction, caller: Principal, dose_id: int) -> None:
    row = await doses.one(tx, dose_id, lock=True)
    reach = reach_of(caller.roles, caller.claims)
    if row is None or not reach.covers(
        row.facility_code, row.province_code + row.district_code + row.commune_code
    ):
        raise ServiceError(
            403, "DOSE_NOT_YOURS",
            "Mũi tiêm này không thuộc phạm vi của bạn; hãy chọn mũi kia hoặc chuyển cho tỉnh.",
            "This dose is not within your reach; choose the other one, or leave it to the "
            "province.",
        )  # fmt: skip
    await corrections.withdraw(context, tx, row, caller.subject, WithdrawalReason.DUPLICATE)
    await status.note_again(tx, row.id)


def shown(row: Any) -> models.Finding:
    """A finding as it is told."""
    meaning = MEANINGS[Code(row.kind)]
    return models.Finding(
        finding_id=row.id,
        kind=meaning.kind,
        code=row.kind,
        severity=meaning.severity,
        message=meaning.vi,
        message_en=meaning.en,
        since=row.since,
        dose=_side(row, ""),
        other=_side(row, "other_"),
        outcome=row.outcome,
    )


def _codes(kind: FindingKind | None, code: Code | None) -> list[Code] | None:
    """What is asked for, by its codes; None: all."""
    if kind is None and code is None:
        return None
    return [
        one
        for one, meaning in MEANINGS.items()
        if kind in (None, meaning.kind) and code in (None, one)
    ]


def _side(row: Any, prefix: str) -> models.FindingDose:
    return models.FindingDose(
        **{name: getattr(row, prefix + name) for name in models.FindingDose.model_fields}
    )
