"""The act of confirming by the page: a sample first, then pages, by one person and by a second.

Each row becomes an ordinary officer's decision. What was shown is remembered by a blind index: a
row whose evidence has changed since is not confirmed, but shown again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from contracts.access import Role
from contracts.case_states import CaseState
from contracts.ids import DoseId
from contracts.registry import Person as Registered
from services.chassis.auth import Principal
from services.chassis.db import Transaction
from services.verifier import case_decisions
from services.verifier.bulk import errors, store
from services.verifier.bulk.rules import (
    PAGE,
    UNDONE_AT_ONCE,
    Outcome,
    RowState,
    Stage,
    may_be_first,
)
from services.verifier.bulk.shown_rows import ShownRow, shown_rows
from services.verifier.bulk.store import BulkPageLine, BulkPageRow, BulkRunRow
from services.verifier.case_decisions import DecisionRequest
from services.verifier.case_news import tell_cases
from services.verifier.casework import CaseSubject
from services.verifier.context import Context
from services.verifier.domain.confirmation_policy import ConfirmationRule
from services.verifier.reverify import request_reverification
from services.verifier.store import bulk_stops, cases, officer_decisions

_TWO = ConfirmationRule(2)
Areas = tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class OpenedPage:
    """A page as it is shown."""

    page: BulkPageRow
    run: BulkRunRow
    stage: Stage
    rows: Sequence[ShownRow]
    stored: Mapping[DoseId, BulkPageLine]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What somebody says of a page. `seen`: by dose the version and the blind index shown."""

    seen: Mapping[DoseId, tuple[int, int]]
    taken_out: Sequence[DoseId]
    wrong: Sequence[DoseId]

    @property
    def named(self) -> set[DoseId]:
        """All rows that it is about."""
        return {*self.seen, *self.taken_out, *self.wrong}


async def take_first_page(
    context: Context, tx: Transaction, run: BulkRunRow, officer: str, beside: int
) -> OpenedPage | None:
    """The officer's open page of the run, or a new one; None where nothing waits.

    The caller has locked the run. As long as the sample lasts, a page has one row.
    """
    await require_going_on(tx, run)
    open_page = await store.own_page(tx, run.id, officer, beside)
    while open_page is not None:
        shown = await _still_shown(context, tx, open_page, run, "first")
        if shown is not None:
            return shown
        open_page = await store.own_page(tx, run.id, officer, beside)
    sample = run.sample_left > 0
    # a sample is judged one after another: what comes beside may never be asked for
    if sample and beside:
        return None
    most = 1 if sample else PAGE
    free = await store.free_rows(tx, run.kind, run.area, most, at_random=sample)
    rows = await shown_rows(context.sealer, tx, free, run.kind)
    if not rows:
        return None
    seen = {row.dose_id: (row.version, row.seen) for row in rows}
    page = await store.add_page(tx, run.id, officer, seen, sample)
    stored = await store.rows_of(tx, page.id)
    return OpenedPage(page, run, "sample" if sample else "first", rows, stored)


async def take_second_page(
    context: Context, tx: Transaction, areas: Areas, officer: str, beside: int
) -> OpenedPage | None:
    """The next page that somebody else confirmed first, as that one saw it."""
    while (page := await store.take_second(tx, areas, officer, beside)) is not None:
        run = await store.run(tx, page.run_id)
        assert run is not None
        shown = await _still_shown(context, tx, page, run, "second")
        if shown is not None:
            return shown
    return None


async def _still_shown(
    context: Context, tx: Transaction, page: BulkPageRow, run: BulkRunRow, stage: Stage
) -> OpenedPage | None:
    """The page with the rows that are still as they were shown; it ends where there are none."""
    stored = await store.rows_of(tx, page.id)
    before: RowState = "shown" if stage == "first" else "first"
    waiting = [row for row in stored.values() if row.state == before]
    rows = await shown_rows(context.sealer, tx, [row.dose_id for row in waiting], run.kind)
    state: CaseState = "open" if stage == "first" else "awaiting_second"
    now = {row.dose_id: row for row in rows if row.state == state}
    lost: dict[DoseId, RowState] = {
        row.dose_id: "changed" if row.dose_id in now else "gone"
        for row in waiting
        if row.dose_id not in now
        or (row.version, row.seen) != (now[row.dose_id].version, now[row.dose_id].seen)
    }
    if lost:
        await store.set_rows(tx, page.id, lost, {})
    left = [row for dose_id, row in now.items() if dose_id not in lost]
    if not left:
        await store.end_stage(tx, page.id, stage, page.second_by or page.first_by)
        if stage == "first":
            # nobody confirmed anything on it, so nobody has to look at it again
            await store.end_stage(tx, page.id, "second", page.first_by)
        return None
    return OpenedPage(
        page, run, "sample" if page.sample and stage == "first" else stage, left, stored
    )


