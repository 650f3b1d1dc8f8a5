"""The system as people reach it: its pages in a browser, and who may sign in."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import httpx
from playwright.async_api import Page

from deploy.stubs.issuer.accounts import Places, places_of
from services.chassis.db import plain_dsn
from tests.support.stack import System

PHONE, DESKTOP = (390, 844), (1366, 768)


@dataclass(frozen=True, slots=True)
class Site:
    """A running system with pages, and the folder of its made-up province."""

    system: System
    province: Path

    @property
    def origin(self) -> str:
        """Where all pages are."""
        return self.system.stack.origin

    @property
    def places(self) -> Places:
        """Where the accounts work."""
        return places_of(self.province / "people.csv")

    async def sign_in(self, page: Page, account: str, path: str = "/sign-in") -> None:
        """Opens `path` as `account`: the id of one of the local provider's."""
        await page.goto(f"{self.origin}{path}")
        await page.click(f"button[name=account][value={account}]")
        await page.wait_for_url(f"{self.origin}/**")

    async def run_sql(self, statement: str) -> None:
        """Does something to the sessions, as time or an operator would."""
        connection = await asyncpg.connect(plain_dsn(self.system.stack.databases["web"]))
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    async def count(self, condition: str) -> int:
        """How many sessions are so."""
        connection = await asyncpg.connect(plain_dsn(self.system.stack.databases["web"]))
        try:
            return int(await connection.fetchval(f"SELECT count(*) FROM session WHERE {condition}"))
        finally:
            await connection.close()

    def visitor(self) -> httpx.AsyncClient:
        """Somebody without a browser, who follows no redirect by itself."""
        return httpx.AsyncClient(base_url=self.origin, timeout=30)

    @asynccontextmanager
    async def signed_in(
        self, account: str, path: str = "/sign-in"
    ) -> AsyncIterator[httpx.AsyncClient]:
        """A visitor who has signed in, as forms do it."""
        async with self.visitor() as client:
            back = await self.choose(client, account, path)
            assert back.status_code == 303, back.text
            yield client

    async def choose(self, client: httpx.AsyncClient, account: str, path: str) -> httpx.Response:
        """Goes by way of `path` to the provider, chooses an account, and comes back."""
        asked = dict(httpx.URL((await client.get(path)).headers["location"]).params)
        chosen = await client.post("/issuer/authorize", data={**asked, "account": account})
        assert chosen.status_code == 303, chosen.text
        return await client.get(chosen.headers["location"])
