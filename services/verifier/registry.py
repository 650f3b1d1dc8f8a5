"""The client of the population registry: asks in bulk, and takes nothing but a whole and well-formed answer for an answer.

Everything else (no connection, 429, 5xx, broken JSON, fewer answers than questions) is a TransientError: no grade comes of it.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

import httpx
from pydantic import BaseModel, ValidationError
from pydantic_core import to_json

from contracts.registry import (
    MAX_FOUND,
    MAX_IDS,
    MAX_QUERIES,
    Changes,
    Found,
    Key,
    LookupAnswer,
    LookupRequest,
    Person,
    SearchAnswer,
)
from services.chassis.errors import TransientError
from services.verifier.settings import RegistrySettings

_PREFIX = "/registry/v1"
_LONGEST_WAIT_S = 5.0

Answer = TypeVar("Answer", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Known:
    """Who has the numbers that were asked for; `people` maps each number, old ones too, to those who have it."""

    as_of: datetime
    people: Mapping[str, Sequence[Person]]


class Registry:
    """One pool of connections to the registry."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    @classmethod
    @asynccontextmanager
    async def open(cls, cfg: RegistrySettings) -> AsyncIterator["Registry"]:
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
            yield cls(client)

    async def lookup(self, numbers: Collection[str]) -> Known:
        """Everyone who has one of `numbers`."""
        ids = sorted(set(numbers))
        parts = [ids[at : at + MAX_IDS] for at in range(0, len(ids), MAX_IDS)] or [[]]
        answers = await asyncio.gather(*(self._lookup(part) for part in parts))
        people: dict[str, list[Person]] = {}
        for answer in answers:
            for person in answer.people:
                for number in (person.personal_id, *person.old_ids):
                    holders = people.get(number)
                    if holders is None:
                        people[number] = [person]
                    # a person of two parts of the question comes twice
                    elif person not in holders:
                        holders.append(person)
        return Known(min(answer.as_of for answer in answers).astimezone(UTC), people)

    async def _lookup(self, ids: list[str]) -> LookupAnswer:
        answer = await self._ask("/people:lookup", LookupRequest(ids=ids).model_dump_json().encode(), LookupAnswer)
        if answer.asked < len(ids):
            raise TransientError("the registry answered for fewer numbers than were asked")
        return answer

    async def search(self, queries: Sequence[Sequence[Key]], most: int) -> list[Found]:
        """For each query the people who have any of its keys, at most `most`, those who share the most first; and whether that is all."""
        parts = [queries[at : at + MAX_QUERIES] for at in range(0, len(queries), MAX_QUERIES)]
        return [found for part in await asyncio.gather(*(self._search(part, most) for part in parts)) for found in part]

    async def search_whole(self, queries: Sequence[Sequence[Key]]) -> list[list[Person] | None]:
        """For each query everybody who has any of its keys; None where not everybody was shown."""
        return [None if found.more else found.people for found in await self.search(queries, MAX_FOUND)]

    async def _search(self, queries: Sequence[Sequence[Key]], limit: int) -> list[Found]:
        # a `SearchRequest`, written as it stands: a model for each query would only be made to be written
        question = to_json({"queries": [{"keys": keys} for keys in queries], "limit": limit})
        answer = await self._ask("/people:search", question, SearchAnswer)
        if len(answer.results) < len(queries):
            raise TransientError("the registry answered fewer searches than were asked")
        return answer.results

    async def changes(self, since: int) -> Changes:
        """The changes after the one of sequence `since`, oldest first, a page of them."""
        return await self._answered(self._client.get(_PREFIX + "/changes", params={"since": since}), Changes)

    async def _ask(self, path: str, question: bytes, model: type[Answer]) -> Answer:
        return await self._answered(self._client.post(_PREFIX + path, content=question), model)

    async def _answered(self, asking: Awaitable[httpx.Response], model: type[Answer]) -> Answer:
        try:
            response = await asking
        except httpx.HTTPError as error:
            raise TransientError("the registry does not answer") from error
        if response.status_code == 429:
            # said how long to stay away: a worker that comes back at once would only be sent away again
            wait = response.headers.get("Retry-After", "1")
            await asyncio.sleep(min(float(wait) if wait.isdigit() else 1.0, _LONGEST_WAIT_S))
        if response.status_code != 200:
            raise TransientError(f"the registry answered {response.status_code}")
        try:
            return model.model_validate_json(response.content)
        except ValidationError as error:
            raise TransientError("the registry's answer is not of the agreed form") from error
