"""What records does when a dose was verified or its certificate signed: it moves the dose's state
on.
"""

from collections import Counter
from collections.abc import Sequence
from functools import partial
from operator import itemgetter
from typing import NotRequired

from pydantic import TypeAdapter
from typing_extensions import TypedDict

from contracts.events import CertificatesIssued
from contracts.topics import ISSUED, RECHECK, VERIFIED
from contracts.words import STATE_OF_GRADE, Doubt, Grade
from services.chassis.bus import Event
from services.chassis.db import Transaction
from services.chassis.subscriptions import Subscription
from services.records.context import Context
from services.records.histories.service import person_key
from services.records.pipeline.reverify import on_recheck
from services.records.pipeline.store import status


class _Attribute(TypedDict, total=False):
    reason: str | None


class _Identity(TypedDict, total=False):
    personal_id: str
    passport_number: str
    nationality: str


class _Outcome(TypedDict):
    dose_id: int
    version: int
    grade: Grade
    attributes: NotRequired[list[_Attribute]]
    doubts: NotRequired[list[str]]
    person: NotRequired[_Identity | None]


class _Outcomes(TypedDict):
    """Of `DosesVerified` what a state and a history are made of, as plain dicts: all of it as an
    event would cost nearly twice as much.
    """

    doses: list[_Outcome]


_read_outcomes = TypeAdapter(_Outcomes).validate_json
_IN_WORDS = {grade: (state.value, grade.value) for grade, state in STATE_OF_GRADE.items()}
_UNCONFIRMED = frozenset({Grade.MISMATCH, Grade.NOT_FOUND, Grade.REVIEW})
"""Grades of doses that carry a number in good form, on which nobody, or somebody else, was found.
"""


def subscriptions(context: Context) -> list[Subscription]:
    """The topics records follows."""

    async def on_verified(tx: Transaction, events: Sequence[Event]) -> None:
        newest: dict[int, _Outcome] = {}
        for event in events:
            for dose in _read_outcomes(event.value)["doses"]:
                if newest.setdefault(dose["dose_id"], dose)["version"] <= dose["version"]:
                    newest[dose["dose_id"]] = dose
        rows = [_row(dose) for _, dose in sorted(newest.items())]
        standing = await status.set_verified(tx, rows) if rows else ()
        persons = sorted({row[5] for row in standing if row[5] is not None})
        await status.note_news(tx, persons, [row[0] for row in standing if row[3] in _UNCONFIRMED])
        if newer := [row for row in standing if row[1] > 1]:
            changed = [row[:2] for row in newer if Doubt.PERSON_CHANGED in row[4]]
            await status.note_changed_persons(tx, changed, [row[0] for row in newer])
        for grade, count in Counter([row[3] for row in rows]).items():
            context.metrics.count("verified", grade, count)

    async def on_issued(tx: Transaction, events: Sequence[Event]) -> None:
        chunks = [CertificatesIssued.model_validate_json(event.value) for event in events]
        # events come in any order, and two versions of a dose, or a certificate and its renewal, in
        # one batch: of each the newest counts
        chunks.sort(key=lambda chunk: chunk.issued_at)
        issued = sorted(
            (
                (dose.dose_id, dose.version, dose.uvci)
                for chunk in chunks
                for dose in chunk.certificates
            ),
            key=itemgetter(0, 1),
        )
        refused = sorted(
            (dose.dose_id, dose.version, dose.code) for chunk in chunks for dose in chunk.refused
        )
        await status.set_issued(
            tx,
            list({dose_id: (dose_id, version, uvci) for dose_id, version, uvci in issued}.values()),
        )
        await status.set_refused(
            tx,
            list(
                {dose_id: (dose_id, version, code) for dose_id, version, code in refused}.values()
            ),
        )
        context.metrics.count("issued", "issued", len(issued))

    def _row(dose: _Outcome) -> status.Verified:
        reasons = [
            reason
            for attribute in dose.get("attributes", ())
            if (reason := attribute.get("reason"))
        ]
        if "doubts" in dose:
            reasons += dose["doubts"]
        person = dose.get("person")
        return (
            dose["dose_id"],
            dose["version"],
            *_IN_WORDS[dose["grade"]],
            reasons,
            None if person is None else _person(person),
        )

    def _person(person: _Identity) -> int:
        number, passport = person.get("personal_id", ""), person.get("passport_number", "")
        return person_key(context.sealer, number, passport, person.get("nationality", "VN"))

    return [
        Subscription(VERIFIED.name, VERIFIED.express, on_verified, ("doses",)),
        Subscription(ISSUED.name, ISSUED.express, on_issued, ("certificates", "refused")),
        Subscription(RECHECK.name, RECHECK.express, partial(on_recheck, context), ("doses",)),
    ]