async def require_going_on(tx: Transaction, run: BulkRunRow) -> None:
    """ServiceError 409 where the run was stopped or taken back."""
    if run.state == "undone":
        raise errors.undone()
    if await bulk_stops.is_stopped(tx, run.kind, run.area):
        raise errors.stopped()


def stage_of(page: BulkPageRow, caller: Principal, kind: str) -> Stage:
    """The stage in which the caller may confirm a page.

    ServiceError 409 where it is in other hands, 403 where it takes the police.
    """
    if page.first_at is None or page.first_by == caller.subject:
        if page.first_by != caller.subject:
            raise errors.page_not_waiting()
        if not may_be_first(caller.roles, kind):
            raise errors.kind_not_yours()
        return "sample" if page.sample else "first"
    if page.second_by != caller.subject:
        raise errors.page_not_waiting()
    if Role.POLICE not in caller.roles:
        raise errors.kind_not_yours()
    return "second"


async def confirm_page(
    context: Context,
    tx: Transaction,
    run: BulkRunRow,
    page: BulkPageRow,
    stage: Stage,
    verdict: Verdict,
    people: Mapping[str, Sequence[Registered]],
    caller: Principal,
) -> dict[DoseId, Outcome]:
    """Carries out what somebody says of a page whose run and page the caller has locked.

    `people`: what the registry says now, by number. Answers what became of each row.
    """
    stored = await store.rows_of(tx, page.id)
    if not verdict.named <= set(stored):
        raise errors.row_not_on_page()
    if (page.second_at if stage == "second" else page.first_at) is not None:
        return {dose_id: _as_it_is(stored[dose_id]) for dose_id in sorted(verdict.named)}
    before: RowState = "first" if stage == "second" else "shown"
    state: CaseState = "awaiting_second" if stage == "second" else "open"
    found = await shown_rows(context.sealer, tx, sorted(verdict.named), run.kind, lock=True)
    rows = {row.dose_id: row for row in found}
    outcomes: dict[DoseId, Outcome] = {}
    decided: list[tuple[DoseId, int]] = []
    moved: list[DoseId] = []
    for dose_id in sorted(verdict.named):
        row = rows.get(dose_id)
        if row is None or row.state != state or stored[dose_id].state != before:
            outcomes[dose_id] = _as_it_is(stored[dose_id])
        elif dose_id in verdict.wrong:
            outcomes[dose_id] = "wrong"
            if Role.POLICE in caller.roles:
                await _decide(context, tx, row, "reject", caller.subject)
                moved.append(dose_id)
                decided.append((dose_id, row.version))
        elif dose_id in verdict.taken_out:
            outcomes[dose_id] = "taken_out"
        elif not _is_unchanged(row, stored[dose_id], verdict.seen[dose_id], people):
            outcomes[dose_id] = "changed"
        else:
            made = await _decide(context, tx, row, "confirm", caller.subject)
            outcomes[dose_id] = "confirmed" if made == "decided" else "first_confirmed"
            moved.append(dose_id)
            if made == "decided":
                decided.append((dose_id, row.version))
    if decided:
        await request_reverification(context, tx, decided, "case decided")
    await tell_cases(context, tx, moved)
    await _store_outcomes(tx, page, outcomes, stored)
    await _move_on(tx, run, page, stage, outcomes, caller.subject)
    return outcomes


def _as_it_is(row: BulkPageLine) -> Outcome:
    """The outcome of a row that does not wait here: told again where it was confirmed here."""
    if row.state == "first":
        return "first_confirmed"
    return row.state if row.state in ("confirmed", "taken_out", "wrong") else "gone"


def _is_unchanged(
    row: ShownRow,
    stored: BulkPageLine,
    seen: tuple[int, int],
    people: Mapping[str, Sequence[Registered]],
) -> bool:
    """Whether the row is what the page showed, and the registry's person still the one shown."""
    shown = row.version, row.seen
    number = row.candidate.person.personal_id
    return (
        shown == (stored.version, stored.seen) == seen
        and list(people.get(number, ())).count(row.candidate.person) == 1
        and sum(person.personal_id == number for person in people.get(number, ())) == 1
    )


