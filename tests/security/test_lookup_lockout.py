"""Nobody who knows a number shuts its person out from the look-up."""

import asyncio
from collections.abc import Mapping

import httpx

from contracts.access import Role
from tests.security.certified import GIVEN, RESIDENCE, certified
from tests.support.siege import besieged
from tests.support.stack import PATIENCE_S, System


def _from(target: System, address: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=httpx.AsyncHTTPTransport(local_address=address),
        base_url=target.stack.origin,
        timeout=60,
    )


async def _ask(target: System, address: str, form: Mapping[str, str | None]) -> httpx.Response:
    async with _from(target, address) as client:
        return await client.post("/signer/v1/lookups", json=form)


async def _mailed(target: System, mailbox: str) -> bool:
    async with asyncio.timeout(PATIENCE_S), target.client(None) as client:
        while True:
            letters = (await client.get("/mail/messages")).json()
            if any(letter["to"] == mailbox for letter in letters):
                return True
            await asyncio.sleep(0.1)


async def test_the_rightful_person_gets_through_beside_one_attacker_and_by_a_code_beside_many(
    target: System,
) -> None:
    person, _ = await certified(target, 1)
    right = {
        "full_name": person.full_name,
        "date_of_birth": person.date_of_birth,
        "sex": person.sex,
        "personal_id": person.personal_id,
        "last_dose_date": GIVEN,
    }
    wrong = right | {"full_name": "Nguyễn Văn Sai", "email": "attacker@example.vn"}
    async with besieged(target, least_s=2.5):
        attacks = [await _ask(target, "127.0.1.1", wrong) for _ in range(8)]
        assert [answer.status_code for answer in attacks] == [202] * 5 + [429] * 3
        beside_one = await _ask(target, "127.0.1.2", right | {"email": "beside-one@example.vn"})
        assert beside_one.status_code == 202
        assert await _mailed(target, "beside-one@example.vn")

        many = [await _ask(target, f"127.0.2.{n}", wrong) for n in range(1, 12)]
        assert 429 in {answer.status_code for answer in many}
        late = await _ask(target, "127.0.1.2", right | {"email": "late@example.vn"})
        # it is no lock-out: a minute at first
        assert late.status_code == 429
        assert int(late.headers["Retry-After"]) <= 60

        async with target.client(Role.STATION, areas=[RESIDENCE]) as station:
            given = await station.post(
                "/signer/v1/lookup-codes", json={"personal_id": person.personal_id}
            )
        assert given.status_code == 201, given.text
        helped = right | {"email": "helped@example.vn", "code": given.json()["code"]}
        beside_many = await _ask(target, "127.0.1.2", helped)
        assert (beside_many.status_code, beside_many.json()) == (202, beside_one.json())
        assert await _mailed(target, "helped@example.vn")
