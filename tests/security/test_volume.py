"""Nobody reads the country one dose after the other."""

import re

from contracts.access import Role
from tests.support.files import json_file, typed
from tests.support.siege import besieged
from tests.support.stack import System

_WHOLE = re.compile(r'"personal_id":"[0-9]{9,12}"')


async def test_walking_through_ids_shows_masked_people_and_ends_soon(target: System) -> None:
    people = [typed(at, source_id=f"walk-{at}") for at in range(300)]
    await target.push(json_file(people), "application/json")
    async with (
        besieged(target),
        target.client(Role.MINISTRY, subject="curious") as ministry,
    ):
        answers = [await ministry.get(f"/records/v1/doses/{at}") for at in range(1, 330)]
    statuses = [answer.status_code for answer in answers]
    assert statuses.count(200) + statuses.count(404) == 300
    assert set(statuses[300:]) == {429}
    assert not [answer for answer in answers if _WHOLE.search(answer.text)]
    assert answers[-1].json()["code"] == "TOO_MUCH_SEEN"


async def test_files_and_cases_of_the_other_services_are_counted_too(target: System) -> None:
    async with target.client(Role.PROVINCE, areas=["79"], subject="curious clerk") as clerk:
        statuses = [
            (await clerk.get(f"/verifier/v1/cases/{at}")).status_code for at in range(1, 310)
        ]
        assert set(statuses[300:]) == {429}
        uvci = "URN%3AUVCI%3A01%3AVN%3AX%230"
        statuses = [
            (await clerk.get(f"/signer/v1/certificates/{uvci}")).status_code for _ in range(305)
        ]
        assert set(statuses[300:]) == {429}
