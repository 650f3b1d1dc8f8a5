"""Takes a supplement in: a dose under the facility's code, held until the facility has answered."""

from datetime import timedelta
from typing import NamedTuple

from contracts.access import Reach
from contracts.ids import DoseId
from contracts.topics import RECORDED
from contracts.words import Mark, State
from services.chassis.db import Transaction
from services.records.context import Context
from services.records.domain.derived_code import injection
from services.records.domain.dose import Raw, ValidDose
from services.records.domain.doubts import with_doubts
from services.records.domain.namesakes import births_alike
from services.records.domain.parse_row import parse_row
from services.records.domain.same_injection import Relation, relation
from services.records.doses import store as doses
from services.records.doses.errors import correction_invalid
from services.records.doses.versions import NO_BATCH, new_version, recorded_event, reparse
from services.records.people import store as people
from services.records.people.store import StandingDose
from services.records.schema import NAMESAKE_INDEX, PERSON_INDEX, SUPPLEMENT_PICTURE
from services.records.supplements import errors, store
from services.records.supplements.models import NewSupplement
from services.records.supplements.rules import SupplementState
from services.records.webhooks import occurrences
from vietnamese.dates import Birth
from vietnamese.id_numbers import number_key
from vietnamese.plain_names import namesake

_64_BITS = (1 << 64) - 1
_UNVERIFIED = frozenset({State.NEEDS_CORRECTION, State.IN_REVIEW})


class Slip(NamedTuple):
    """A picture of a vaccination slip, and its media type by its first bytes."""

    content: bytes
    media_type: str


class RecordedSupplement(NamedTuple):
    """What was made of a slip."""

    supplement_id: int
    dose_id: DoseId


def read_supplement(context: Context, body: NewSupplement) -> ValidDose:
    """The dose that a body says, with its marks; ServiceError 422 where it breaks a rule.

    Its record code is made of what it says, so that the same slip is never recorded twice.
    """
    typed = body.model_dump(exclude={"person", "picture"}) | body.person.model_dump()
    raw = Raw(**{name: str(value).strip() for name, value in typed.items()})
    text = "\x1f".join((injection(raw), number_key(raw.personal_id), raw.facility_code))
    raw = raw._replace(source_id=f"BS-{context.sealer.blind(text) & _64_BITS:016x}")
    result = parse_row(raw, today=context.today(), facilities=context.facilities)
    if result.dose is None:
        raise correction_invalid(result.errors)
    held = () if context.cfg.supplement.issue_before_answer else (Mark.SUPPLEMENT_OPEN.value,)
    return with_doubts(result.dose, (Mark.SUPPLEMENTED.value, *held))


async def record_dose(
    context: Context, tx: Transaction, reach: Reach, dose: ValidDose, slip: Slip, subject: str
) -> RecordedSupplement:
    """Stores the dose and its slip, and has it verified.

    ServiceError 403 where the person is not of the station's area, 409 where the injection is on
    record.
    """
    residence = dose.province_code + dose.district_code + dose.commune_code
    if not reach.residences or not residence.startswith(reach.residences):
        raise errors.not_of_your_area()
    await _refuse_known(context, tx, reach, dose)
    [dose_id] = await doses.take_ids(tx, 1)
    version = new_version(context.sealer, dose_id, 1, NO_BATCH, 0, dose)
    if not await doses.insert_new(tx, [version.row]):
        key = (dose.facility_code, dose.source_id)
        known = (await doses.lock_known(tx, [key])).get(key)
        stored = await doses.read_dose(tx, known.id) if known else None
        if stored is None or stored.state == State.WITHDRAWN:
            raise errors.supplemented_before()
        if not reach.covers(stored.facility_code, stored.residence):
            raise errors.supplemented_before()
        raise errors.on_record_already(stored.id)
    now = context.clock()
    values = {
        "dose_id": dose_id,
        "state": SupplementState.WAITING,
        "facility_code": dose.facility_code,
        "residence": residence,
        "recorded_by": subject,
        "recorded_at": now,
        "contest_until": now + timedelta(days=context.cfg.supplement.contest_days),
        "picture": SUPPLEMENT_PICTURE.seal(context.sealer, slip.content, dose_id),
        "picture_type": slip.media_type,
    }
    supplement_id = await store.add(tx, values)
    await occurrences.supplement_recorded(tx, supplement_id)
    event = recorded_event(NO_BATCH, [version])
    await context.outbox.put(tx, RECORDED.lane(True), f"dose/{dose_id}", RECORDED.name, event)
    return RecordedSupplement(supplement_id, dose_id)


async def _refuse_known(context: Context, tx: Transaction, reach: Reach, dose: ValidDose) -> None:
    """ServiceError 409 where a dose within reach is the same injection."""
    number = number_key(dose.personal_id)
    hits = (
        await people.by_person(tx, reach, PERSON_INDEX.of(context.sealer, number)) if number else []
    )
    if dose.date_precision in ("day", "month", "year"):
        birth = Birth(dose.date_of_birth, dose.date_precision, None)
        texts = births_alike(birth)
        indexes = [
            NAMESAKE_INDEX.of(context.sealer, namesake(dose.full_name, text)) for text in texts
        ]
        hits += await people.by_namesake(tx, reach, indexes, {})
    found = await people.standing_doses(tx, reach, sorted({hit.dose_id for hit in hits}), [])
    for known in found:
        if _is_same(context, known, dose):
            raise errors.on_record_already(known.dose.id)


def _is_same(context: Context, known: StandingDose, dose: ValidDose) -> bool:
    stored = known.dose
    if stored.state == State.WITHDRAWN or (stored.date_given, stored.dose_number) != (
        dose.date_given,
        dose.dose_number,
    ):
        return False
    record = reparse(context.sealer, stored, context.today())
    verified = stored.state not in _UNVERIFIED
    return record is not None and relation(record, dose, verified=verified) is Relation.SAME
