"""Searches by key."""

from collections.abc import Sequence

import httpx
import pytest

from contracts.registry import SearchAnswer
from deploy.stubs.registry.person_keys import person_keys
from tests.support.registry import HOA, HUNG, LAN

SEARCH = "/registry/v1/people:search"


async def search(
    client: httpx.AsyncClient, *queries: Sequence[str | int], limit: int = 20
) -> list[list[str]]:
    response = await client.post(
        SEARCH, json={"queries": [{"keys": keys} for keys in queries], "limit": limit}
    )
    assert response.status_code == 200
    return [
        [person.full_name for person in found.people]
        for found in SearchAnswer.model_validate_json(response.content).results
    ]


async def test_any_key_finds_and_each_query_has_its_own_answer(client: httpx.AsyncClient) -> None:
    hoa, lan = list(person_keys(HOA)), list(person_keys(LAN))
    assert await search(client, hoa[:1], [lan[0], "nobody's"], ["nobody's"], []) == [
        [HOA.full_name],
        [LAN.full_name],
        [],
        [],
    ]


async def test_who_shares_more_keys_comes_first(client: httpx.AsyncClient) -> None:
    hung, lan = list(person_keys(HUNG)), list(person_keys(LAN))
    assert await search(client, [hung[0], *lan]) == [[LAN.full_name, HUNG.full_name]]


async def test_more_than_the_limit_is_said_to_be_more(client: httpx.AsyncClient) -> None:
    keys = [next(iter(person_keys(person))) for person in (HOA, HUNG, LAN)]
    results = (
        await client.post(
            SEARCH, json={"queries": [{"keys": keys}, {"keys": keys[:1]}], "limit": 2}
        )
    ).json()["results"]
    assert [(len(result["people"]), result["more"]) for result in results] == [
        (2, True),
        (1, False),
    ]


@pytest.mark.parametrize(
    "body",
    [
        {"queries": [{"keys": ["a"] * 65}]},
        {"queries": [{"keys": []}] * 501},
        {"queries": [], "limit": 0},
        {"queries": [], "limit": 101},
        {"queries": [{"keys": [1.5]}]},
        {"queries": [{"keys": [-1]}]},
        {"queries": [{"keys": [1 << 64]}]},
        {"queries": [{"keys": ["k" * 121]}]},
        {},
    ],
)
async def test_a_search_of_another_form_is_refused(
    client: httpx.AsyncClient, body: dict[str, object]
) -> None:
    response = await client.post(SEARCH, json=body)
    assert (response.status_code, response.headers["content-type"]) == (
        422,
        "application/problem+json",
    )
