"""One version of a dose: as a row that is stored, as part of an event, and as the end of the
versions before it.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from json.encoder import encode_basestring
from types import SimpleNamespace
from typing import Any, NamedTuple

from contracts.events import (
    MAX_CHUNK,
    DoseFacts,
    DosesWithdrawn,
    Person,
    RecordedDose,
    WithdrawnDose,
    checked,
)
from contracts.topics import WITHDRAWN
from services.chassis.db import Transaction
from services.chassis.encryption import Sealer
from services.chassis.outbox import Outbox
from services.records.domain.dose import Raw, ValidDose, typed_row
from services.records.domain.identity import birth_year, typed_identity
from services.records.domain.parse_row import parse_row
from services.records.doses.store import DoseRow

NO_BATCH = 0
"""The batch of a version that came by a correction."""
_SEX_JSON = {"male": '"male"', "female": '"female"', None: "null"}
_iso = lru_cache(maxsize=4_096)(date.isoformat)
_new = tuple.__new__  # as for a dose


class NewVersion(NamedTuple):
    """One version of a dose: the row to store, and the JSON by which `doses.recorded` tells
    it.
    """

    row: DoseRow
    told: bytes


def new_version(
    sealer: Sealer, dose_id: int, version: int, batch_id: int, row: int, dose: ValidDose
) -> NewVersion:
    """One version to be stored and told, its personal part sealed.

    The JSON is that of the event's own serializer, which would need an object for every part and
    write the person twice.
    """
    (
        source_id, facility, name, birth, precision, sex, number, passport, nationality, province,
        district, commune,
        product, dose_number, kind, given, lot, phone, content, doubts,
    ) = dose  # fmt: skip
    source_json, name_json, birth_json, number_json, passport_json, phone_json = _in_json(
        source_id, name, birth, number, passport, phone
    )
    person_json = (
        f'"full_name":"{name_json}","date_of_birth":"{birth_json}","date_precision":"{precision}","sex":{_SEX_JSON[sex]},'
        f'"personal_id":"{number_json}","passport_number":"{passport_json}","nationality":"{nationality}",'
        f'"province_code":"{province}","district_code":"{district}","commune_code":"{commune}"}}'
    ).encode()
    told = b"".join((
        f'{{"dose_id":{dose_id},"version":{version},"source_id":"{source_json}","facility_code":"{facility}","person":{{'.encode(),
        person_json,
        (
            f',"facts":{{"product":"{product}","dose_number":{dose_number},"dose_kind":"{kind}",'
            f'"date_given":"{_iso(given)}","lot":"{lot}"}}'
            f'{_doubts_json(doubts) if doubts else ""}}}'
        ).encode(),
    ))  # fmt: skip
    # the phone stays with records: nobody downstream needs it, so no event carries it
    sealed = sealer.seal(f'{{"phone":"{phone_json}",'.encode() + person_json, _bound_to(dose_id))
    identity = sealer.blind(typed_identity(name, number or passport, birth, commune))
    return _new(NewVersion, (
        _new(DoseRow, (
            dose_id, facility, source_id, version, batch_id, row, content, province, district,
            commune,
            product, lot, dose_number, kind, given, sealed, birth_year(birth, precision), identity,
            " ".join(doubts) or None,
        )),
        told,
    ))  # fmt: skip


def _doubts_json(doubts: Sequence[str]) -> str:
    return f',"doubts":{json.dumps(doubts, separators=(",", ":"))}'


def _in_json(*texts: str) -> Sequence[str]:
    """Typed texts as they stand between quotation marks; other values hold nothing that JSON writes
    otherwise.
    """
    together = "".join(texts)
    return (
        [encode_basestring(text)[1:-1] for text in texts]
        if '"' in together or "\\" in together
        else texts
    )


def recorded_event(batch_id: int, versions: Iterable[NewVersion]) -> bytes:
    """The event `doses.recorded` of some versions."""
    return b'{"batch_id":%d,"doses":[%b]}' % (
        batch_id,
        b",".join([version.told for version in versions]),
    )


def person_of(sealer: Sealer, row: Any) -> dict[str, Any]:
    """The person of a stored dose as typed, with the phone."""
    person: dict[str, Any] = json.loads(sealer.unseal(row.person, _bound_to(row.id)))
    return person


def reparse(sealer: Sealer, row: Mapping[str, Any], today: date) -> ValidDose | None:
    """A stored dose as its content would be read today; None where it breaks a rule that it did not
    break then.
    """
    named = SimpleNamespace(**row)
    dose = parse_row(raw_row_of(sealer, named), today=today, facilities=None).dose
    return None if dose is None else dose.doubted(doubts_of(named))


def raw_row_of(sealer: Sealer, row: Any) -> Raw:
    """A stored dose as it would be typed."""
    person = person_of(sealer, row)
    return typed_row(
        checked(Person, person), person["phone"], row.facility_code, row.source_id, facts_of(row)
    )


def facts_of(row: Any) -> DoseFacts:
    """What was injected, of a stored dose."""
    return DoseFacts(row.product, row.dose_number, row.dose_kind, row.date_given, row.lot)


def recorded_dose(sealer: Sealer, row: Any, version: int) -> RecordedDose:
    """A stored dose as it is told again, as that version."""
    return RecordedDose(
        dose_id=row.id,
        version=version,
        source_id=row.source_id,
        facility_code=row.facility_code,
        person=checked(Person, person_of(sealer, row)),
        facts=facts_of(row),
        doubts=doubts_of(row),
    )


def doubts_of(row: Any) -> tuple[str, ...]:
    """Why people must decide on a stored dose, as codes."""
    return tuple(row.doubts.split()) if row.doubts else ()


def _bound_to(dose_id: int) -> bytes:
    return b"dose:%d" % dose_id


def row_binding(batch_id: int, row: int) -> bytes:
    """What a rejected row's sealed text is bound to."""
    return b"row:%d/%d" % (batch_id, row)


async def publish_withdrawn(
    outbox: Outbox, tx: Transaction, ended: list[tuple[int, int, str]]
) -> None:
    """Puts events of (dose id, version, reason)."""
    for at in range(0, len(ended), MAX_CHUNK):
        doses = [WithdrawnDose(*one) for one in ended[at : at + MAX_CHUNK]]
        key = f"dose/{doses[0].dose_id}"
        await outbox.put(
            tx,
            WITHDRAWN.name,
            key,
            WITHDRAWN.name,
            DosesWithdrawn(doses=doses).model_dump_json().encode(),
        )
