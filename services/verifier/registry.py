"""The client of the population registry. It asks in bulk.

Only a whole and well-formed answer counts. Everything else (no connection, 401, 429, 5xx, broken
JSON, fewer answers than questions) is a TransientError, and no grade comes of it. But one odd entry
of the registry, or one odd question, delays nobody else: people decide on the entry, and the
question is poison.
"""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
import structlog
from pydantic import ValidationError
from pydantic_core import to_json

from contracts.registry import (
    MAX_FOUND,
    MAX_IDS,
    MAX_QUERIES,
    Found,
    Key,
    LookupAnswer,
    LookupRequest,
    Person,
)
from services.chassis.errors import TransientError
from services.chassis.telemetry import Metrics
from services.verifier.registry_answers import (
    RegistryChange,
    UnreadableEntry,
    read_changes,
    read_odd_lookup,
    read_search,
)
from services.verifier.settings import RegistrySettings

_PREFIX = "/registry/v1"
_LONGEST_WAIT_S = 5.0
_LONGEST_ANSWER = 64 << 20
# where so many people in one answer are all unreadable, the answer is malformed as a whole
_SYSTEMATIC = 20
# Something is wrong with the question itself, which would be answered so for ever. Every other
# status is about the way to the registry, the same for each question: an unknown address, or a
# token that has expired.
_REFUSED = frozenset({400, 413, 414, 422, 431})
_log = structlog.get_logger()


class QuestionRefusedError(Exception):
    """The registry does not take this question, and will not later.

    Who asks for less at once finds what is wrong with it.
    """


@dataclass(frozen=True, slots=True)
class NumberHolders:
    """Who has the numbers that were looked up.

    `people`: by number, old ones too, those who have it. `unreadable`: the numbers of somebody
    whose entry cannot be read. In `people` they are nobody's, so that nothing is made of who else
    has them.
    """

    as_of: datetime
    people: Mapping[str, Sequence[Person]]
    unreadable: frozenset[str] = frozenset()


def read_lookup(content: bytes) -> tuple[LookupAnswer, Sequence[UnreadableEntry]]:
    """The answer with the people who can be read, and the unreadable entries.

    TransientError where it is malformed as a whole.
    """
    try:
        return LookupAnswer.model_validate_json(content), ()
    except ValidationError:
        return read_odd_lookup(content)


