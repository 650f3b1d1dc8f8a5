"""Officers and a facility over a verifier in this process: records and the signer are played by the
test, so that every step is its own.
"""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx

from contracts.access import Role
from contracts.events import (
    AcceptedSuggestion,
    CasesChanged,
    DosesRecheck,
    DosesVerified,
    RecordedDose,
    SuggestionsAccepted,
    VerifiedDose,
)
from contracts.ids import DoseId
from contracts.topics import ACCEPTED, CASES, RECHECK, RECORDED, VERIFIED
from contracts.words import Doubt
from services.chassis.auth import Authenticator
from services.chassis.bus import Event
from services.chassis.bus.codec import decompress
from services.chassis.http import create_app
from services.verifier import api
from services.verifier.consumer import subscriptions
from services.verifier.context import Context
from services.verifier.store import cases
from tests.integration.verifier.work import FIRST, recorded
from tests.support.tokens import TestIssuer

MINISTRY = "ministry-clerk"


@dataclass(slots=True)
class CandidateStanding:
    """What the signer has of a dose: the versions whose certificates are valid, by whom they are
    of.
    """

    valid: dict[int, VerifiedDose] = field(default_factory=dict)

    def takes(self, dose: VerifiedDose) -> None:
        """As the signer: a newer certificate takes the place of older ones; what is not eligible
        ends them, but for one change.
        """
        if dose.person is not None:
            self.valid = {
                version: one for version, one in self.valid.items() if version > dose.version
            } | {dose.version: dose}
        elif Doubt.PERSON_CHANGED not in dose.doubts:
            self.valid = {
                version: one for version, one in self.valid.items() if version >= dose.version
            }

    @property
    def number(self) -> str | None:
        """Whose valid certificate there is: the personal number, or of a foreigner the
        passport's.
        """
        people = [one.person for one in self.valid.values() if one.person is not None]
        assert len(people) < 2
        return (people[0].personal_id or people[0].passport_number) if people else None


class Office:
    """A verifier's consumer and its officers' routes."""

    def __init__(self, context: Context, issuer: TestIssuer) -> None:
        self.context, self._issuer = context, issuer
        self.current: dict[int, RecordedDose] = {}
        self.certified: dict[int, CandidateStanding] = {}
        self.told: dict[int, VerifiedDose] = {}
        app = create_app(
            **api.ABOUT,
            routers=api.ROUTERS,
            context=context,
            authenticator=Authenticator(issuer.settings),
            metrics=context.metrics,
            ready={},
        )
        self._client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test")

    async def judge(self, *doses: RecordedDose) -> list[VerifiedDose]:
        """What the verifier tells of doses that come in one event."""
        handler = {one.topic: one.handler for one in subscriptions(self.context)}[RECORDED.name]
        async with self.context.db.begin() as tx:
            await handler(tx, [recorded(*doses)])
        for dose in doses:
            known = self.current.get(dose.dose_id)
            if known is None or known.version < dose.version:
                self.current[dose.dose_id] = dose
        told = [
            dose
            for value in await self._taken(VERIFIED.name)
            for dose in DosesVerified.model_validate_json(value).doses
        ]
        for one in told:
            self.certified.setdefault(one.dose_id, CandidateStanding()).takes(one)
            self.told[one.dose_id] = one
        return told

    async def corrected(self, dose_id: int, like: RecordedDose) -> VerifiedDose:
        """A correction: the next version of a dose, with the person, facts and doubts of `like`."""
        version = self.current[dose_id].version + 1
        [told] = await self.judge(replace(like, dose_id=dose_id, version=version))
        return told

    async def recheck(self) -> list[VerifiedDose]:
        """Tells again what the verifier asked for, as records does: the same content, where it is
        still current.
        """
        told: list[VerifiedDose] = []
        for value in await self._taken(RECHECK.name):
            for asked in DosesRecheck.model_validate_json(value).doses:
                dose = self.current[asked.dose_id]
                if dose.version == asked.version:
                    told += await self.judge(replace(dose, version=dose.version + 1))
        return told

    async def news(self) -> list[CasesChanged]:
        """What records is told of cases, and of acceptances that did not hold."""
        values = await self._taken(CASES.name)
        return [CasesChanged.model_validate_json(value) for value in values]

    async def _taken(self, topic: str) -> list[bytes]:
        async with self.context.db.begin() as tx:
            rows = await tx.raw.fetch(
                "DELETE FROM outbox WHERE topic LIKE $1 RETURNING id, value",
                topic.replace(".v1", "") + "%",
            )
        return [decompress(row["value"]) for row in sorted(rows, key=lambda row: row["id"])]

    async def decides(
        self, dose_id: int, decision: str, officer: str = FIRST, **more: Any
    ) -> httpx.Response:
        """What an officer is answered; the decision does not take effect before `recheck`."""
        body = {"decision": decision, "note_code": "PAPERS_SEEN", **more}
        headers = self._issuer.headers(Role.POLICE, areas=["68"], subject=officer)
        return await self._client.post(
            f"/verifier/v1/cases/{dose_id}/decision", json=body, headers=headers
        )

    async def accepts(self, *accepted: AcceptedSuggestion) -> None:
        """What records tells of suggestions that were accepted, or taken back."""
        handler = {one.topic: one.handler for one in subscriptions(self.context)}[ACCEPTED.name]
        value = SuggestionsAccepted(suggestions=list(accepted)).model_dump_json().encode()
        event = Event(
            str(uuid4()),
            ACCEPTED.name,
            ACCEPTED.name,
            "/records",
            "1",
            datetime.now(UTC),
            value,
            {},
        )
        async with self.context.db.begin() as tx:
            await handler(tx, [event])

    async def undoes(
        self, dose_id: int, officer: str = FIRST, role: Role = Role.POLICE
    ) -> httpx.Response:
        """What is answered to who takes the last decision back."""
        headers = self._issuer.headers(role, areas=["68"], subject=officer)
        return await self._client.delete(f"/verifier/v1/cases/{dose_id}/decision", headers=headers)

    async def asks(
        self,
        method: str,
        path: str,
        officer: str = FIRST,
        role: Role = Role.POLICE,
        areas: tuple[str, ...] = ("68",),
        **more: Any,
    ) -> httpx.Response:
        """What any route answers somebody of the areas."""
        headers = self._issuer.headers(role, areas=list(areas), subject=officer)
        headers |= more.pop("headers", {})
        return await self._client.request(method, f"/verifier/v1{path}", headers=headers, **more)

    async def gets(self, path: str, role: Role = Role.POLICE, **params: Any) -> dict[str, Any]:
        """What one of the routes shows."""
        answer = await self._client.get(
            f"/verifier/v1{path}", params=params, headers=self._issuer.headers(role, areas=["68"])
        )
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def state(self, dose_id: int) -> str | None:
        """The state of a dose's case, where it has one."""
        async with self.context.db.begin() as tx:
            case = await cases.one(tx, DoseId(dose_id))
        return case.state if case is not None else None


def code(answer: httpx.Response) -> tuple[int, str]:
    """A status, and the error's code or the case's state."""
    said = answer.json()
    return answer.status_code, said.get("code", said.get("state"))
