"""The register: the archive's people, and on top of them the changes made since; a new start finds
the changes again.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from itertools import chain, islice
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from contracts.events import Sex, checked
from contracts.registry import Change, Kind, Person
from deploy.stubs.registry.archive import Archive
from deploy.stubs.registry.fragments import fragment, id_keys
from deploy.stubs.registry.keys import key_numbers
from deploy.stubs.registry.person_keys import person_keys


class Order(BaseModel):
    """What is to happen to the person who now has `personal_id`; what is left out stays as it
    is.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Kind
    personal_id: str
    new_personal_id: str | None = None
    full_name: str | None = None
    date_of_birth: str | None = None
    sex: Sex | None = None
    province_code: str | None = None
    district_code: str | None = None
    commune_code: str | None = None


class OrderError(ValueError):
    """The order cannot be carried out; says why without personal data."""


class Register:
    """People by number and by key, and the feed of changes."""

    def __init__(self, archive: Archive, changes: Path) -> None:
        self._archive = archive
        self._file = changes
        self.feed: list[Change] = []
        self._changed: dict[int, bytes] = {}
        self._ids: dict[int, int] = {}
        self._keys: dict[int, set[int]] = defaultdict(set)
        if changes.exists():
            for line in changes.read_bytes().splitlines():
                self._take_in(Change.model_validate_json(line))

    def __len__(self) -> int:
        return len(self._archive)

    def lookup(self, ids: Sequence[str]) -> list[bytes]:
        """Everyone who has one of these numbers, each once."""
        asked = id_keys(ids)
        rows = self._archive.rows_of_ids(asked)
        if self._ids:
            rows = sorted({*rows, *(self._ids[key] for key in asked.tolist() if key in self._ids)})
        return self._people(rows)

    def search(
        self, queries: Sequence[Sequence[str | int]], limit: int
    ) -> list[tuple[list[bytes], bool]]:
        """For each query the people with any of its keys, those who share the most first, and
        whether there are more.
        """
        # all queries at once: the index and the people are fetched in two sweeps, not in two a
        # query
        flat = key_numbers(list(chain.from_iterable(queries)))
        holders = self._archive.rows_of_keys(flat)
        found: list[tuple[list[int], bool]] = []
        start = 0
        for query in queries:
            end = start + len(query)
            hits: Counter[int] = Counter()
            more = False
            for rows, others in holders[start:end]:
                more |= others
                for row in rows:
                    hits[row] += 1
            if self._changed:
                hits = self._as_of_now(hits, flat[start:end].tolist())
            # sorting by hand and not by most_common, so that equals come in the register's order
            ranked = sorted(hits, key=lambda row: (-hits[row], row))
            found.append((ranked[:limit], more or len(ranked) > limit))
            start = end
        people = iter(self._people([row for rows, _ in found for row in rows]))
        return [(list(islice(people, len(rows))), more) for rows, more in found]

    def _as_of_now(self, hits: Counter[int], keys: list[int]) -> Counter[int]:
        """The same hits, but changed people by their keys of today."""
        for row in self._changed:
            if shared := sum(key in self._keys[row] for key in keys):
                hits[row] = shared
            else:
                hits.pop(row, None)
        return hits

    def _people(self, rows: Sequence[int]) -> list[bytes]:
        if not rows:
            return []
        people = self._archive.fragments(rows)
        if self._changed:
            people = [
                self._changed.get(row, person) for row, person in zip(rows, people, strict=True)
            ]
        return people

    def apply(self, order: Order, at: datetime) -> Change:
        """Carries out an order, and keeps it; OrderError where it cannot be."""
        row, person = self._bearer(order.personal_id)
        given = order.model_dump(
            exclude_none=True, exclude={"kind", "personal_id", "new_personal_id"}
        )
        new = {**asdict(person), **given}
        if order.kind == "died":
            new["status"] = "died"
        if order.new_personal_id is not None:
            if self.lookup([order.new_personal_id]):
                raise OrderError("the new number is taken")
            new |= {
                "personal_id": order.new_personal_id,
                "old_ids": [*person.old_ids, person.personal_id],
            }
        elif order.kind == "renumbered":
            raise OrderError("a new number is needed")
        try:
            registered = checked(Person, new)
        except ValidationError as error:
            raise OrderError("the person would not be of the documented form") from error
        change = Change(
            sequence=len(self.feed) + 1,
            at=at,
            kind=order.kind,
            personal_id=order.personal_id,
            person=registered,
        )
        with self._file.open("ab") as file:
            file.write(change.model_dump_json().encode() + b"\n")
        self._put(row, change)
        return change

    def _bearer(self, personal_id: str) -> tuple[int, Person]:
        keys = id_keys([personal_id])
        for row in (
            *self._archive.rows_of_ids(keys),
            *(self._ids[key] for key in keys.tolist() if key in self._ids),
        ):
            person = checked(Person, json.loads(self._people([row])[0]))
            if person.personal_id == personal_id:
                return row, person
        raise OrderError("nobody has this personal number")

    def _take_in(self, change: Change) -> None:
        self._put(self._bearer(change.personal_id)[0], change)

    def _put(self, row: int, change: Change) -> None:
        self.feed.append(change)
        self._changed[row] = fragment(change.person)
        self._keys[row] = set(key_numbers(list(person_keys(change.person))).tolist())
        self._ids.update(dict.fromkeys(id_keys([change.person.personal_id]).tolist(), row))
