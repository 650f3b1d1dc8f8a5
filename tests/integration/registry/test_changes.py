"""Corrections, new numbers and deaths: seen at once, told by the feed, found again after a
restart.
"""

from pathlib import Path
from typing import Any

import httpx
import pytest

from contracts.registry import Changes
from deploy.stubs.registry.person_keys import person_keys
from tests.support.registry import HOA, HUNG, LAN, registry

NEW = "068181000002"


async def order(client: httpx.AsyncClient, **change: str) -> httpx.Response:
    return await client.post("/registry/v1/control", json={"changes": [change]})


async def lookup(client: httpx.AsyncClient, number: str) -> list[dict[str, Any]]:
    return list(
        (await client.post("/registry/v1/people:lookup", json={"ids": [number]})).json()["people"]
    )


async def test_a_corrected_name_is_seen_at_once_by_number_and_by_key(
    client: httpx.AsyncClient,
) -> None:
    assert (
        await order(
            client, kind="corrected", personal_id=HOA.personal_id, full_name="Nguyễn Thị Hoa Sen"
        )
    ).status_code == 200
    (person,) = await lookup(client, HOA.personal_id)
    assert person["full_name"] == "Nguyễn Thị Hoa Sen"
    corrected = HOA._replace(full_name="Nguyễn Thị Hoa Sen")
    # the first key is of the whole name: the others are of birth and home too, which stay
    queries = [{"keys": person_keys(one)[:1]} for one in (corrected, HOA)]
    results = (await client.post("/registry/v1/people:search", json={"queries": queries})).json()[
        "results"
    ]
    assert [[one["full_name"] for one in result["people"]] for result in results] == [
        ["Nguyễn Thị Hoa Sen"],
        [],
    ]


async def test_a_new_number_and_the_one_before_lead_to_the_same_person(
    client: httpx.AsyncClient,
) -> None:
    await order(client, kind="renumbered", personal_id=HOA.personal_id, new_personal_id=NEW)
    await order(client, kind="renumbered", personal_id=NEW, new_personal_id="068181000003")
    for number in (HOA.personal_id, NEW, "068181000003"):
        (person,) = await lookup(client, number)
        assert (person["personal_id"], person["old_ids"]) == (
            "068181000003",
            ["250123456", HOA.personal_id, NEW],
        )


async def test_the_feed_tells_what_happened_since_in_pages(client: httpx.AsyncClient) -> None:
    await order(client, kind="renumbered", personal_id=HOA.personal_id, new_personal_id=NEW)
    await order(client, kind="died", personal_id=HUNG.personal_id)
    await order(client, kind="corrected", personal_id=LAN.personal_id, date_of_birth="1990-12-24")
    first = Changes.model_validate_json(
        (await client.get("/registry/v1/changes", params={"limit": 2})).content
    )
    assert [(one.sequence, one.kind, one.personal_id) for one in first.items] == [
        (1, "renumbered", HOA.personal_id),
        (2, "died", HUNG.personal_id),
    ]
    assert (first.items[0].person.personal_id, first.items[1].person.status) == (NEW, "died")
    rest = Changes.model_validate_json(
        (await client.get("/registry/v1/changes", params={"since": first.next})).content
    )
    assert [one.person.date_of_birth for one in rest.items] == ["1990-12-24"]
    assert rest.next is None
    nothing = Changes.model_validate_json(
        (await client.get("/registry/v1/changes", params={"since": 3})).content
    )
    assert (nothing.items, nothing.next) == ([], None)


@pytest.mark.parametrize("query", [{"since": -1}, {"limit": 0}, {"limit": 1001}, {"since": "x"}])
async def test_the_feed_refuses_what_is_no_place_in_it(
    client: httpx.AsyncClient, query: dict[str, str]
) -> None:
    response = await client.get("/registry/v1/changes", params=query)
    assert (response.status_code, response.headers["content-type"]) == (
        422,
        "application/problem+json",
    )


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "died", "personal_id": "068180000099"},
        {"kind": "died", "personal_id": "250123456"},
        {"kind": "renumbered", "personal_id": HOA.personal_id},
        {"kind": "renumbered", "personal_id": HOA.personal_id, "new_personal_id": HUNG.personal_id},
        {"kind": "renumbered", "personal_id": HOA.personal_id, "new_personal_id": "12"},
        {"kind": "corrected", "personal_id": HOA.personal_id, "date_of_birth": "03/05/1980"},
    ],
)
async def test_what_cannot_happen_is_refused_and_leaves_nothing_behind(
    client: httpx.AsyncClient, change: dict[str, str]
) -> None:
    response = await order(client, **change)
    assert (response.status_code, response.headers["content-type"]) == (
        409,
        "application/problem+json",
    )
    assert (await client.get("/registry/v1/changes")).json()["items"] == []


async def test_changes_are_still_there_after_a_restart(tmp_path: Path) -> None:
    async with registry(tmp_path) as client:
        await order(client, kind="renumbered", personal_id=HOA.personal_id, new_personal_id=NEW)
        before = (await client.get("/registry/v1/changes")).json()
    async with registry(tmp_path) as client:
        assert (await client.get("/registry/v1/changes")).json() == before
        assert [person["personal_id"] for person in await lookup(client, HOA.personal_id)] == [NEW]
        await order(client, kind="died", personal_id=NEW)
        assert (await client.get("/registry/v1/control")).json()["sequence"] == 2
