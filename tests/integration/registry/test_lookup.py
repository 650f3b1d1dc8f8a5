"""Lookups by number: who is found, who is not, and what a bad request is told."""

import json
from pathlib import Path

import httpx
import pytest

from contracts.registry import LookupAnswer
from deploy.sample.population import synthesise
from deploy.stubs.registry.sources import Synthetic
from tests.support.registry import HOA, HUNG, LAN, registry

LOOKUP = "/registry/v1/people:lookup"


async def found(client: httpx.AsyncClient, *ids: str) -> list[str]:
    response = await client.post(LOOKUP, json={"ids": ids})
    assert response.status_code == 200
    answer = LookupAnswer.model_validate_json(response.content)
    assert answer.asked == len(ids)
    return [person.full_name for person in answer.people]


async def test_a_person_is_found_by_the_personal_number_with_all_that_is_registered(
    client: httpx.AsyncClient,
) -> None:
    response = await client.post(LOOKUP, json={"ids": [LAN.personal_id]})
    assert response.json()["people"] == [{**LAN._asdict(), "old_ids": []}]


async def test_an_old_number_finds_everyone_who_ever_had_it(client: httpx.AsyncClient) -> None:
    assert await found(client, "250123456") == [HOA.full_name, HUNG.full_name]
    assert await found(client, "079085000009") == [HUNG.full_name]


async def test_somebody_asked_for_by_several_numbers_is_answered_once(
    client: httpx.AsyncClient,
) -> None:
    assert await found(client, HUNG.personal_id, "079085000009", HUNG.personal_id) == [
        HUNG.full_name
    ]


@pytest.mark.parametrize(
    "number",
    [
        "079085123457",
        "79085123456",
        "0079085123456",
        "",
        " ",
        "079 085 123 456",
        "không có",
        "٠٧٩٠٨٥١٢٣٤٥٦",
        "1" * 64,
        "-1",
        "0_1",
    ],
)
async def test_what_is_nobodys_number_is_absent_and_costs_the_others_nothing(
    client: httpx.AsyncClient, number: str
) -> None:
    assert await found(client, number) == []
    assert await found(client, HOA.personal_id, number, LAN.personal_id) == [
        HOA.full_name,
        LAN.full_name,
    ]


async def test_nothing_asked_is_nothing_answered(client: httpx.AsyncClient) -> None:
    assert await found(client) == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 422),
        (b"{", 422),
        (b"[]", 422),
        (b'{"ids":"068180000001"}', 422),
        (b'{"ids":[68180000001]}', 422),
        (b'{"ids":["\xff"]}', 422),
        (json.dumps({"ids": ["9" * 65]}).encode(), 422),
        (json.dumps({"ids": ["068180000001"] * 1001}).encode(), 422),
        (b'{"ids":["' + b"0" * (4 << 20) + b'"]}', 413),
    ],
)
async def test_a_bad_request_gets_a_problem_document_without_what_was_sent(
    client: httpx.AsyncClient, body: bytes, status: int
) -> None:
    response = await client.post(LOOKUP, content=body)
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["status"] == status
    assert "68180000001" not in response.text


async def test_a_thousand_numbers_are_answered_together(tmp_path: Path) -> None:
    everyone = list(synthesise(1200, 5).people())
    async with registry(tmp_path, Synthetic(1200, 5)) as client:
        response = await client.post(
            LOOKUP, json={"ids": [person.personal_id for person in everyone[:1000]]}
        )
        people = response.json()["people"]
    assert [{**person, "old_ids": tuple(person["old_ids"])} for person in people] == [
        person._asdict() for person in everyone[:1000]
    ]


async def test_a_start_from_the_cache_answers_as_the_first_start_did(tmp_path: Path) -> None:
    ids = [
        number
        for person in synthesise(45_000, 7).people(0, 300)
        for number in (person.personal_id, *person.old_ids)
    ]
    answers = []
    for _ in range(2):
        async with registry(tmp_path, Synthetic(45_000, 7)) as client:
            answers.append((await client.post(LOOKUP, json={"ids": ids})).json()["people"])
        stored = {file: file.stat().st_mtime_ns for file in (tmp_path / "cache").rglob("*.npy")}
    assert answers[0] == answers[1]
    assert len(answers[0]) >= 300
    assert stored
    async with registry(tmp_path, Synthetic(45_000, 7)):
        assert {
            file: file.stat().st_mtime_ns for file in (tmp_path / "cache").rglob("*.npy")
        } == stored


@pytest.mark.parametrize("path", ["/registry/healthz", "/registry/readyz"])
async def test_the_probes_answer(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(path)).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/registry/v1/people", 404), ("GET", LOOKUP, 405)]
)
async def test_what_is_not_there_gets_a_problem_document(
    client: httpx.AsyncClient, method: str, path: str, status: int
) -> None:
    response = await client.request(method, path)
    assert (response.status_code, response.headers["content-type"]) == (
        status,
        "application/problem+json",
    )
