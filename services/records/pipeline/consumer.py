"""Follows the other services' events: each moves the state of its doses on.

An event may come twice, or after a newer one: the store lets no older version win.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial
from operator import attrgetter
from typing import Any, NotRequired

from pydantic import TypeAdapter
from typing_extensions import TypedDict

from contracts.events import CertificatesIssued
from contracts.ids import DoseId
from contracts.passports import read_passport
from contracts.topics import CASES, ISSUED, RECHECK, UNANSWERED, VERIFIED
from contracts.words import MARKS, STATE_OF_GRADE, Doubt, Grade, Reason
from services.chassis.bus import Event
from services.chassis.db import Transaction
from services.chassis.encryption import Sealer
from services.chassis.subscriptions import Subscription
from services.records.context import Context
from services.records.people import store as people
from services.records.people.store import OldNumber, RegisteredNamesake
from services.records.pipeline.resend import on_recheck
from services.records.pipeline.store import status
from services.records.pipeline.store.status import VerifiedStatus
from services.records.schema import NAMESAKE_INDEX, PASSPORT_INDEX, PERSON_INDEX
from services.records.standing_letters.service import on_unanswered
from services.records.suggestions import store as suggestions
from services.records.suggestions.serializers import suggestion_row
from services.records.told_cases.service import on_cases_changed
from services.records.webhooks import occurrences
from vietnamese.plain_names import namesake


class _EventAttribute(TypedDict, total=False):
    reason: str | None


class _EventPerson(TypedDict, total=False):
    full_name: str
    date_of_birth: str
    old_ids: list[str]
    personal_id: str
    passport_number: str
    nationality: str


class _EventDose(TypedDict):
    dose_id: DoseId
    version: int
    grade: Grade
    attributes: NotRequired[list[_EventAttribute]]
    doubts: NotRequired[list[str]]
    person: NotRequired[_EventPerson | None]
    suggestions: NotRequired[list[dict[str, Any]]]
    case: NotRequired[str | None]


class _VerifiedEvent(TypedDict):
    """What states, histories and the search for people need of `DosesVerified`, as plain dicts.

    The whole event as models would cost nearly twice as much.
    """

    doses: list[_EventDose]


_read_verified = TypeAdapter(_VerifiedEvent).validate_json
_TYPED_OTHERWISE = frozenset(
    {
        Reason.MIDDLE_NAME_MISSING,
        Reason.NAME_ABBREVIATED,
        Reason.SPELLING_VARIANT,
        Reason.NAME_TYPO,
        Reason.NAME_ENCODING,
        Reason.DATE_DIGIT,
    }
)
"""Reasons by which the typed name and birth date do not find the registry's person."""
_UNCONFIRMED = frozenset({Grade.MISMATCH, Grade.NOT_FOUND, Grade.REVIEW})
"""Grades of doses with a number in good form that nobody has, or somebody else."""


def subscriptions(context: Context) -> list[Subscription]:
    """The topics that records follows."""
    verified, issued = partial(on_verified, context), partial(on_issued, context)
    recheck = partial(on_recheck, context)
    return [
        Subscription(VERIFIED, verified, ("doses",)),
        Subscription(ISSUED, issued, ("certificates", "refused")),
        Subscription(RECHECK, recheck, ("doses",)),
        Subscription(UNANSWERED, partial(on_unanswered, context), ("lookups",)),
        Subscription(CASES, partial(on_cases_changed, context), ("cases", "refused")),
    ]


