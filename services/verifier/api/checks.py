"""`/checks`: people are checked before their injection, so that nothing wrong is recorded in the first place."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request

from contracts.access import STAFF
from contracts.dates import read_birth
from contracts.events import Person, checked
from contracts.words import ELIGIBLE_GRADES
from services.chassis.auth import Allow, Principal
from services.chassis.errors import ServiceError
from services.chassis.http import problems
from services.verifier.api import models
from services.verifier.api.present import attributes
from services.verifier.context import Context
from services.verifier.domain.card import read_card
from services.verifier.identity import judge
from services.verifier.store import audit

router = APIRouter(tags=["checks"])
staff = Allow(*STAFF)


@router.post("/checks", summary="Check people before their injection", responses=problems(401, 403, 422, 503))
async def check(request: Request, asked: models.Checks, caller: Annotated[Principal, Depends(staff)]) -> models.CheckedAll:
    """Answered at once; nothing is stored but who asked about whom."""
    context: Context = request.app.state.context
    people = [_person(at, one) for at, one in enumerate(asked.people)]
    judged = await judge(context.registry, people)
    async with context.db.begin() as tx:
        await audit.note(tx, caller.subject, "check", [context.sealer.blind(one.personal_id or one.passport_number) for one in people])
    items = [
        models.Checked(grade=one.grade, passes=one.grade in ELIGIBLE_GRADES, attributes=attributes(one.attributes))
        for one in judged.verdicts
    ]
    return models.CheckedAll(items=items, registry_time=judged.registry_time)


def _person(at: int, typed: models.CheckedPerson) -> Person:
    fields = typed.model_dump(exclude={"card"})
    if typed.card:
        card = read_card(typed.card)
        if card is None:
            raise ServiceError(
                422, "CARD_INVALID", "Dòng quét từ thẻ không đúng mẫu; hãy quét lại.", "The line is not that of a card; scan it again.",
                errors=[{"field": f"people.{at}.card", "code": "CARD_INVALID"}],
            )  # fmt: skip
        fields |= card._asdict()
    born = read_birth(fields["date_of_birth"])
    # what an upload refuses as unreadable is an impossible date here, so that the others are answered
    fields |= {"date_of_birth": born.text, "date_precision": born.precision} if born else {"date_precision": "impossible"}
    return checked(Person, fields)
