"""Reads the registry's answers: in one call where all is of the agreed form, and otherwise person
by person.

Of a whole country's people somebody is registered in a form that nobody agreed on: without a sex,
with another status. Nobody else must wait for that. Such a person is *unreadable*: known by number
where that can be read, used for nothing, and never overlooked.
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
class Unreadable:
    """A person who cannot be read: those of the numbers that can, and what is wrong as `field
    error`.
    """

    numbers: frozenset[str]
    fault: str


@dataclass(frozen=True, slots=True)
class Changed:
    """One entry of the feed: every number that it concerns, and the person as registered now, None
    where that cannot be read.
    """

    sequence: int
    at: datetime
    kind: Kind | Literal["unreadable"]
    numbers: frozenset[str]
    person: Person | None


def read_lookup(content: bytes) -> tuple[LookupAnswer, Sequence[Unreadable]]:
    """The answer with the people who can be read, and the others; TransientError where it is
    malformed as a whole.
    """
    try:
        return LookupAnswer.model_validate_json(content), ()
    except ValidationError:
        answer = _envelope(_Lookup, content)
    people, unreadable = _apart(answer.people)
    return LookupAnswer.model_construct(
        as_of=answer.as_of, asked=answer.asked, people=people
    ), unreadable


def read_search(content: bytes) -> tuple[list[Found], Sequence[Unreadable]]:
    """The results with the people who can be read, and the others: a result that lacks one of them
    says that there are `more`.
    """
    try:
        return SearchAnswer.model_validate_json(content).results, ()
    except ValidationError:
        answer = _envelope(_Search, content)
    results: list[Found] = []
    unreadable: list[Unreadable] = []
    for one in answer.results:
        people, others = _apart(one.people)
        results.append(Found.model_construct(people=people, more=one.more or bool(others)))
        unreadable += others
    return results, unreadable


def read_changes(content: bytes) -> tuple[list[Changed], Sequence[Unreadable]]:
    """A page of the feed, and those of its people who cannot be read; an entry must have its
    sequence and time at least.
    """
    try:
        page = Changes.model_validate_json(content)
    except ValidationError:
        answer = _envelope(_Changes, content)
    else:
        return [
            _changed(one.sequence, one.at, one.kind, one.personal_id, one.person)
            for one in page.items
        ], ()
    _, unreadable = _apart(one.person for one in answer.items)
    return [
        _changed(one.sequence, one.at, one.kind, one.personal_id, one.person)
        for one in answer.items
    ], unreadable


def _changed(
    sequence: int, at: datetime, kind: object, number: object, person: Person | Unreadable
) -> Changed:
    if isinstance(person, Unreadable):
        return Changed(sequence, at, "unreadable", person.numbers | _texts([number]), None)
    known: Kind | Literal["unreadable"] = next((one for one in _KINDS if one == kind), "unreadable")
    return Changed(
        sequence, at, known, _texts([number, person.personal_id, *person.old_ids]), person
    )


def _read(value: object) -> Person | Unreadable:
    try:
        person: Person = _PERSON.validate_python(value)
    except ValidationError as error:
        # where and what, never the value: it is somebody's data
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        return Unreadable(
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


_Tried = Annotated[Person | Unreadable, PlainValidator(_read)]


class _Lookup(BaseModel):
    as_of: datetime
    asked: int
    people: list[_Tried]


class _Found(BaseModel):
    people: list[_Tried]
    more: bool


class _Search(BaseModel):
    as_of: datetime
    results: list[_Found]


class _Change(BaseModel):
    sequence: Annotated[int, Field(ge=1)]
    at: datetime
    kind: object = None
    personal_id: object = None
    person: _Tried = Unreadable(frozenset(), "all missing")


class _Changes(BaseModel):
    items: list[_Change]


def _envelope(model: type[Answer], content: bytes) -> Answer:
    try:
        return model.model_validate_json(content)
    except ValidationError as error:
        raise TransientError("the registry's answer is not of the agreed form") from error


def _apart(people: Iterable[Person | Unreadable]) -> tuple[list[Person], list[Unreadable]]:
    readable: list[Person] = []
    unreadable: list[Unreadable] = []
    for one in people:
        if isinstance(one, Unreadable):
            unreadable.append(one)
        else:
            readable.append(one)
    return readable, unreadable
