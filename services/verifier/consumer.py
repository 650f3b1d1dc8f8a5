"""What the verifier does when doses were recorded, or withdrawn."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache

from pydantic import TypeAdapter

from contracts.events import (
    AttributeResult,
    DosesRecorded,
    DosesVerified,
    DosesWithdrawn,
    RecordedDose,
)
from contracts.topics import RECORDED, VERIFIED, WITHDRAWN
from contracts.words import Grade
from services.chassis import trace
from services.chassis.bus import Event
from services.chassis.db import Transaction
from services.chassis.errors import TransientError
from services.chassis.subscriptions import Subscription
from services.verifier.casework import asks_people, case_of
from services.verifier.context import Context
from services.verifier.domain.decision import verified
from services.verifier.domain.hold_policy import Held
from services.verifier.domain.match_person import ALGORITHM, Verdict, numbers
from services.verifier.evidence import fingerprint, seal_evidence, used_index
from services.verifier.matching import judge
from services.verifier.overrides_in_force import decided_before
from services.verifier.prior_certification import indexes
from services.verifier.second_look import HeldDose, is_overtaken, look_again
from services.verifier.store import cases, verifications
from services.verifier.store.verifications import StoredVerification

# nothing was replaced and nobody has to decide: the grade says it all
_SAID_BY_GRADE = frozenset({Grade.EXACT, Grade.EQUIVALENT, Grade.EXEMPT})
_ATTRIBUTES, _TOLD = TypeAdapter(tuple[AttributeResult, ...]), TypeAdapter(DosesVerified)


def subscriptions(context: Context) -> list[Subscription]:
    """The topics the verifier follows."""

    async def on_recorded(tx: Transaction, events: Sequence[Event]) -> None:
        chunks = [DosesRecorded.model_validate_json(event.value) for event in events]
        doses = [dose for chunk in chunks for dose in chunk.doses]
        decided = await decided_before(context, tx, doses)
        judged = await judge(context.registry, [dose.person for dose in doses], decided.settled)
        looked = await look_again(context, tx, doses, judged, decided)
        held = looked.held
        rows: list[StoredVerification] = []
        start = 0
        for event, chunk in zip(events, chunks, strict=True):
            pairs = list(
                zip(chunk.doses, judged.verdicts[start : start + len(chunk.doses)], strict=True)
            )
            rows += [
                _stored(context, chunk.batch_id, dose, verdict, judged.registry_time)
                for dose, verdict in pairs
            ]
            told = DosesVerified(
                batch_id=chunk.batch_id,
                algorithm=ALGORITHM,
                registry_time=judged.registry_time,
                doses=[verified(dose, verdict) for dose, verdict in pairs],
            )
            for at in range(start, start + len(pairs)) if held else ():
                if at in held:
                    told.doses[at - start].doubts = held[at].told
                    rows[at] = _with_holds(context, doses[at], rows[at], held[at])
            start += len(pairs)
            lane = VERIFIED.lane(event.topic == RECORDED.express)
            with trace.continued(event.headers):
                await context.outbox.put(
                    tx, lane, event.key, VERIFIED.name, _TOLD.dump_json(told, exclude_defaults=True)
                )
        for grade, count in Counter([verdict.grade for verdict in judged.verdicts]).items():
            context.metrics.count("judged", grade, count)
        await verifications.add(tx, rows)
        waiting = [
            at
            for at, verdict in enumerate(judged.verdicts)
            if asks_people(verdict) and doses[at].version == 1
        ]
        await cases.open_new(
            tx, [case_of(doses[at], judged.verdicts[at], _doubts(held, at)) for at in waiting]
        )
        again = [at for at in held if doses[at].version > 1]
        await cases.put(
            tx, [case_of(doses[at], judged.verdicts[at], held[at].doubts) for at in again]
        )
        # from here on the cases are locked: officers may have decided meanwhile, or an older
        # version have been let through
        if held and (
            await decided_before(context, tx, doses) != decided
            or await is_overtaken(tx, doses, looked)
        ):
            raise TransientError(
                "people decided, or an older version was judged, while the registry was asked"
            )

    async def on_withdrawn(tx: Transaction, events: Sequence[Event]) -> None:
        chunks = [DosesWithdrawn.model_validate_json(event.value) for event in events]
        ended = sorted((dose.dose_id, dose.version) for chunk in chunks for dose in chunk.doses)
        await verifications.forget(tx, ended)
        await cases.close(tx, dict(ended))

    return [
        Subscription(RECORDED.name, RECORDED.express, on_recorded, ("doses",)),
        Subscription(WITHDRAWN.name, WITHDRAWN.express, on_withdrawn, ("doses",)),
    ]


def _doubts(held: Mapping[int, Held], at: int) -> Sequence[str]:
    return held[at].doubts if at in held else ()


def _with_holds(
    context: Context, dose: RecordedDose, row: StoredVerification, held: HeldDose
) -> StoredVerification:
    """The row of a dose that was looked at twice; who was typed is compared with later versions."""
    typed = (
        row[-2] if held.verdict.grade is Grade.EXEMPT else fingerprint(context.sealer, dose.person)
    )
    return *row[:-3], list(held.doubts) or None, typed, held.rests_on


def _stored(
    context: Context, batch_id: int, dose: RecordedDose, verdict: Verdict, registry_time: datetime
) -> StoredVerification:
    person, grade, sealer, attributes = (
        dose.person,
        verdict.grade,
        context.sealer,
        verdict.attributes,
    )
    number: int | None
    used: int | None
    typed = None
    if grade is Grade.EXEMPT:
        number, used, typed = indexes(sealer, person, verdict)
    elif verdict.person is not None:
        number, used = sealer.blind(verdict.person.personal_id), used_index(sealer, verdict.person)
    else:
        waits_for = _waits_for(dose, verdict)
        number, used = sealer.blind(waits_for) if waits_for else None, None
    return (
        dose.dose_id,
        dose.version,
        batch_id,
        dose.source_id,
        dose.facility_code,
        person.province_code + person.district_code + person.commune_code,
        grade,
        attributes_json(attributes) if attributes else None,
        ALGORITHM,
        registry_time,
        None if grade in _SAID_BY_GRADE else seal_evidence(sealer, dose, verdict),
        number,
        used,
        None,
        typed,
        None,
    )


def _waits_for(dose: RecordedDose, verdict: Verdict) -> str | None:
    """Whose change may settle a dose: the typed number's bearer, or where none can be read the
    likeliest person.
    """
    if read := numbers(dose.person):
        return read[0]
    return verdict.suggestions[0].person.personal_id if verdict.suggestions else None


# what differs comes in a few hundred combinations
@lru_cache(maxsize=4_096)
def attributes_json(attributes: tuple[AttributeResult, ...]) -> str:
    """The attribute results as stored."""
    return _ATTRIBUTES.dump_json(attributes).decode()
