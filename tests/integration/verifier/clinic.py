"""A facility that checks people, over a verifier in this process."""

from typing import Any

import httpx
from sqlalchemy import select

from contracts.access import Role
from services.chassis.auth import Authenticator
from services.chassis.http import create_app
from services.verifier import api, schema
from services.verifier.context import Context
from tests.support.tokens import TestIssuer


class Clinic:
    """A facility that asks."""

    def __init__(self, context: Context, registry: httpx.AsyncClient, issuer: TestIssuer) -> None:
        self.context, self.registry, self._issuer = context, registry, issuer
        app = create_app(
            **api.ABOUT,
            routers=api.ROUTERS,
            context=context,
            authenticator=Authenticator(issuer.settings),
            metrics=context.metrics,
            ready={},
        )
        self._client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test")

    async def asks(
        self, *people: dict[str, Any], role: Role = Role.FACILITY, **who: Any
    ) -> httpx.Response:
        """What a request is answered."""
        headers = self._issuer.headers(role, **(who or {"facility": "68001"}))
        return await self._client.post(
            "/verifier/v1/checks", json={"people": list(people)}, headers=headers
        )

    async def told(self, *people: dict[str, Any], **who: Any) -> list[dict[str, Any]]:
        """What is told by guardian of each."""
        answer = await self.asks(*people, **who)
        assert answer.status_code == 200, answer.text
        return [item["by_guardian"] for item in answer.json()["items"]]

    async def refusal(self, one: dict[str, Any]) -> str:
        """Why no number is told of one."""
        [found] = await self.told(one)
        assert found["personal_id"] is None
        assert found["message"]
        assert found["message_en"]
        return str(found["refusal"])

    async def acts(self) -> list[tuple[str, str, int]]:
        """(caller, act, subject) of the audit, in order: one a subject."""
        async with self.context.db.begin() as tx:
            rows = await tx.execute(select(schema.audit).order_by(schema.audit.c.id))
        return [(row.caller, row.act, subject) for row in rows for subject in row.subjects]
