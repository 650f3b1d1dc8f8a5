"""One version of a dose: as the row that is stored, as the part of an event, and as the end of the versions before it."""

import json
from collections.abc import Iterable
from typing import Any

from contracts.events import DoseFacts, DosesWithdrawn, Person, RecordedDose, WithdrawnDose
from contracts.topics import WITHDRAWN
from services.chassis.db import Transaction
from services.chassis.seal import Sealer
from services.records.context import Context
from services.records.domain.dose import Dose, Raw, typed_row
from services.records.domain.identity import birth_year, typed_identity
from services.records.store.doses import DoseRow

NO_BATCH = 0
"""The batch of a version that came by a correction."""


def stored(sealer: Sealer, dose_id: int, version: int, batch_id: int, row: int, dose: Dose) -> DoseRow:
    """The row of one version, its personal part sealed."""
    person, facts = dose.person, dose.facts
    # the phone stays with records: nobody downstream needs it, so no event carries it
    typed = b'{"phone":%s,' % json.dumps(dose.phone).encode() + person.__pydantic_serializer__.to_json(person)[1:]
    return DoseRow(
        id=dose_id,
        facility_code=dose.facility_code,
        source_id=dose.source_id,
        version=version,
        batch_id=batch_id,
        row=row,
        digest=dose.content,
        province_code=person.province_code,
        district_code=person.district_code,
        commune_code=person.commune_code,
        product=facts.product,
        lot=facts.lot,
        dose_number=facts.dose_number,
        dose_kind=facts.dose_kind,
        date_given=facts.date_given,
        person=sealer.seal(typed, _bound_to(dose_id)),
        birth_year=birth_year(person),
        identity=sealer.blind(typed_identity(person)),
    )


def opened(sealer: Sealer, row: Any) -> dict[str, Any]:
    """The person of a stored dose as typed, with the phone."""
    person: dict[str, Any] = json.loads(sealer.unseal(row.person, _bound_to(row.id)))
    return person


def typed(sealer: Sealer, row: Any) -> Raw:
    """A stored dose as it would be typed."""
    person = opened(sealer, row)
    facts = DoseFacts.model_validate(row, from_attributes=True)
    return typed_row(Person.model_validate(person), person["phone"], row.facility_code, row.source_id, facts)


def _bound_to(dose_id: int) -> bytes:
    return b"dose:%d" % dose_id


def row_binding(batch_id: int, row: int) -> bytes:
    """What a rejected row's sealed text is bound to."""
    return b"row:%d/%d" % (batch_id, row)


def recorded(row: DoseRow, dose: Dose) -> RecordedDose:
    """One version as `doses.recorded` tells it."""
    return RecordedDose(
        dose_id=row.id,
        version=row.version,
        source_id=dose.source_id,
        facility_code=dose.facility_code,
        person=dose.person,
        facts=dose.facts,
    )


async def end_older(context: Context, tx: Transaction, newer: Iterable[DoseRow], reason: str) -> None:
    """Tells that the versions before these are no longer valid, whatever state they had: a verification of theirs may be on its way."""
    await tell_withdrawn(context, tx, [(row.id, row.version - 1, reason) for row in newer])


async def tell_withdrawn(context: Context, tx: Transaction, ended: list[tuple[int, int, str]]) -> None:
    """Puts one event of (dose id, version, reason)."""
    doses = [WithdrawnDose(dose_id=dose_id, version=version, reason=reason) for dose_id, version, reason in ended]
    key = f"dose/{doses[0].dose_id}"
    await context.outbox.put(tx, WITHDRAWN.name, key, WITHDRAWN.name, DosesWithdrawn(doses=doses).model_dump_json().encode())
