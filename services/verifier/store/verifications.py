"""Verifications as they are stored: their row, its blind indexes and sealed field, and COPY.

Whoever reads them finds the queries in `verification_queries.py`.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy.dialects.postgresql import insert as upsert

from contracts.events import Person, RegistryPerson
from contracts.identity.name_forms import name_of
from contracts.ids import BatchId, DoseId
from contracts.passports import read_passport
from services.chassis.db import Transaction
from services.chassis.encryption import Sealer
from services.verifier.schema import verification
from services.verifier.store.sealed_field import DoseSealedField

EVIDENCE = DoseSealedField("verification")
"""`evidence`: what was typed, what replaced it, and who else was thought of."""
_KEY = ("dose_id", "version")
_FIXED = frozenset({*_KEY, "batch_id", "source_id", "facility_code", "residence"})
_TYPED_IDENTITY = (
    "full_name",
    "date_of_birth",
    "date_precision",
    "sex",
    "personal_id",
    "passport_number",
    "nationality",
)
_SEPARATOR = "\x1f"


class VerificationRow(NamedTuple):
    """One verification as it is stored.

    `residence`: province, district and commune codes joined. `attributes`: a JSON list, None where
    all match. `evidence`: sealed. `number`, `used`: blind indexes by which a change of the registry
    finds whom it concerns. `doubts`, `typed`, `rests_on`: None in nearly all rows (see the schema).
    """

    dose_id: DoseId
    version: int
    batch_id: BatchId
    source_id: str
    facility_code: str
    residence: str
    grade: str
    attributes: str | None
    algorithm: str
    registry_time: datetime | None
    evidence: bytes | None
    number: int | None
    used: int | None
    doubts: list[str] | None
    typed: int | None
    rests_on: int | None


class ForeignerIndexes(NamedTuple):
    """Blind indexes of a foreigner, whom no registry knows, in the columns of a verification.

    `passport`, of number and nationality, is stored as `number`; `name` as `used`; `birth` as
    `typed`.
    """

    passport: int
    name: int
    birth: int


def residence_of(person: Person) -> str:
    """The codes of the typed residence, joined as they are stored."""
    return person.province_code + person.district_code + person.commune_code


def number_index(sealer: Sealer, number: str) -> int:
    """The blind index of a personal number (column `number`)."""
    return sealer.blind(number)


def registry_index(sealer: Sealer, data: RegistryPerson | Person) -> int:
    """The blind index of all that a certificate takes from the registry (column `used`).

    Of a typed person it is the index of one who is registered just so.
    """
    parts = data.personal_id, data.full_name, data.date_of_birth, data.sex or "", data.nationality
    return sealer.blind(_SEPARATOR.join(parts))


def fingerprint(sealer: Sealer, typed_person: Person) -> int:
    """The blind index of who was typed, without residence (column `typed`).

    An officer's decision holds for this content alone (column `fingerprint` of decisions).
    """
    return sealer.blind(
        _SEPARATOR.join(str(getattr(typed_person, name)) for name in _TYPED_IDENTITY)
    )


def foreigner_indexes(sealer: Sealer, person: RegistryPerson | Person) -> ForeignerIndexes:
    """What two foreigners are compared by.

    The accents, case and word order of a name make no difference.
    """
    passport = read_passport(person.passport_number or person.personal_id)
    # a name in another script has no words here
    name = " ".join(sorted(name_of(person.full_name).bare)) or person.full_name
    return ForeignerIndexes(
        passport=sealer.blind(_SEPARATOR.join(("passport", person.nationality, passport))),
        name=sealer.blind(_SEPARATOR.join(("name", name))),
        birth=sealer.blind(_SEPARATOR.join(("birth", person.date_of_birth))),
    )


async def add(tx: Transaction, rows: Sequence[VerificationRow]) -> None:
    """Stores verifications. One of a version that has one already takes its place."""
    # COPY reads plain tuples in half the time of named ones
    if not await tx.copy_new(verification, VerificationRow._fields, list(map(tuple, rows))):
        statement = upsert(verification)
        changed = {
            name: statement.excluded[name] for name in VerificationRow._fields if name not in _FIXED
        }
        await tx.execute(
            statement.on_conflict_do_update(index_elements=_KEY, set_=changed),
            [row._asdict() for row in rows],
        )
