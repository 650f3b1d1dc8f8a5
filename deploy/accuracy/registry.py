"""A registry in memory: people by number and by search key."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from contracts.keys import person_keys
from contracts.registry import MAX_FOUND, Key, Person


class Registry:
    """Answers as the registry's lookup and search do."""

    def __init__(self, people: Iterable[Person]) -> None:
        self._people = list(people)
        self.by_number: dict[str, list[Person]] = defaultdict(list)
        self._by_key: dict[Key, list[int]] = defaultdict(list)
        for row, person in enumerate(self._people):
            for number in (person.personal_id, *person.old_ids):
                self.by_number[number].append(person)
            for key in person_keys(person.full_name, person.date_of_birth, person.sex, person.commune_code):
                self._by_key[key].append(row)
        self.by_number.default_factory = None

    def __len__(self) -> int:
        return len(self._people)

    def search(self, keys: Sequence[Key], limit: int = MAX_FOUND) -> list[Person]:
        """The people who share a key, those who share the most first."""
        if not keys:
            return []
        hits = Counter(row for key in keys for row in self._by_key.get(key, ()))
        return [self._people[row] for row in sorted(hits, key=lambda row: (-hits[row], row))[:limit]]
