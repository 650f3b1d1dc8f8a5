"""The act of verifying: doses as they were recorded go in, decisions on their people go out.

`docs/verify_doses.md` explains the steps under the same numbers.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from itertools import accumulate

from pydantic import TypeAdapter

from contracts.events import (
    AttributeResult,
    DosesRecorded,
    DosesVerified,
    RecordedDose,
    VerifiedDose,
)
from contracts.identity.policy import ALGORITHM
from contracts.ids import BatchId, DoseId
from contracts.topics import RECORDED, VERIFIED
from contracts.words import ELIGIBLE_GRADES, MARKS, Grade
from services.chassis import trace
from services.chassis.bus import Event
from services.chassis.db import Transaction
from services.chassis.encryption import Sealer
from services.chassis.errors import TransientError
from services.verifier.casework import asks_people, open_cases
from services.verifier.context import Context
from services.verifier.domain.deaths import without_deaths
from services.verifier.domain.decision import MatchDecision
from services.verifier.domain.match_person import lookup_numbers
from services.verifier.domain.suggested_people import suggested_people
from services.verifier.evidence import seal_evidence
from services.verifier.matching import match_people
from services.verifier.overrides_in_force import NO_OVERRIDES, load_overrides
from services.verifier.second_look import (
    NO_SECOND_LOOK,
    SecondLookResult,
    is_overtaken,
    take_second_look,
)
from services.verifier.store import verifications
from services.verifier.store.verifications import (
    VerificationRow,
    fingerprint,
    foreigner_indexes,
    number_index,
    registry_index,
    residence_of,
)
from services.verifier.watching import watch_registry

# nothing was replaced and nobody has to decide: the grade says it all
_SAID_BY_GRADE = frozenset({Grade.EXACT, Grade.EQUIVALENT, Grade.EXEMPT})
_ATTRIBUTES, _EVENT = TypeAdapter(tuple[AttributeResult, ...]), TypeAdapter(DosesVerified)


async def verify_doses(context: Context, tx: Transaction, events: Sequence[Event]) -> None:
    """Verifies the doses of some events of `doses.recorded`, within the consumer's transaction.

    TransientError where the registry gave no whole answer, or where something changed meanwhile:
    the transaction is rolled back, and the consumer begins anew.
    """
    # (1) read the doses of all events
    chunks = [DosesRecorded.model_validate_json(event.value) for event in events]
    doses = [dose for chunk in chunks for dose in chunk.doses]
    ends = list(accumulate(len(chunk.doses) for chunk in chunks))
    places_of = [
        range(end - len(chunk.doses), end) for chunk, end in zip(chunks, ends, strict=True)
    ]
    corrected = any(dose.version > 1 for dose in doses)
    doubted = any(dose.doubts for dose in doses)

    # (2) load what officers decided: of a first version nobody can have
    overrides = await load_overrides(context, tx, doses) if corrected else NO_OVERRIDES

    # (3) match every person with the registry; an officer's decision overrides the machine's
    people = [dose.person for dose in doses]
    matched = await match_people(context.registry, people, overrides.by_place)

    # (4) take a second look at doubted and corrected doses: some are held for people
    second_look = NO_SECOND_LOOK
    if corrected or doubted:
        second_look = await take_second_look(context, tx, doses, matched, overrides)
    decisions, second_results = matched.decisions, second_look.results

    # (5) put one event for each chunk into the outbox
    for event, chunk, places in zip(events, chunks, places_of, strict=True):
        verified = DosesVerified(
            batch_id=chunk.batch_id,
            algorithm=ALGORITHM,
            registry_time=matched.registry_time,
            doses=[
                verified_dose(doses[at], decisions[at], second_results.get(at)) for at in places
            ],
        )
        lane = VERIFIED.lane(event.topic == RECORDED.express)
        with trace.continued(event.headers):
            message = _EVENT.dump_json(verified, exclude_defaults=True)
            await context.outbox.put(tx, lane, event.key, VERIFIED.name, message)

    # (6) store the verifications, and what those that wait for people watch of the registry
    for grade, count in Counter([decision.grade for decision in decisions]).items():
        context.metrics.count("judged", grade, count)
    rows = [
        _row(
            context.sealer,
            BatchId(chunk.batch_id),
            doses[at],
            decisions[at],
            second_results.get(at),
            matched.registry_time,
        )
        for chunk, places in zip(chunks, places_of, strict=True)
        for at in places
    ]
    await verifications.add(tx, rows)
    some_wait = any(decision.grade not in ELIGIBLE_GRADES for decision in decisions)
    if some_wait or corrected:
        await watch_registry(context.sealer, tx, doses, decisions)

    # (7) open the cases that people must decide; this locks the cases of corrected doses
    if some_wait or second_results:
        await open_cases(tx, doses, decisions, second_results)

    # (8) begin anew if officers decided meanwhile, or an older version was let through
    if corrected and (
        await load_overrides(context, tx, doses) != overrides
        or await is_overtaken(tx, doses, second_look)
    ):
        raise TransientError(
            "people decided, or an older version was judged, while the registry was asked"
        )


def verified_dose(
    dose: RecordedDose, decision: MatchDecision, second_result: SecondLookResult | None = None
) -> VerifiedDose:
    """The dose as the event tells it.

    The registry's person, the facts of the dose and its area are in it only where a certificate may
    follow. Whom it may mean is in it only where none may. That somebody has died is not.
    """
    doubts = second_result.public_doubts if second_result is not None else ()
    if dose.doubts:
        # the signer holds by a mark what nobody has to decide here
        doubts = (*doubts, *(mark for mark in dose.doubts if mark in MARKS))
    if decision.grade in ELIGIBLE_GRADES:
        return VerifiedDose(
            dose.dose_id,
            dose.version,
            decision.grade,
            decision.attributes,
            decision.person,
            dose.facts,
            doubts,
            dose.facility_code,
            residence_of(dose.person),
        )
    return VerifiedDose(
        dose.dose_id,
        dose.version,
        decision.grade,
        tuple(without_deaths(decision.attributes)),
        None,
        None,
        doubts,
        suggestions=suggested_people(dose.person, decision) if decision.suggestions else (),
        case="open" if asks_people(decision) else None,
    )


def _row(
    sealer: Sealer,
    batch_id: BatchId,
    dose: RecordedDose,
    decision: MatchDecision,
    second_result: SecondLookResult | None,
    registry_time: datetime,
) -> VerificationRow:
    person, grade, attributes = dose.person, decision.grade, decision.attributes
    number: int | None
    used: int | None
    typed: int | None = None
    if grade is Grade.EXEMPT:
        assert decision.person is not None
        number, used, typed = foreigner_indexes(sealer, decision.person)
    elif decision.person is not None:
        number = number_index(sealer, decision.person.personal_id)
        used = registry_index(sealer, decision.person)
    else:
        awaited = _awaited_number(dose, decision)
        number, used = number_index(sealer, awaited) if awaited else None, None
    if second_result is not None and grade is not Grade.EXEMPT:
        # later versions are compared with who was typed
        typed = fingerprint(sealer, person)
    return VerificationRow(
        DoseId(dose.dose_id),
        dose.version,
        batch_id,
        dose.source_id,
        dose.facility_code,
        residence_of(person),
        grade,
        _attributes_json(attributes) if attributes else None,
        ALGORITHM,
        registry_time,
        None if grade in _SAID_BY_GRADE else seal_evidence(sealer, dose, decision),
        number,
        used,
        (list(second_result.doubts) or None) if second_result is not None else None,
        typed,
        second_result.rests_on if second_result is not None else None,
    )


def _awaited_number(dose: RecordedDose, decision: MatchDecision) -> str | None:
    """The number whose change in the registry may let a dose through.

    It is the typed number or, where none can be read, that of the likeliest person.
    """
    if numbers := lookup_numbers(dose.person):
        return numbers[0]
    return decision.suggestions[0].person.personal_id if decision.suggestions else None


# what differs comes in a few hundred combinations
@lru_cache(maxsize=4_096)
def _attributes_json(attributes: tuple[AttributeResult, ...]) -> str:
    """The attribute results as stored."""
    return _ATTRIBUTES.dump_json(attributes).decode()
