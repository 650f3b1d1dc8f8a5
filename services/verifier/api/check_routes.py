"""`/checks`: people are checked before their injection, so that nothing wrong is recorded."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends

from contracts.access import STAFF, sender_of
from contracts.citizen_card import read_card
from contracts.events import Person, checked
from contracts.words import ELIGIBLE_GRADES
from services.chassis import audit
from services.chassis.auth import Allow, Principal
from services.chassis.gate import BodySize, MaxBody
from services.chassis.http import problems
from services.verifier import errors
from services.verifier.api import models
from services.verifier.api.audit_acts import CHECK, GUARDIAN_LOOK_UP, NUMBER_TOLD, Why
from services.verifier.api.dependencies import Ctx
from services.verifier.api.guardian_serializers import by_guardian
from services.verifier.api.verification_serializers import attributes, is_told_deaths
from services.verifier.context import Context
from services.verifier.guardian_lookups import GivenGuardian, GuardianAnswer, GuardianQuestion
from services.verifier.matching import match_people
from vietnamese.cells import bare_number
from vietnamese.dates import read_birth

router = APIRouter(tags=["checks"])
staff = Allow(*STAFF)


@router.post(
    "/checks",
    summary="Check people before their injection",
    responses=problems(401, 403, 422, 429, 503),
    dependencies=[Depends(MaxBody(BodySize.LIST))],
)
async def check_people(
    context: Ctx,
    checks: models.Checks,
    caller: Annotated[Principal, Depends(staff)],
    why: Why = None,
) -> models.CheckedAll:
    """Answered at once. Nothing is stored but who asked about whom. A child's number is told by its
    guardian where that is safe. It is limited how often anybody may ask for one, and how many
    numbers may be tried on one person, name or birth date.
    """
    limited_caller = sender_of(caller)
    _require_cards(checks)
    people = [_person(checked_person) for checked_person in checks.people]
    guardians = {
        at: _guardian(checked_person.guardian)
        for at, checked_person in enumerate(checks.people)
        if checked_person.guardian
    }
    everybody = [*people, *(guardian.person for guardian in guardians.values())]
    places = [f"people.{at}" for at in range(len(people))] + [
        f"people.{at}.guardian" for at in guardians
    ]
    await context.enumeration.admit(limited_caller, everybody, places)
    if guardians:
        await context.guardians.admit(limited_caller, len(guardians))
    matched = await match_people(context.registry, everybody)
    grades = [decision.grade for decision in matched.decisions]
    await context.enumeration.count_misses(limited_caller, everybody, grades)
    guardian_decisions = matched.decisions[len(people) :]
    questions = [
        GuardianQuestion(people[at], matched.decisions[at], guardian, decision)
        for (at, guardian), decision in zip(guardians.items(), guardian_decisions, strict=True)
    ]
    answers = await context.guardians.answer(limited_caller, questions)
    await _record_looks(context, caller, why, everybody, answers)
    deaths = is_told_deaths(caller)
    by_child = {
        at: by_guardian(question, answer, deaths=deaths)
        for at, question, answer in zip(guardians, questions, answers, strict=True)
    }
    items = [
        models.Checked(
            grade=decision.grade,
            passes=decision.grade in ELIGIBLE_GRADES,
            attributes=attributes(decision.attributes, deaths=deaths),
            by_guardian=by_child.get(at),
        )
        for at, decision in enumerate(matched.decisions[: len(people)])
    ]
    return models.CheckedAll(items=items, registry_time=matched.registry_time)


async def _record_looks(
    context: Context,
    caller: Principal,
    why: str | None,
    people: Sequence[Person],
    answers: Sequence[GuardianAnswer],
) -> None:
    """Writes down who was checked, whose guardian was used, and whose number was told."""
    acts = {
        CHECK: [person.personal_id or person.passport_number for person in people],
        GUARDIAN_LOOK_UP: [answer.guardian for answer in answers if answer.guardian],
        NUMBER_TOLD: [answer.personal_id for answer in answers if answer.personal_id],
    }
    async with context.db.begin() as tx:
        for act, numbers in acts.items():
            await audit.note(
                tx, caller, act, [context.sealer.blind(number) for number in numbers], why=why
            )
    for answer in answers:
        context.metrics.count("guardian", answer.refusal or "told")


def _person(typed: models.CheckedPerson) -> Person:
    fields = typed.model_dump(exclude={"card", "guardian"})
    return _read(fields | (_card(typed.card) if typed.card else {}))


def _guardian(guardian: models.Guardian) -> GivenGuardian:
    """The guardian as typed beside their card: so a card of somebody else is noticed."""
    typed = _read(guardian.model_dump(exclude={"card"}))
    return GivenGuardian(typed, _read(_card(guardian.card)) if guardian.card else None)


def _require_cards(checks: models.Checks) -> None:
    """ServiceError 422 that names every line which is not one of a card."""
    lines = [(f"people.{at}.card", person.card) for at, person in enumerate(checks.people)]
    lines += [
        (f"people.{at}.guardian.card", person.guardian.card)
        for at, person in enumerate(checks.people)
        if person.guardian
    ]
    if wrong := [place for place, line in lines if line and not read_card(line)]:
        raise errors.card_invalid(wrong)


def _card(line: str) -> dict[str, str]:
    card = read_card(line)
    assert card is not None
    return card._asdict()


def _read(fields: dict[str, str]) -> Person:
    born = read_birth(fields["date_of_birth"])
    fields |= {
        name: bare_number(fields[name])
        for name in ("personal_id", "passport_number")
        if name in fields
    }
    # an upload refuses an unreadable date; here it is an impossible one, so that the other people
    # get their answers
    fields |= (
        {"date_of_birth": born.text, "date_precision": born.precision}
        if born
        else {"date_precision": "impossible"}
    )
    return checked(Person, fields)
