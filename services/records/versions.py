"""One version of a dose: as the row that is stored, as the part of an event, and as the end of the versions before it."""

import json
from collections.abc import Iterable
from typing import Any

from pydantic import TypeAdapter

from contracts.events import DoseFacts, DosesWithdrawn, Person, RecordedDose, WithdrawnDose, checked
from contracts.topics import WITHDRAWN
from services.chassis.db import Transaction
from services.chassis.seal import Sealer
from services.records.context import Context
from services.records.domain.dose import Dose, Raw, typed_row
from services.records.domain.identity import birth_year, typed_identity
from services.records.store.doses import DoseRow

_person_json = TypeAdapter(Person).dump_json
NO_BATCH = 0
"""The batch of a version that came by a correction."""


def stored(sealer: Sealer, dose_id: int, version: int, batch_id: int, row: int, dose: Dose) -> DoseRow:
    """The row of one version, its personal part sealed."""
    person, facts = dose.person, dose.facts
    # the phone stays with records: nobody downstream needs it, so no event carries it
    typed = b'{"phone":%s,' % json.dumps(dose.phone).encode() + _person_json(person)[1:]
    return DoseRow(
        dose_id,
        dose.facility_code,
        dose.source_id,
        version,
        batch_id,
        row,
        dose.content,
        person.province_code,
        person.district_code,
        person.commune_code,
        facts.product,
        facts.lot,
        facts.dose_number,
        facts.dose_kind,
        facts.date_given,
        sealer.seal(typed, _bound_to(dose_id)),
        birth_year(person),
        sealer.blind(typed_identity(person)),
    )


def opened(sealer: Sealer, row: Any) -> dict[str, Any]:
    """The person of a stored dose as typed, with the phone."""
    person: dict[str, Any] = json.loads(sealer.unseal(row.person, _bound_to(row.id)))
    return person


def typed(sealer: Sealer, row: Any) -> Raw:
    """A stored dose as it would be typed."""
    person = opened(sealer, row)
    return typed_row(checked(Person, person), person["phone"], row.facility_code, row.source_id, facts_of(row))


def facts_of(row: Any) -> DoseFacts:
    """What was injected, of a stored dose."""
    return DoseFacts(row.product, row.dose_number, row.dose_kind, row.date_given, row.lot)


def _bound_to(dose_id: int) -> bytes:
    return b"dose:%d" % dose_id


def row_binding(batch_id: int, row: int) -> bytes:
    """What a rejected row's sealed text is bound to."""
    return b"row:%d/%d" % (batch_id, row)


def recorded(row: DoseRow, dose: Dose) -> RecordedDose:
    """One version as `doses.recorded` tells it."""
    return RecordedDose(row.id, row.version, dose.source_id, dose.facility_code, dose.person, dose.facts)


async def end_older(context: Context, tx: Transaction, newer: Iterable[DoseRow], reason: str) -> None:
    """Tells that the versions before these are no longer valid, whatever state they had: a verification of theirs may be on its way."""
    await tell_withdrawn(context, tx, [(row.id, row.version - 1, reason) for row in newer])


async def tell_withdrawn(context: Context, tx: Transaction, ended: list[tuple[int, int, str]]) -> None:
    """Puts one event of (dose id, version, reason)."""
    doses = [WithdrawnDose(dose_id=dose_id, version=version, reason=reason) for dose_id, version, reason in ended]
    key = f"dose/{doses[0].dose_id}"
    await context.outbox.put(tx, WITHDRAWN.name, key, WITHDRAWN.name, DosesWithdrawn(doses=doses).model_dump_json().encode())
