"""One version of a dose: as a row that is stored, as part of an event, and read again later."""

import json
from collections.abc import Iterable, Sequence
from datetime import date
from functools import lru_cache
from json.encoder import encode_basestring
from typing import Any, NamedTuple, Protocol

from contracts.events import (
    MAX_CHUNK,
    DoseFacts,
    DoseKind,
    DosesWithdrawn,
    Person,
    RecordedDose,
    WithdrawnDose,
    checked,
)
from contracts.ids import BatchId, DoseId
from contracts.topics import WITHDRAWN
from services.chassis.db import Transaction
from services.chassis.encryption import Sealer
from services.chassis.outbox import Outbox
from services.records.domain.dose import Raw, ValidDose, typed_row
from services.records.domain.doubts import with_doubts
from services.records.domain.parse_row import parse_row
from services.records.doses import store
from services.records.doses.store import DoseRow
from services.records.schema import NAMESAKE_INDEX
from vietnamese.plain_names import namesake

NO_BATCH = BatchId(0)
"""The batch of a version that came by a correction."""
_SEX_JSON = {"male": '"male"', "female": '"female"', None: "null"}
_iso = lru_cache(maxsize=4_096)(date.isoformat)
_new = tuple.__new__  # see `parse_fast`
_NAMESAKE = NAMESAKE_INDEX.domain


class StoredPerson(Protocol):
    """A stored dose whose person can be unsealed."""

    @property
    def id(self) -> int: ...
    @property
    def person(self) -> bytes: ...


class StoredContent(StoredPerson, Protocol):
    """A stored version of a dose that can be read again."""

    @property
    def facility_code(self) -> str: ...
    @property
    def source_id(self) -> str: ...
    @property
    def product(self) -> str: ...
    @property
    def lot(self) -> str: ...
    @property
    def dose_number(self) -> int: ...
    @property
    def dose_kind(self) -> DoseKind: ...
    @property
    def date_given(self) -> date: ...
    @property
    def doubts(self) -> str | None: ...


class NewVersion(NamedTuple):
    """One version of a dose: the row to store, and its JSON in the event `doses.recorded`."""

    row: DoseRow
    event_json: bytes


def new_version(
    sealer: Sealer, dose_id: DoseId, version: int, batch_id: BatchId, row: int, dose: ValidDose
) -> NewVersion:
    """Makes one version of a dose to store and to publish; its personal part is sealed.

    The JSON is written by hand, for speed: the event's own serializer needs an object for every
    part, and the person would be written twice. A test holds that both write the same bytes.
    """
    (
        source_id, facility, name, birth, precision, sex, number, passport, nationality, province,
        district, commune, product, dose_number, kind, given, lot, phone, content, doubts,
    ) = dose  # fmt: skip
    source_json, name_json, birth_json, number_json, passport_json, phone_json = _escaped(
        source_id, name, birth, number, passport, phone
    )
    person_json = (
        f'"full_name":"{name_json}","date_of_birth":"{birth_json}","date_precision":"{precision}",'
        f'"sex":{_SEX_JSON[sex]},"personal_id":"{number_json}",'
        f'"passport_number":"{passport_json}","nationality":"{nationality}",'
        f'"province_code":"{province}","district_code":"{district}","commune_code":"{commune}"}}'
    ).encode()
    event_json = b"".join((
        f'{{"dose_id":{dose_id},"version":{version},"source_id":"{source_json}",'
        f'"facility_code":"{facility}","person":{{'.encode(),
        person_json,
        (
            f',"facts":{{"product":"{product}","dose_number":{dose_number},"dose_kind":"{kind}",'
            f'"date_given":"{_iso(given)}","lot":"{lot}"}}'
            f'{_doubts_json(doubts) if doubts else ""}}}'
        ).encode(),
    ))  # fmt: skip
    # nobody downstream needs the phone, so no event carries it
    sealed = sealer.seal(f'{{"phone":"{phone_json}",'.encode() + person_json, _bound_to(dose_id))
    identity = sealer.blind(typed_identity(name, number or passport, birth, commune))
    birth_year = int(birth[:4]) if precision in ("day", "month", "year") else None
    return _new(NewVersion, (
        _new(DoseRow, (
            dose_id, facility, source_id, version, batch_id, row, content, province, district,
            commune, product, lot, dose_number, kind, given, sealed, birth_year, identity,
            " ".join(doubts) or None, sealer.blind(f"{_NAMESAKE}{namesake(name, birth)}"),
        )),
        event_json,
    ))  # fmt: skip


