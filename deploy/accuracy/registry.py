"""A registry in memory: people by number and by search key."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from contracts.keys import person_keys
from contracts.registry import Found, Key, Person


class Registry:
    """Answers as the registry's lookup and search do."""

    def __init__(self, people: Iterable[Person]) -> None:
        self._people = list(people)
        self.by_number: dict[str, list[Person]] = defaultdict(list)
        self._by_key: dict[Key, list[int]] = defaultdict(list)
        for row, person in enumerate(self._people):
            for number in (person.personal_id, *person.old_ids):
                self.by_number[number].append(person)
            for key in person_keys(person.full_name, person.date_of_birth, person.commune_code):
                self._by_key[key].append(row)
        self.by_number.default_factory = None

    def __len__(self) -> int:
        return len(self._people)

    def search(self, keys: Sequence[Key], most: int) -> Found:
        """The people who share a key, those who share the most first, and whether there are more
        than `most`.
        """
        hits = Counter(row for key in keys for row in self._by_key.get(key, ()))
        ranked = sorted(hits, key=lambda row: (-hits[row], row))
        return Found(people=[self._people[row] for row in ranked[:most]], more=len(ranked) > most)
