"""`/checks`: people are checked before their injection, so that nothing wrong is recorded in the
first place.
"""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Request

from contracts.access import STAFF, Role
from contracts.events import Person, checked
from contracts.words import ELIGIBLE_GRADES
from services.chassis import audit
from services.chassis.auth import Allow, Principal
from services.chassis.errors import ServiceError
from services.chassis.http import problems
from services.verifier.api import models
from services.verifier.api.audit_acts import CHECK, GUARDIAN_LOOK_UP, NUMBER_TOLD, Why
from services.verifier.api.guardian_serializers import told_of
from services.verifier.api.verification_serializers import attributes
from services.verifier.context import Context
from services.verifier.domain.card import read_card
from services.verifier.guardian_lookups import Ask, Given, Told
from services.verifier.matching import judge
from vietnamese.cells import bare_number
from vietnamese.dates import read_birth

router = APIRouter(tags=["checks"])
staff = Allow(*STAFF)


@router.post(
    "/checks",
    summary="Check people before their injection",
    responses=problems(401, 403, 422, 429, 503),
)
async def check(
    request: Request,
    asked: models.Checks,
    caller: Annotated[Principal, Depends(staff)],
    why: Why = None,
) -> models.CheckedAll:
    """Answered at once; nothing is stored but who asked about whom. A child's number is told by its
    guardian where that is safe; how often anybody may ask for one is limited, and so is how many
    numbers may be tried on one person, name or birth date.
    """
    context: Context = request.app.state.context
    asker = _asker(caller)
    _all_cards(asked)
    people = [_person(one) for one in asked.people]
    guardians = {at: _guardian(one.guardian) for at, one in enumerate(asked.people) if one.guardian}
    given = [*people, *(guardian.person for guardian in guardians.values())]
    places = [f"people.{at}" for at in range(len(people))] + [
        f"people.{at}.guardian" for at in guardians
    ]
    await context.guesses.admit(asker, given, places)
    if guardians:
        await context.guardians.admit(asker, len(guardians))
    judged = await judge(context.registry, given)
    await context.guesses.judged(asker, given, [one.grade for one in judged.verdicts])
    of_guardians = zip(guardians.items(), judged.verdicts[len(people) :], strict=True)
    asks = [
        Ask(people[at], judged.verdicts[at], guardian, verdict)
        for (at, guardian), verdict in of_guardians
    ]
    told = await context.guardians.answer(asker, asks)
    await _write_down(context, caller, why, given, told)
    by_guardian = dict(zip(guardians, map(told_of, asks, told), strict=True))
    items = [
        models.Checked(
            grade=one.grade,
            passes=one.grade in ELIGIBLE_GRADES,
            attributes=attributes(one.attributes),
            by_guardian=by_guardian.get(at),
        )
        for at, one in enumerate(judged.verdicts[: len(people)])
    ]
    return models.CheckedAll(items=items, registry_time=judged.registry_time)


async def _write_down(
    context: Context,
    caller: Principal,
    why: str | None,
    given: Sequence[Person],
    told: Sequence[Told],
) -> None:
    """Who was checked, and as acts of their own by whom a child was searched for and whose number
    was told.
    """
    acts = {
        CHECK: [one.personal_id or one.passport_number for one in given],
        GUARDIAN_LOOK_UP: [one.guardian for one in told if one.guardian],
        NUMBER_TOLD: [one.personal_id for one in told if one.personal_id],
    }
    async with context.db.begin() as tx:
        for act, numbers in acts.items():
            await audit.note(
                tx, caller, act, [context.sealer.blind(number) for number in numbers], why=why
            )
    for one in told:
        context.metrics.count("guardian", one.refusal or "told")


def _asker(caller: Principal) -> str:
    """Who is counted: the facility, however many people ask from there, or else the token's
    subject.
    """
    facility = caller.claims.get("facility")
    return (
        f"facility {facility}"
        if Role.FACILITY in caller.roles and facility
        else f"subject {caller.subject}"
    )


def _person(typed: models.CheckedPerson) -> Person:
    fields = typed.model_dump(exclude={"card", "guardian"})
    return _read(fields | (_card(typed.card) if typed.card else {}))


def _guardian(given: models.Guardian) -> Given:
    """What was typed is kept beside the card: a card of somebody else shows by it."""
    typed = _read(given.model_dump(exclude={"card"}))
    return Given(typed, _read(_card(given.card)) if given.card else None)


def _all_cards(asked: models.Checks) -> None:
    """ServiceError 422 with every line that is not one of a card."""
    lines = [(f"people.{at}.card", one.card) for at, one in enumerate(asked.people)]
    lines += [
        (f"people.{at}.guardian.card", one.guardian.card)
        for at, one in enumerate(asked.people)
        if one.guardian
    ]
    vi, en = (
        "Dòng quét từ thẻ không đúng mẫu; hãy quét lại.",
        "The line is not that of a card; scan it again.",
    )
    wrong = [
        {"field": place, "code": "CARD_INVALID", "message": en, "message_vi": vi}
        for place, line in lines
        if line and not read_card(line)
    ]
    if wrong:
        raise ServiceError(422, "CARD_INVALID", vi, en, errors=wrong)


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
    # what an upload refuses as unreadable is an impossible date here, so that the others are
    # answered
    fields |= (
        {"date_of_birth": born.text, "date_precision": born.precision}
        if born
        else {"date_precision": "impossible"}
    )
    return checked(Person, fields)
