"""Accepts suggestions: keeps who did so by what proof, and tells the verifier, which decides.

Nothing holds by what stands here. The verifier asks the same table and the registry of that
moment, writes a decision down, and has the dose verified again.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from contracts.acceptance import NextStep, Proof
from contracts.events import MAX_CHUNK, AcceptedSuggestion, SuggestionsAccepted
from contracts.ids import DoseId
from contracts.topics import ACCEPTED
from services.chassis.db import Transaction
from services.chassis.limits import RateLimits
from services.records.context import Context
from services.records.domain.row_error import RowError
from services.records.schema import ACCEPTED_PERSON
from services.records.settings import AcceptanceSettings
from services.records.suggestions import errors, store
from services.records.suggestions.check import CheckedAcceptance, check_cell
from services.records.suggestions.serializers import people_of
from services.records.suggestions.store import AcceptanceRow, NewAcceptance, StoredSuggestions

_WRONG_CARDS = frozenset({errors.CARD_OF_ANOTHER.code, errors.CARD_DIFFERS.code})


class Accepting(NamedTuple):
    """Who accepts: the token's subject, and the role in which it acts."""

    subject: str
    role: str


def card_limits(cfg: AcceptanceSettings) -> RateLimits:
    """How many cards that do not fit may be tried: masked numbers are not to be guessed."""
    limits = {"dose": cfg.wrong_per_dose, "sender": cfg.wrong_per_sender}
    return RateLimits(cfg.counters, limits, errors.TOO_MANY_CARDS)


async def require_tries_left(context: Context, who: Accepting, dose_id: DoseId) -> None:
    """ServiceError 429 where too many cards that do not fit were tried."""
    await context.cards.require_room("dose", str(dose_id))
    await context.cards.require_room("sender", who.subject)


async def _has_tries_left(context: Context, who: Accepting, dose_id: DoseId) -> bool:
    return await context.cards.has_room("dose", str(dose_id)) and await context.cards.has_room(
        "sender", who.subject
    )


async def note_wrong_card(
    context: Context, who: Accepting, dose_id: DoseId, error: RowError
) -> None:
    """Counts a card that does not fit."""
    if error.code in _WRONG_CARDS:
        await context.cards.count("dose", str(dose_id))
        await context.cards.count("sender", who.subject)


async def accept(
    context: Context,
    tx: Transaction,
    who: Accepting,
    stored: StoredSuggestions,
    checked: CheckedAcceptance,
) -> NextStep:
    """Keeps an acceptance of a dose that the caller has locked, and tells the verifier."""
    number = checked.person.personal_id.encode()
    sealed = ACCEPTED_PERSON.seal(context.sealer, number, stored.dose_id, stored.version)
    step, now = checked.rule.next_step, context.clock()
    await store.accept(
        tx,
        NewAcceptance(
            stored.dose_id, stored.version, sealed, checked.proof, who.role, step, who.subject, now
        ),
    )
    await _tell(
        context,
        tx,
        [
            AcceptedSuggestion(
                dose_id=stored.dose_id,
                version=stored.version,
                personal_id=checked.person.personal_id,
                proof=checked.proof,
                role=who.role,
                accepted_by=who.subject,
                at=now,
                card=checked.card,
            )
        ],
    )
    context.metrics.count("suggestion", checked.proof)
    return step


async def undo(context: Context, tx: Transaction, who: Accepting, row: AcceptanceRow) -> None:
    """Takes an acceptance back, and tells the verifier."""
    key = row.dose_id, row.version
    number = ACCEPTED_PERSON.unseal(context.sealer, row.person, *key).decode()
    await store.undo(tx, *key, who.subject)
    await _tell(
        context,
        tx,
        [
            AcceptedSuggestion(
                dose_id=row.dose_id,
                version=row.version,
                personal_id=number,
                proof=Proof(row.proof),
                role=row.role,
                accepted_by=row.accepted_by,
                at=context.clock(),
                act="undo",
            )
        ],
    )
    context.metrics.count("suggestion", "undone")


async def accept_in_file(
    context: Context,
    tx: Transaction,
    who: Accepting | None,
    cells: Mapping[DoseId, tuple[int, str]],
) -> dict[DoseId, RowError]:
    """Accepts what cells of a returned file say of doses that the caller has locked.

    `cells`: by dose the version its row was made from, and the cell. Answers what each row is
    told; those that were taken are told `TAKEN_ONE` or `TAKEN_FIRST`.
    """
    if who is None:
        return dict.fromkeys(cells, errors.PROOF_NOT_ENOUGH)
    stored = await store.of_doses(tx, cells)
    told: dict[DoseId, RowError] = {}
    for dose_id, (version, cell) in cells.items():
        suggested = stored.get((dose_id, version))
        if suggested is None or suggested.dismissed_by is not None:
            told[dose_id] = errors.NO_SUCH_PERSON
            continue
        if suggested.accepted_by is not None:
            told[dose_id] = errors.ALREADY_ACCEPTED
            continue
        if not await _has_tries_left(context, who, dose_id):
            told[dose_id] = errors.CARDS_USED_UP
            continue
        checked = check_cell(people_of(context.sealer, suggested), who.role, cell)
        if isinstance(checked, RowError):
            await note_wrong_card(context, who, dose_id, checked)
            told[dose_id] = checked
            continue
        step = await accept(context, tx, who, suggested, checked)
        told[dose_id] = TOLD[step]
    return told


TOLD = {
    NextStep.VERIFIED_AGAIN: errors.TAKEN_ONE,
    NextStep.SECOND_OFFICER: errors.TAKEN_FIRST,
}
"""What is told of an acceptance, by what follows."""


async def _tell(context: Context, tx: Transaction, accepted: Sequence[AcceptedSuggestion]) -> None:
    for at in range(0, len(accepted), MAX_CHUNK):
        chunk = list(accepted[at : at + MAX_CHUNK])
        event = SuggestionsAccepted(suggestions=chunk).model_dump_json(exclude_none=True).encode()
        # one key a dose: what is taken back follows what it takes back
        key = f"dose/{chunk[0].dose_id}"
        await context.outbox.put(tx, ACCEPTED.name, key, ACCEPTED.name, event)
