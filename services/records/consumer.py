"""What records does when a dose was verified or its certificate signed: it moves the dose's state on."""

from collections.abc import Sequence

from pydantic import BaseModel

from contracts.events import CertificatesIssued
from contracts.topics import ISSUED, VERIFIED
from contracts.words import STATE_OF_GRADE, Grade
from services.chassis.bus import Event
from services.chassis.db import Transaction
from services.chassis.subscriptions import Subscription
from services.chassis.telemetry import Metrics
from services.records.store import status


class _Attribute(BaseModel):
    reason: str | None = None


class _Outcome(BaseModel):
    dose_id: int
    version: int
    grade: Grade
    attributes: tuple[_Attribute, ...] = ()


class _Outcomes(BaseModel):
    """Of `DosesVerified` what a state is made of: reading the persons and facts too would cost three times as much."""

    doses: list[_Outcome]


def subscriptions(metrics: Metrics) -> list[Subscription]:
    """The topics records follows."""

    async def on_verified(tx: Transaction, events: Sequence[Event]) -> None:
        doses = [dose for event in events for dose in _Outcomes.model_validate_json(event.value).doses]
        newest = {dose.dose_id: dose for dose in sorted(doses, key=lambda dose: dose.version)}
        rows = [
            (
                dose.dose_id,
                dose.version,
                STATE_OF_GRADE[dose.grade].value,
                dose.grade.value,
                [attribute.reason for attribute in dose.attributes if attribute.reason],
            )
            for dose in newest.values()
        ]
        await status.set_verified(tx, sorted(rows))
        for dose in newest.values():
            metrics.count("verified", dose.grade)

    async def on_issued(tx: Transaction, events: Sequence[Event]) -> None:
        chunks = [CertificatesIssued.model_validate_json(event.value) for event in events]
        issued = {dose.dose_id: dose for chunk in chunks for dose in sorted(chunk.certificates, key=lambda dose: dose.version)}
        refused = [(dose.dose_id, dose.version, dose.code) for chunk in chunks for dose in chunk.refused]
        await status.set_issued(tx, sorted((dose.dose_id, dose.version, dose.uvci) for dose in issued.values()))
        await status.set_refused(tx, refused)
        metrics.count("issued", "issued", len(issued))

    return [
        Subscription(VERIFIED.name, VERIFIED.express, on_verified, ("doses",)),
        Subscription(ISSUED.name, ISSUED.express, on_issued, ("certificates", "refused")),
    ]
