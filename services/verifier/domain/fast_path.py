"""The fast path: most rows are typed as registered, and one look at the number's holder is enough.

What such a row costs is what the two loops here do for it. They decide nothing of their own: they
say what `match_person` would say, and leave every other row to it.
"""

from collections.abc import Iterable, Mapping, Sequence

from contracts.events import AttributeResult, Person, RegistryPerson
from contracts.identity.comparison import MATCH, equivalent
from contracts.identity.policy import ComparisonVector, RuleCondition, classify
from contracts.registry import Person as Registered
from contracts.words import Grade, Reason
from services.verifier.domain.decision import MatchDecision
from services.verifier.domain.id_column import IdReading
from services.verifier.domain.match_person import lookup_numbers, match_holders, match_person
from vietnamese.personal_numbers import is_personal


def _unconditional(comparisons: ComparisonVector) -> tuple[Grade, tuple[AttributeResult, ...]]:
    """What the policy says of comparisons whose rule needs nothing more."""
    _, rule, attributes = classify(comparisons)
    assert rule is not None and rule.condition is RuleCondition.NOTHING
    return rule.grade, attributes


_EXACT, _NOTHING = _unconditional((MATCH, MATCH, MATCH, MATCH))
_EQUIVALENT, _IN_CAPITALS = _unconditional((MATCH, equivalent(Reason.NAME_SPELLING), MATCH, MATCH))


def all_lookup_numbers(people: Iterable[Person]) -> set[str]:
    """The numbers of everybody that are worth a registry lookup."""
    numbers: set[str] = set()
    for person in people:
        number = person.personal_id
        if person.nationality == "VN" and is_personal(number):
            numbers.add(number)
        else:
            numbers.update(lookup_numbers(person))
    return numbers


def match_by_number(
    people: Iterable[Person], holders_of: Mapping[str, Sequence[Registered]]
) -> list[MatchDecision]:
    """The decision on each person, in their order, before any search.

    `holders_of`: the people who hold each number, now or before.
    """
    decisions: list[MatchDecision] = []
    for person in people:
        number = person.personal_id
        holders = holders_of.get(number)
        if holders is not None and len(holders) == 1 and person.nationality == "VN":
            holder = holders[0]
            typed, name, birth, sex = (
                person.full_name,
                holder.full_name,
                holder.date_of_birth,
                holder.sex,
            )
            alike = (
                holder.personal_id == number
                and person.date_of_birth == birth
                and person.sex == sex
                and holder.status == "alive"
            )
            if alike and typed == name:
                decisions.append(
                    MatchDecision(
                        _EXACT,
                        _NOTHING,
                        RegistryPerson(
                            name, birth, number, "", sex, holder.nationality, holder.old_ids
                        ),
                    )
                )
                continue
            if is_personal(number):
                if alike and typed.lower() == name.lower():
                    decisions.append(
                        MatchDecision(
                            _EQUIVALENT,
                            _IN_CAPITALS,
                            RegistryPerson(
                                name, birth, number, "", sex, holder.nationality, holder.old_ids
                            ),
                        )
                    )
                else:
                    decisions.append(match_holders(person, IdReading((number,)), holders))
                continue
        decisions.append(match_person(person, holders_of))
    return decisions
