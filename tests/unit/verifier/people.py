"""One builder for a registered person, one for a typed one, and deciding with a registry in
memory.
"""

from collections.abc import Iterable
from typing import Any

from contracts.events import Person as Typed
from contracts.registry import Person
from deploy.accuracy.measure import settle
from deploy.accuracy.registry import Registry
from services.verifier.domain.decision import MatchDecision
from vietnamese.dates import read_birth

HOA_ID = "068180000001"


def registered(**other: Any) -> Person:
    """Nguyễn Thị Hòa, unless told otherwise."""
    return Person(
        **{
            "personal_id": HOA_ID, "old_ids": ["250123456"], "full_name": "Nguyễn Thị Hòa",
            "date_of_birth": "1980-05-03", "sex": "female",
            "province_code": "68", "district_code": "681", "commune_code": "24769", **other,
        }
    )  # fmt: skip


HOA = registered()


def typed(person: Person = HOA, *, birth: str | None = None, **other: Any) -> Typed:
    """The dose of a person, typed rightly but for what is told; `birth` as clinics type it."""
    read = read_birth(birth if birth is not None else person.date_of_birth)
    assert read is not None
    return Typed(
        **{
            "full_name": person.full_name, "date_of_birth": read.text,
            "date_precision": read.precision, "sex": person.sex,
            "personal_id": person.personal_id, "nationality": "VN",
            "province_code": person.province_code,
            "district_code": person.district_code, "commune_code": person.commune_code, **other,
        }
    )  # fmt: skip


def decided(person: Typed, people: Iterable[Person] = (HOA,)) -> MatchDecision:
    """The final decision, after a search where one was asked for."""
    decision, _ = settle(person, Registry(people))
    assert not decision.search
    return decision


def reasons(decision: MatchDecision) -> dict[str, str]:
    """Attribute to reason."""
    return {one.name: str(one.reason) for one in decision.attributes}