async def _decide(
    context: Context, tx: Transaction, row: ShownRow, kind: str, officer: str
) -> CaseState:
    case = await cases.one(tx, row.dose_id)
    assert case is not None
    request = DecisionRequest(
        kind="confirm" if kind == "confirm" else "reject",
        note_code="REGISTRY_CHECKED" if kind == "confirm" else "OTHER_PERSON",
        person=row.candidate.person,
        rule=_TWO,
    )
    subject = CaseSubject(row.evidence)
    return await case_decisions.write_decision(context, tx, case, subject, request, officer)


async def _store_outcomes(
    tx: Transaction,
    page: BulkPageRow,
    outcomes: Mapping[DoseId, Outcome],
    stored: Mapping[DoseId, BulkPageLine],
) -> None:
    states: dict[DoseId, RowState] = {
        dose_id: "first" if outcome == "first_confirmed" else outcome
        for dose_id, outcome in outcomes.items()
        if stored[dose_id].state in ("shown", "first")
    }
    first = [dose_id for dose_id, state in states.items() if state == "first"]
    await store.set_rows(tx, page.id, states, await store.pending(tx, first) if first else {})
    out = [dose_id for dose_id, state in states.items() if state in ("taken_out", "wrong")]
    await cases.leave_bulk(tx, out)


async def _move_on(
    tx: Transaction,
    run: BulkRunRow,
    page: BulkPageRow,
    stage: Stage,
    outcomes: Mapping[DoseId, Outcome],
    officer: str,
) -> None:
    """Ends the page's stage where no row of it is left, the sample, or the whole run."""
    wrong = [dose_id for dose_id, outcome in outcomes.items() if outcome == "wrong"]
    if wrong:
        await bulk_stops.add_stop(tx, run.kind, run.area, run.id, wrong[0], officer)
        await store.set_run(tx, run.id, "stopped", run.sample_left)
    elif stage == "sample" and set(outcomes.values()) == {"first_confirmed"}:
        left = run.sample_left - 1
        await store.set_run(tx, run.id, "sample" if left else "pages", left)
    rows = (await store.rows_of(tx, page.id)).values()
    if not any(row.state == ("first" if stage == "second" else "shown") for row in rows):
        await store.end_stage(tx, page.id, "second" if stage == "second" else "first", officer)
        if stage != "second" and not any(row.state == "first" for row in rows):
            await store.end_stage(tx, page.id, "second", officer)


async def undo_rows(
    context: Context, tx: Transaction, rows: Sequence[BulkPageLine], officer: str
) -> int:
    """Takes rows back by their decisions, and answers how many were.

    A row that was decided otherwise since stays as it is.
    """
    again: list[tuple[DoseId, int]] = []
    undone: list[DoseId] = []
    for row in sorted(rows, key=lambda row: row.dose_id):
        case = await cases.one(tx, row.dose_id, lock=True)
        last = await officer_decisions.latest(tx, row.dose_id)
        if case is None or last is None or last.id != row.decision_id:
            await store.set_rows(tx, row.page_id, {row.dose_id: "gone"}, {})
            continue
        _, in_force = await case_decisions.undo_decision(context, tx, case, last, officer)
        undone.append(row.dose_id)
        if in_force:
            again.append((row.dose_id, case.version))
    if again:
        await request_reverification(context, tx, again, "decision undone")
    await tell_cases(context, tx, undone)
    return len(undone)


async def undo_some(
    context: Context, tx: Transaction, run: BulkRunRow, caller: Principal
) -> tuple[int, int]:
    """Takes back the next rows of a run that the caller has locked; how many, and how many are
    left.
    """
    rows = await store.rows_to_undo(tx, run.id, UNDONE_AT_ONCE + 1)
    require_may_undo(caller, run.started_by, rows)
    if run.state != "undone":
        await store.set_run(tx, run.id, "undone", run.sample_left)
    undone = await undo_rows(context, tx, rows[:UNDONE_AT_ONCE], caller.subject)
    counts = (await store.count_rows(tx, [run.id]))[run.id]
    return undone, counts.get("first", 0) + counts.get("confirmed", 0)


def require_may_undo(caller: Principal, first_by: str, rows: Sequence[BulkPageLine]) -> None:
    """ServiceError 403 where a station takes back what is not its own, or what the police did."""
    if caller.roles & {Role.POLICE, Role.MINISTRY}:
        return
    if first_by != caller.subject or any(row.state == "confirmed" for row in rows):
        raise errors.only_own_first()
