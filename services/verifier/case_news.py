"""Tells records how cases stand, in the transaction that changed them."""

from collections.abc import Sequence

from contracts.case_states import WAITS_FOR
from contracts.events import MAX_CHUNK, CasesChanged, ChangedCase, RefusedAcceptance
from contracts.ids import DoseId
from contracts.topics import CASES
from services.chassis.db import Transaction
from services.verifier.context import Context
from services.verifier.store import cases
from services.verifier.store.cases import CaseStanding


async def tell_cases(
    context: Context,
    tx: Transaction,
    changed: Sequence[DoseId],
    refused: Sequence[RefusedAcceptance] = (),
) -> None:
    """Puts how these cases stand now into the outbox, and which acceptances did not hold.

    The caller has locked and changed them. Nothing of a person is in it.
    """
    told = [_changed(row) for row in await cases.standing(tx, changed)]
    for at in range(0, max(len(told), len(refused)), MAX_CHUNK):
        event = CasesChanged(
            cases=told[at : at + MAX_CHUNK], refused=list(refused[at : at + MAX_CHUNK])
        )
        first = event.cases[0].dose_id if event.cases else event.refused[0].dose_id
        await context.outbox.put(
            tx, CASES.name, f"dose/{first}", CASES.name, event.model_dump_json().encode()
        )


def _changed(row: CaseStanding) -> ChangedCase:
    return ChangedCase(
        row.dose_id, row.version, row.step, row.state, row.act, WAITS_FOR[row.state], row.since
    )
