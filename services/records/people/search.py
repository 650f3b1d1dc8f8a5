"""Finds people: the doses that fit are put together by whose they are."""

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from contracts.access import Reach
from contracts.ids import DoseId
from services.chassis.db import Transaction
from services.records.people import store
from services.records.people.questions import ByName, ByNumber
from services.records.people.store import DoseHit, StandingDose

_Whose = tuple[str, int]
"""The registry's person, or who was typed, by blind index; or a dose that is alone."""


class PersonFound(NamedTuple):
    """One person, by their first dose that fits, and all doses within reach.

    `person`: blind index; None where nobody has confirmed who it is.
    """

    first: DoseId
    person: int | None
    doses: Sequence[StandingDose]


class SearchResult(NamedTuple):
    """A page of people, in the order of their first doses; `too_many`: more doses fit than are
    looked through.
    """

    people: Sequence[PersonFound]
    too_many: bool


async def find(
    tx: Transaction, reach: Reach, question: ByNumber | ByName, after: int, limit: int
) -> SearchResult:
    """The next people after the one whose first dose that fits is `after`."""
    hits = (
        await store.by_person(tx, reach, question.person)
        if isinstance(question, ByNumber)
        else await store.by_namesake(tx, reach, question.namesakes, question.place)
    )
    too_many = len(hits) > store.MOST_HITS
    groups: dict[_Whose, list[DoseHit]] = defaultdict(list)
    for hit in hits[: store.MOST_HITS]:
        groups[_whose(hit.person, hit.identity, hit.dose_id)].append(hit)
    page = [group for group in groups.values() if group[0].dose_id > after][:limit]
    dose_ids = [hit.dose_id for group in page for hit in group]
    persons = [group[0].person for group in page if group[0].person is not None]
    doses: dict[_Whose, list[StandingDose]] = defaultdict(list)
    if page:
        for found in await store.standing_doses(tx, reach, dose_ids, persons):
            doses[_whose(found.person, found.dose.identity, found.dose.id)].append(found)
    return SearchResult(
        [
            PersonFound(group[0].dose_id, group[0].person, doses[_whose(*_key(group[0]))])
            for group in page
        ],
        too_many,
    )


def _key(hit: DoseHit) -> tuple[int | None, int | None, int]:
    return hit.person, hit.identity, hit.dose_id


def _whose(person: int | None, identity: int | None, dose_id: int) -> _Whose:
    if person is not None:
        return "person", person
    return ("typed", identity) if identity is not None else ("dose", dose_id)
