"""A registry whose entries are told as they are written down, whatever they lack."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

_AS_OF = "2022-04-01T05:00:00Z"


@dataclass(slots=True)
class OddRegistry:
    """`nameless`: who has a number that the entry does not show; `refused`: the number that is
    answered `status`, as everything is if None; each search finds everybody.
    """

    people: Sequence[Any]
    nameless: dict[str, Any] = field(default_factory=dict)
    changes: Sequence[Any] = ()
    refused: str | None = ""
    status: int = 422
    lookups: list[int] = field(default_factory=list)

    async def lookup(self, request: Request) -> JSONResponse:
        """Whoever's entry has one of the numbers."""
        ids = (await request.json())["ids"]
        self.lookups.append(len(ids))
        if self.refused is None or self.refused in ids:
            return JSONResponse({}, self.status)
        shown = [
            one
            for one in self.people
            if not {one["personal_id"], *one.get("old_ids", ())}.isdisjoint(ids)
        ]
        shown += [one for number, one in self.nameless.items() if number in ids]
        return JSONResponse({"as_of": _AS_OF, "asked": len(ids), "people": shown})

    async def search(self, request: Request) -> JSONResponse:
        """Everybody, for each query."""
        queries = (await request.json())["queries"]
        return JSONResponse(
            {
                "as_of": _AS_OF,
                "results": [{"people": list(self.people), "more": False} for _ in queries],
            }
        )

    async def feed(self, since: int) -> JSONResponse:
        """What has changed since."""
        if self.refused is None:
            return JSONResponse({}, self.status)
        return JSONResponse(
            {"items": [one for one in self.changes if one["sequence"] > since], "next": None}
        )


@asynccontextmanager
async def client_of(odd: OddRegistry) -> AsyncIterator[httpx.AsyncClient]:
    """A client of it."""
    app = FastAPI()
    app.add_api_route("/registry/v1/people:lookup", odd.lookup, methods=["POST"])
    app.add_api_route("/registry/v1/people:search", odd.search, methods=["POST"])
    app.add_api_route("/registry/v1/changes", odd.feed)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://registry"
    ) as client:
        yield client