class Registry:
    """One pool of connections to the registry."""

    def __init__(self, client: httpx.AsyncClient, metrics: Metrics) -> None:
        self._client = client
        self._metrics = metrics

    @classmethod
    @asynccontextmanager
    async def open(cls, cfg: RegistrySettings, metrics: Metrics) -> AsyncIterator["Registry"]:
        """Holds the pool for the life of the process."""
        headers = {"Content-Type": "application/json"}
        if cfg.token_file is not None:
            headers["Authorization"] = f"Bearer {cfg.token_file.read_text().strip()}"
        socket = cfg.url.removeprefix("unix://") if cfg.url.startswith("unix://") else None
        async with httpx.AsyncClient(
            base_url="http://registry" if socket else cfg.url.rstrip("/"),
            transport=httpx.AsyncHTTPTransport(uds=socket, limits=httpx.Limits(max_connections=20)),
            timeout=cfg.timeout_s,
            headers=headers,
        ) as client:
            yield cls(client, metrics)

    async def lookup(self, numbers: Collection[str]) -> NumberHolders:
        """Everybody who has one of `numbers`."""
        ids = sorted(set(numbers))
        parts = [ids[at : at + MAX_IDS] for at in range(0, len(ids), MAX_IDS)] or [[]]
        answers = await asyncio.gather(*(self._lookup(part) for part in parts))
        people: dict[str, list[Person]] = {}
        for answer, _ in answers:
            for person in answer.people:
                for number in (person.personal_id, *person.old_ids):
                    holders = people.get(number)
                    if holders is None:
                        people[number] = [person]
                    # a person of two parts of the question comes twice
                    elif person not in holders:
                        holders.append(person)
        unreadable = frozenset[str]().union(*(numbers for _, numbers in answers))
        for number in unreadable:
            people.pop(number, None)
        return NumberHolders(
            min(answer.as_of for answer, _ in answers).astimezone(UTC), people, unreadable
        )

    async def _lookup(self, ids: list[str]) -> tuple[LookupAnswer, set[str]]:
        """The answer, and the numbers of those in it who cannot be read."""
        answer, unreadable = await self._look_up(ids)
        if not unreadable:
            return answer, set()
        self._report(len(answer.people), unreadable)
        return answer, await self._unreadable_numbers(ids, unreadable)

    async def _look_up(self, ids: list[str]) -> tuple[LookupAnswer, Sequence[UnreadableEntry]]:
        question = LookupRequest(ids=ids).model_dump_json().encode()
        answer, unreadable = read_lookup(await self._ask("/people:lookup", question))
        if answer.asked < len(ids):
            raise TransientError("the registry answered for fewer numbers than were asked")
        return answer, unreadable

    async def _unreadable_numbers(
        self, ids: list[str], unreadable: Sequence[UnreadableEntry]
    ) -> set[str]:
        """The numbers of people whose entries cannot be read.

        Where an entry shows none of the numbers that were asked for, they are asked for again by
        halves, until one is left.
        """
        numbers = {number for entry in unreadable for number in entry.numbers}
        if not any(entry.numbers.isdisjoint(ids) for entry in unreadable):
            return numbers
        if len(ids) < 2:
            return numbers.union(ids)
        middle = len(ids) // 2
        for half in (ids[:middle], ids[middle:]):
            numbers |= await self._unreadable_numbers(half, (await self._look_up(half))[1])
        return numbers

    async def search(self, queries: Sequence[Sequence[Key]], most: int) -> list[Found]:
        """For each query at most `most` people who have any of its keys, and whether that is all.

        Those who share the most keys come first.
        """
        parts = [queries[at : at + MAX_QUERIES] for at in range(0, len(queries), MAX_QUERIES)]
        return [
            result
            for part in await asyncio.gather(*(self._search(part, most) for part in parts))
            for result in part
        ]

    async def search_whole(self, queries: Sequence[Sequence[Key]]) -> list[list[Person] | None]:
        """For each query everybody who has any of its keys, None where not everybody was shown."""
        return [
            None if result.more else result.people
            for result in await self.search(queries, MAX_FOUND)
        ]

    async def _search(self, queries: Sequence[Sequence[Key]], limit: int) -> list[Found]:
        # a `SearchRequest`, written as it stands: a model for each query would only be made to be
        # written
        question = to_json({"queries": [{"keys": keys} for keys in queries], "limit": limit})
        results, unreadable = read_search(await self._ask("/people:search", question))
        if len(results) < len(queries):
            raise TransientError("the registry answered fewer searches than were asked")
        self._report(sum(len(result.people) for result in results), unreadable)
        return results

    async def changes(self, since: int) -> list[RegistryChange]:
        """A page of the changes after the one of sequence `since`, the oldest first."""
        try:
            content = await self._answered("GET", "/changes", params={"since": since})
        except QuestionRefusedError as error:
            # there is no smaller question: the feed waits, and the doses do not
            raise TransientError("the registry refuses to tell its changes") from error
        changes, unreadable = read_changes(content)
        self._report(len(changes) - len(unreadable), unreadable)
        return changes

    def _report(self, readable: int, unreadable: Sequence[UnreadableEntry]) -> None:
        """Logs and counts the unreadable entries; TransientError where all were unreadable."""
        if not unreadable:
            return
        _log.warning(
            "registry_entries_unreadable",
            entries=len(unreadable),
            faults=sorted({entry.fault for entry in unreadable}),
        )
        self._metrics.count("registry", "unreadable", len(unreadable))
        if not readable and len(unreadable) >= _SYSTEMATIC:
            raise TransientError("nobody in the registry's answer can be read")

    async def _ask(self, path: str, question: bytes) -> bytes:
        return await self._answered("POST", path, content=question)

    async def _answered(self, method: str, path: str, **question: Any) -> bytes:
        try:
            async with self._client.stream(method, _PREFIX + path, **question) as response:
                content = await _whole(response)
        except httpx.HTTPError as error:
            raise TransientError("the registry does not answer") from error
        if response.status_code == 429:
            # the registry says how long to wait: who comes back earlier is only sent away again
            wait = response.headers.get("Retry-After", "1")
            await asyncio.sleep(min(float(wait) if wait.isdigit() else 1.0, _LONGEST_WAIT_S))
        if response.status_code in _REFUSED:
            raise QuestionRefusedError(f"the registry answered {response.status_code}")
        if response.status_code != 200:
            raise TransientError(f"the registry answered {response.status_code}")
        return content


async def _whole(response: httpx.Response) -> bytes:
    """The answer's content; TransientError where it is larger than any that was asked for."""
    content = bytearray()
    async for part in response.aiter_bytes():
        content += part
        if len(content) > _LONGEST_ANSWER:
            raise TransientError("the registry's answer is larger than any answer should be")
    return bytes(content)
