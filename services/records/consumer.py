"""What records does when a dose was verified or its certificate signed: it moves the dose's state on."""

from collections import Counter
from collections.abc import Sequence
from functools import partial
from operator import itemgetter

from pydantic import BaseModel

from contracts.events import CertificatesIssued
from contracts.topics import ISSUED, RECHECK, VERIFIED
from contracts.words import STATE_OF_GRADE, Grade
from services.chassis.bus import Event
from services.chassis.db import Transaction
from services.chassis.subscriptions import Subscription
from services.records.context import Context
from services.records.histories import person_key
from services.records.recheck import on_recheck
from services.records.store import histories, status


class _Attribute(BaseModel):
    reason: str | None = None


class _Identity(BaseModel):
    personal_id: str = ""
    passport_number: str = ""
    nationality: str = "VN"


class _Outcome(BaseModel):
    dose_id: int
    version: int
    grade: Grade
    attributes: tuple[_Attribute, ...] = ()
    person: _Identity | None = None


class _Outcomes(BaseModel):
    """Of `DosesVerified` what a state and a history are made of: reading it all would cost three times as much."""

    doses: list[_Outcome]


_UNCONFIRMED = frozenset({Grade.MISMATCH, Grade.NOT_FOUND, Grade.REVIEW})
"""Grades of doses that carry a number in good form, on which nobody, or somebody else, was found."""


def subscriptions(context: Context) -> list[Subscription]:
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
                _person(dose.person) if dose.person is not None else None,
            )
            for dose in newest.values()
        ]
        await status.set_verified(tx, sorted(rows, key=itemgetter(0)))
        persons = sorted({row[5] for row in rows if row[5] is not None})
        await histories.note(tx, persons, [dose.dose_id for dose in newest.values() if dose.grade in _UNCONFIRMED])
        for grade, count in Counter(dose.grade for dose in newest.values()).items():
            context.metrics.count("verified", grade, count)

    async def on_issued(tx: Transaction, events: Sequence[Event]) -> None:
        chunks = [CertificatesIssued.model_validate_json(event.value) for event in events]
        issued = {dose.dose_id: dose for chunk in chunks for dose in sorted(chunk.certificates, key=lambda dose: dose.version)}
        refused = [(dose.dose_id, dose.version, dose.code) for chunk in chunks for dose in chunk.refused]
        await status.set_issued(tx, sorted((dose.dose_id, dose.version, dose.uvci) for dose in issued.values()))
        await status.set_refused(tx, refused)
        context.metrics.count("issued", "issued", len(issued))

    def _person(person: _Identity) -> int:
        return person_key(context.sealer, person.personal_id, person.passport_number, person.nationality)

    return [
        Subscription(VERIFIED.name, VERIFIED.express, on_verified, ("doses",)),
        Subscription(ISSUED.name, ISSUED.express, on_issued, ("certificates", "refused")),
        Subscription(RECHECK.name, RECHECK.express, partial(on_recheck, context), ("doses",)),
    ]
