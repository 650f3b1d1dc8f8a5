"""What officers may decide of a case, and what it takes.

A decision changes nothing by itself: it is written down, and the dose is verified anew with it in
force.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from contracts.registry import Person as Registered
from contracts.words import Doubt
from services.chassis.db import Transaction
from services.chassis.errors import ServiceError
from services.verifier.casework import Kind, NoteCode, Subject, is_repair
from services.verifier.context import Context
from services.verifier.domain.confirmation_policy import (
    Confirmation,
    Standing,
    confirmation,
    passes_as_typed,
    standing,
)
from services.verifier.evidence import (
    Evidence,
    fingerprint,
    open_numbers,
    seal_numbers,
    seal_reason,
)
from services.verifier.reverify import ask_again
from services.verifier.store import cases, decisions


def person_missing() -> ServiceError:
    """Of a confirmation that names nobody."""
    return ServiceError(
        422,
        "PERSON_MISSING",
        "Hãy cho biết số định danh được xác nhận.",
        "Say whose personal_id you confirm.",
    )


@dataclass(frozen=True, slots=True)
class Wish:
    """What an officer wants of a case; `person`: the registered one who is meant, `reason`: the
    officer's own words.
    """

    kind: Kind
    note_code: NoteCode
    person: Registered | None = None
    reason: str | None = None

    @property
    def number(self) -> str | None:
        """The personal number of who is meant."""
        return self.person.personal_id if self.person else None


async def decide(
    context: Context, tx: Transaction, case: Any, subject: Subject, wish: Wish, officer: str
) -> str:
    """Carries out an officer's wish on a case that the caller has locked, and answers the case's
    new state.

    ServiceError 409 where a second officer is needed, or names somebody else, and 422 where a
    reason or a person is missing.
    """
    pending = await decisions.awaiting(tx, case.dose_id, case.version)
    if wish.kind == "confirm":
        state = await _confirm(context, tx, case, subject, wish, officer, pending)
    else:
        # the second officer does not confirm: what the first said is off the table, and the dose
        # goes no further by it
        if pending is not None:
            await decisions.undo(tx, pending.id, officer)
        shown = _rejected(subject.evidence, wish.number)
        await _write(
            context, tx, case, subject, wish, officer, shown, in_force=wish.kind == "reject"
        )
        state = "decided" if wish.kind == "reject" else "asked_for_papers"
    await cases.move(tx, case.dose_id, state, officer)
    if state == "decided":
        await ask_again(context, tx, [(case.dose_id, case.version)], "case decided")
    context.metrics.count("case", state)
    return state


def _rejected(evidence: Evidence, number: str | None) -> list[str]:
    """The numbers of whom it is not: the one that was named, or everybody whom the case is
    about.
    """
    if evidence.used is not None:
        if number not in (None, evidence.used.personal_id):
            raise ServiceError(
                409,
                "PERSON_NOT_USED",
                "Dữ liệu đã dùng không phải của người này.",
                "It is not this person whose data went on.",
            )
        return [evidence.used.personal_id]
    return [number] if number else [one.person.personal_id for one in evidence.suggestions]


async def _confirm(
    context: Context,
    tx: Transaction,
    case: Any,
    subject: Subject,
    wish: Wish,
    officer: str,
    pending: Any,
) -> str:
    takes = _takes(subject, wish)
    persons = [wish.person.personal_id] if wish.person else []
    if pending is not None and open_numbers(context.sealer, pending) != persons:
        raise ServiceError(
            409, "DECISIONS_DIFFER",
            "Cán bộ trước đã chọn người khác; hãy thống nhất rồi quyết định lại.",
            "The first officer named another person; agree, undo the decision and decide again.",
        )  # fmt: skip
    if pending is not None and pending.decided_by == officer:
        raise ServiceError(
            409, "SECOND_OFFICER_NEEDED",
            "Xác nhận này cần hai cán bộ khác nhau; người thứ hai hãy xác nhận.",
            "This confirmation takes two different officers; let the second one confirm.",
        )  # fmt: skip
    if takes.reason and wish.reason is None:
        raise ServiceError(
            422, "REASON_MISSING",
            "Người này không phải ứng viên, hoặc cả họ tên lẫn ngày sinh đều khác; mỗi cán bộ hãy "
            "ghi lý do (reason).",
            "This person is no candidate, or name and birth date both differ; each of the two "
            "officers must give a `reason`.",
        )  # fmt: skip
    if pending is None:
        alone = takes.officers == 1
        await _write(context, tx, case, subject, wish, officer, persons, in_force=alone)
        return "decided" if alone else "awaiting_second"
    await decisions.approve(
        tx, pending.id, officer, seal_reason(context.sealer, case.dose_id, wish.reason)
    )
    return "decided"


def _takes(subject: Subject, wish: Wish) -> Confirmation:
    """What it takes to confirm the meant person; ServiceError 422 where somebody must be named and
    is not.
    """
    typed = subject.evidence.typed
    if wish.person is not None:
        what = standing(
            typed, wish.person, [one.person.personal_id for one in subject.evidence.suggestions]
        )
    elif passes_as_typed(typed):
        what = Standing.AS_TYPED
    else:
        raise person_missing()
    return confirmation(what, person_changed=Doubt.PERSON_CHANGED in subject.doubts)


async def _write(
    context: Context,
    tx: Transaction,
    case: Any,
    subject: Subject,
    wish: Wish,
    officer: str,
    persons: Sequence[str],
    *,
    in_force: bool,
) -> None:
    await decisions.add(
        tx,
        dose_id=case.dose_id,
        version=case.version,
        fingerprint=fingerprint(context.sealer, subject.evidence.typed),
        kind=wish.kind,
        persons=seal_numbers(context.sealer, case.dose_id, persons),
        note_code=wish.note_code,
        decided_by=officer,
        in_force=in_force,
        doubts=list(subject.doubts),
        reason=seal_reason(context.sealer, case.dose_id, wish.reason),
    )


async def undo(context: Context, tx: Transaction, case: Any, officer: str) -> str:
    """Takes back the last decision on a case that the caller has locked; ServiceError 409 where
    there is none.

    What was let through by it is judged anew, and revoked unless it passes without.
    """
    last = await decisions.latest(tx, case.dose_id)
    if last is None:
        raise ServiceError(
            409,
            "NOTHING_DECIDED",
            "Hồ sơ này chưa có quyết định nào.",
            "Nothing was decided on this case.",
        )
    await decisions.undo(tx, last.id, officer)
    state = str(case.state)
    if state in ("awaiting_second", "decided"):
        # nobody has to decide of a repair
        state = "closed" if is_repair(case) else "open"
        await cases.move(tx, case.dose_id, state, officer)
    if last.in_force:
        await ask_again(context, tx, [(case.dose_id, case.version)], "decision undone")
    context.metrics.count("case", "undone")
    return state
