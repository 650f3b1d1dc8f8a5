"""Whom and which dose a complaint is about, as far as the one who sends it may say so."""

from typing import NamedTuple

from services.chassis.auth import Principal
from services.chassis.db import Transaction
from services.chassis.encryption import Sealer
from services.records.complaints import errors, models
from services.records.own_doses import service as own_doses
from vietnamese.id_numbers import number_key


class ComplaintSubject(NamedTuple):
    """A dose, and where its person lives: the codes joined; both None where nothing is known."""

    dose_id: int | None = None
    residence: str | None = None


async def subject_of(
    tx: Transaction, sealer: Sealer, citizen: Principal | None, body: models.NewComplaint
) -> ComplaintSubject:
    """Of a citizen who signed in, the own dose that is named, or the person alone.

    Of others, the dose that fits all they say of it; what fits none is taken all the same.
    ServiceError 422 where a dose is named that is not the citizen's own.
    """
    number = citizen.claims.get("personal_id") if citizen else None
    if citizen is not None and isinstance(number, str) and number:
        known = own_doses.identity_in_token(citizen.claims)
        own = (await own_doses.doses_of_person(tx, sealer, number, known)).own
        named = [dose for dose in own if dose.id == body.dose_id]
        if body.dose_id is not None and not named:
            raise errors.dose_not_own()
        dose = next(iter(named or own), None)
        return ComplaintSubject(body.dose_id, dose.residence or None if dose else None)
    if body.dose_id is not None:
        raise errors.dose_not_own()
    return await _by_details(tx, sealer, body.about) if body.about else ComplaintSubject()


async def _by_details(tx: Transaction, sealer: Sealer, about: models.AboutDose) -> ComplaintSubject:
    asked = own_doses.identity_of(about.full_name, about.date_of_birth)
    number = number_key(about.personal_id)
    if asked is None or not number:
        return ComplaintSubject()
    fitting = await own_doses.doses_of_asker(tx, sealer, number, asked._replace(sex=about.sex))
    given = [dose for dose in fitting if dose.date_given == about.date_given]
    if len(given) != 1:
        return ComplaintSubject()
    return ComplaintSubject(given[0].id, given[0].residence or None)
