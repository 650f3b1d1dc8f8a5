"""Many typed people at once. Most rows are typed as registered: what one such row costs is what
these two loops do for it.

They decide nothing of their own: who is plainly the registered person gets what `decide` would say,
and all others go through it.
"""

from collections.abc import Iterable, Mapping, Sequence

from contracts.events import AttributeResult, Person, RegistryPerson
from contracts.registry import Person as Registered
from contracts.words import Grade, Reason
from services.verifier.domain.comparison import SAME, equal
from services.verifier.domain.decision import Verdict
from services.verifier.domain.id_column import Number, is_personal
from services.verifier.domain.match_person import decide, numbers, of_holders
from services.verifier.domain.policy import Findings, Needs, judgement


def _at_once(findings: Findings) -> tuple[Grade, tuple[AttributeResult, ...]]:
    """What the table says where it needs nothing more."""
    _, ruling, attributes = judgement(findings)
    assert ruling is not None and ruling.needs is Needs.NOTHING
    return ruling.grade, attributes


_EXACT, _NOTHING = _at_once((SAME, SAME, SAME, SAME))
_EQUIVALENT, _IN_CAPITALS = _at_once((SAME, equal(Reason.NAME_SPELLING), SAME, SAME))


def numbers_of(people: Iterable[Person]) -> set[str]:
    """The numbers of everybody that are worth a registry lookup."""
    asked: set[str] = set()
    for person in people:
        number = person.personal_id
        if person.nationality == "VN" and is_personal(number):
            asked.add(number)
        else:
            asked.update(numbers(person))
    return asked


def decide_all(
    people: Iterable[Person], known: Mapping[str, Sequence[Registered]]
) -> list[Verdict]:
    """The verdict on each, in their order, before any search."""
    verdicts: list[Verdict] = []
    for person in people:
        number = person.personal_id
        holders = known.get(number)
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
                verdicts.append(
                    Verdict(
                        _EXACT,
                        _NOTHING,
                        RegistryPerson(name, birth, number, "", sex, holder.nationality),
                    )
                )
                continue
            if is_personal(number):
                if alike and typed.lower() == name.lower():
                    verdicts.append(
                        Verdict(
                            _EQUIVALENT,
                            _IN_CAPITALS,
                            RegistryPerson(name, birth, number, "", sex, holder.nationality),
                        )
                    )
                else:
                    verdicts.append(of_holders(person, Number((number,)), holders))
                continue
        verdicts.append(decide(person, known))
    return verdicts