async def on_verified(context: Context, tx: Transaction, events: Sequence[Event]) -> None:
    """Stores what the verifier concluded, and queues the histories that it changes."""
    newest: dict[int, _EventDose] = {}
    for event in events:
        for dose in _read_verified(event.value)["doses"]:
            if newest.setdefault(dose["dose_id"], dose)["version"] <= dose["version"]:
                newest[dose["dose_id"]] = dose
    rows = [_status_of(context.sealer, dose) for _, dose in sorted(newest.items())]
    judged = [
        (row.dose_id, row.version)
        for row in rows
        if row.version > 1 and Doubt.PERSON_CHANGED not in row.reasons
    ]
    if judged:
        await occurrences.versions_judged(tx, judged)
    opened = {dose_id for dose_id, dose in newest.items() if dose.get("case") == "open"}
    stored = await status.set_verified(tx, rows, opened) if rows else ()
    corrected = [row for row in stored if row.version > 1]
    suggested = [
        suggestion_row(context.sealer, row.dose_id, row.version, people)
        for row in stored
        if (people := newest[row.dose_id].get("suggestions"))
    ]
    if suggested or corrected:
        verified = [(row.dose_id, row.version) for row in stored]
        await suggestions.replace(tx, verified, suggested)
    persons = sorted({row.person for row in stored if row.person is not None})
    unconfirmed = [row.dose_id for row in stored if row.grade in _UNCONFIRMED]
    await status.queue_histories(tx, persons, unconfirmed)
    await _note_how_found(context.sealer, tx, newest, stored)
    if corrected:
        person_changed = [row for row in corrected if Doubt.PERSON_CHANGED in row.reasons]
        await status.note_changed_persons(tx, person_changed, corrected)
    for grade, count in Counter([row.grade for row in rows]).items():
        context.metrics.count("verified", grade, count)


async def _note_how_found(
    sealer: Sealer,
    tx: Transaction,
    doses: Mapping[int, _EventDose],
    stored: Sequence[VerifiedStatus],
) -> None:
    """Keeps numbers that the people had before, and names that were not typed for them."""
    old_numbers: set[OldNumber] = set()
    registered: list[RegisteredNamesake] = []
    for row in stored:
        if row.person is None or (person := doses[row.dose_id].get("person")) is None:
            continue
        for number in person.get("old_ids", ()):
            old_numbers.add(OldNumber(PERSON_INDEX.of(sealer, number), row.person))
        if row.reasons and not _TYPED_OTHERWISE.isdisjoint(row.reasons):
            key = namesake(person.get("full_name", ""), person.get("date_of_birth", ""))
            index = NAMESAKE_INDEX.of(sealer, key)
            registered.append(RegisteredNamesake(row.dose_id, row.version, index))
    # in one order, so that two workers do not wait for each other
    if old_numbers:
        await people.add_old_numbers(tx, sorted(old_numbers))
    if registered:
        await people.add_registered(tx, registered)


def _status_of(sealer: Sealer, dose: _EventDose) -> VerifiedStatus:
    reasons = [
        reason for attribute in dose.get("attributes", ()) if (reason := attribute.get("reason"))
    ]
    if "doubts" in dose:
        reasons += [doubt for doubt in dose["doubts"] if doubt not in MARKS]
    person, grade = dose.get("person"), dose["grade"]
    person_index = None if person is None else _person_index(sealer, person)
    return VerifiedStatus(
        dose["dose_id"], dose["version"], STATE_OF_GRADE[grade], grade, reasons, person_index
    )


def _person_index(sealer: Sealer, person: _EventPerson) -> int:
    """The blind index by the registry's number, or by a foreigner's passport."""
    if number := person.get("personal_id", ""):
        return PERSON_INDEX.of(sealer, number)
    passport = read_passport(person.get("passport_number", ""))
    return PASSPORT_INDEX.of(sealer, f"{person.get('nationality', 'VN')}:{passport}")


async def on_issued(context: Context, tx: Transaction, events: Sequence[Event]) -> None:
    """Stores which doses got their certificate, and which the signer refused."""
    chunks = [CertificatesIssued.model_validate_json(event.value) for event in events]
    # events come in any order. Two versions of a dose, or a certificate and its renewal, may come
    # together: of each the newest counts
    chunks.sort(key=lambda chunk: chunk.issued_at)
    issued = sorted(
        (dose for chunk in chunks for dose in chunk.certificates),
        key=attrgetter("dose_id", "version"),
    )
    refused = sorted(
        (dose for chunk in chunks for dose in chunk.refused),
        key=attrgetter("dose_id", "version", "code"),
    )
    newest = list({dose.dose_id: dose for dose in issued}.values())
    await status.set_issued(tx, newest)
    await status.set_refused(tx, list({dose.dose_id: dose for dose in refused}.values()))
    context.metrics.count("issued", "issued", len(issued))
