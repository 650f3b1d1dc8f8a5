"""Station and police have two lists in two services, and each knows what the other does."""

import asyncio
from pathlib import Path
from typing import Any

import httpx

from contracts.access import Role
from tests.support.stack import System

PROVINCE = ["01"]


async def _on_worklist(station: httpx.AsyncClient, dose_id: int, act: str) -> dict[str, Any]:
    """The dose as the station's list shows it, once that step was told."""
    async with asyncio.timeout(30):
        while True:
            dose = (await station.get(f"/records/v1/doses/{dose_id}")).raise_for_status().json()
            if dose["case"] and dose["case"]["act"] == act:
                return dict(dose["case"])
            await asyncio.sleep(0.05)


async def test_what_the_police_ask_for_stands_on_the_stations_list_and_its_answer_on_theirs(
    with_made_up_people: System, made_up: Path
) -> None:
    running = with_made_up_people
    await running.push((made_up / "doses.csv").read_bytes())
    async with (
        running.client(Role.POLICE, areas=PROVINCE, subject="officer") as police,
        running.client(Role.STATION, areas=PROVINCE, subject="clerk") as station,
    ):
        waiting: dict[str, str | int] = {"waiting_for": "police", "limit": 1}
        page = (await station.get("/records/v1/worklist", params=waiting)).raise_for_status()
        [item] = page.json()["items"]
        dose_id = item["dose"]["dose_id"]
        assert item["case"]["act"] == "opened"

        thread = f"/verifier/v1/cases/{dose_id}/thread"
        asked = await police.post(thread, json={"kind": "papers_asked", "text": "CCCD"})
        assert asked.status_code == 200, asked.text
        case = await _on_worklist(station, dose_id, "papers_asked")
        assert (case["waiting_for"], case["title"]) == ("station", "Công an cần xem giấy tờ")
        summary = (await station.get("/records/v1/worklist/summary")).raise_for_status().json()
        assert summary["waiting_station"] == 1

        answered = await station.post(thread, json={"kind": "answered", "text": "Ảnh đây"})
        assert answered.status_code == 200, answered.text
        case = await _on_worklist(station, dose_id, "answered")
        assert case["waiting_for"] == "police"
        seen = (await police.get(f"/verifier/v1/cases/{dose_id}")).raise_for_status().json()
        assert seen["state"] == "open"
