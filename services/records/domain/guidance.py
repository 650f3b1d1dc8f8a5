"""What people are told about a dose on record: what to put right, or why nothing is wrong."""

from collections.abc import Sequence
from typing import NamedTuple

from contracts.reasons import Advice, advice_of_reason
from contracts.refusals import advice_on, asks_people
from contracts.words import State

WAITING = (State.NEEDS_CORRECTION, State.IN_REVIEW)


class Guidance(NamedTuple):
    """Codes with their advice.

    `explanation`: why no certificate is due although nothing is wrong.
    """

    to_do: Sequence[tuple[str, Advice]] = ()
    explanation: tuple[str, Advice] | None = None


def guidance(state: str | None, reasons: Sequence[str] | None, refusal: str | None) -> Guidance:
    """The guidance on a dose in this state.

    `refusal`: the code by which the signer gave no certificate.
    """
    if state in WAITING:
        return Guidance([(reason, advice_of_reason(reason)) for reason in reasons or ()])
    if state != State.ELIGIBLE or refusal is None:
        return Guidance()
    advice = refusal, advice_on(refusal)
    return Guidance([advice]) if asks_people(refusal) else Guidance(explanation=advice)
