"""Work for the signer: verified doses of two people, their way through the consumer, and what came
of it.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

from sqlalchemy import select

from contracts.events import (
    CertificatesIssued,
    DoseFacts,
    DoseKind,
    DosesVerified,
    DosesWithdrawn,
    RegistryPerson,
    VerifiedDose,
    WithdrawnDose,
)
from contracts.topics import VERIFIED, WITHDRAWN
from contracts.words import Grade
from services.chassis.bus import Bus, Event
from services.chassis.inbox import first_time
from services.signer.consumer import subscriptions
from services.signer.context import Context
from services.signer.schema import intent
from services.signer.store import certificates as store
from services.signer.store.intents import person_index
from tests.support.bus import take_waiting

HOA = RegistryPerson(
    personal_id="068180000001",
    full_name="Nguyễn Thị Hòa",
    date_of_birth="1980-05-03",
    sex="female",
    nationality="VN",
)
HUNG = RegistryPerson(
    personal_id="079085123456",
    full_name="Trần Văn Hùng",
    date_of_birth="1985-01-02",
    sex="male",
    nationality="VN",
)
ANNA = RegistryPerson(
    passport_number="C01X00T47",
    full_name="Müller Anna",
    date_of_birth="1990-02-28",
    sex="female",
    nationality="DE",
)
FACILITY, RESIDENCE = "79012", "7976026734"
FIRST, SECOND = date(2021, 7, 1), date(2021, 8, 1)


def dose(
    id: int,
    person: RegistryPerson | None = HOA,
    *,
    version: int = 1,
    number: int = 1,
    given: date | None = None,
    product: str = "comirnaty",
    kind: DoseKind = "primary",
) -> VerifiedDose:
    """One verified dose, each an injection of its own day; without a person it is not eligible."""
    day = given or FIRST + timedelta(days=id - 1)
    facts = DoseFacts(
        product=product, lot="FK0112", dose_number=number, dose_kind=kind, date_given=day
    )
    if person is None:
        return VerifiedDose(dose_id=id, version=version, grade=Grade.MISMATCH)
    return VerifiedDose(
        dose_id=id,
        version=version,
        grade=Grade.EXACT,
        person=person,
        facts=facts,
        facility_code=FACILITY,
        residence=RESIDENCE,
    )


def verified(*doses: VerifiedDose, express: bool = False) -> Event:
    """The event that tells of them."""
    value = DosesVerified(batch_id=1, algorithm="1", doses=list(doses)).model_dump_json().encode()
    return Event(
        str(uuid4()),
        VERIFIED.lane(express),
        VERIFIED.name,
        "/verifier",
        str(uuid4()),
        datetime.now(UTC),
        value,
        {},
    )


def withdrawn(id: int, version: int = 1) -> Event:
    """The event that tells of one dose withdrawn."""
    value = (
        DosesWithdrawn(
            doses=[WithdrawnDose(dose_id=id, version=version, reason="entered in error")]
        )
        .model_dump_json()
        .encode()
    )
    return Event(
        str(uuid4()),
        WITHDRAWN.name,
        WITHDRAWN.name,
        "/records",
        str(id),
        datetime.now(UTC),
        value,
        {},
    )


async def handle(context: Context, *events: Event) -> None:
    """Does what the consumer loop does with these events of one topic, in one transaction."""
    handler = {one.topic: one.handler for one in subscriptions(context)}[events[0].type]
    async with context.db.begin() as tx:
        fresh = await first_time(tx, "signer", events)
        if fresh:
            await handler(tx, fresh)


async def told(
    context: Context, bus: Bus, topic: str = "certificates.issued.v1"
) -> list[CertificatesIssued]:
    """What the signer has told since the last time."""
    while await context.outbox.drain_once():
        pass
    return [
        CertificatesIssued.model_validate_json(event.value)
        for event in await take_waiting(bus, topic)
    ]


async def uvcis(context: Context) -> list[str]:
    """Every identifier ever minted, by dose, version and edition."""
    async with context.db.begin() as tx:
        rows = await tx.execute(
            select(intent.c.uvci).order_by(intent.c.dose_id, intent.c.version, intent.c.edition)
        )
        return list(rows.scalars())


async def valid_of(context: Context, person: RegistryPerson) -> Sequence[store.StoredCertificate]:
    """A person's certificates that are not revoked."""
    async with context.db.begin() as tx:
        return await store.certificates_of(
            tx,
            [
                person_index(
                    context.sealer, person.personal_id, person.passport_number, person.nationality
                )
            ],
        )
