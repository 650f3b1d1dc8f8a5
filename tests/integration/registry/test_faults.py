"""The stub's misbehaviour: what a client must live with, and that it can be ended."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.registry import HOA, HUNG, LAN, registry

IDS = {"ids": [HOA.personal_id, HUNG.personal_id, LAN.personal_id, "1"]}


async def behave(client: httpx.AsyncClient, **behaviour: Any) -> None:
    assert (
        await client.post("/registry/v1/control", json={"behaviour": behaviour})
    ).status_code == 200


async def lookup(client: httpx.AsyncClient) -> httpx.Response:
    return await client.post("/registry/v1/people:lookup", json=IDS)


async def test_too_many_requests_are_told_when_to_come_again(client: httpx.AsyncClient) -> None:
    await behave(client, requests_per_s=4)
    statuses = [(await lookup(client)).status_code for _ in range(8)]
    assert statuses[:2] == [200, 200]
    refused = await lookup(client)
    assert (refused.status_code, refused.headers["retry-after"], refused.json()["code"]) == (
        429,
        "1",
        "TOO_MANY_REQUESTS",
    )


async def test_an_outage_hits_every_route_of_the_contract_and_ends(
    client: httpx.AsyncClient,
) -> None:
    await behave(client, outage=True)
    for response in (
        await lookup(client),
        await client.post("/registry/v1/people:search", json={"queries": []}),
        await client.get("/registry/v1/changes"),
    ):
        assert (response.status_code, response.headers["content-type"]) == (
            503,
            "application/problem+json",
        )
        assert response.headers["retry-after"]
    await behave(client)
    assert (await lookup(client)).status_code == 200


async def test_malformed_answers_are_no_json(client: httpx.AsyncClient) -> None:
    await behave(client, wrong="malformed")
    response = await lookup(client)
    assert response.status_code == 200
    with pytest.raises(json.JSONDecodeError):
        response.json()


async def test_a_shortened_answer_says_for_how_many_it_answers(client: httpx.AsyncClient) -> None:
    await behave(client, wrong="fewer", wrong_every=2)
    answers = [(await lookup(client)).json() for _ in range(4)]
    assert [(answer["asked"], len(answer["people"])) for answer in answers] == [
        (4, 3),
        (2, 2),
        (4, 3),
        (2, 2),
    ]
    search: dict[str, Any] = {"queries": [{"keys": []}] * 4}
    await behave(client, wrong="fewer")
    assert (
        len((await client.post("/registry/v1/people:search", json=search)).json()["results"]) == 2
    )


@pytest.mark.parametrize(
    "behaviour", [{"latency_ms": -1}, {"requests_per_s": 0}, {"wrong": "maybe"}, {"outrage": True}]
)
async def test_an_unknown_behaviour_is_refused(
    client: httpx.AsyncClient, behaviour: dict[str, Any]
) -> None:
    assert (
        await client.post("/registry/v1/control", json={"behaviour": behaviour})
    ).status_code == 422


async def test_where_a_token_is_agreed_nothing_is_told_without_it(tmp_path: Path) -> None:
    async with registry(tmp_path, token="agreed") as client:
        for header in ({}, {"Authorization": "Bearer other"}, {"Authorization": "Basic agreed"}):
            client.headers = httpx.Headers(header)
            response = await lookup(client)
            assert (response.status_code, response.headers["www-authenticate"]) == (401, "Bearer")
        client.headers["Authorization"] = "Bearer agreed"
        assert (await lookup(client)).status_code == 200
