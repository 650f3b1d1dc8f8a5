"""`/people/search`: finds a person and all doses within the caller's reach."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Response

from contracts.access import STAFF, Reach, callers_reach
from contracts.purposes import DESCRIBED, HEADER, Purpose
from services.chassis import audit
from services.chassis.auth import Allow, Principal
from services.chassis.db import Transaction
from services.chassis.http import problems
from services.chassis.paging import PageRequest, page_request
from services.chassis.volume import Look, counted
from services.records.complaints import models as complaint_models
from services.records.complaints import store as complaints
from services.records.complaints.routes import listed_fields
from services.records.context import Context
from services.records.dependencies import Ctx
from services.records.disclosure.audit_acts import PERSON_SEARCH, scope_of
from services.records.disclosure.visibility import Masked, single_masked
from services.records.domain.namesakes import unlike
from services.records.doses.versions import person_of
from services.records.people import models
from services.records.people.models import FoundBy
from services.records.people.questions import ByName, ByNumber, read_question
from services.records.people.search import PersonFound, find
from services.records.people.store import StandingDose
from services.records.told_cases import store as told_cases
from services.records.told_cases.serializers import case_out
from services.records.told_cases.store import StoredCase
from services.records.worklist.serializers import dose_fields

router = APIRouter(tags=["people"])
staff = Allow(*STAFF)
StatedPurpose = Annotated[Purpose, Header(alias=HEADER, description=DESCRIBED)]
People = Annotated[PageRequest, Depends(page_request(default=20, most=50))]


@router.post(
    "/people/search",
    summary="Find a person and their doses",
    responses=problems(401, 403, 422, 429, 503),
)
async def find_people(
    context: Ctx,
    response: Response,
    pages: People,
    search: models.PersonSearch,
    caller: Annotated[Principal, Depends(counted(staff))],
    why: StatedPurpose,
    masked: Masked = None,
) -> models.FoundPeople:
    """By an ID number, a passport, or name and birth date: without accents, in any order.

    Doses beyond the caller's reach are not shown, nor told of. A purpose must be stated. Every look
    is kept in the audit, and how many people one caller may look at is limited.
    """
    hidden = single_masked(caller, masked, why)
    question = read_question(context.sealer, search)
    after = pages.after(int)
    reach = callers_reach(caller)
    async with context.db.begin() as tx:
        result = await find(tx, reach, question, after[0] if after else 0, pages.limit)
        people = [one for one in result.people if _fits(context, question, one)]
        # the first was counted before it was searched for
        await context.volumes.admit(caller, Look.SINGLE, len(people) - 1 if people else 0)
        shown = [await _shown(context, tx, reach, question, one, hidden) for one in people]
        dose_ids = [found.dose.id for one in people for found in one.doses]
        scope = scope_of(hidden, by="name" if isinstance(question, ByName) else "number")
        await audit.note(tx, caller, PERSON_SEARCH, dose_ids, why=why, scope=scope)
    response.headers["Cache-Control"] = "no-store"
    page = pages.page(shown, result.people, lambda one: (one.first,))
    return models.FoundPeople(items=page.items, next=page.next, too_many=result.too_many)


def _fits(context: Context, question: ByNumber | ByName, one: PersonFound) -> bool:
    """Whether a person is of the sex that was asked for, or of none that was told."""
    if isinstance(question, ByNumber) or question.sex is None:
        return bool(one.doses)
    told = {person_of(context.sealer, found.dose)["sex"] for found in one.doses} - {None}
    return bool(one.doses) and (not told or question.sex in told)


async def _shown(
    context: Context,
    tx: Transaction,
    reach: Reach,
    question: ByNumber | ByName,
    one: PersonFound,
    hidden: bool,
) -> models.FoundPerson:
    cases = await told_cases.of_doses(tx, [found.dose.id for found in one.doses])
    doses = [
        _dose(context, found, cases.get((found.dose.id, found.dose.version)), hidden)
        for found in one.doses
    ]
    differs = []
    if isinstance(question, ByName):
        typed = person_of(context.sealer, one.doses[-1].dose)
        differs = unlike(
            question.full_name, question.birth.text, typed["full_name"], typed["date_of_birth"]
        )
    return models.FoundPerson(
        person=doses[-1].person,
        confirmed=one.person is not None,
        found_by=_found_by(question, one),
        unlike=differs,
        doses=doses,
        complaints=await _complaints(context, tx, reach, one),
    )


def _dose(
    context: Context, found: StandingDose, case: StoredCase | None, hidden: bool
) -> models.FoundDose:
    fields = dose_fields(context.sealer, found.dose, hidden)
    return models.FoundDose(**fields, since=found.since, case=case_out(case))


def _found_by(question: ByNumber | ByName, one: PersonFound) -> FoundBy:
    if isinstance(question, ByName):
        return FoundBy.NAME
    if one.person is None:
        return FoundBy.TYPED_NUMBER
    if one.person != question.person:
        return FoundBy.OLD_NUMBER
    return FoundBy.PASSPORT if question.passport else FoundBy.NUMBER


async def _complaints(
    context: Context, tx: Transaction, reach: Reach, one: PersonFound
) -> list[complaint_models.ListedComplaint]:
    """Complaints that the person sent signed in, at offices within reach."""
    if one.person is None:
        return []
    rows = await complaints.of_person(tx, one.person, 0, 20)
    return [
        complaint_models.ListedComplaint(**listed_fields(context, row))
        for row in rows
        if reach.everything or row.office.startswith(reach.facilities)
    ]
