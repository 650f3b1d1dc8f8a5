"""The three people of the day: they work through the REST, on a clock of their own."""

from dataclasses import dataclass, field
from typing import Any

import httpx

BULK_S, SINGLE_S = 2.0, 15.0
"""Seconds that a person takes to read a suggestion on a page, and to decide a single case."""


@dataclass
class Worker:
    """One person. `seconds`: of their own work; what the system takes is not counted in it."""

    name: str
    client: httpx.AsyncClient
    seconds: float = 0.0
    rows: int = 0
    cases: int = 0
    decided: dict[int, str] = field(default_factory=dict)

    async def asks(self, method: str, path: str, **more: Any) -> Any:
        """The answer's body; an error ends the day."""
        answer = await self.client.request(method, f"/verifier/v1{path}", **more)
        if not answer.is_success:
            raise SystemExit(f"{method} {path}: {answer.status_code} {answer.text[:300]}")
        return answer.json()

    async def confirms_kind(self, kind: str, area: str) -> None:
        """Confirms all rows of a kind as the first: the sample one by one, then by the page."""
        run = await self.asks("POST", "/bulk/runs", json={"kind": kind, "area": area})
        while (
            page := (await self.asks("POST", f"/bulk/runs/{run['id']}/pages", json={}))["page"]
        ) is not None:
            await self._confirms(page)

    async def confirms_seconds(self) -> None:
        """Confirms every page that somebody else confirmed first."""
        while (page := (await self.asks("POST", "/bulk/pages/next", json={}))["page"]) is not None:
            await self._confirms(page)

    async def _confirms(self, page: dict[str, Any]) -> None:
        # blindly: so it is measured what the policy lets through, and not what people notice
        rows = [{name: row[name] for name in ("id", "version", "seen")} for row in page["rows"]]
        self.seconds += len(rows) * (SINGLE_S if page["stage"] == "sample" else BULK_S)
        self.rows += len(rows)
        await self.asks("POST", f"/bulk/pages/{page['id']}/confirm", json={"rows": rows})

    async def decides_singles(self, meant: dict[int, str], *, second: bool) -> None:
        """Decides the cases one by one, as somebody does who has seen the papers.

        `meant`: by dose whose it really is; empty: nobody's who is registered.
        """
        while True:
            taken = await self.asks("POST", "/cases/next", json={"second": second})
            if (case_id := taken["case_id"]) is None:
                return
            case = await self.asks("GET", f"/cases/{case_id}")
            self.seconds += SINGLE_S
            self.cases += 1
            candidates = {
                one["personal_id"]
                for one in case["candidates"]
                if "PERSON_DECEASED" not in one["evidence"]
            }
            # of nobody there is nobody to reject: the station must bring papers
            said: dict[str, Any] = {"decision": "papers", "note_code": "PAPERS_MISSING"}
            if candidates:
                said = {"decision": "reject", "note_code": "OTHER_PERSON"}
            if meant[case_id] in candidates:
                said = {
                    "decision": "confirm",
                    "personal_id": meant[case_id],
                    "note_code": "PAPERS_SEEN",
                }
            answer = await self.asks(
                "POST", f"/cases/{case_id}/decision", json={**said, "version": case["version"]}
            )
            self.decided[case_id] = answer["state"]
