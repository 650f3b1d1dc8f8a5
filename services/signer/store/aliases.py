"""Under which old numbers people may ask: blind indexes of superseded numbers and old cards.

One old number may be several people's; what is asked besides tells whose.
"""

from collections.abc import Iterable, Sequence

from contracts.events import VerifiedDose
from services.chassis.db import Transaction
from services.chassis.encryption import Sealer
from services.signer.store.intents import PersonIndex, person_index

# in order: two workers that add the same never wait for each other crosswise
_ADD = """
INSERT INTO person_alias (alias, person)
SELECT DISTINCT alias, person FROM unnest($1::bigint[], $2::bigint[]) AS new (alias, person)
ORDER BY alias, person ON CONFLICT DO NOTHING
"""
_PERSONS = "SELECT person FROM person_alias WHERE alias = $1 ORDER BY person LIMIT 20"


def aliases_of(
    sealer: Sealer, doses: Iterable[VerifiedDose]
) -> list[tuple[PersonIndex, PersonIndex]]:
    """Old number and person of everybody who had one, as blind indexes."""
    return [
        (person_index(sealer, old), person_index(sealer, dose.person.personal_id))
        for dose in doses
        if dose.person is not None and dose.person.personal_id
        for old in dose.person.old_ids
    ]


async def add(tx: Transaction, aliases: Sequence[tuple[PersonIndex, PersonIndex]]) -> None:
    """Keeps old numbers; those that are kept already change nothing."""
    if aliases:
        old, persons = zip(*aliases, strict=True)
        await tx.raw.execute(_ADD, list(old), list(persons))


async def persons_of(tx: Transaction, alias: PersonIndex) -> list[PersonIndex]:
    """Who had this number."""
    return [PersonIndex(row["person"]) for row in await tx.raw.fetch(_PERSONS, alias)]