def typed_identity(full_name: str, number: str, date_of_birth: str, commune_code: str) -> str:
    """The text whose blind index is equal for doses of one person that were typed alike.

    It is number (of an ID or a passport) and name. Without a number, birth date and commune stand
    for it.
    """
    name = "".join(full_name.casefold().split())
    return f"{number}|{name}" if number else f"{date_of_birth}|{commune_code}|{name}"


async def insert_first_versions(
    sealer: Sealer, tx: Transaction, batch_id: BatchId, doses: Sequence[tuple[int, ValidDose]]
) -> list[NewVersion] | None:
    """Stores doses, each with its row number, that are believed to be new.

    None, and nothing is stored, where a natural key is on record; in an optimistic transaction
    that is a ConflictError instead.
    """
    ids = await store.take_ids(tx, len(doses))
    versions = [
        new_version(sealer, dose_id, 1, batch_id, row, dose)
        for dose_id, (row, dose) in zip(ids, doses, strict=True)
    ]
    return versions if await store.insert_new(tx, [new.row for new in versions]) else None


def recorded_event(batch_id: BatchId, versions: Iterable[NewVersion]) -> bytes:
    """The event `doses.recorded` of some versions."""
    return b'{"batch_id":%d,"doses":[%b]}' % (
        batch_id,
        b",".join([version.event_json for version in versions]),
    )


def person_of(sealer: Sealer, row: StoredPerson) -> dict[str, Any]:
    """The person of a stored dose as typed, with the phone."""
    person: dict[str, Any] = json.loads(sealer.unseal(row.person, _bound_to(row.id)))
    return person


def reparse(sealer: Sealer, row: StoredContent, today: date) -> ValidDose | None:
    """Reads a stored dose by today's rules; None where it breaks one that it did not break then."""
    dose = parse_row(raw_row_of(sealer, row), today=today, facilities=None).dose
    return None if dose is None else with_doubts(dose, doubts_of(row))


def raw_row_of(sealer: Sealer, row: StoredContent) -> Raw:
    """A stored dose as it would be typed into a file."""
    person = person_of(sealer, row)
    return typed_row(
        checked(Person, person), person["phone"], row.facility_code, row.source_id, facts_of(row)
    )


def facts_of(row: StoredContent) -> DoseFacts:
    """What was injected, of a stored dose."""
    return DoseFacts(row.product, row.dose_number, row.dose_kind, row.date_given, row.lot)


def recorded_dose(sealer: Sealer, row: StoredContent, version: int) -> RecordedDose:
    """A stored dose as the event `doses.recorded` carries it, under the given version."""
    return RecordedDose(
        dose_id=row.id,
        version=version,
        source_id=row.source_id,
        facility_code=row.facility_code,
        person=checked(Person, person_of(sealer, row)),
        facts=facts_of(row),
        doubts=doubts_of(row),
    )


def doubts_of(row: StoredContent | DoseRow) -> tuple[str, ...]:
    """Codes of why people must decide on a stored dose."""
    return tuple(row.doubts.split()) if row.doubts else ()


def row_binding(batch_id: int, row: int) -> bytes:
    """What the sealed text of a rejected row is bound to."""
    return b"row:%d/%d" % (batch_id, row)


async def publish_withdrawn(
    outbox: Outbox, tx: Transaction, withdrawals: Sequence[tuple[int, int, str]]
) -> None:
    """Puts events `doses.withdrawn` of (dose id, version, reason)."""
    for at in range(0, len(withdrawals), MAX_CHUNK):
        doses = [WithdrawnDose(*withdrawal) for withdrawal in withdrawals[at : at + MAX_CHUNK]]
        key = f"dose/{doses[0].dose_id}"
        event = DosesWithdrawn(doses=doses).model_dump_json().encode()
        await outbox.put(tx, WITHDRAWN.name, key, WITHDRAWN.name, event)


def _doubts_json(doubts: Sequence[str]) -> str:
    return f',"doubts":{json.dumps(doubts, separators=(",", ":"))}'


def _escaped(*texts: str) -> Sequence[str]:
    """Texts as JSON writes them between quotation marks.

    Only typed texts need it: values that were parsed hold neither a quote nor a backslash.
    """
    together = "".join(texts)
    return (
        [encode_basestring(text)[1:-1] for text in texts]
        if '"' in together or "\\" in together
        else texts
    )


def _bound_to(dose_id: int) -> bytes:
    return b"dose:%d" % dose_id
