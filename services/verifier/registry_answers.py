"""Reads odd answers of the registry person by person.

In a whole country somebody is registered in a form that nobody agreed on: without a sex, or with
another status. Nobody else must wait for that. Such an entry is *unreadable*: it is known by its
numbers where they can be read, used for nothing, and never overlooked.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal, TypeVar, get_args

from pydantic import BaseModel, Field, PlainValidator, TypeAdapter, ValidationError

from contracts.registry import Changes, Found, Kind, LookupAnswer, Person, SearchAnswer
from services.chassis.errors import TransientError

_PERSON = TypeAdapter(Person)
_KINDS: tuple[Kind, ...] = get_args(Kind)
Answer = TypeVar("Answer", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class UnreadableEntry:
    """A person whose entry cannot be read.

    `numbers`: those that can be read. `fault`: what is wrong, as `field error`.
    """

    numbers: frozenset[str]
    fault: str


@dataclass(frozen=True, slots=True)
class RegistryChange:
    """One entry of the feed.

    `numbers`: every number that it concerns. `person`: as registered now, None where that cannot be
    read.
    """

    sequence: int
    at: datetime
    kind: Kind | Literal["unreadable"]
    numbers: frozenset[str]
    person: Person | None


def read_odd_lookup(content: bytes) -> tuple[LookupAnswer, Sequence[UnreadableEntry]]:
    """The answer with the people who can be read, and the unreadable entries.

    TransientError where it is malformed as a whole.
    """
    answer = _envelope(_LookupEnvelope, content)
    people, unreadable = _apart(answer.people)
    return LookupAnswer.model_construct(
        as_of=answer.as_of, asked=answer.asked, people=people
    ), unreadable


def read_search(content: bytes) -> tuple[list[Found], Sequence[UnreadableEntry]]:
    """The results with the people who can be read, and the unreadable entries.

    A result that lacks one of them says that there are `more`.
    """
    try:
        return SearchAnswer.model_validate_json(content).results, ()
    except ValidationError:
        answer = _envelope(_SearchEnvelope, content)
    results: list[Found] = []
    unreadable: list[UnreadableEntry] = []
    for result in answer.results:
        people, others = _apart(result.people)
        results.append(Found.model_construct(people=people, more=result.more or bool(others)))
        unreadable += others
    return results, unreadable


def read_changes(content: bytes) -> tuple[list[RegistryChange], Sequence[UnreadableEntry]]:
    """A page of the feed, and its unreadable entries.

    A change must have its sequence and time at least; otherwise TransientError.
    """
    try:
        page = Changes.model_validate_json(content)
    except ValidationError:
        answer = _envelope(_ChangesEnvelope, content)
    else:
        return [
            _changed(item.sequence, item.at, item.kind, item.personal_id, item.person)
            for item in page.items
        ], ()
    _, unreadable = _apart(item.person for item in answer.items)
    return [
        _changed(item.sequence, item.at, item.kind, item.personal_id, item.person)
        for item in answer.items
    ], unreadable


def _changed(
    sequence: int, at: datetime, kind: object, number: object, person: Person | UnreadableEntry
) -> RegistryChange:
    if isinstance(person, UnreadableEntry):
        return RegistryChange(sequence, at, "unreadable", person.numbers | _texts([number]), None)
    known_kind: Kind | Literal["unreadable"] = next(
        (agreed for agreed in _KINDS if agreed == kind), "unreadable"
    )
    return RegistryChange(
        sequence, at, known_kind, _texts([number, person.personal_id, *person.old_ids]), person
    )


def _read(value: object) -> Person | UnreadableEntry:
    try:
        person: Person = _PERSON.validate_python(value)
    except ValidationError as error:
        # where and what, never the value: it is somebody's data
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        return UnreadableEntry(
            _numbers(value), f"{'.'.join(map(str, first['loc'])) or 'all'} {first['type']}"
        )
    return person


def _numbers(value: object) -> frozenset[str]:
    if not isinstance(value, dict):
        return frozenset()
    old = value.get("old_ids")
    return _texts([value.get("personal_id"), *(old if isinstance(old, list) else ())])


def _texts(values: Iterable[object]) -> frozenset[str]:
    return frozenset(value for value in values if isinstance(value, str))


_ReadOrNot = Annotated[Person | UnreadableEntry, PlainValidator(_read)]


class _LookupEnvelope(BaseModel):
    as_of: datetime
    asked: int
    people: list[_ReadOrNot]


class _FoundEnvelope(BaseModel):
    people: list[_ReadOrNot]
    more: bool


class _SearchEnvelope(BaseModel):
    as_of: datetime
    results: list[_FoundEnvelope]


class _ChangeEnvelope(BaseModel):
    sequence: Annotated[int, Field(ge=1)]
    at: datetime
    kind: object = None
    personal_id: object = None
    person: _ReadOrNot = UnreadableEntry(frozenset(), "all missing")


class _ChangesEnvelope(BaseModel):
    items: list[_ChangeEnvelope]


def _envelope(model: type[Answer], content: bytes) -> Answer:
    try:
        return model.model_validate_json(content)
    except ValidationError as error:
        raise TransientError("the registry's answer is not of the agreed form") from error


def _apart(
    people: Iterable[Person | UnreadableEntry],
) -> tuple[list[Person], list[UnreadableEntry]]:
    readable: list[Person] = []
    unreadable: list[UnreadableEntry] = []
    for entry in people:
        if isinstance(entry, UnreadableEntry):
            unreadable.append(entry)
        else:
            readable.append(entry)
    return readable, unreadable
