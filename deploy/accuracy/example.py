"""`python -m deploy.accuracy.example`: the worked example of `docs/matching.md`, decided by the
code that decides every dose, with each step of the decision.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from contracts.events import Person as Typed
from contracts.registry import Key, Person
from deploy.accuracy.registry import Registry
from deploy.accuracy.sample import read_typed
from services.verifier.domain.conclude_search import conclude_search
from services.verifier.domain.decision import MatchDecision
from services.verifier.domain.match_person import lookup_numbers, match_person

_REGISTERED = Person(
    personal_id="068180000001",
    full_name="Nguyễn Thị Hòa",
    date_of_birth="1980-05-03",
    sex="female",
    province_code="68",
    district_code="672",
    commune_code="24769",
)
_NEXT_DOOR = Person(
    personal_id="068180000018",
    full_name="Nguyễn Thị Hoa",
    date_of_birth="1980-03-05",
    sex="female",
    province_code="68",
    district_code="672",
    commune_code="24769",
)
_ROW = {
    "Họ và tên": "NGUYEN THI HOA",
    "Ngày sinh": "05/03/1980",
    "Giới tính": "Nữ",
    "Số CMND/CCCD/HC": "068180000001",
    "Quốc tịch": "Việt Nam",
    "Mã tỉnh": "68",
    "Mã huyện": "672",
    "Mã xã": "24769",
}
_SHOWN = ("Họ và tên", "Ngày sinh", "Giới tính", "Số CMND/CCCD/HC", "Mã xã")


class Case(NamedTuple):
    """One row as typed, the people who are registered, and what the case shows."""

    title: str
    row: dict[str, str]
    people: Sequence[Person]


CASES = (
    Case("Two slips, and the number is right", _ROW, [_REGISTERED]),
    Case("Two digits of the number are swapped", _ROW | {_SHOWN[3]: "068180000010"}, [_REGISTERED]),
    Case(
        "A woman next door fits the same row as well",
        _ROW,
        [_REGISTERED, _NEXT_DOOR],
    ),
)


def explain() -> str:
    """Every case with the steps of its decision, a paragraph each."""
    return "\n\n".join("\n".join(_steps(number, case)) for number, case in enumerate(CASES, 1))


def _steps(number: int, case: Case) -> Iterator[str]:
    registry, typed = Registry(case.people), read_typed(case.row)
    yield f"{number}. {case.title}"
    yield from _lines("registered", [_person(person) for person in case.people])
    yield from _lines("typed", [" | ".join(case.row[column] for column in _SHOWN)])
    yield from _lines("looked up", list(_holders(typed, registry)))
    first = match_person(typed, registry.by_number)
    yield from _lines("compared", _differences(first))
    if first.open is not None and first.open.classification is not None:
        rule = first.open.classification.rule
        row = f"{rule.grade}, if {rule.condition.value}" if rule else "none"
        yield from _lines("table", [row])
    final = first
    if first.search:
        found = registry.search(first.search, first.most)
        yield from _lines("searched by", _keys(first.search))
        yield from _lines("found", [_person(person) for person in found.people])
        final = conclude_search(typed, first, found)
    yield from _lines("decided", _decision(final))


def _lines(step: str, texts: Sequence[str]) -> Iterator[str]:
    for text in texts or ["nothing"]:
        yield f"   {step:<12} {text}"
        step = ""


def _person(person: Person) -> str:
    return f"{person.full_name}, {person.date_of_birth}, {person.sex}, {person.personal_id}"


def _holders(typed: Typed, registry: Registry) -> Iterator[str]:
    for number in lookup_numbers(typed):
        holders = registry.by_number.get(number, ())
        yield f"{number}: {', '.join(holder.full_name for holder in holders) or 'nobody'}"


def _differences(decision: MatchDecision) -> list[str]:
    return [
        f"{attribute.name:<14} {attribute.result:<18} {attribute.reason}"
        for attribute in decision.attributes
    ]


def _keys(keys: Sequence[Key]) -> list[str]:
    return [" ".join(map(str, keys))]


def _decision(decision: MatchDecision) -> list[str]:
    texts = [str(decision.grade)]
    if decision.person is not None:
        person = decision.person
        texts = [
            f"{decision.grade}: {person.full_name}, {person.date_of_birth}, {person.sex},"
            f" {person.personal_id}"
        ]
    texts += _differences(decision) if decision.person is None else []
    for suggestion in decision.suggestions:
        texts.append(f"suggested: {suggestion.person.personal_id}, {suggestion.confidence}")
        texts.append(f"because of {', '.join(map(str, suggestion.evidence))}")
    return texts


if __name__ == "__main__":
    print(explain())
