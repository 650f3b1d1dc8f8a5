"""`/clusters`: errors with one cause, and the rule that corrects them; `/rule-runs`: its runs."""

import re
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request

from contracts.access import Reach, Role, callers_reach
from contracts.reasons import advice_of_reason
from services.chassis import audit
from services.chassis.auth import Allow, Principal
from services.chassis.db import Transaction
from services.chassis.http import problems
from services.chassis.paging import (
    Page,
    PageRequest,
    page_request,
)
from services.chassis.volume import Look
from services.records.clusters import cluster_search, errors, models, service, store
from services.records.clusters.key import CLUSTER_ID, ClusterKey
from services.records.clusters.rules import RULES, ClusterRule
from services.records.clusters.service import CorrectedDose
from services.records.clusters.store import RunRow, StoredCluster
from services.records.context import Context
from services.records.dependencies import Ctx
from services.records.disclosure.audit_acts import CLUSTER_PREVIEW, CLUSTERS, Why, scope_of
from services.records.disclosure.visibility import Masked, list_masked, single_masked
from services.records.domain.field_changes import changes
from services.records.domain.masking import masked_field
from services.records.doses.store import DoseRow
from services.records.doses.versions import raw_row_of
from services.records.worklist.serializers import proposals, proposed_changes
from vietnamese.visible_text import visible

router = APIRouter(tags=["clusters"])
Cleaner = Annotated[Principal, Depends(Allow(Role.FACILITY, Role.PROVINCE, Role.MINISTRY))]
Overseer = Annotated[Principal, Depends(Allow(Role.PROVINCE, Role.MINISTRY))]
ClusterId = Annotated[str, Path(pattern=CLUSTER_ID, max_length=80)]
RunId = Annotated[int, Path(ge=1, lt=1 << 63)]
_EXAMPLES = 3


@router.get(
    "/clusters",
    summary="Errors that seem to have one cause",
    responses=problems(401, 403, 422, 429, 503),
)
async def list_clusters(
    context: Ctx,
    pages: Annotated[PageRequest, Depends(page_request(20, most=100))],
    caller: Cleaner,
    masked: Masked = None,
    why: Why = None,
) -> Page[models.Cluster]:
    """Of facilities within reach, the largest first, as the last search found them."""
    after, reach, hidden = (
        _after(pages),
        callers_reach(caller),
        list_masked(caller, masked, why),
    )
    seen: list[int] = []
    async with context.db.begin() as tx:
        rows = await store.listed(tx, reach, after, pages.limit)
        items = []
        for stored in rows:
            key = ClusterKey.of(stored.cluster.id)
            doses = await service.examples(context, tx, reach, key, _EXAMPLES)
            seen += [dose.id for dose in doses]
            examples = [_example(context, dose, key.reason, hidden) for dose in doses]
            items.append(_cluster(stored, examples))
        await context.volumes.admit(caller, Look.LISTED, len(seen))
        await audit.note(tx, caller, CLUSTERS, seen, why=why, scope=scope_of(hidden))
    return pages.page(items, rows, lambda row: (row.cluster.wrong, row.cluster.id))


def _after(pages: PageRequest) -> tuple[int, str] | None:
    after = pages.after(int, str)
    if after is None:
        return None
    if not re.fullmatch(CLUSTER_ID, after[1]):
        raise errors.cursor_invalid()
    return after[0], after[1]


@router.post(
    "/clusters/search",
    status_code=204,
    summary="Search for clusters now",
    responses=problems(401, 403, 503),
)
async def search_clusters(context: Ctx, caller: Overseer) -> None:
    """Over the whole country. A search runs every hour without it. Where one is under way, that
    one counts.
    """
    async with context.db.begin() as tx:
        await cluster_search.search(tx)


@router.post(
    "/clusters/{cluster_id}/preview",
    summary="What a rule would do to a cluster",
    responses=problems(401, 403, 404, 422, 429, 503),
)
async def preview_cluster(
    context: Ctx,
    cluster_id: ClusterId,
    caller: Cleaner,
    chosen: models.RuleChosen,
    why: Why = None,
) -> models.Preview:
    """Nothing is changed. Only doses that wait for people are corrected: a repaired one keeps its
    certificate.

    Province and ministry see the changed fields whole where they state a purpose, as of a single
    dose. The preview is kept in the audit.
    """
    hidden = single_masked(caller, None, why)
    cluster, reach = ClusterKey.of(cluster_id), callers_reach(caller)
    rule = service.rule_of(cluster, chosen.rule)
    async with context.db.begin() as tx:
        planned = await service.plan(context, tx, reach, cluster, rule)
        await context.volumes.admit(caller, Look.LISTED, len(planned.examples))
        await audit.note(
            tx,
            caller,
            CLUSTER_PREVIEW,
            [example.row.id for example in planned.examples],
            why=why,
            scope=scope_of(hidden, cluster=cluster_id),
        )
    return models.Preview(
        cluster_id=cluster_id,
        rule=_rule(rule),
        waiting=planned.waiting,
        would_change=len(planned.changed),
        examples=[_previewed(example, hidden) for example in planned.examples],
        preview_token=planned.token,
    )


