"""What the verifier does when doses were recorded, or withdrawn."""

import json
from collections.abc import Sequence
from datetime import datetime

from contracts.events import AttributeResult, DosesRecorded, DosesVerified, DosesWithdrawn, RecordedDose, VerifiedDose
from contracts.topics import RECORDED, VERIFIED, WITHDRAWN
from contracts.words import ELIGIBLE_GRADES, Grade
from services.chassis.bus import Event
from services.chassis.db import Transaction
from services.chassis.subscriptions import Subscription
from services.verifier import store
from services.verifier.context import Context
from services.verifier.domain.decide import ALGORITHM, Verdict
from services.verifier.evidence import seal_evidence
from services.verifier.identity import judge
from services.verifier.store import StoredVerification

_SAID_BY_GRADE = frozenset({Grade.EXACT, Grade.EXEMPT})


def subscriptions(context: Context) -> list[Subscription]:
    """The topics the verifier follows."""

    async def on_recorded(tx: Transaction, events: Sequence[Event]) -> None:
        chunks = [DosesRecorded.model_validate_json(event.value) for event in events]
        judged = await judge(context.registry, [dose.person for chunk in chunks for dose in chunk.doses])
        verdicts = iter(judged.verdicts)
        rows: list[StoredVerification] = []
        for event, chunk in zip(events, chunks, strict=True):
            pairs = [(dose, next(verdicts)) for dose in chunk.doses]
            rows += [_stored(context, chunk.batch_id, dose, verdict, judged.registry_time) for dose, verdict in pairs]
            told = DosesVerified(
                batch_id=chunk.batch_id,
                algorithm=ALGORITHM,
                registry_time=judged.registry_time,
                doses=[_verified(dose, verdict) for dose, verdict in pairs],
            )
            lane = VERIFIED.lane(event.topic == RECORDED.express)
            await context.outbox.put(tx, lane, event.key, VERIFIED.name, told.model_dump_json(exclude_defaults=True).encode())
            for _, verdict in pairs:
                context.metrics.count("judged", verdict.grade)
        await store.add(tx, rows)

    async def on_withdrawn(tx: Transaction, events: Sequence[Event]) -> None:
        chunks = [DosesWithdrawn.model_validate_json(event.value) for event in events]
        await store.forget(tx, [(dose.dose_id, dose.version) for chunk in chunks for dose in chunk.doses])

    return [
        Subscription(RECORDED.name, RECORDED.express, on_recorded, ("doses",)),
        Subscription(WITHDRAWN.name, WITHDRAWN.express, on_withdrawn, ("doses",)),
    ]


def _verified(dose: RecordedDose, verdict: Verdict) -> VerifiedDose:
    """What others are told: the registry's person and the dose's facts only where a certificate may follow."""
    eligible = verdict.grade in ELIGIBLE_GRADES
    return VerifiedDose(
        dose_id=dose.dose_id,
        version=dose.version,
        grade=verdict.grade,
        attributes=verdict.attributes,
        person=verdict.person if eligible else None,
        facts=dose.facts if eligible else None,
    )


def _stored(context: Context, batch_id: int, dose: RecordedDose, verdict: Verdict, registry_time: datetime) -> StoredVerification:
    person = dose.person
    return StoredVerification(
        dose_id=dose.dose_id,
        version=dose.version,
        batch_id=batch_id,
        source_id=dose.source_id,
        facility_code=dose.facility_code,
        residence=person.province_code + person.district_code + person.commune_code,
        grade=verdict.grade.value,
        attributes=attributes_json(verdict.attributes),
        algorithm=ALGORITHM,
        registry_time=registry_time,
        evidence=None if verdict.grade in _SAID_BY_GRADE else seal_evidence(context.sealer, dose, verdict),
    )


def attributes_json(attributes: Sequence[AttributeResult]) -> str | None:
    """The attribute results as stored: null where every one matches."""
    return json.dumps([one.model_dump(mode="json") for one in attributes]) if attributes else None