@router.post(
    "/clusters/{cluster_id}/apply",
    summary="Mend a cluster",
    responses=problems(401, 403, 404, 409, 422, 503),
)
async def apply_cluster(
    context: Ctx, cluster_id: ClusterId, caller: Cleaner, chosen: models.RuleApplied
) -> models.RuleRun:
    """New versions of what was previewed, verified again; 409 where the doses changed since.

    Sent twice it is done once, and answered with the same run: the preview's token is the
    idempotency key.
    """
    cluster, reach = ClusterKey.of(cluster_id), callers_reach(caller)
    rule = service.rule_of(cluster, chosen.rule)
    body = chosen.model_dump_json().encode()
    async with context.idempotency.claim(
        "", f"POST /clusters/{cluster_id}/apply", chosen.preview_token
    ) as claim:
        assert claim is not None
        if claim.answer is not None:
            return await _run_as_it_is(context, reach, int(claim.replay(body)))

        async def remember(tx: Transaction, run_id: int) -> None:
            await claim.store(tx, body, run_id)

        run_id = await service.apply(
            context, reach, cluster, rule, chosen.preview_token, caller.subject, remember
        )
    return await _run_as_it_is(context, reach, run_id)


@router.get(
    "/rule-runs",
    summary="Rules that were applied, newest first",
    responses=problems(401, 403, 422, 503),
)
async def list_rule_runs(
    context: Ctx,
    pages: Annotated[PageRequest, Depends(page_request(50))],
    request: Request,
    caller: Cleaner,
) -> Page[models.RuleRun]:
    """To doses of facilities within reach."""
    before = pages.after(int)
    async with context.db.begin() as tx:
        rows = await store.runs(
            tx, callers_reach(caller), before[0] if before else None, pages.limit
        )
    return pages.page([_run(row) for row in rows], rows, lambda row: (row.id,))


@router.post(
    "/rule-runs/{run_id}/undo",
    summary="Undo a rule's run",
    responses=problems(401, 403, 404, 422, 503),
)
async def undo_rule_run(context: Ctx, run_id: RunId, caller: Cleaner) -> models.RuleRun:
    """The versions before it, as new versions. A dose that somebody changed since is left as it is.
    Sent twice it is done once.
    """
    reach = callers_reach(caller)
    await service.undo(context, reach, run_id, caller.subject)
    return await _run_as_it_is(context, reach, run_id)


async def _run_as_it_is(context: Context, reach: Reach, run_id: int) -> models.RuleRun:
    async with context.db.begin() as tx:
        return _run(await service.visible(tx, reach, run_id))


def _run(row: RunRow) -> models.RuleRun:
    fields = (
        "cluster_id",
        "rule",
        "applied_by",
        "applied_at",
        "changed",
        "undone_by",
        "undone_at",
        "restored",
    )
    return models.RuleRun(run_id=row.id, **{name: getattr(row, name) for name in fields})


def _rule(rule: ClusterRule) -> models.RuleName:
    return models.RuleName(
        code=rule.code, name=rule.name_vi, name_en=rule.name_en, any_reason=rule.any_reason
    )


def _cluster(stored: StoredCluster, examples: list[models.ClusterExample]) -> models.Cluster:
    row = stored.cluster
    advice, rule = advice_of_reason(row.reason), RULES.get(row.reason)
    return models.Cluster(
        cluster_id=row.id,
        facility_code=row.key if row.kind == "facility" else None,
        batch_id=int(row.key) if row.kind == "batch" else None,
        reason=row.reason,
        message=advice.vi,
        message_en=advice.en,
        doses=row.wrong,
        waiting=row.waiting,
        total=row.total,
        share=round(row.wrong / row.total, 4),
        share_elsewhere=round(row.elsewhere, 4),
        score=round(row.score, 1),
        found_at=stored.found_at,
        rule=_rule(rule) if rule else None,
        examples=examples,
    )


def _example(context: Context, row: DoseRow, reason: str, masked: bool) -> models.ClusterExample:
    about = advice_of_reason(reason).field
    before = getattr(raw_row_of(context.sealer, row), about) if about else ""
    return models.ClusterExample(
        dose_id=row.id,
        source_id=row.source_id,
        facility_code=row.facility_code,
        field=about,
        typed=visible(masked_field(about, before) if masked else before),
        proposals=proposals(context.sealer, row, [reason], masked),
    )


def _previewed(corrected: CorrectedDose, masked: bool) -> models.PreviewedDose:
    changed = changes(corrected.before, corrected.after)
    return models.PreviewedDose(
        dose_id=corrected.row.id,
        version=corrected.row.version,
        source_id=corrected.row.source_id,
        changes=proposed_changes(changed, masked),
    )
